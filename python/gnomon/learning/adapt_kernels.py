"""Adapting a bundle of utilisations to one GPU from times of its kernels.

Three kinds of numbers correct what the bundle predicts: how much longer a launch takes (one for
the device), how much longer kernels take (one in common, one a kind), and how much longer a
launch of a kind takes (where it has many kernels; with the one before an affine correction).  The
most probable ones are taken: normal priors in the logarithm, so that a kind with few kernels
stays near the common factor, and residuals like Student's with 4 degrees of freedom, so that a
few odd kernels do not count (the loss of `evaluation/operators/adapt.py`).  Which of them are free
is decided by networks that are left out.  Ours: the choice of numbers and priors.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import least_squares

LAUNCHES = 2.0 ** np.arange(-6.0, 3.01, 0.5)
"""The launch overheads that kernels are predicted with, as multiples of the bundle's own."""
STEP_LOG = float(np.log(LAUNCHES[1] / LAUNCHES[0]))
AS_IS = int(np.argmin(np.abs(LAUNCHES - 1.0)))

NOISE_LOG = 0.15
"""Scatter of kernels around a right correction."""
COMMON_SPREAD = LAUNCH_SPREAD = 1.0
"""Prior standard deviations of the common factors: a device may be e times faster."""
MANY_KERNELS = 12
"""Different kernels of a kind from which on its launch may be its own."""
FOLDS = 5
STARTS_LOG = (-3.0, -1.5, 0.0, 1.0)


@dataclass(frozen=True)
class Kernels:
    """n kernels of one profiled network, or n operators that were profiled alone."""

    name: str
    kind: np.ndarray
    """(n,), str"""
    predicted_us: np.ndarray
    """(n, LAUNCHES)"""
    measured_us: np.ndarray
    """(n,); NaN where the profile has no time"""

    def different(self) -> Kernels:
        """Timed kernels, those that the bundle cannot tell apart once with the median time."""
        rows: dict[tuple[str, float, float], list[int]] = {}
        for i in np.flatnonzero(self.measured_us > 0.0):
            key = (str(self.kind[i]), *map(float, self.predicted_us[i, [0, -1]]))
            rows.setdefault(key, []).append(int(i))
        first = [group[0] for group in rows.values()]
        middle = [float(np.median(self.measured_us[group])) for group in rows.values()]
        return Kernels(self.name, self.kind[first], self.predicted_us[first], np.array(middle))

    def take(self, rows: np.ndarray) -> Kernels:
        """Some of the kernels."""
        return Kernels(self.name, self.kind[rows], self.predicted_us[rows], self.measured_us[rows])


def together(parts: Iterable[Kernels]) -> Kernels:
    """Kernels of several networks as one."""
    found = list(parts)
    return Kernels(
        "",
        np.concatenate([part.kind for part in found]),
        np.concatenate([part.predicted_us for part in found]),
        np.concatenate([part.measured_us for part in found]),
    )


@dataclass(frozen=True)
class Freedom:
    """Which corrections a kind may have of its own: prior standard deviations, 0 for none."""

    name: str
    scale: float
    launch: float


FREEDOMS = (
    Freedom("a factor in common", 0.0, 0.0),
    Freedom("a factor a kind, near the common one", 0.1, 0.0),
    Freedom("a factor a kind", 0.4, 0.0),
    Freedom("a factor and a launch a kind", 0.4, 0.5),
)
"""From the fewest numbers to the most."""


@dataclass(frozen=True)
class Calibration:
    """Natural logarithms of factors."""

    launch: float = 0.0
    common: float = 0.0
    scales: dict[str, float] = field(default_factory=dict)
    """Of a kind's kernels beside the common one."""
    launches: dict[str, float] = field(default_factory=dict)
    """Of a kind's launch beside the common one."""

    def log_us(self, kernels: Kernels) -> np.ndarray:
        """(n,): logarithm of the corrected times."""
        scale = self.common + np.array([self.scales.get(kind, 0.0) for kind in kernels.kind])
        launch = self.launch + np.array([self.launches.get(kind, 0.0) for kind in kernels.kind])
        return _at(np.log(kernels.predicted_us), launch) + scale


