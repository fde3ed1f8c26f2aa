"""Which networks of a target are measured: at random, or spread over the space."""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.data.networks import aggregate, one_hot
from gnomon.evaluation.task import Networks

PICKS = ("random", "spread")


def coordinates(networks: Networks) -> np.ndarray:
    """(n, features): networks as points, from nothing but their IR.

    Logarithms of work, traffic and launches (in all and by kind), and the choices; each column
    standardised, work weighing four times what choices weigh.
    """
    work = np.log1p(aggregate(networks, 1).to_numpy(dtype=float))
    groups = []
    for group, weight in ((work, 1.0), (one_hot(networks)[0], 0.5)):
        spread = group.std(axis=0)
        kept = spread > 1e-12
        scaled = (group[:, kept] - group[:, kept].mean(axis=0)) / spread[kept]
        groups.append(weight * scaled / np.sqrt(max(1, scaled.shape[1])))
    return np.concatenate(groups, axis=1)


def pick_random(candidates: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` of the rows, ascending; prefixes of one permutation for one seed."""
    order = np.random.default_rng(seed).permutation(len(candidates))
    return np.sort(candidates[order[:count]])


NOISE = 0.1
"""Variance of a measurement, in units of the variance that a direction of unit size makes."""


def pick_spread(points: np.ndarray, candidates: np.ndarray, count: int) -> np.ndarray:
    """`count` of the rows, in the order of picking, so that prefixes are smaller choices.

    Each is the one whose measurement would lower the mean variance of a linear model over the
    candidates most (Cohn, Neural Networks 9, 1996, for Bayesian linear regression).  That covers
    the space without preferring its rim, as picking the farthest would.  Ties go to the first.
    """
    own = np.column_stack([np.ones(len(candidates)), points[candidates]])
    moments = own.T @ own / len(own)
    variance = np.eye(own.shape[1])
    picked: list[int] = []
    for _ in range(min(count, len(candidates))):
        reach = own @ variance
        noisy = NOISE + (reach * own).sum(axis=1)
        gain = ((reach @ moments) * reach).sum(axis=1) / noisy
        gain[picked] = -1.0
        best = int(np.argmax(gain))
        picked.append(best)
        variance -= np.outer(reach[best], reach[best]) / noisy[best]
    return candidates[np.array(picked, dtype=int)]
