"""Errors of predictions against measurements, as `gnomon evaluate` reports them."""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau, spearmanr


def summary(
    measured_ms: np.ndarray,
    predicted_ms: np.ndarray,
    low_ms: np.ndarray | None = None,
    high_ms: np.ndarray | None = None,
) -> dict[str, float | int | None]:
    """The columns of the evaluation contract.

    Ranks are null for fewer than three rows, and where all are predicted or measured alike.
    """
    difference = predicted_ms - measured_ms
    relative = np.abs(difference) / measured_ms
    ranked = len(measured_ms) > 2 and np.ptp(measured_ms) > 0 and np.ptp(predicted_ms) > 0
    covered = None
    if low_ms is not None and high_ms is not None:
        covered = float(np.mean((low_ms <= measured_ms) & (measured_ms <= high_ms)))
    return {
        "n": len(measured_ms),
        "mae_ms": float(np.mean(np.abs(difference))),
        "rmse_ms": float(np.sqrt(np.mean(difference**2))),
        "mape": float(np.mean(relative)),
        "median_ape": float(np.median(relative)),
        "worst_ape": float(np.max(relative)),
        "within5": float(np.mean(relative <= 0.05)),
        "within10": float(np.mean(relative <= 0.10)),
        "spearman": float(spearmanr(measured_ms, predicted_ms).statistic) if ranked else None,
        "kendall": float(kendalltau(measured_ms, predicted_ms).statistic) if ranked else None,
        "coverage90": covered,
    }
