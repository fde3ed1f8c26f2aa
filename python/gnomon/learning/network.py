"""The network level: what profiling costs, and what is left when kernels are summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares, minimize_scalar

from gnomon.learning.fit import quantiles
from gnomon.learning.profiles import Record

SHORTEST_KERNEL_US = 0.2
MAX_PROFILE_COST_US = 6.0


def profile_cost_us(records: list[Record]) -> float:
    """What the runtime's profiler adds to every node, microseconds.

    The constant for which the sum of node times comes closest to the end-to-end
    times, in median relative terms over all records.
    """

    def misfit(cost: float) -> float:
        ratios = [
            sum(max(node["time_us"] - cost, SHORTEST_KERNEL_US) for node in record.nodes)
            / record.end_to_end_us
            for record in records
        ]
        return float(np.mean(np.minimum(np.abs(np.log(ratios)), 0.5)))

    return float(minimize_scalar(misfit, bounds=(0.0, MAX_PROFILE_COST_US), method="bounded").x)


@dataclass(frozen=True)
class NetworkTerm:
    """latency = exp(scale_log) · Σ kernels + per_kernel_us · n + constant_us."""

    scale_log: float
    per_kernel_us: float
    constant_us: float

    def latency_us(self, kernel_sum_us: np.ndarray, kernels: np.ndarray) -> np.ndarray:
        """End-to-end microseconds of networks given their kernel sums and counts."""
        return (
            np.exp(self.scale_log) * kernel_sum_us + self.per_kernel_us * kernels + self.constant_us
        )


def fit_network_term(table: pd.DataFrame) -> NetworkTerm:
    """Fits the term on held-out sums; ``table`` has kernel_sum_us, kernels, end_to_end_us."""
    kernel_sum, count = table["kernel_sum_us"].to_numpy(), table["kernels"].to_numpy()
    truth = np.log(table["end_to_end_us"].to_numpy())

    def residuals(p: np.ndarray) -> np.ndarray:
        term = NetworkTerm(p[0], p[1], p[2])
        return np.log(np.maximum(term.latency_us(kernel_sum, count), 1e-3)) - truth

    best = least_squares(
        residuals,
        x0=[0.0, 0.1, 1.0],
        bounds=([-0.5, 0.0, 0.0], [0.5, 10.0, 100.0]),
        loss="soft_l1",
        f_scale=0.03,
    )
    return NetworkTerm(*(float(value) for value in best.x))


def network_report(table: pd.DataFrame, term: NetworkTerm) -> tuple[dict, dict]:
    """Intervals of the network level and its cross-validated errors."""
    predicted = term.latency_us(table["kernel_sum_us"].to_numpy(), table["kernels"].to_numpy())
    residuals = np.log(table["end_to_end_us"].to_numpy() / predicted)
    error = np.abs(np.expm1(-residuals))
    errors = {
        "networks": len(table),
        "median_ape": float(np.median(error)),
        "p90_ape": float(np.quantile(error, 0.9)),
        "within5": float(np.mean(error <= 0.05)),
        "within10": float(np.mean(error <= 0.10)),
    }
    return quantiles(residuals), errors
