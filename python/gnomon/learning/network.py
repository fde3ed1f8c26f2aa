"""The network level: what profiling costs, and what is left when kernels are summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from gnomon.learning.fit import quantiles
from gnomon.learning.profiles import VIEWS, Record

SHORTEST_KERNEL_US = 0.2
MAX_PROFILE_COST_US = 10.0


@dataclass(frozen=True)
class Overheads:
    """What lies beside the work of kernels, in microseconds."""

    profile_us: float
    """Added to every node by the runtime's profiler."""

    per_view_us: float
    """Taken by a node that only renames data, such as a Reshape."""

    constant_us: float
    """Taken by a run of the network as a whole."""


def fit_overheads(records: list[Record]) -> Overheads:
    """Finds how node times add up to end-to-end times over all records.

    end to end = scale · Σ (node - profile_us) + per_view_us · views + constant_us, where the sum
    is over nodes that are no views, fitted to relative errors with a robust loss. The
    scale is left out: it says how far below its average each node's best time lies.
    """
    work = [
        np.array([node["time_us"] for node in record.nodes if node["op_type"] not in VIEWS])
        for record in records
    ]
    views = np.array([sum(node["op_type"] in VIEWS for node in record.nodes) for record in records])
    truth = np.log([record.end_to_end_us for record in records])

    def misfit(p: np.ndarray) -> np.ndarray:
        scale, profile_us, per_view_us, constant_us = p
        sums = np.array([np.sum(np.maximum(t - profile_us, SHORTEST_KERNEL_US)) for t in work])
        return np.log(np.maximum(scale * sums + per_view_us * views + constant_us, 1e-3)) - truth

    best = least_squares(
        misfit,
        x0=[1.0, 1.5, 0.4, 1.0],
        bounds=([0.9, 0.0, 0.0, 0.0], [1.2, MAX_PROFILE_COST_US, 5.0, 100.0]),
        loss="soft_l1",
        f_scale=0.02,
    )
    return Overheads(*(float(value) for value in best.x[1:]))


@dataclass(frozen=True)
class NetworkTerm:
    """latency = exp(scale_log) · Σ kernels + per_kernel_us · n + per_view_us · views + constant_us,
    but at least half of the first summand, since per_kernel_us may be negative.

    Views are the reshapes that the runtime steps through without touching data.
    """

    scale_log: float
    per_kernel_us: float
    per_view_us: float
    constant_us: float

    def latency_us(self, table: pd.DataFrame) -> np.ndarray:
        """End-to-end microseconds of networks; ``table`` has kernel_sum_us, kernels, views."""
        kernels = np.exp(self.scale_log) * table["kernel_sum_us"].to_numpy()
        return np.maximum(
            kernels
            + self.per_kernel_us * table["kernels"].to_numpy()
            + self.per_view_us * table["views"].to_numpy()
            + self.constant_us,
            0.5 * kernels,
        )


def fit_network_term(table: pd.DataFrame, overheads: Overheads) -> NetworkTerm:
    """Fits scale and cost per kernel to held-out kernel sums; ``table`` has end_to_end_us beside
    what the term needs.

    The cost per kernel may be negative: it takes back what models of the smallest kernels,
    whose times are no more than the profiler's resolution, are too high by.
    """
    truth = np.log(table["end_to_end_us"].to_numpy())

    def term(p: np.ndarray) -> NetworkTerm:
        return NetworkTerm(p[0], p[1], overheads.per_view_us, overheads.constant_us)

    best = least_squares(
        lambda p: np.log(np.maximum(term(p).latency_us(table), 1e-3)) - truth,
        x0=[0.0, 0.0],
        bounds=([-0.5, -0.5], [0.5, 10.0]),
        loss="soft_l1",
        f_scale=0.02,
    )
    return term(np.array([float(value) for value in best.x]))


def network_report(table: pd.DataFrame, term: NetworkTerm) -> tuple[dict, dict]:
    """Intervals of the network level and its cross-validated errors."""
    residuals = np.log(table["end_to_end_us"].to_numpy() / term.latency_us(table))
    error = np.abs(np.expm1(-residuals))
    errors = {
        "networks": len(table),
        "median_ape": float(np.median(error)),
        "p90_ape": float(np.quantile(error, 0.9)),
        "within5": float(np.mean(error <= 0.05)),
        "within10": float(np.mean(error <= 0.10)),
    }
    return quantiles(residuals), errors
