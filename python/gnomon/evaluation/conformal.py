"""90 % intervals from residuals of predictions that did not see what they predict.

Residuals are log(measured / predicted) of rows that were held out.  If the next one is
exchangeable with n of them, it lies between the j-th and the k-th smallest with probability
(k - j) / (n + 1): conformal prediction (Vovk, Gammerman, Shafer: Algorithmic Learning in a
Random World, 2005; with held-out folds: Barber, Candes, Ramdas, Tibshirani, Annals of
Statistics 49, 2021).  Ranks between two residuals are interpolated, which holds the share on
average; too few residuals for the rank are taken for normal ones, with Student's quantile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.stats

CONFIDENCE = 0.9
DRIFTING = 0.92
"""Aimed at where a device was measured in a long series: clocks and neighbours change, so that
later rows are less like earlier ones than exchangeable rows would be."""


def bounds(residuals: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Lower and upper bound of the next residual; unbounded for fewer than two."""
    values = np.asarray(residuals, dtype=float)
    tail = (1.0 - confidence) / 2.0
    if (len(values) + 1) * tail < 1.0:
        return student_bounds(values, confidence)
    low, high = np.quantile(values, [tail, 1.0 - tail], method="weibull")
    return float(low), float(high)


def student_bounds(residuals: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The same of residuals that are about normal."""
    n = len(residuals)
    if n < 2:
        return -np.inf, np.inf
    quantile = scipy.stats.t.ppf((1.0 + confidence) / 2.0, n - 1)
    half = quantile * float(np.std(residuals, ddof=1)) * np.sqrt(1.0 + 1.0 / n)
    centre = float(np.mean(residuals))
    return centre - half, centre + half


def group_bounds(
    groups: Sequence[np.ndarray], confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Bounds of a residual of a group that is none of these: of a device never seen.

    Each group holds the residuals of one device under models that did not see the device.  What
    a device has in common, its median, is exchangeable over devices only: Student's quantile of
    the medians.  Around it lie the residuals of all groups.  Independent, the two halves add in
    squares.
    """
    medians = np.array([np.median(group) for group in groups])
    inside = np.concatenate([g - m for g, m in zip(groups, medians, strict=True)])
    low, high = bounds(inside, confidence)
    if len(groups) < 2:
        return -np.inf, np.inf
    between_low, between_high = student_bounds(medians, confidence)
    centre = (between_low + between_high) / 2
    half = between_high - centre
    return centre - float(np.hypot(half, low)), centre + float(np.hypot(half, high))


def interval(
    predicted_ms: np.ndarray, residuals: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of latencies around their predictions, in ms."""
    return around(predicted_ms, *bounds(residuals, confidence))


def held_out_interval(
    predicted_ms: np.ndarray, residuals: np.ndarray, scales: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same for a model whose `scales` were chosen by the very errors of these residuals.

    They are that much too small; of a hundred or more, allow for drift.
    """
    n = len(residuals)
    honest = residuals * np.sqrt(n / max(1, n - scales))
    return interval(predicted_ms, honest, DRIFTING if n >= 100 else CONFIDENCE)


def around(predicted_ms: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """The interval between two bounds of the residual."""
    return predicted_ms * np.exp(low), predicted_ms * np.exp(high)


def folds_of(count: int, folds: int, seed: int) -> np.ndarray:
    """(count,): a fold number each, folds of about equal size."""
    return np.random.default_rng(seed).permutation(count) % max(1, min(folds, count))