def _at(log_us: np.ndarray, launch_log: np.ndarray) -> np.ndarray:
    """Times between the launches that they were predicted with, linear in the logarithm."""
    place = np.clip(AS_IS + launch_log / STEP_LOG, 0.0, len(LAUNCHES) - 1.0)
    low = np.minimum(place.astype(int), len(LAUNCHES) - 2)
    rows = np.arange(len(log_us))
    return log_us[rows, low] + (place - low) * (log_us[rows, low + 1] - log_us[rows, low])


def calibrate(kernels: Kernels, freedom: Freedom) -> Calibration:
    """The most probable correction of different kernels."""
    names, counts = np.unique(kernels.kind, return_counts=True)
    scaled = [str(name) for name in names] if freedom.scale else []
    launched = [
        str(name)
        for name, count in zip(names, counts, strict=True)
        if freedom.launch and count >= MANY_KERNELS
    ]
    spreads = [LAUNCH_SPREAD, COMMON_SPREAD]
    spreads += [freedom.scale] * len(scaled) + [freedom.launch] * len(launched)
    truth = np.log(kernels.measured_us)

    def found(p: np.ndarray) -> Calibration:
        own = p[2 : 2 + len(scaled)], p[2 + len(scaled) :]
        scales, launches = (
            dict(zip(kinds, map(float, logs), strict=True))
            for kinds, logs in zip((scaled, launched), own, strict=True)
        )
        return Calibration(float(p[0]), float(p[1]), scales, launches)

    def loss(p: np.ndarray) -> np.ndarray:
        far = (found(p).log_us(kernels) - truth) / NOISE_LOG
        return np.concatenate([np.sqrt(5.0 * np.log1p(far**2 / 4.0)), p / np.array(spreads)])

    def start(launch: float) -> np.ndarray:
        shift = np.median(truth - Calibration(launch).log_us(kernels))
        return np.array([launch, shift, *([0.0] * (len(spreads) - 2))])

    fits = (least_squares(loss, start(launch)) for launch in STARTS_LOG)
    return found(min(fits, key=lambda fit: fit.cost).x)


@dataclass(frozen=True)
class Choice:
    """A calibration, and how well its like predicted what it had not seen."""

    freedom: Freedom
    calibration: Calibration
    residuals: list[np.ndarray]
    """A network left out: log(measured / predicted) of its different kernels; empty: not
    cross-validated."""


def folds(networks: list[Kernels]) -> list[tuple[list[Kernels], Kernels]]:
    """What is seen and what is left out: a network in turn; of a single one every fifth kernel."""
    if len(networks) > 1:
        return [(networks[:i] + networks[i + 1 :], one) for i, one in enumerate(networks)]
    (one,) = networks
    if len(one.kind) < FOLDS:
        return []
    turn = np.arange(len(one.kind)) % FOLDS
    return [([one.take(turn != i)], one.take(turn == i)) for i in range(FOLDS)]


def misplaced(residuals: np.ndarray, measured_us: np.ndarray) -> float:
    """Share of the measured time by which kernels are wrong."""
    predicted = measured_us * np.exp(-residuals)
    return float(np.sum(np.abs(predicted - measured_us)) / np.sum(measured_us))


def choose(networks: list[Kernels]) -> Choice:
    """The fewest numbers whose error is within one standard error of the least (Breiman et al.,
    Classification and Regression Trees, 1984, section 3.4.3); `networks` hold different kernels.
    """
    left_out = folds(networks)
    if not left_out:
        freedom = FREEDOMS[1]
        return Choice(freedom, calibrate(together(networks), freedom), [])
    tried = []
    for freedom in FREEDOMS:
        residuals = [
            np.log(one.measured_us) - calibrate(together(seen), freedom).log_us(one)
            for seen, one in left_out
        ]
        pairs = zip(residuals, left_out, strict=True)
        errors = np.array([misplaced(found, one.measured_us) for found, (_, one) in pairs])
        tried.append((freedom, residuals, errors))
    best = min((errors for _, _, errors in tried), key=np.mean)
    bound = np.mean(best) + np.std(best) / np.sqrt(len(best))
    freedom, residuals, _ = next(entry for entry in tried if np.mean(entry[2]) <= bound)
    return Choice(freedom, calibrate(together(networks), freedom), residuals)
