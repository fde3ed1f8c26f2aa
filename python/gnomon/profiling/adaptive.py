"""Samples near those that a bundle predicts worst (METHODS: adaptive sampling).

Every recorded network whose prediction is off by more than a tenth is a centre, drawn in proportion
to its error; a new sample has its structure at another size. Without such networks all are centres.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import log
from pathlib import Path
from random import Random

import onnx

from ..sampling.sample import Sample, near
from .collect import Stream

Predict = Callable[[str], float]
TOLERATED = 0.1
MOST_PREDICTED = 400


@dataclass(frozen=True)
class Centre:
    """A recorded sample and the error |ln(predicted / measured)| of its prediction."""

    origin: str
    family: str
    opset: int
    cost_us: float
    error: float


def centres(folder: Path, predict_us: Predict, seed: int) -> list[Centre]:
    """Errors of up to 400 recorded samples, worst first; `predict_us` may raise RuntimeError."""
    paths = sorted((folder / "records").glob("s*.json"))
    Random(seed).shuffle(paths)
    found = []
    for path in paths[:MOST_PREDICTED]:
        record = json.loads(path.read_text())
        model = folder / record["model"]
        try:
            predicted = predict_us(str(model))
        except RuntimeError:
            continue
        opset = onnx.load(str(model), load_external_data=False).opset_import[0].version
        truth = record["end_to_end_us"]
        found.append(Centre(path.stem, record["family"], opset, truth, abs(log(predicted / truth))))
    return sorted(found, key=lambda c: (-c.error, c.origin))


def adaptive_samples(found: list[Centre], seed: int) -> Stream:
    """An endless series around the worst centres."""
    if not found:
        raise ValueError("no recorded network could be predicted, expected at least one")
    worst = [c for c in found if c.error > TOLERATED] or found

    def centre(index: int) -> Centre:
        return Random(f"{seed}/{index}").choices(worst, [max(c.error, 1e-9) for c in worst])[0]

    def identity(index: int) -> str:
        return f"n{index:05d}-{centre(index).origin}"

    def sample(index: int) -> Sample:
        c = centre(index)
        return near(c.origin, c.family, c.opset, c.cost_us, index)

    return Stream(identity, sample)
