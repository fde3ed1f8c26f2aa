"""The network level: what profiling costs, and what is left when kernels are summed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from gnomon.learning.fit import quantiles
from gnomon.learning.profiles import VIEWS, Record

SHORTEST_KERNEL_US = 0.2
MAX_PROFILE_COST_US = 10.0

UNPROFILED = (0.93, 1.15)
"""How far kernel times of a network may be scaled to sum up to its end-to-end time."""

NETWORK_NOISE = 0.02
"""Relative error of a network beyond which it counts in proportion, not squared."""

KIND_SPREAD = 0.05
"""Prior standard deviation of the offsets that networks give kernel kinds."""


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


def unprofiled_factor(record: Record, overheads: Overheads) -> float:
    """What a network's kernel times are to be multiplied with to sum up to its end-to-end time.

    Minima of single nodes come from different moments: together they are faster than any run, the
    more so the more the nodes depend on memory that others use, too.
    """
    work, views = 0.0, 0
    for node in record.nodes:
        if node["op_type"] in VIEWS:
            views += 1
        else:
            work += max(node["time_us"] - overheads.profile_us, SHORTEST_KERNEL_US)
    rest = record.end_to_end_us - overheads.constant_us - overheads.per_view_us * views
    return float(np.clip(rest / work, *UNPROFILED)) if work else 1.0


def share_us(scaled_us: np.ndarray, overhead_us: np.ndarray) -> np.ndarray:
    """What kernels add to their network: their scaled times and what running each costs, but at
    least half of the first, since the second may be negative.
    """
    return np.maximum(scaled_us + overhead_us, 0.5 * scaled_us)


def whole_ns(microseconds: np.ndarray | float) -> np.ndarray:
    """Nanoseconds, halves rounded to even, as the compiler counts them; never negative."""
    return np.rint(np.maximum(microseconds, 0.0) * 1e3)


@dataclass(frozen=True)
class KernelTimes:
    """Kernels of many networks: what the network level needs to know of them."""

    network: np.ndarray
    """Number of the network that a kernel is part of."""

    latency_us: np.ndarray
    """Of all its runs together; 0 for a view."""

    runs: np.ndarray
    """How often its network runs it."""

    view: np.ndarray
    """True for the reshapes that the runtime steps through without touching data."""


@dataclass(frozen=True)
class NetworkTerm:
    """From kernels to networks: the sum of the kernels' shares and of a constant.

    A kernel's share is exp(scale_log) · latency + per_kernel_us · runs, but at least half of the
    first summand; a view's is per_view_us · runs.
    """

    scale_log: float
    per_kernel_us: float
    per_view_us: float
    constant_us: float

    def shares_us(self, kernels: KernelTimes) -> np.ndarray:
        """What each kernel adds to its network, not yet in whole nanoseconds."""
        scaled = math.exp(self.scale_log) * kernels.latency_us
        costed = share_us(scaled, self.per_kernel_us * kernels.runs)
        return np.where(kernels.view, self.per_view_us * kernels.runs, costed)

    def smooth_us(self, kernels: KernelTimes, networks: int) -> np.ndarray:
        """End-to-end microseconds of each network without rounding, for fits."""
        sums = np.bincount(kernels.network, self.shares_us(kernels), networks)
        return sums + self.constant_us

    def latency_us(self, kernels: KernelTimes, networks: int) -> np.ndarray:
        """End-to-end microseconds of each network, as the compiler says them."""
        shares = whole_ns(self.shares_us(kernels))
        sums = np.bincount(kernels.network, shares, networks)
        return (sums + whole_ns(self.constant_us)) / 1e3


def fit_network_term(
    kernels: KernelTimes, kinds: np.ndarray, end_to_end_us: np.ndarray, overheads: Overheads
) -> tuple[NetworkTerm, np.ndarray]:
    """Fits scale, cost per kernel and an offset per kind to held-out estimates of kernels.

    ``kinds`` numbers the kernels' kinds from 0. An offset, a natural logarithm, says by how much
    kernels of a kind cost networks more than the profiler shows; most are close to 0,
    which the fit expects. The cost per kernel may be negative: it takes back what models of
    the smallest kernels, whose times are no more than the profiler's resolution, are too high by.
    """
    truth = np.log(end_to_end_us)
    fixed = overheads.per_view_us, overheads.constant_us

    def residuals(p: np.ndarray) -> np.ndarray:
        predicted_us = NetworkTerm(p[0], p[1], *fixed).smooth_us(
            with_offsets(kernels, kinds, p[2:]), len(truth)
        )
        misfit = np.log(np.maximum(predicted_us, 1e-3)) - truth
        return np.concatenate([misfit / NETWORK_NOISE, p[2:] / KIND_SPREAD])

    count = int(kinds.max()) + 1
    free = [np.inf] * count
    best = least_squares(
        residuals,
        x0=np.zeros(2 + count),
        bounds=([-0.5, -0.5, *(-bound for bound in free)], [0.5, 10.0, *free]),
        loss="soft_l1",
    )
    scale_log, per_kernel_us, *offsets = (float(value) for value in best.x)
    return NetworkTerm(scale_log, per_kernel_us, *fixed), np.array(offsets)


def with_offsets(kernels: KernelTimes, kinds: np.ndarray, offsets: np.ndarray) -> KernelTimes:
    """The same kernels, their estimates moved by the offset of their kind."""
    return replace(kernels, latency_us=kernels.latency_us * np.exp(offsets)[kinds])


def network_report(predicted_us: np.ndarray, end_to_end_us: np.ndarray) -> tuple[dict, dict]:
    """Intervals of the network level and its cross-validated errors."""
    residuals = np.log(end_to_end_us / predicted_us)
    error = np.abs(np.expm1(-residuals))
    errors = {
        "networks": len(error),
        "median_ape": float(np.median(error)),
        "p90_ape": float(np.quantile(error, 0.9)),
        "within5": float(np.mean(error <= 0.05)),
        "within10": float(np.mean(error <= 0.10)),
    }
    return quantiles(residuals), errors
