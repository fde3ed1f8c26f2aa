"""The network of arXiv 2101.00732: of the samples alone, or (no samples) of other devices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gnomon.evaluation.conformal import interval
from gnomon.evaluation.encoding import codes
from gnomon.evaluation.paper_mlp import General, recipe_for, train_column
from gnomon.evaluation.positive import at_least, least
from gnomon.evaluation.task import Measured, Pool, Prediction


@dataclass(frozen=True)
class _Fitted:
    pool: Pool
    general: dict[int, General] = field(default_factory=dict)
    """By seed: trained once it is asked for."""

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
            self.general[seed] = General.fit(self.pool, seed)
        general = self.general[seed]
        answers = at_least(general.floor, general(self.pool.networks, rows, self.pool.target))
        return Prediction(answers, chosen="trained on " + ", ".join(general.devices))


class _Method:
    name = "mlp"

    def fit(self, pool: Pool) -> _Fitted:
        return _Fitted(pool)


METHOD = _Method()
