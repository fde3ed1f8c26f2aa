"""`gnomon adapt`: brings a bundle to another machine from a few end-to-end times.

Each kernel kind gets an offset in log space that shrinks towards one common offset
(maximum a posteriori with Gaussian priors).  How strongly it shrinks is decided by
leave-one-out error on the measurements themselves, so that with very few of them the
common offset alone remains.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from gnomon.learning.network import share_us
from gnomon.predictor import Prediction

SPREADS = (0.0, 0.03, 0.1)
"""Candidate standard deviations of a kind's offset around the common one."""

NOISE = 0.03
"""Relative error that a prediction keeps even with the right offsets."""

COMMON_SPREAD = 1.0
"""Prior standard deviation of the common offset: a machine may be e times faster."""

MAX_FOLDS = 20

ROOFLINE = "roofline"
"""What stands for the kinds that no model knows: only the common offset moves them."""

EVIDENCE = 10
"""How many measurements the trained interval is worth."""


@dataclass(frozen=True)
class Kind:
    """A network's kernels of one kind: their scaled times, and what running each costs."""

    scaled_us: np.ndarray
    overhead_us: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One measured network: its kernels by kind, views and the constant; all microseconds."""

    kinds: dict[str, Kind]
    fixed_us: float
    measured_us: float

    def predicted_us(self, offsets: dict[str, float], common: float) -> float:
        """Latency under given offsets; kinds without one take the common offset."""
        everything = np.exp(common)
        total = self.fixed_us * everything
        for name, kind in self.kinds.items():
            scaled = kind.scaled_us * np.exp(offsets.get(name, common))
            total += np.sum(share_us(scaled, kind.overhead_us * everything))
        return float(total)


def sample_of(prediction: Prediction, latency_ms: float, network: dict[str, Any]) -> Sample:
    """A measured network; ``network`` is the bundle's network level, which predicted it."""
    scale = np.exp(network.get("scale_log", 0.0))
    per_kernel_us = network.get("per_kernel_us", 0.0)
    columns: dict[str, list[tuple[float, float]]] = {}
    views = 0.0
    for kernel in prediction.report["kernels"]:
        if kernel["source"] == "free":
            views += kernel["runs"]
        elif kernel["source"] != "unsupported":
            numbers = (scale * kernel["latency_us"], per_kernel_us * kernel["runs"])
            kind = ROOFLINE if kernel["source"] == "roofline" else kernel["kind"]
            columns.setdefault(kind, []).append(numbers)
    kinds = {name: Kind(*np.array(column).T) for name, column in sorted(columns.items())}
    fixed_us = network.get("per_view_us", 0.0) * views + network.get("constant_us", 0.0)
    return Sample(kinds, fixed_us, latency_ms * 1e3)


@dataclass(frozen=True)
class Offsets:
    """Result of a fit: the common offset and one per kind, natural logarithms."""

    common: float
    kinds: dict[str, float]
    spread: float


def fit_offsets(samples: list[Sample], spread: float) -> Offsets:
    """Maximum a posteriori offsets for one shrinkage strength."""
    known = {kind for sample in samples for kind in sample.kinds} - {ROOFLINE}
    kinds = sorted(known) if spread else []

    def residuals(p: np.ndarray) -> np.ndarray:
        offsets = {kind: p[0] + delta for kind, delta in zip(kinds, p[1:], strict=True)}
        fit = [
            (np.log(sample.predicted_us(offsets, p[0])) - np.log(sample.measured_us)) / NOISE
            for sample in samples
        ]
        return np.array([*fit, p[0] / COMMON_SPREAD, *(p[1:] / spread if spread else [])])

    best = least_squares(residuals, np.zeros(1 + len(kinds)), loss="soft_l1")
    common = float(best.x[0])
    return Offsets(
        common,
        {kind: common + float(delta) for kind, delta in zip(kinds, best.x[1:], strict=True)},
        spread,
    )


def _folds(count: int) -> list[list[int]]:
    number = min(count, MAX_FOLDS)
    return [list(range(start, count, number)) for start in range(number)]


def cross_validate(samples: list[Sample], spread: float) -> np.ndarray:
    """log(measured / predicted) of each sample by a fit that did not see it."""
    residuals = np.zeros(len(samples))
    for fold in _folds(len(samples)):
        kept = [sample for i, sample in enumerate(samples) if i not in fold]
        fitted = fit_offsets(kept, spread)
        for i in fold:
            predicted = samples[i].predicted_us(fitted.kinds, fitted.common)
            residuals[i] = np.log(samples[i].measured_us / predicted)
    return residuals


def choose(samples: list[Sample]) -> tuple[Offsets, np.ndarray]:
    """The fit whose shrinkage suits the samples, and its cross-validated residuals.

    It is the strongest shrinkage whose error is within one standard error of the least
    (Breiman et al., Classification and Regression Trees, 1984, section 3.4.3): among ten
    samples one odd network decides the least error.
    """
    if len(samples) < 3:
        fitted = fit_offsets(samples, 0.0)
        residuals = np.array(
            [np.log(s.measured_us / s.predicted_us(fitted.kinds, fitted.common)) for s in samples]
        )
        return fitted, residuals
    tried = [(spread, cross_validate(samples, spread)) for spread in SPREADS]
    best = min((np.abs(residuals) for _, residuals in tried), key=np.mean)
    bound = np.mean(best) + np.std(best) / np.sqrt(len(samples))
    spread, residuals = next(entry for entry in tried if np.mean(np.abs(entry[1])) <= bound)
    return fit_offsets(samples, spread), residuals


def adapted_description(
    description: dict[str, Any], fitted: Offsets, residuals: np.ndarray
) -> dict[str, Any]:
    """The bundle's description with offsets applied and intervals for this machine.

    A kind of a bundle of utilisations is scaled as a whole, launches and roofline included:
    measurements say more than a data sheet.
    """
    result = copy.deepcopy(description)
    member = "scale_log" if result.get("form") == "utilisation" else "log_offset"
    for kind, model in result["kinds"].items():
        moved = fitted.kinds.get(kind, fitted.common) - fitted.common
        model[member] = model.get(member, 0.0) + moved
    network = result["network"]
    network["scale_log"] = network.get("scale_log", 0.0) + fitted.common
    for overhead in ("per_kernel_us", "per_view_us", "constant_us"):
        network[overhead] = network.get(overhead, 0.0) * float(np.exp(fitted.common))
    scale = interval_scale(network["interval_log"], residuals)
    network["interval_log"] = {
        key: [scale * bound for bound in bounds] for key, bounds in network["interval_log"].items()
    }
    if error := network.get("error"):
        error["quantiles"] = {p: scale * bound for p, bound in error["quantiles"].items()}
    return result


def interval_scale(intervals: dict[str, list[float]], residuals: np.ndarray) -> float:
    """How much wider than in training the intervals are on this machine.

    The trained interval is worth EVIDENCE residuals: a handful of measurements moves it by
    their share of the evidence, and cannot make it collapse by luck.  Both sides are
    compared by the mean magnitude that a double exponential distribution gives them.
    """
    confidence, bounds = max(intervals.items(), key=lambda entry: float(entry[0]) == 0.8)
    half_width = (bounds[1] - bounds[0]) / 2.0
    trained = half_width / -np.log(1.0 - float(confidence))
    if trained <= 0.0 or not len(residuals):
        return 1.0
    total = EVIDENCE * trained + float(np.sum(np.abs(residuals)))
    return total / (EVIDENCE + len(residuals)) / trained
