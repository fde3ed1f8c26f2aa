"""AdaProxy as a method: the source that ranks the samples most alike is the proxy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gnomon.evaluation.conformal import interval
from gnomon.evaluation.data.encoding import codes
from gnomon.evaluation.models.adaproxy import Adapted, proxy_weights
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.ranking import nearest_source
from gnomon.evaluation.task import Measured, Pool, Prediction


@dataclass(frozen=True)
class Adapting:
    """Knows the sources; how the strength of the correction is chosen is given."""

    pool: Pool
    adapt: Callable[[np.ndarray, np.ndarray], Adapted]
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    """By source: of the linear proxy."""

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        source, alike = nearest_source(self.pool, samples)
        terms = codes(self.pool.networks) * self._weights(source)
        order = np.random.default_rng(seed).permutation(len(samples))
        adapted = self.adapt(terms[samples.rows][order], samples.latency_ms[order])
        chosen = (
            f"{source.column.name} (rank correlation {alike:.3f}), penalty {adapted.penalty:.1g}"
        )
        floor = least(samples.latency_ms)
        answers = at_least(floor, adapted(terms[rows]))
        left_out = at_least(floor, samples.latency_ms[order] - adapted.left_out)
        residuals = np.log(samples.latency_ms[order] / left_out)
        return Prediction(answers, *interval(answers, residuals), chosen=chosen)

    def _weights(self, source: Measured) -> np.ndarray:
        name = source.column.name
        if name not in self.weights:
            bits = codes(self.pool.networks)[source.rows]
            self.weights[name] = proxy_weights(bits, source.latency_ms)
        return self.weights[name]
