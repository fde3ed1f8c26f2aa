"""Plain ridge regression on the choices, from samples of the target alone.

The control of METHODS: what a linear model of a one-hot encoding reaches with the same samples.
"""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.conformal import interval
from gnomon.evaluation.data.networks import one_hot
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Pool, Prediction

STRENGTHS = np.logspace(-4, 4, 33)


class Ridge:
    """Of the options of all decisions and the squared side of the image; strength by GCV."""

    name = "ridge"

    def fit(self, pool: Pool) -> Fitted:
        side = (pool.networks.resolution / max(1, pool.networks.resolution.max())) ** 2
        hot = one_hot(pool.networks)[0]
        parts = [hot, side[:, None], hot * side[:, None]] if side.any() else [hot]
        return _FittedRidge(np.concatenate(parts, axis=1))


class _FittedRidge:
    def __init__(self, features: np.ndarray) -> None:
        self.features = features

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if len(samples) < 2:
            raise CannotPredict("ridge needs at least two samples")
        x, y = self.features[samples.rows], samples.latency_ms
        weights, centre, mean, held_out = solve(x, y)
        floor = 0.1 * y.min()
        found = np.maximum(mean + (self.features[rows] - centre) @ weights, floor)
        residuals = np.log(y / np.maximum(held_out, floor))
        low, high = interval(found, residuals)
        return Prediction(found, low, high)


def solve(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Weights, centre and mean, and what leaving each row out would predict for it.

    The strength is that of the least generalised cross-validation error (Golub, Heath, Wahba 1979).
    """
    centre, mean = x.mean(axis=0), float(y.mean())
    u, s, vt = np.linalg.svd(x - centre, full_matrices=False)
    kept = s > 1e-10 * max(1e-300, s[0])
    u, s, vt = u[:, kept], s[kept], vt[kept]
    uy = u.T @ (y - mean)
    best = None
    for strength in STRENGTHS * (np.mean(s**2) if len(s) else 1.0):
        shrink = s**2 / (s**2 + strength)
        fitted = mean + u @ (shrink * uy)
        degrees = 1.0 + float(shrink.sum())
        score = float(np.mean((y - fitted) ** 2)) / max(1e-9, 1.0 - degrees / len(y)) ** 2
        if degrees < len(y) and (best is None or score < best[0]):
            best = (score, strength, shrink, fitted)
    assert best is not None
    _, strength, shrink, fitted = best
    leverage = 1.0 / len(y) + ((u**2) @ shrink)
    held_out = y - (y - fitted) / np.maximum(1e-9, 1.0 - leverage)
    return vt.T @ (s / (s**2 + strength) * uy), centre, mean, held_out


METHOD = Ridge()
