"""The additive table with a physical prior, from samples of the target alone.

Every block has a cell at every resolution, which falls back to its kernels, these to their
likes, and all to prices of flops, bytes and launches: `gnomon.evaluation.models.additive`.
"""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.conformal import held_out_interval
from gnomon.evaluation.models.additive import AdditiveColumns, fit_additive
from gnomon.evaluation.reach import extrapolated
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Pool, Prediction


class Table:
    """Needs two samples; learns nothing from sources."""

    name = "table"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedTable(pool)


class _FittedTable:
    def __init__(self, pool: Pool) -> None:
        self.networks = pool.networks
        self.columns = AdditiveColumns(pool.networks, pool.target.batch)

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if len(samples) < 2:
            raise CannotPredict(f"table needs at least two samples, found {len(samples)}")
        fit = fit_additive(self.columns, samples.rows, samples.latency_ms)
        found = fit.predict(rows)
        residuals = np.log(samples.latency_ms / fit.held_out_ms)
        low, high = held_out_interval(found, residuals, scales=min(2, len(samples) - 2))
        far = extrapolated(self.networks, samples.rows, rows)
        return Prediction(found, low, high, far)


METHOD = Table()
