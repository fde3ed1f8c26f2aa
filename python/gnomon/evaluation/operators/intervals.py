"""Intervals for a GPU that was never measured: what happened to the source GPUs in turn.

Every source GPU is predicted from the others, with as many samples as the target has, and the
logarithms of measured / predicted are collected per operator.  Every GPU counts alike.  With few
GPUs the pooled quantiles are too narrow, because rows of a GPU err together: the spread of the
GPUs' medians is widened from a normal's quantile to a Student's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.stats

from gnomon.evaluation.operators.adapt import NOISE_LOG
from gnomon.evaluation.operators.methods import Method, blind
from gnomon.evaluation.operators.parts import Part

CONFIDENCE = 0.9
MOST_ROWS = 600
"""Rows a GPU and operator: enough for a quantile."""
LEAST_NOISE_LOG = 0.03


def residuals(
    method: Method, part: Part, samples: int, seed: int, noise_log: float = NOISE_LOG
) -> np.ndarray:
    """log(measured / predicted) of a source GPU's rows, by a method that does not know the GPU."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(part))[: MOST_ROWS + samples]
    part = part.take(order)
    guess = method.guess(blind(part))
    chosen, rest = np.arange(samples), np.arange(samples, len(part))
    correction = guess.correction(chosen, part.latency_us[chosen], noise_log)
    return np.log(part.latency_us / guess.corrected_us(correction))[rest]


def noise_of(found: Sequence[np.ndarray]) -> float:
    """How far rows of a GPU scatter, in the logarithm: of four in five of them, as if normal."""
    if not found:
        return NOISE_LOG
    width = scipy.stats.norm.ppf(0.9) - scipy.stats.norm.ppf(0.1)
    spreads = [np.diff(np.quantile(part, [0.1, 0.9]))[0] / width for part in found]
    return max(LEAST_NOISE_LOG, float(np.median(spreads)))


def bounds(found: Sequence[np.ndarray], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Of log(measured / predicted) on a further GPU, from the residuals of some GPUs each."""
    known = [np.sort(part) for part in found if len(part)]
    if len(known) < 2:
        return -np.inf, np.inf
    tail = (1.0 - confidence) / 2.0
    widened = _widened(known, confidence)
    values = np.concatenate(widened)
    weight = np.concatenate([np.full(len(part), 1.0 / len(part)) for part in widened])
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    low = values[order][min(np.searchsorted(share, tail), len(order) - 1)]
    high = values[order][min(np.searchsorted(share, 1.0 - tail), len(order) - 1)]
    return float(low), float(high)


def _widened(known: list[np.ndarray], confidence: float) -> list[np.ndarray]:
    """The residuals with the GPUs' medians moved apart, as a Student's asks for so few of them."""
    medians = np.array([np.median(part) for part in known])
    count = len(known)
    student = scipy.stats.t.ppf((1.0 + confidence) / 2.0, count - 1)
    normal = scipy.stats.norm.ppf((1.0 + confidence) / 2.0)
    factor = student / normal * np.sqrt(1.0 + 1.0 / count)
    moves = (factor - 1.0) * (medians - medians.mean())
    return [part + move for part, move in zip(known, moves, strict=True)]
