"""The proxy gate's files: networks of a front or table, by name, and what was measured of them.

A network's name is its place and a digest of its architecture, so that measurements of other
fronts are told apart: n0007-3fa2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gnomon.evaluation.data.dataset import Dataset
from gnomon.evaluation.data.encoding import codes
from gnomon.evaluation.data.networks import form_networks
from gnomon.evaluation.data.tables import read_table
from gnomon.evaluation.proxy.gate import Candidates
from gnomon.evaluation.proxy.trial import candidates_of

FEWEST = 3
"""Networks that can be ranked."""


@dataclass(frozen=True)
class Offer:
    """What a search for the target may choose from."""

    space: str
    width_mult: float | None
    objective: str
    names: list[str]
    points: list[dict[str, Any]]
    """As in a front: architecture, objective and whatever else is known."""
    candidates: Candidates

    def order(self, measured: Sequence[int], seed: int) -> np.ndarray:
        """(n,): networks as they were measured, then the others, shuffled."""
        known = np.array(measured, dtype=int)
        shuffled = np.random.default_rng(seed).permutation(len(self.names))
        return np.concatenate([known, shuffled[~np.isin(shuffled, known)]])


def offer_of_front(path: Path, rules: Path) -> Offer:
    """The points of a FRONT.json of `gnomon search`."""
    try:
        front = json.loads(path.read_text())
        points, space = front["points"], front["space"]
        objective = front.get("objective", "accuracy")
        architectures = [point["architecture"] for point in points]
        latency = np.array([point["latency_us"] / 1e3 for point in points])
        values = np.array([float(point[objective]) for point in points])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: expected a front of `gnomon search`: {error!r}") from error
    widths = {architecture.get("width_mult") for architecture in architectures}
    if len(widths) > 1:
        raise ValueError(f"{path}: found {len(widths)} widths, expected networks of one")
    width = widths.pop() if widths else None
    bits = (
        codes(form_networks(space, architectures, width, rules, 1)) if points else np.empty((0, 0))
    )
    names = [_name(row, architecture) for row, architecture in enumerate(architectures)]
    return _checked(
        path, Offer(space, width, objective, names, points, Candidates(latency, values, bits))
    )


def offer_of_table(data: Dataset, proxy: str, objective: str) -> Offer:
    """The rows of a table that have the proxy's latency."""
    rows = np.flatnonzero(np.isfinite(data.latencies(proxy)))
    known = candidates_of(data, proxy, objective, rows)
    architectures = [data.archs[row] for row in rows]
    names = [_name(row, data.archs[row]) for row in rows]
    points = [
        {"architecture": architecture, objective: float(value)}
        for architecture, value in zip(architectures, known.objective, strict=True)
    ]
    width = data.column(proxy).width_mult
    return _checked(data.tables[0].path, Offer(data.space, width, objective, names, points, known))


def _checked(path: Path, offer: Offer) -> Offer:
    if len(offer.names) < FEWEST:
        raise ValueError(f"{path}: found {len(offer.names)} networks, expected at least {FEWEST}")
    return offer


def _name(row: int, architecture: dict[str, Any]) -> str:
    text = json.dumps(architecture, sort_keys=True).encode()
    return f"n{row:04d}-{hashlib.sha256(text).hexdigest()[:4]}"


def read_measured(paths: Sequence[Path], names: list[str]) -> tuple[np.ndarray, list[int]]:
    """(n,): ms, NaN where nothing is measured; and the networks in the order of the files.

    Rows are `model,latency_ms`, as `gnomon measure` writes them: the model is a name, or a file
    of that name.  Rows without latency are passed over; of two of a network the last one counts.
    """
    place = {name: row for row, name in enumerate(names)}
    latency, order = np.full(len(names), np.nan), dict[int, None]()
    for path in paths:
        table = read_table(path)
        missing = [name for name in ("model", "latency_ms") if name not in table.cells]
        if missing:
            raise ValueError(f"{path}: no column {missing[0]!r}: expected model,latency_ms")
        there = table.cells["latency_ms"] != ""
        for number in np.flatnonzero(there):
            model = table.cells["model"].iloc[number]
            stem = Path(model).name.removesuffix(".onnx")
            if stem not in place:
                raise ValueError(
                    f"{table.where(number, 'model')}: found {model!r}, expected a network of this "
                    f"proxy, such as {names[0]!r}"
                )
            latency[place[stem]] = _milliseconds(table, number)
            order[place[stem]] = None
    return latency, list(order)


def _milliseconds(table: Any, row: int) -> float:
    text = table.cells["latency_ms"].iloc[row]
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (np.isfinite(value) and value > 0):
        where = table.where(row, "latency_ms")
        raise ValueError(f"{where}: found {text!r}, expected positive milliseconds, or nothing")
    return value
