"""90 % intervals from residuals of predictions that did not see what they predict.

Residuals are log(measured / predicted).  With n of them, exchangeable with the next one, the
ranks ceil((n + 1) (1 - a / 2)) from below and from above bound the next one with probability at
least 1 - a (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005; split
conformal prediction).  Few residuals have no such rank: then the tail is a Student's.
"""

from __future__ import annotations

import numpy as np
import scipy.stats

CONFIDENCE = 0.9


def bounds(residuals: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Lower and upper bound of the next residual."""
    ordered = np.sort(np.asarray(residuals, dtype=float))
    n, tail = len(ordered), (1.0 - confidence) / 2.0
    rank = int(np.ceil((n + 1) * (1.0 - tail)))
    if rank <= n:
        return float(ordered[n - rank]), float(ordered[rank - 1])
    if n == 0:
        return -np.inf, np.inf
    return student_bounds(ordered, confidence)


def student_bounds(residuals: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The same for few residuals that are about normal; unbounded for fewer than two."""
    n = len(residuals)
    if n < 2:
        return -np.inf, np.inf
    quantile = scipy.stats.t.ppf((1.0 + confidence) / 2.0, n - 1)
    half = quantile * float(np.std(residuals, ddof=1)) * np.sqrt(1.0 + 1.0 / n)
    centre = float(np.mean(residuals))
    return centre - half, centre + half


def interval(
    predicted_ms: np.ndarray, residuals: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of latencies around their predictions, in ms."""
    low, high = bounds(residuals, confidence)
    return predicted_ms * np.exp(low), predicted_ms * np.exp(high)


def folds_of(count: int, folds: int, seed: int) -> np.ndarray:
    """(count,): a fold number each, folds of about equal size."""
    return np.random.default_rng(seed).permutation(count) % max(1, min(folds, count))
