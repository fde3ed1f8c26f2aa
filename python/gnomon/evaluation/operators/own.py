"""What a model of a GPU reaches that may look at rows of that very GPU: a floor for all others.

A share of the rows trains a forest of the operator, larger than an expert's, with the launch that
those rows show; the others are scored, unless rows of their sizes were trained on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gnomon.evaluation.means import METRICS, means
from gnomon.evaluation.operators.experts import floored, kernel_us, latency_us, train_expert
from gnomon.evaluation.operators.forest import Settings
from gnomon.evaluation.operators.parts import Part
from gnomon.learning.metrics import summary

TREES = 300
DEPTH = 6
LEAST_ROWS = 20
"""Of either side."""


def own_rows(
    parts: dict[tuple[str, str], Part], share: float, seed: int, jobs: int
) -> list[dict[str, Any]]:
    """A result row for every operator and GPU that has rows enough."""
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        found = pool.map(
            lambda part: _row(part, share, seed), (p for _, p in sorted(parts.items()))
        )
        return [row for row in found if row is not None]


def _row(part: Part, share: float, seed: int) -> dict[str, Any] | None:
    known, rest = split(part.sizes, share, seed)
    if min(len(known), len(rest)) < LEAST_ROWS:
        return None
    own, asked = floored(part.take(known)), part.take(rest)
    expert = train_expert([own], Settings(trees=TREES, depth=DEPTH, seed=seed))
    seen = asked.seen(own.launch_us)
    found = latency_us(kernel_us(seen, expert.logs(seen)), own.launch_us)
    return {
        "column": part.gpu,
        "operator": part.operator,
        "kind": part.kind,
        "samples": len(known),
        "method": "own",
        "sources": [part.gpu],
        "seeds": 1,
        "n": len(rest),
        **means([summary(asked.latency_us / 1e3, found / 1e3, None, None)], METRICS),
    }


def split(sizes: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows for training, and for scoring; equal sizes (n, dimensions) stay together."""
    distinct, where = np.unique(sizes, axis=0, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(distinct))
    trains = np.zeros(len(distinct), dtype=bool)
    trains[order[: round(share * len(distinct))]] = True
    chosen = trains[where.reshape(-1)]
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)
