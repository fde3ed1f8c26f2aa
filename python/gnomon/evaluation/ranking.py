"""Rank correlation, and the source whose ranking is nearest to some measurements."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, rankdata

from gnomon.evaluation.task import CannotPredict, Measured, Pool

FEWEST_RANKED = 3
"""Samples below which a ranking says nothing about a source."""


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's: Pearson's of the ranks, equal values sharing the mean of theirs.

    0 where all values of a side are equal: that side ranks nothing.
    """
    ranks = np.stack([rankdata(a), rankdata(b)])
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = np.sqrt((ranks**2).sum(axis=1).prod())
    return float(ranks[0] @ ranks[1] / spread) if spread > 0 else 0.0


def rank_interval(
    value: float, count: int, groups: int = 1, confidence: float = 0.9
) -> tuple[float, float]:
    """Bounds of Spearman's correlation of `count` samples, as mean over `groups` of them.

    Fisher's z with the variance (1 + r^2 / 2) / (n - 3) (Bonett, Wright, Psychometrika 65,
    2000).  A perfect ranking counts as one in which two neighbours changed places: n networks
    cannot tell the two apart.
    """
    free = count - 3 * groups
    if free < 1:
        return -1.0, 1.0
    perfect = 1.0 - 12.0 / (count * (count**2 - 1.0))
    z = np.arctanh(np.clip(value, -perfect, perfect))
    half = norm.ppf((1 + confidence) / 2) * np.sqrt((1 + value**2 / 2) / free)
    return float(np.tanh(z - half)), float(np.tanh(z + half))


def known_latency(source: Measured, count: int) -> np.ndarray:
    """(count,): milliseconds by network, NaN where the source was not measured."""
    result = np.full(count, np.nan)
    result[source.rows] = source.latency_ms
    return result


def nearest_source(pool: Pool, samples: Measured) -> tuple[Measured, float]:
    """The source that ranks the samples most alike, and how alike; the first of equals.

    Only networks that a source was measured on count; a source with fewer than
    `FEWEST_RANKED` of them is left out.
    """
    best: tuple[Measured, float] | None = None
    for source in pool.sources:
        known = known_latency(source, len(pool.networks))[samples.rows]
        there = ~np.isnan(known)
        if there.sum() < FEWEST_RANKED:
            continue
        alike = rank_correlation(known[there], samples.latency_ms[there])
        if best is None or alike > best[1]:
            best = (source, alike)
    if best is None:
        raise CannotPredict(
            f"{pool.target.name}: expected a source measured on at least {FEWEST_RANKED} of the "
            f"samples, found {len(pool.sources)} sources and {len(samples)} samples"
        )
    return best
