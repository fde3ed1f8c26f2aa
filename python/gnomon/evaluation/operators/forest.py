"""A boosted forest for the logarithm of what a kernel takes beyond its base time.

The loss is Huber's of the logarithm of the whole latency: a row that is as fast as a launch says
little about its kernel, and its gradient is as little.  The corner where the launch ends and the
kernel begins is rounded while gradients are taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xgboost

SHARPNESS = 6.0
"""Exponent of the rounded maximum."""
HUBER_LOG = 0.15
LAUNCH_SHARE = 0.55
"""Part of a launch that never hides behind the kernel, of its floor."""
LEAST_HESSIAN = 0.01


@dataclass(frozen=True)
class Settings:
    """Size and seed of one GPU's forest."""

    trees: int = 80
    depth: int = 4
    learning_rate: float = 0.08
    most_rows: int = 8000
    seed: int = 0


@dataclass(frozen=True)
class Target:
    """n measured rows: latency, base time and floor of a launch, in us."""

    latency_us: np.ndarray
    base_us: np.ndarray
    launch_us: np.ndarray


def smooth_latency(
    logs: np.ndarray, base_us: np.ndarray, launch_us: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rounded max(launch, share * launch + base * exp(logs)), and d log(latency) / d logs."""
    kernel = base_us * np.exp(logs)
    busy = LAUNCH_SHARE * launch_us + kernel
    most = np.maximum(busy, launch_us)
    total = (busy / most) ** SHARPNESS + (launch_us / most) ** SHARPNESS
    latency = most * total ** (1.0 / SHARPNESS)
    return latency, (busy / most) ** SHARPNESS / total * kernel / busy


def offset_of(target: Target) -> float:
    """The constant that serves all rows best, to 0.025."""
    grid = np.linspace(-1.5, 2.5, 161)
    truth = np.log(target.latency_us)
    misses = [
        np.abs(
            np.log(smooth_latency(np.float64(value), target.base_us, target.launch_us)[0]) - truth
        ).mean()
        for value in grid
    ]
    return float(grid[int(np.argmin(misses))])


def fit(columns: np.ndarray, target: Target, settings: Settings) -> tuple[xgboost.Booster, float]:
    """The forest, and the offset that belongs to its answers."""
    offset = offset_of(target)
    truth = np.log(target.latency_us)
    data = xgboost.DMatrix(columns, label=truth)

    def objective(answers: np.ndarray, _: xgboost.DMatrix) -> tuple[np.ndarray, np.ndarray]:
        latency, slope = smooth_latency(
            offset + answers.astype(np.float64), target.base_us, target.launch_us
        )
        miss = np.log(latency) - truth
        weight = np.minimum(1.0, HUBER_LOG / np.maximum(np.abs(miss), 1e-9))
        return weight * miss * slope, weight * (slope**2 + LEAST_HESSIAN)

    parameters = {
        "objective": "reg:squarederror",
        "base_score": 0.0,
        "tree_method": "hist",
        "max_depth": settings.depth,
        "learning_rate": settings.learning_rate,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "min_child_weight": 4.0,
        "nthread": 1,
        "seed": settings.seed,
    }
    return xgboost.train(parameters, data, settings.trees, obj=objective), offset


def answers(booster: xgboost.Booster, columns: np.ndarray) -> np.ndarray:
    """(n,), float64: the forest's answers without the offset."""
    return booster.inplace_predict(columns, predict_type="margin").astype(np.float64)
