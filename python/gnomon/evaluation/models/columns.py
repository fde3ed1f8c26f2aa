"""Latency columns as functions of a network: a linear model a measured column.

A column is known at some networks only, and with noise.  Its model knows it at every network of
the table, and its noise is averaged out, so that one column can explain another one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.data.networks import aggregate, one_hot
from gnomon.evaluation.task import Measured, Networks

STRENGTHS = np.logspace(-7, 1, 17)
"""Of the ridge penalty, as shares of the mean square of a feature."""
MOST_ROWS = 4000
"""Rows that a model of a column is fitted to; more change nothing but the time it takes."""
FEW_DECISIONS = 8
"""Spaces with at most so many decisions have features for pairs of options, too."""
SHAPELESS = ("channels_in", "channels_out", "groups", "kernel_area", "stride_h")
"""What kernels of one class share besides their kind; their image's size may differ."""


def describe(networks: Networks) -> np.ndarray:
    """(n, features): choices, pairs of choices where they are few, work by class of kernel.

    Where the resolution varies, choices are there once more times the squared side of the image.
    """
    hot = one_hot(networks)[0]
    parts = [hot, _classes(networks), aggregate(networks, 1).to_numpy(dtype=float)]
    if len(networks.names) <= FEW_DECISIONS:
        parts.append(_pairs(networks, hot))
    if len(set(networks.resolution)) > 1:
        side = (networks.resolution / networks.resolution.max())[:, None] ** 2
        parts += [hot * side, side, np.sqrt(side)]
    features = np.concatenate(parts, axis=1)
    return features[:, features.std(axis=0) > 1e-9 * np.abs(features).mean(axis=0)]


def _classes(networks: Networks) -> np.ndarray:
    """(n, 2 classes): kernels of one kind, channels and window: how many, and their elements."""
    key = networks.kernels[["kind", *SHAPELESS]].fillna(-1)
    number = key.groupby(list(key.columns), sort=False).ngroup().to_numpy()
    member = (number[:, None] == np.arange(number.max() + 1)).astype(float)
    elements = networks.kernels["elements"].fillna(0.0).to_numpy()[:, None]
    return np.asarray(networks.counts @ np.concatenate([member, member * elements], axis=1))


def _pairs(networks: Networks, hot: np.ndarray) -> np.ndarray:
    owner = np.repeat(np.arange(len(networks.names)), [len(o) for o in networks.options])
    left, right = np.triu_indices(hot.shape[1], k=1)
    kept = owner[left] != owner[right]
    return hot[:, left[kept]] * hot[:, right[kept]]


@dataclass(frozen=True)
class _Centred:
    """Features with zero mean and unit spread."""

    values: np.ndarray

    @staticmethod
    def of(features: np.ndarray) -> _Centred:
        return _Centred((features - features.mean(axis=0)) / features.std(axis=0))


def smooth(features: _Centred, measured: Measured) -> np.ndarray:
    """(n,): milliseconds of a column at every network, from its measurements.

    Ridge regression of relative errors, its strength chosen by generalised cross-validation
    (Golub, Heath, Wahba 1979); once more without what lies far off the first fit.
    """
    step = -(-len(measured) // MOST_ROWS)
    rows, y = measured.rows[::step], measured.latency_ms[::step]
    typical = float(np.median(y))
    weight = 1.0 / np.maximum(y, 0.2 * typical)
    found, strength = _fit(features.values, rows, y, weight, STRENGTHS)
    residual = (found[rows] - y) * weight
    far = np.abs(residual) > 5.0 * 1.4826 * np.median(np.abs(residual)) + 1e-9
    if far.any() and far.mean() < 0.2:
        found, _ = _fit(features.values, rows, y, weight * ~far, np.array([strength]))
    return np.maximum(found, 1e-3 * typical)


def _fit(
    x: np.ndarray, rows: np.ndarray, y: np.ndarray, weight: np.ndarray, strengths: np.ndarray
) -> tuple[np.ndarray, float]:
    """Predictions for all rows of x, and the strength of the penalty that was chosen.

    The normal equations without the intercept, which is not penalised, in their eigenvectors.
    """
    a, b = x[rows] * weight[:, None], y * weight
    unit = weight / np.linalg.norm(weight)
    apart, rest = a - np.outer(unit, unit @ a), b - unit * (unit @ b)
    values, vectors = np.linalg.eigh(apart.T @ apart)
    values = np.maximum(values, 0.0)
    along = vectors.T @ (apart.T @ rest)
    penalties = strengths * max(1e-300, float(values.mean()))
    scores = [_score(values, along, float(rest @ rest), len(rows), p) for p in penalties]
    best = int(np.argmin(scores)) if np.isfinite(scores).any() else len(scores) - 1
    inside = vectors @ (along / (values + penalties[best]))
    intercept = float(unit @ (b - a @ inside)) / np.linalg.norm(weight)
    return intercept + x @ inside, float(strengths[best])


def _score(
    values: np.ndarray, along: np.ndarray, total: float, count: int, penalty: float
) -> float:
    """Generalised cross-validation: the squared error over the squared share of free samples."""
    shrunk = values + penalty
    error = total - 2 * float(along**2 @ (1 / shrunk)) + float(values @ (along / shrunk) ** 2)
    free = 1.0 - (1.0 + float((values / shrunk).sum())) / count
    return max(error, 1e-12 * total) / free**2 if free > 0 else np.inf


_smoothed: dict[bytes, np.ndarray] = {}
"""Models by what they were made from: a column is a source of many others."""


def smooth_all(networks: Networks, sources: tuple[Measured, ...]) -> np.ndarray:
    """(n, sources): every source at every network, in milliseconds."""
    keys = [key_of(networks, source) for source in sources]
    missing = [i for i, key in enumerate(keys) if key not in _smoothed]
    if missing:
        features = _Centred.of(describe(networks))
        for i in missing:
            _smoothed[keys[i]] = smooth(features, sources[i])
    return np.column_stack([_smoothed[key] for key in keys])


def key_of(networks: Networks, source: Measured) -> bytes:
    """A digest of what a model of a column is made from."""
    text = hashlib.sha256()
    for part in (networks.choices, networks.resolution, source.rows, source.latency_ms):
        text.update(np.ascontiguousarray(part).tobytes())
    text.update(repr(networks.kernels.shape).encode())
    return text.digest()
