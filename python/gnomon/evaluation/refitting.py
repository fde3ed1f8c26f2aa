"""Last-layer fine-tuning (arXiv 2101.00732): a source's network, its last layer of the target.

Two ways to the last layer: the published one (drawn afresh, SGD), and a ridge towards the
source's own last layer with a free scale and offset, which is AdaProxy on the units of the
last hidden layer instead of on architecture codes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gnomon.evaluation.adaproxy import adapt_by_error
from gnomon.evaluation.encoding import codes
from gnomon.evaluation.paper_mlp import REFIT, train_column, train_judged
from gnomon.evaluation.positive import at_least, least
from gnomon.evaluation.ranking import nearest_source
from gnomon.evaluation.task import Measured, Pool, Prediction
from gnomon.learning.dense import DenseNetwork

BASE_SEED = 0
"""The source's network is the same for every seed of the samples."""

LastLayer = Callable[[DenseNetwork, np.ndarray, np.ndarray, int], DenseNetwork]
"""(source's network, codes, latency in ms, seed) -> the target's network."""


def by_descent(
    base: DenseNetwork, rows: np.ndarray, latency_ms: np.ndarray, seed: int
) -> DenseNetwork:
    """As published; a twentieth of the samples says which epoch is kept."""
    last = train_judged(base.hidden(rows), latency_ms, REFIT, seed, hidden=())
    return base.with_last(last.network)


def by_ridge(
    base: DenseNetwork, rows: np.ndarray, latency_ms: np.ndarray, _seed: int
) -> DenseNetwork:
    """The ridge whose strength leaves each sample out in turn."""
    own, bias = base.weights[-1][0].astype(np.float64), float(base.biases[-1][0])
    adapted = adapt_by_error(base.hidden(rows) * own, latency_ms - bias)
    weights = own * (adapted.scale + adapted.correction)
    last = DenseNetwork(
        (weights[None, :].astype(np.float32),), (np.float32([adapted.offset + bias]),)
    )
    return base.with_last(last)


@dataclass(frozen=True)
class Refitted:
    """Knows the sources; trains the network of the one that ranks the samples most alike."""

    pool: Pool
    last_layer: LastLayer
    bases: dict[str, DenseNetwork] = field(default_factory=dict)
    """By source: trained once it is asked for."""

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        source, alike = nearest_source(self.pool, samples)
        base = self._base(source)
        bits = codes(self.pool.networks)
        network = self.last_layer(base, bits[samples.rows], samples.latency_ms, seed)
        answers = at_least(least(samples.latency_ms), network(bits[rows]))
        chosen = f"{source.column.name} (rank correlation {alike:.3f})"
        return Prediction(answers, chosen=chosen)

    def _base(self, source: Measured) -> DenseNetwork:
        name = source.column.name
        if name not in self.bases:
            self.bases[name] = train_column(self.pool.networks, source, BASE_SEED).network
        return self.bases[name]
