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

FEWEST_TREES = 45
HUBER_LOG = 0.25
"""Residuals of log time beyond this count in proportion, not squared."""

RANGE_FEATURES = ("flops", "bytes")
RANGE_SLACK = 1.25
FOLDS = 5


@dataclass(frozen=True)
class Settings:
    """Size and seed of the forests; the defaults keep a bundle under 5 MB.

    ``trees`` is for the kinds that decide most of the time; the others get fewer.
    """

    trees: int = 155
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


def trees_of(share: float, settings: Settings) -> int:
    """Boosting rounds of a kind that takes this share of all measured time."""
    return max(FEWEST_TREES, min(settings.trees, round(settings.trees * (share / 0.1) ** 0.5)))


def _weights(share: np.ndarray) -> np.ndarray:
    # An error counts by the kernel's share of its network; the many small kernels,
    # whose errors add up, must not be forgotten.
    weights = 0.02 + np.sqrt(share)
    return weights / weights.mean()


def _without_outliers(weights: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """Huber's weights: neighbours on a shared machine, and data-dependent slow paths such as
    denormals, leave kernels many times slower than any of their size.
    """
    return weights * np.minimum(1.0, HUBER_LOG / np.maximum(np.abs(residuals), 1e-9))


def _train(
    x: np.ndarray, y: np.ndarray, w: np.ndarray, trees: int, settings: Settings
) -> xgboost.Booster:
    parameters = {
        "objective": "reg:squarederror",
        "tree_method": "hist",
        "max_depth": settings.depth if trees > 2 * FEWEST_TREES else settings.depth - 1,
        "learning_rate": settings.learning_rate if trees > 2 * FEWEST_TREES else 0.1,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "min_child_weight": 3.0,
        "lambda": 1.0,
        "nthread": 1,
        "seed": settings.seed,
    }
    return xgboost.train(parameters, xgboost.DMatrix(x, label=y, weight=w), trees)


def _held_out(
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    folds: np.ndarray,
    trees: int,
    settings: Settings,
) -> np.ndarray:
    """Predictions for all rows, each by a model that never saw its network."""
    result = np.zeros(len(y))
    for fold in range(FOLDS):
        test = folds == fold
        if test.any() and not test.all():
            booster = _train(x[~test], y[~test], w[~test], trees, settings)
            result[test] = booster.predict(xgboost.DMatrix(x[test]))
    return result


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


def fit_kind(rows: pd.DataFrame, names: list[str], trees: int, settings: Settings) -> KindModel:
    """Fits one kind.

    ``rows`` has features, ``roofline_us``, ``measured_us``, ``network``, and ``share`` (of the
    network's time).
    """
    features = usable_features(rows, names)
    x = rows[features].to_numpy(dtype=np.float32)
    measured = rows["measured_us"].to_numpy(dtype=float)
    y = np.log(measured / rows["roofline_us"].to_numpy(dtype=float))
    w = _weights(rows["share"].to_numpy(dtype=float))
    folds = fold_of(rows["network"], settings.seed)
    rough = _held_out(x, y, w, folds, max(FEWEST_TREES, trees // 2), settings)
    w = _without_outliers(w, rough - y)
    held_out = _held_out(x, y, w, folds, trees, settings)
    booster = _train(x, y, w, trees, settings)
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
    total = rows["measured_us"].sum()

    def fit(group: pd.DataFrame) -> KindModel:
        trees = trees_of(float(group["measured_us"].sum() / total), settings)
        return fit_kind(group, names, trees, settings)

    with ThreadPoolExecutor(settings.jobs) as pool:
        models = pool.map(fit, groups.values())
        return {
            kind: (group.index, model)
            for (kind, group), model in zip(groups.items(), models, strict=True)
        }
