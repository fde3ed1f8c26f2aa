"""Latencies are positive, whatever a sum of weights says."""

from __future__ import annotations

import numpy as np

LEAST_SHARE = 0.1
"""Of the fastest network measured."""


def least(latency_ms: np.ndarray) -> float:
    """The least that is predicted where these were measured, in ms."""
    return LEAST_SHARE * float(np.min(latency_ms))


def at_least(floor_ms: float, predicted_ms: np.ndarray) -> np.ndarray:
    """Predictions in double precision, none below the floor."""
    return np.maximum(np.asarray(predicted_ms, np.float64), floor_ms)
