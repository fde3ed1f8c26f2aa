"""The network of arXiv 2101.00732: of the samples alone, or (no samples) of other devices.

Intervals (ours): from the rows that say which epoch is kept; without samples from each source
device under a network of the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gnomon.evaluation.conformal import around, group_bounds, interval
from gnomon.evaluation.data.encoding import codes
from gnomon.evaluation.models.paper_mlp import General, left_out_residuals, recipe_for, train_column
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.task import Measured, Pool, Prediction


@dataclass(frozen=True)
class _Fitted:
    pool: Pool
    general: dict[int, tuple[General, tuple[float, float]]] = field(default_factory=dict)
    """By seed, with the bounds of its residuals: trained once it is asked for."""

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if len(samples) == 0:
            return self._of_other_devices(rows, seed)
        trained = train_column(self.pool.networks, samples, seed)
        floor = least(samples.latency_ms)
        answers = at_least(floor, trained.network(codes(self.pool.networks)[rows]))
        residuals = np.log(trained.held / at_least(floor, trained.answers))
        chosen = str(recipe_for(samples.column))
        return Prediction(answers, *interval(answers, residuals), chosen=chosen)

    def _of_other_devices(self, rows: np.ndarray, seed: int) -> Prediction:
        if seed not in self.general:
            bounds = group_bounds(left_out_residuals(self.pool, seed))
            self.general[seed] = General.fit(self.pool, seed), bounds
        general, bounds = self.general[seed]
        answers = at_least(general.floor, general(self.pool.networks, rows, self.pool.target))
        chosen = "trained on " + ", ".join(general.devices)
        return Prediction(answers, *around(answers, *bounds), chosen=chosen)


class _Method:
    name = "mlp"

    def fit(self, pool: Pool) -> _Fitted:
        return _Fitted(pool)


METHOD = _Method()
