"""The bundle of one GPU that follows from a calibration by kernels, and its errors."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from gnomon.learning.adapt import interval_scale
from gnomon.learning.adapt_kernels import (
    Calibration,
    Choice,
    Kernels,
    folds,
    together,
)


def calibrated_description(
    description: dict[str, Any],
    device: dict[str, Any],
    own_us: float,
    per_kernel_us: float,
    choice: Choice,
    networks: list[Kernels],
) -> dict[str, Any]:
    """The description of a bundle of utilisations for a device alone.

    ``own_us`` is the launch overhead that was taken before, ``per_kernel_us`` what networks take
    beside their kernels. A kind without kernels moves with the common factor.
    """
    result, found = copy.deepcopy(description), choice.calibration
    launch_us = own_us * float(np.exp(found.launch))
    for kind, model in result["kinds"].items():
        scale = found.common + found.scales.get(kind, 0.0)
        model["scale_log"] = model.get("scale_log", 0.0) + scale
        factor = float(np.exp(found.launches.get(kind, 0.0)))
        model["launch_factor"] = model.get("launch_factor", 1.0) * factor
        if "launch_factors" in model:
            model["launch_factors"] = {
                name: value * factor for name, value in model["launch_factors"].items()
            }
        _widen(model, _of_kind(choice, networks, kind))
    _widen(result["network"], _of_networks(choice, networks))
    result["network"]["per_kernel_us"] = per_kernel_us
    result["device"] = {**device, "launch_overhead_us": launch_us}
    result["calibrated_for"] = device["name"]
    result["launch_overhead_us"] = launch_us
    result["launch_overheads_us"] = {device["name"]: launch_us}
    return result


def _widen(model: dict[str, Any], residuals: np.ndarray) -> None:
    intervals = model.get("interval_log") or {}
    if intervals and len(residuals):
        scale = interval_scale(intervals, residuals)
        model["interval_log"] = {
            key: [scale * end for end in ends] for key, ends in intervals.items()
        }


def _left_out(networks: list[Kernels]) -> list[Kernels]:
    return [one for _, one in folds(networks)]


def _of_kind(choice: Choice, networks: list[Kernels], kind: str) -> np.ndarray:
    """Residuals of a kind's kernels that were left out."""
    pairs = zip(choice.residuals, _left_out(networks), strict=False)
    own = [residuals[one.kind == kind] for residuals, one in pairs]
    return np.concatenate(own) if own else np.array([])


def _of_networks(choice: Choice, networks: list[Kernels]) -> np.ndarray:
    """log(measured / predicted) of the kernels of each network together; of one: nothing."""
    if len(networks) < 2:
        return np.array([])
    pairs = zip(choice.residuals, networks, strict=True)
    return np.array([_sum_log(residuals, one.measured_us) for residuals, one in pairs])


def _sum_log(residuals: np.ndarray, measured_us: np.ndarray) -> float:
    return float(np.log(np.sum(measured_us) / np.sum(measured_us * np.exp(-residuals))))


def errors(residuals: list[np.ndarray], left_out: list[Kernels]) -> dict[str, float]:
    """Of kernels: median, and share of the time that is misplaced; of the sums of networks."""
    every = np.abs(np.expm1(-np.concatenate(residuals)))
    measured = np.concatenate([one.measured_us for one in left_out])
    pairs = zip(residuals, left_out, strict=True)
    sums = np.array([np.expm1(-_sum_log(found, one.measured_us)) for found, one in pairs])
    return {
        "median_ape": float(np.median(every)),
        "time_misplaced": float(np.sum(every * measured) / np.sum(measured)),
        "network_ape": float(np.mean(np.abs(sums))),
    }


def report_of(
    choice: Choice, networks: list[Kernels], own_us: float, kinds: dict[str, Any]
) -> dict[str, Any]:
    """What was found, and errors before and after."""
    found, left_out = choice.calibration, _left_out(networks)
    before = [np.log(one.measured_us) - Calibration().log_us(one) for one in networks]
    counts = dict(zip(*np.unique(together(networks).kind, return_counts=True), strict=True))
    return {
        "left_out": "a network in turn" if len(networks) > 1 else "every fifth kernel",
        "before": errors(before, networks),
        "after_cross_validated": errors(choice.residuals, left_out) if choice.residuals else None,
        "corrected": choice.freedom.name,
        "launch_overhead_us": {
            "before": own_us,
            "after": own_us * float(np.exp(found.launch)),
        },
        "kinds": {
            kind: {
                "kernels": int(counts.get(kind, 0)),
                "factor": float(np.exp(found.common + found.scales.get(kind, 0.0))),
                "launch_factor": float(np.exp(found.launches.get(kind, 0.0))),
            }
            for kind in kinds
        },
    }
