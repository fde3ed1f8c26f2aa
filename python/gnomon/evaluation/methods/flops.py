"""One constant times the network's arithmetic, from samples of the target alone; a control."""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.conformal import interval
from gnomon.evaluation.data.networks import aggregate
from gnomon.evaluation.models.transfer import fit_line
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Pool, Prediction


class Flops:
    name = "flops"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedFlops(aggregate(pool.networks, 1)["flops"].to_numpy())


class _FittedFlops:
    def __init__(self, flops: np.ndarray) -> None:
        self.flops = np.maximum(flops, 1.0)

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if not len(samples):
            raise CannotPredict("flops needs a sample, which says how much time they take")
        line = fit_line(self.flops[samples.rows], samples.latency_ms, slope=False)
        found = line(self.flops[rows])
        return Prediction(found, *interval(found, line.left_out))


METHOD = Flops()
