"""What the methods that learn from other devices have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gnomon.evaluation.conformal import around, group_bounds, interval
from gnomon.evaluation.models.columns import smooth_all
from gnomon.evaluation.models.datasheet import ZeroShot, zero_shot
from gnomon.evaluation.reach import extrapolated
from gnomon.evaluation.task import CannotPredict, Measured, Pool, Prediction

FEWEST_FOR_SLOPE = 3
"""Samples from which on a line has a slope."""


@dataclass(frozen=True)
class Line:
    """log(latency) = offset + slope log(shape)."""

    offset: float
    slope: float
    left_out: np.ndarray
    """(samples,): log(measured / predicted from the other samples)."""

    def __call__(self, shape: np.ndarray) -> np.ndarray:
        return np.exp(self.offset + self.slope * np.log(shape))


def fit_line(shape: np.ndarray, latency_ms: np.ndarray, slope: bool) -> Line:
    """Least squares in logarithms; without a slope, or with too few samples, one constant."""
    x, y = np.log(shape), np.log(latency_ms)
    basis = [np.ones_like(x)]
    if slope and len(x) >= FEWEST_FOR_SLOPE and np.ptp(x) > 1e-6:
        basis.append(x - x.mean())
    a = np.column_stack(basis)
    target = y if len(basis) == 2 else y - x
    inverse = np.linalg.inv(a.T @ a)
    found = inverse @ (a.T @ target)
    leverage = np.einsum("ij,jk,ik->i", a, inverse, a)
    left_out = (target - a @ found) / np.maximum(1e-9, 1.0 - leverage)
    if len(basis) == 1:
        return Line(float(found[0]), 1.0, left_out[leverage < 1 - 1e-9])
    return Line(float(found[0] - found[1] * x.mean()), float(found[1]), left_out)


class Known:
    """What is there before the target is measured, as functions of all n networks."""

    def __init__(self, pool: Pool) -> None:
        if not pool.sources:
            raise CannotPredict("source columns are needed (--train-on), found none")
        self.pool = pool
        self.names = [source.column.name for source in pool.sources]
        self.columns = smooth_all(pool.networks, pool.sources)
        """(n, S): milliseconds."""
        self.shapes = self.columns / self.columns.mean(axis=0)
        """(n, S): the same, each with a mean of one."""

    @cached_property
    def zero_shot(self) -> ZeroShot | None:
        """From data sheets; None where there are none."""
        try:
            return zero_shot(self.pool)
        except CannotPredict:
            return None

    @cached_property
    def base(self) -> np.ndarray:
        """(n,): the zero-shot latency, else the geometric mean of the columns' shapes."""
        if self.zero_shot is not None:
            return self.zero_shot.latency_ms
        return np.exp(np.log(self.shapes).mean(axis=1))

    @cached_property
    def far(self) -> np.ndarray:
        """(n,), bool: unlike all networks that any source has."""
        seen = np.unique(np.concatenate([source.rows for source in self.pool.sources]))
        return extrapolated(self.pool.networks, seen, np.arange(len(self.pool.networks)))

    def without_samples(self, rows: np.ndarray) -> Prediction:
        """From data sheets alone."""
        found = self.zero_shot
        if found is None:
            raise CannotPredict(
                f"{self.pool.target.name}: without samples, its data sheet and those of sources "
                "are needed (--columns, --specs)"
            )
        latency = found.latency_ms[rows]
        low, high = around(latency, *_bounds(found.residuals))
        return Prediction(latency, low, high, self.far[rows], found.text)

    def along(self, line: Line, shape: np.ndarray, rows: np.ndarray, chosen: str) -> Prediction:
        """Latencies on a line over a shape, with an interval from what the line leaves over."""
        found = line(shape[rows])
        low, high = interval(found, line.left_out)
        return Prediction(found, low, high, self.far[rows], chosen)


def _bounds(residuals: list[np.ndarray]) -> tuple[float, float]:
    return group_bounds(residuals) if residuals else (-np.inf, np.inf)


class OnBase:
    """A line over the base: what `scale` and `affine` fit."""

    def __init__(self, pool: Pool, slope: bool) -> None:
        self.known, self.slope = Known(pool), slope

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if not len(samples):
            return self.known.without_samples(rows)
        base = self.known.base
        line = fit_line(base[samples.rows], samples.latency_ms, self.slope)
        over = "mean of sources" if self.known.zero_shot is None else "data sheet"
        return self.known.along(line, base, rows, over)
