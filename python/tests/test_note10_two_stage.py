"""HURRICANE's two stages on the public Note10 tables, with the shipped accuracy network."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

PUBLIC_DATA = "GNOMON_PUBLIC_DATA"
ACCURACY = Path(__file__).parents[2] / "data" / "accuracy" / "ofa-mbv3-mlp.json"
BUDGETS = "20,25,30"

pytestmark = pytest.mark.skipif(
    PUBLIC_DATA not in os.environ, reason=f"{PUBLIC_DATA} does not say where the public data is"
)


@pytest.fixture
def note10(tmp_path: Path) -> Path:
    folder = tmp_path / "note10"
    folder.mkdir()
    with gzip.open(Path(os.environ[PUBLIC_DATA]) / "note10_lut_w1.2.csv.gz", "rt") as file:
        (folder / "t.csv").write_text(file.read())
    head = {"format": 1, "kind": "table", "name": "note10", "device": "note10", "unit": "ms"}
    (folder / "bundle.json").write_text(json.dumps({**head, "tables": [{"file": "t.csv"}]}))
    return folder


def test_two_stages_reach_one_at_half_the_evaluations(gnomon, tmp_path, note10):
    """99 % of the accuracy under every budget, in the mean of ten seeds."""
    out = tmp_path / "report.json"

    def means(algorithm: str, evaluations: int) -> list[float]:
        sums = [0.0] * 3
        for seed in range(10):
            arguments = ["--bundle", note10, "--width-mult", "1.2", "--accuracy", ACCURACY]
            arguments += ["--resolutions", "160,176,192,208,224", "--max-latency-ms", BUDGETS]
            arguments += ["--algorithm", algorithm, "--evaluations", evaluations, "--seed", seed]
            assert gnomon("search", "ofa-mbv3", *arguments, "--json", out, "-q") == 0
            for place, answer in enumerate(json.loads(out.read_text())["answers"]):
                assert answer["evaluations"] <= evaluations
                sums[place] += answer["best"]["accuracy"] / 10
        return sums

    two, one = means("two-stage", 1000), means("evolution", 2000)
    for half, whole in zip(two, one, strict=True):
        assert half >= 0.99 * whole
