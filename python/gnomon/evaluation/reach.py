"""Whether a network is unlike all that a model was fitted to."""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.data.networks import aggregate
from gnomon.evaluation.task import Networks

SLACK = np.log(1.1)
"""Work, traffic and launches may leave the range of what was seen by 10 %."""
FARTHER = 2.0
"""A network is far if its nearest neighbour is this much farther than is usual."""


def extrapolated(networks: Networks, seen: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(m,), bool: by the range of work, traffic and launches, or by the distance to what was seen.

    Usual is how far the networks that were seen are from one another, at most.
    """
    if not len(seen):
        return np.ones(len(rows), dtype=bool)
    points = np.log1p(aggregate(networks, 1).to_numpy(dtype=float))
    known, asked = points[seen], points[rows]
    low, high = known[:, :3].min(axis=0) - SLACK, known[:, :3].max(axis=0) + SLACK
    outside = ((asked[:, :3] < low) | (asked[:, :3] > high)).any(axis=1)
    spread = points.std(axis=0)
    kept = spread > 1e-9
    known, asked = known[:, kept] / spread[kept], asked[:, kept] / spread[kept]
    if len(seen) < 3:
        return outside
    usual = _nearest(known, known, skip_self=True).max()
    return outside | (_nearest(known, asked) > FARTHER * usual)


def _nearest(known: np.ndarray, asked: np.ndarray, skip_self: bool = False) -> np.ndarray:
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(known).query(asked, k=2 if skip_self else 1)
    return distance[:, 1] if skip_self else distance
