"""Depthwise convolutions on GPUs, of which no operators were measured: from whole networks.

Ours.  The tables of operators have none, but the public latencies of OFA-MobileNetV3 vary with the
kernel sizes of its depthwise convolutions, and so with their arithmetic, while all traffic and
all other kernels stay: that arithmetic has a price of its own, which a regression over kinds of
work tells.  In units of a multiprocessor it is nearly the same on six columns of five GPUs: `RATE`
multiply-adds a clock, whether it has 64 cores or 128 (each tap is a load of its own, and loads do
not double with cores).  Traffic cannot be told
from that of the kernels before and after; it is taken at STREAMED of the bandwidth.

    kernel = traffic / STREAMED + compute * (cores of a multiprocessor / RATE)

where traffic and compute are the roofline's times.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import scipy.optimize

from gnomon.evaluation.data.networks import kernel_work
from gnomon.evaluation.task import Networks

KIND = "conv_depthwise"
COLUMNS = ("intensity_over_ridge", "cores_over_sms")
RATE = 4.3
"""Multiply-adds a clock of a multiprocessor: `script/evaluate DATA depthwise`, geometric mean."""
RATE_SPREAD_LOG = 0.25
"""Standard deviation of its logarithm over the columns there, rounded up."""
STREAMED = 0.8
INTENSITIES = np.geomspace(1e-3, 1e2, 240)
CORES = np.geomspace(16.0, 256.0, 25)
CONTRACTIONS = ("conv", "gemm", "matmul")


def work_by_kind(networks: Networks, batch: int, numbers: dict[str, float]) -> pd.DataFrame:
    """(n, kinds of work), milliseconds at the roofline of a data sheet; and a constant."""
    work, kinds = kernel_work(networks, batch), networks.kernels["kind"]
    traffic = work["bytes"] / numbers["mem_bw_gbps"] / 1e6
    compute = work["flops"] / numbers["fp32_tflops"] / 1e9
    columns: dict[str, np.ndarray] = {"constant": np.ones(networks.counts.shape[0])}
    for kind in sorted(set(kinds) - {"free"}):
        own = (kinds == kind).to_numpy(dtype=float)
        columns[f"{kind}.traffic"] = networks.counts @ (own * traffic)
        if kind.startswith(CONTRACTIONS):
            columns[f"{kind}.compute"] = networks.counts @ (own * compute)
    return pd.DataFrame(columns)


def rate_of(
    networks: Networks, latency_ms: np.ndarray, batch: int, numbers: dict[str, float]
) -> float:
    """Multiply-adds a clock of a multiprocessor in depthwise convolutions; NaN: they cost nothing.

    ``latency_ms``: (n,), on the GPU of the data sheet ``numbers``. Relative errors, no negative
    prices (Lawson and Hanson's non-negative least squares).
    """
    work = work_by_kind(networks, batch, numbers)
    prices, _ = scipy.optimize.nnls(work.to_numpy() / latency_ms[:, None], np.ones(len(work)))
    slowdown = prices[work.columns.get_loc(f"{KIND}.compute")]
    per_clock = numbers["cuda_cores"] / numbers["sms"]
    return float(per_clock / slowdown) if slowdown > 0.0 else math.nan


def log_slowdown(intensity: np.ndarray, cores: np.ndarray) -> np.ndarray:
    """log(kernel / roofline) by `COLUMNS`."""
    kernel = 1.0 / STREAMED + intensity * cores / RATE
    return np.log(kernel / np.maximum(1.0, intensity))


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Points (n, COLUMNS) for the forest that stands for the formula, and its values (n,)."""
    intensity, cores = (axis.ravel() for axis in np.meshgrid(INTENSITIES, CORES))
    return np.stack([intensity, cores], axis=1), log_slowdown(intensity, cores)


def widened(intervals: dict[str, list[float]]) -> dict[str, list[float]]:
    """Intervals of convolutions by confidence, and the spread of the rate besides."""
    found = {}
    for confidence, ends in intervals.items():
        spread = NormalDist().inv_cdf(0.5 + float(confidence) / 2.0) * RATE_SPREAD_LOG
        found[confidence] = [math.copysign(math.hypot(end, spread), end) for end in ends]
    return found


def description(like: dict[str, Any], log_offset: float, miss: float) -> dict[str, Any]:
    """The member of bundle.json; intervals are `like` those of other convolutions.

    PyTorch runs them by a kernel of its own, without cuDNN: a launch is taken as that of the
    cheapest operator.
    """
    return {
        "model": f"{KIND}.ubj",
        "target": "log(1/utilisation)",
        "features": list(COLUMNS),
        "log_offset": log_offset,
        "base": "work",
        "launch_factor": 1.0,
        "launch_share": like["launch_share"],
        "roofline_gain": 1.0,
        "interval_log": widened(like["interval_log"]),
        "ranges": {"bytes": [0.0, 0.0]},
        "training": {
            "derived": "from whole networks (gnomon/evaluation/operators/depthwise.py)",
            "macs_per_clock": RATE,
            "distillation_miss_log": miss,
        },
        "errors": {},
    }
