"""Fronts of latency (less is better) and an objective (more is better)."""

from __future__ import annotations

import numpy as np


def front(latency: np.ndarray, objective: np.ndarray) -> np.ndarray:
    """Rows that no other row beats, by ascending latency; one of equals."""
    order = np.lexsort((-objective, latency))
    best = np.concatenate([[-np.inf], np.maximum.accumulate(objective[order])[:-1]])
    return order[objective[order] > best]


def near_front(latency: np.ndarray, objective: np.ndarray, layers: int) -> np.ndarray:
    """Rows of the front, and of those that are the front once the ones before are gone."""
    left, found = np.arange(len(latency)), []
    for _ in range(layers):
        best = left[front(latency[left], objective[left])]
        found.append(best)
        left = np.setdiff1d(left, best)
    return np.concatenate(found)


def hypervolume(latency: np.ndarray, objective: np.ndarray, worst: tuple[float, float]) -> float:
    """The area that the rows beat, up to a worst (latency, objective)."""
    rows = front(latency, objective)
    rows = rows[(latency[rows] < worst[0]) & (objective[rows] > worst[1])]
    gains = np.diff(np.concatenate([[worst[1]], objective[rows]]))
    return float(np.sum((worst[0] - latency[rows]) * gains))


def front_share(kept: np.ndarray, latency: np.ndarray, objective: np.ndarray) -> float:
    """The hypervolume of some rows over that of all, from the worst values of all."""
    worst = (float(latency.max()), float(objective.min()))
    everything = hypervolume(latency, objective, worst)
    if everything <= 0:
        return 1.0
    return hypervolume(latency[kept], objective[kept], worst) / everything
