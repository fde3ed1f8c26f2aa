"""AdaProxy (arXiv 2111.01203, "One Proxy Device Is Enough"): a proxy's latency made a target's.

On a code x of zeros and ones the proxy is linear, l_p(x) = x . w.  The target is
l_t(x) = x . (w o (a 1 + b)) + c: a scale a and an offset c for all, and a correction b for
each input, kept small by its 2-norm.  The published penalty is the norm itself, not its
square; both have the same path of solutions, so this solves the squared one (a ridge whose
a and c are free) for a grid of strengths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.ranking import rank_correlation

PENALTIES = np.concatenate([[np.inf], np.logspace(3, -7, 31)])
"""Of the mean squared error over the proxy's variance; infinite: scale and offset alone."""

VALIDATION_SHARE = 1 / 7
"""Of the samples, as in the published notebook: 60 to train on, 10 to choose the penalty by."""

FEWEST_VALIDATED = 4
"""Samples to choose by; below, only scale and offset are fitted."""


@dataclass(frozen=True)
class Adapted:
    """What turns terms x o w into the target's latency."""

    scale: float
    offset: float
    correction: np.ndarray
    """(inputs,)"""
    penalty: float
    left_out: np.ndarray
    """(samples,): each sample's latency less what the others predict for it."""

    def __call__(self, terms: np.ndarray) -> np.ndarray:
        """(n,): latencies of networks given by their terms, (n, inputs)."""
        return terms @ (self.scale + self.correction) + self.offset


def proxy_weights(codes: np.ndarray, latency: np.ndarray) -> np.ndarray:
    """w of the linear proxy: the shortest of the least-squares solutions, (inputs,)."""
    return np.linalg.lstsq(codes.astype(np.float64), latency, rcond=1e-10)[0]


class Path:
    """All solutions for some samples, one for each penalty."""

    def __init__(self, terms: np.ndarray, latency: np.ndarray) -> None:
        """`terms` (n, inputs): the codes of the samples times w."""
        self._terms, self._latency = terms, latency
        proxy = terms.sum(axis=1)
        flat = np.ptp(proxy) <= 1e-9 * np.abs(proxy).max(initial=0.0)
        self._free = np.ones((len(proxy), 1)) if flat else np.stack([np.ones_like(proxy), proxy], 1)
        basis = np.linalg.qr(self._free)[0]
        self._apart = latency - basis @ (basis.T @ latency)
        left, self._sizes, self._right = np.linalg.svd(
            terms - basis @ (basis.T @ terms), full_matrices=False
        )
        self._left, self._basis = left, basis
        self._unit = max(float(proxy.var()), 1e-300) if not flat else 1.0

    def _shrink(self, penalty: float) -> np.ndarray:
        """The share of each direction that is kept, (directions,)."""
        squares = self._sizes**2
        total = squares + len(self._latency) * penalty * self._unit
        return np.divide(squares, total, out=np.zeros_like(squares), where=np.isfinite(total))

    def solve(self, penalty: float) -> Adapted:
        """The adapted proxy for one penalty."""
        used = self._sizes > 1e-12 * self._sizes.max(initial=0.0)
        inverse = np.divide(1.0, self._sizes, out=np.zeros_like(self._sizes), where=used)
        correction = self._right.T @ (
            self._shrink(penalty) * inverse * (self._left.T @ self._apart)
        )
        rest = self._latency - self._terms @ correction
        free = np.linalg.lstsq(self._free, rest, rcond=None)[0]
        scale = float(free[1]) if len(free) == 2 else 0.0
        left_out = self.left_out(penalty)
        return Adapted(scale, float(free[0]), correction, float(penalty), left_out)

    def left_out(self, penalty: float) -> np.ndarray:
        """(samples,): the error at each sample predicted from all others, in closed form."""
        shrink = self._shrink(penalty)
        residual = self._apart - self._left @ (shrink * (self._left.T @ self._apart))
        own = (self._basis**2).sum(axis=1) + (self._left**2) @ shrink
        return residual / np.maximum(1 - own, 1e-9)


def adapt(terms: np.ndarray, latency: np.ndarray) -> Adapted:
    """The published choice: the penalty whose ranking of the last samples is best.

    The strongest of equally good ones wins; it is then fitted to all samples.
    """
    held = round(len(latency) * VALIDATION_SHARE)
    if held < FEWEST_VALIDATED:
        return Path(terms, latency).solve(np.inf)
    train = Path(terms[:-held], latency[:-held])
    alike = [
        rank_correlation(train.solve(penalty)(terms[-held:]), latency[-held:])
        for penalty in PENALTIES
    ]
    return Path(terms, latency).solve(PENALTIES[int(np.argmax(alike))])


def adapt_by_error(terms: np.ndarray, latency: np.ndarray) -> Adapted:
    """The penalty of least left-one-out error instead of best rank: right in milliseconds."""
    path = Path(terms, latency)
    errors = [np.mean(path.left_out(penalty) ** 2) for penalty in PENALTIES]
    return path.solve(PENALTIES[int(np.argmin(errors))])
