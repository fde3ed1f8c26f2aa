"""Boosted trees on what the IR says of a network, from samples of the target alone.

The target is log(measured / what the additive table says), the table being the roofline of a
device of which nothing but samples is known: prices of flops, bytes and launches, and what
kernels deviate from them.  Trees find what is not additive: launches that hide behind work,
networks so small that a constant rules.
"""

from __future__ import annotations

import numpy as np
import xgboost

from gnomon.evaluation.conformal import folds_of, held_out_interval
from gnomon.evaluation.data.networks import aggregate
from gnomon.evaluation.models.additive import AdditiveColumns, fit_additive
from gnomon.evaluation.reach import extrapolated
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Networks, Pool, Prediction

FEWEST = 20
FOLDS = 5
TREES = 300
SETTINGS = {
    "max_depth": 5,
    "learning_rate": 0.05,
    "subsample": 0.7,
    "colsample_bytree": 0.5,
    "min_child_weight": 5.0,
    "lambda": 5.0,
    "objective": "reg:pseudohubererror",
    "nthread": 1,
}


class Forest:
    """Needs samples by the dozen; learns nothing from sources."""

    name = "forest"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedForest(pool)


class _FittedForest:
    def __init__(self, pool: Pool) -> None:
        self.networks = pool.networks
        self.columns = AdditiveColumns(pool.networks, pool.target.batch)
        self.features = _features(pool.networks, pool.target.batch)

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if len(samples) < FEWEST:
            raise CannotPredict(f"forest needs at least {FEWEST} samples, found {len(samples)}")
        table = fit_additive(self.columns, samples.rows, samples.latency_ms)
        held_out = np.log(samples.latency_ms / table.held_out_ms)
        base = table.predict(rows)
        seen = self._with_base(samples.rows, table.held_out_ms)
        trees, residuals = _boost(seen, held_out, self._with_base(rows, base), seed)
        found = base * np.exp(trees)
        low, high = held_out_interval(found, residuals, scales=0)
        return Prediction(found, low, high, extrapolated(self.networks, samples.rows, rows))

    def _with_base(self, rows: np.ndarray, base_ms: np.ndarray) -> np.ndarray:
        return np.column_stack([self.features[rows], np.log(base_ms)])


def _features(networks: Networks, batch: int) -> np.ndarray:
    """(n, features): resolution, choices, work by kind."""
    work = np.log1p(aggregate(networks, batch).to_numpy(dtype=float))
    return np.column_stack([networks.resolution, networks.choices, work]).astype(np.float32)


def _boost(
    seen: np.ndarray, target: np.ndarray, asked: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of one forest a fold, and what remains of the target where a fold is left out.

    Both are shrunk by what the held-out folds say: trees that find nothing there add nothing.
    """
    fold = folds_of(len(target), FOLDS, seed)
    spread = float(np.std(target)) or 1.0
    answers, held_out = np.zeros(len(asked)), np.zeros(len(target))
    questions, known = xgboost.DMatrix(asked), xgboost.DMatrix(seen)
    for number in range(fold.max() + 1):
        test = fold == number
        model = xgboost.train(
            {**SETTINGS, "seed": seed, "base_score": 0.0},
            xgboost.DMatrix(seen[~test], label=target[~test] / spread),
            TREES,
        )
        held_out[test] = spread * model.predict(known)[test]
        answers += spread * model.predict(questions) / (fold.max() + 1)
    belief = np.clip(held_out @ target / max(1e-300, held_out @ held_out), 0.0, 1.0)
    return belief * answers, target - belief * held_out


METHOD = Forest()
