"""Last-layer fine-tuning (arXiv 2101.00732): a source's network, its last layer of the target.

Two ways to the last layer: the published one (drawn afresh, SGD), and a ridge towards the
source's own last layer with a free scale and offset, which is AdaProxy on the units of the
last hidden layer instead of on architecture codes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.conformal import folds_of, held_out_interval
from gnomon.evaluation.data.encoding import codes
from gnomon.evaluation.models.adaproxy import adapt_by_error
from gnomon.evaluation.models.columns import key_of
from gnomon.evaluation.models.paper_mlp import REFIT, recipe_for, train_column, train_judged
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.ranking import nearest_source
from gnomon.evaluation.task import Measured, Pool, Prediction
from gnomon.learning.dense import DenseNetwork

BASE_SEED = 0
"""The source's network is the same for every seed of the samples."""

FOLDS = 5
"""Samples are held out in turn to learn how wide an interval must be."""


@dataclass(frozen=True)
class Layer:
    """The last layer of a target."""

    network: DenseNetwork
    """The source's network with it."""
    held_out_ms: np.ndarray
    """(samples,): what is predicted for each where it is not trained on."""
    scales: int
    """Numbers that were chosen by the errors of these."""


LastLayer = Callable[[DenseNetwork, np.ndarray, np.ndarray, int], Layer]
"""(source's network, codes, latency in ms, seed) -> the target's last layer."""


def by_descent(base: DenseNetwork, rows: np.ndarray, latency_ms: np.ndarray, seed: int) -> Layer:
    """As published; a twentieth of the samples says which epoch is kept."""
    inputs = base.hidden(rows)

    def trained(kept: np.ndarray) -> DenseNetwork:
        last = train_judged(inputs[kept], latency_ms[kept], REFIT, seed, hidden=())
        return base.with_last(last.network)

    fold, held_out = folds_of(len(rows), FOLDS, seed), np.zeros(len(rows))
    for number in range(fold.max() + 1):
        out = fold == number
        held_out[out] = trained(~out)(rows[out])
    return Layer(trained(np.ones(len(rows), dtype=bool)), held_out, scales=0)


def by_ridge(base: DenseNetwork, rows: np.ndarray, latency_ms: np.ndarray, _seed: int) -> Layer:
    """The ridge whose strength leaves each sample out in turn."""
    own, bias = base.weights[-1][0].astype(np.float64), float(base.biases[-1][0])
    adapted = adapt_by_error(base.hidden(rows) * own, latency_ms - bias)
    weights = own * (adapted.scale + adapted.correction)
    last = DenseNetwork(
        (weights[None, :].astype(np.float32),), (np.float32([adapted.offset + bias]),)
    )
    return Layer(base.with_last(last), latency_ms - adapted.left_out, scales=1)


_bases: dict[bytes, DenseNetwork] = {}
"""Networks by the columns they were trained on: a column is a source of many others."""


@dataclass(frozen=True)
class Refitted:
    """Knows the sources; trains the network of the one that ranks the samples most alike."""

    pool: Pool
    last_layer: LastLayer

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        source, alike = nearest_source(self.pool, samples)
        base = self._base(source)
        bits = codes(self.pool.networks)
        layer = self.last_layer(base, bits[samples.rows], samples.latency_ms, seed)
        floor = least(samples.latency_ms)
        answers = at_least(floor, layer.network(bits[rows]))
        residuals = np.log(samples.latency_ms / at_least(floor, layer.held_out_ms))
        chosen = f"{source.column.name} (rank correlation {alike:.3f})"
        bounds = held_out_interval(answers, residuals, layer.scales)
        return Prediction(answers, *bounds, chosen=chosen)

    def _base(self, source: Measured) -> DenseNetwork:
        key = key_of(self.pool.networks, source) + str(recipe_for(source.column)).encode()
        if key not in _bases:
            _bases[key] = train_column(self.pool.networks, source, BASE_SEED).network
        return _bases[key]
