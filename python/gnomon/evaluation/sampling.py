"""Which networks of a target are measured: at random, or spread over the space."""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.networks import aggregate, one_hot
from gnomon.evaluation.task import Networks

PICKS = ("random", "spread")


def coordinates(networks: Networks) -> np.ndarray:
    """(n, features): networks as points, from nothing but their IR.

    Logarithms of work, traffic and launches (in all and by kind), and the choices; each column
    standardised, and the two groups weighing the same.
    """
    work = np.log1p(aggregate(networks, 1).to_numpy(dtype=float))
    groups = []
    for group in (work, one_hot(networks)[0]):
        spread = group.std(axis=0)
        kept = spread > 1e-12
        scaled = (group[:, kept] - group[:, kept].mean(axis=0)) / spread[kept]
        groups.append(scaled / np.sqrt(max(1, scaled.shape[1])))
    return np.concatenate(groups, axis=1)


def pick_random(candidates: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` of the rows, ascending; prefixes of one permutation for one seed."""
    order = np.random.default_rng(seed).permutation(len(candidates))
    return np.sort(candidates[order[:count]])


def pick_spread(points: np.ndarray, candidates: np.ndarray, count: int) -> np.ndarray:
    """`count` of the rows: the most central one, then always the farthest from those picked.

    Greedy k-center (Gonzalez, Theoretical Computer Science 38, 1985); ties go to the first row.
    """
    own = points[candidates]
    centre = np.argmin(((own - own.mean(axis=0)) ** 2).sum(axis=1))
    picked = [int(centre)]
    nearest = ((own - own[centre]) ** 2).sum(axis=1)
    while len(picked) < min(count, len(candidates)):
        farthest = int(np.argmax(nearest))
        picked.append(farthest)
        nearest = np.minimum(nearest, ((own - own[farthest]) ** 2).sum(axis=1))
        nearest[picked] = -1.0
    return np.sort(candidates[np.array(picked)])
