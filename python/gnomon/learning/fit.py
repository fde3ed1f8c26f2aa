"""Fits one boosted forest per kernel kind to log(measured / roofline)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost

CONFIDENCES = (0.8, 0.9, 0.95)
MIN_ROWS = 40
"""A kind with fewer kernels gets no model: its kernels stay at the roofline and say so."""

RANGE_FEATURES = ("flops", "bytes")
RANGE_SLACK = 1.25
FOLDS = 5


@dataclass(frozen=True)
class Settings:
    """Size and seed of the forests; the defaults keep a bundle under 5 MB."""

    trees: int = 250
    depth: int = 6
    learning_rate: float = 0.08
    seed: int = 0
    jobs: int = 2


@dataclass(frozen=True)
class KindModel:
    """A fitted kind: the booster, its columns, and what cross-validation says of it."""

    booster: xgboost.Booster
    features: list[str]
    intervals: dict[str, list[float]]
    ranges: dict[str, list[float]]
    rows: int
    networks: int
    errors: dict[str, float]
    held_out_log: np.ndarray
    """Log-ratio predictions for the training rows, each by a model that never saw its network."""


def usable_features(rows: pd.DataFrame, names: list[str]) -> list[str]:
    """Features that apply to this kind and vary in it."""
    return [name for name in names if rows[name].nunique(dropna=True) > 1]


def _weights(measured_us: np.ndarray) -> np.ndarray:
    # Networks are sums of microseconds: long kernels decide them, but the short
    # ones, of which there are many, must not be forgotten.
    return 0.1 + np.minimum(measured_us, 3000.0) ** 0.5 / 3000.0**0.5


def _train(x: np.ndarray, y: np.ndarray, w: np.ndarray, settings: Settings) -> xgboost.Booster:
    small = len(y) < 1000
    parameters = {
        "objective": "reg:squarederror",
        "tree_method": "hist",
        "max_depth": 4 if small else settings.depth,
        "learning_rate": settings.learning_rate,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "min_child_weight": 1.0,
        "lambda": 1.0,
        "nthread": 1,
        "seed": settings.seed,
    }
    trees = settings.trees // 2 if small else settings.trees
    return xgboost.train(parameters, xgboost.DMatrix(x, label=y, weight=w), trees)


def quantiles(residuals: np.ndarray) -> dict[str, list[float]]:
    """Split-conformal bounds of log(measured / predicted) per confidence.

    The finite-sample rank is ceil((n + 1) q), clipped to the sample, on each side.
    """
    ordered = np.sort(residuals)
    n = len(ordered)
    bounds = {}
    for confidence in CONFIDENCES:
        tail = (1.0 - confidence) / 2.0
        low = max(int(np.floor((n + 1) * tail)) - 1, 0)
        high = min(int(np.ceil((n + 1) * (1.0 - tail))) - 1, n - 1)
        bounds[f"{confidence:g}"] = [float(ordered[low]), float(ordered[high])]
    return bounds


def fold_of(networks: pd.Series, seed: int) -> np.ndarray:
    """A fold number a row; all rows of one network share it."""
    names = sorted(networks.unique())
    order = np.random.default_rng(seed).permutation(len(names))
    number = {name: int(place) % FOLDS for name, place in zip(names, order, strict=True)}
    return networks.map(number).to_numpy()


def fit_kind(rows: pd.DataFrame, names: list[str], settings: Settings) -> KindModel:
    """Fits one kind. ``rows`` has features, ``roofline_us``, ``measured_us``, ``network``."""
    features = usable_features(rows, names)
    x = rows[features].to_numpy(dtype=np.float32)
    measured = rows["measured_us"].to_numpy(dtype=float)
    y = np.log(measured / rows["roofline_us"].to_numpy(dtype=float))
    w = _weights(measured)
    folds = fold_of(rows["network"], settings.seed)
    held_out = np.zeros(len(rows))
    for fold in range(FOLDS):
        test = folds == fold
        if test.any() and not test.all():
            booster = _train(x[~test], y[~test], w[~test], settings)
            held_out[test] = booster.predict(xgboost.DMatrix(x[test]))
    booster = _train(x, y, w, settings)
    error = np.abs(np.expm1(held_out - y))
    big = measured > 30.0
    return KindModel(
        booster=booster,
        features=features,
        intervals=quantiles(y - held_out),
        ranges={
            name: [
                float(rows[name].min() / RANGE_SLACK),
                float(rows[name].max() * RANGE_SLACK),
            ]
            for name in RANGE_FEATURES
            if rows[name].notna().any()
        },
        rows=len(rows),
        networks=int(rows["network"].nunique()),
        errors={
            "median_ape": float(np.median(error)),
            "p90_ape": float(np.quantile(error, 0.9)),
            "median_ape_over_30us": float(np.median(error[big])) if big.any() else float("nan"),
        },
        held_out_log=held_out,
    )


def fit_kinds(
    rows: pd.DataFrame, names: list[str], settings: Settings
) -> dict[str, tuple[pd.Index, KindModel]]:
    """Fits every kind that has enough rows; returns kind → (its row labels, its model)."""
    groups = {
        kind: group
        for kind, group in rows.groupby("kind", sort=True)
        if len(group) >= MIN_ROWS and kind != "free"
    }
    with ThreadPoolExecutor(settings.jobs) as pool:
        models = pool.map(lambda group: fit_kind(group, names, settings), groups.values())
        return {
            kind: (group.index, model)
            for (kind, group), model in zip(groups.items(), models, strict=True)
        }
