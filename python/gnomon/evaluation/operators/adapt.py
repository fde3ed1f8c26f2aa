"""Few measurements of a new GPU: three numbers that correct a prediction.

The launch, the kernels' times and their trend with size may each be off by a factor.  The most
probable factors (normal priors in the logarithm, Student-like residuals) use a handful of rows
without being fooled by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize

from gnomon.evaluation.operators.experts import latency_us

PRIOR_LOG = np.array([0.25, 0.3, 0.05])
"""Standard deviations before anything is measured: launch, kernels, trend per factor e of size."""
NOISE_LOG = 0.15
"""Scatter of rows around a corrected prediction, where other GPUs do not tell it."""


@dataclass(frozen=True)
class Correction:
    """Logarithms of the factors; `centre_log` is where the trend is 1."""

    launch_log: float = 0.0
    kernel_log: float = 0.0
    trend: float = 0.0
    centre_log: float = 0.0

    def apply(self, kernels_us: np.ndarray, launch_us: float) -> np.ndarray:
        """Latencies of kernels that were predicted to take so long themselves."""
        size = np.log(kernels_us) - self.centre_log
        kernels = kernels_us * np.exp(self.kernel_log + self.trend * size)
        return latency_us(kernels, launch_us * np.exp(self.launch_log))


def correction_of(
    kernels_us: np.ndarray,
    launch_us: float,
    measured_us: np.ndarray,
    noise_log: float = NOISE_LOG,
) -> Correction:
    """From predicted kernel times of the samples, and what was measured; none: no correction."""
    if not len(measured_us):
        return Correction()
    centre = float(np.mean(np.log(kernels_us)))
    truth = np.log(measured_us)

    def residuals(logs: np.ndarray) -> np.ndarray:
        found = Correction(*logs, centre).apply(kernels_us, launch_us)
        return (np.log(found) - truth) / noise_log

    def loss(logs: np.ndarray) -> np.ndarray:
        # Student's with 4 degrees of freedom, as a sum of squares; the prior stays normal.
        far = residuals(logs)
        return np.concatenate([np.sqrt(5.0 * np.log1p(far**2 / 4.0)), logs / PRIOR_LOG])

    # The floor of a launch is flat in the kernels: start where either explains the rows.
    shift = float(np.median(truth - np.log(latency_us(kernels_us, launch_us))))
    starts = (np.zeros(3), np.array([shift, shift, 0.0]))
    best = min(
        (scipy.optimize.least_squares(loss, start, method="trf") for start in starts),
        key=lambda found: found.cost,
    )
    return Correction(*map(float, best.x), centre)
