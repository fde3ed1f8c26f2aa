"""All sources as hypotheses, weighed by the samples: `gnomon.evaluation.models.mixture`.

Without samples it is the zero-shot method.  Intervals are the posterior's, widened by what
sources need that are treated as targets, with as many samples.
"""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.data.networks import aggregate, one_hot
from gnomon.evaluation.models.additive import AdditiveColumns
from gnomon.evaluation.models.datasheet import batches_apart, device_of
from gnomon.evaluation.models.mixture import Anchor, Mixed, Mixture, Prior, Space
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.models.transfer import Known
from gnomon.evaluation.task import (
    CannotPredict,
    Column,
    Fitted,
    Measured,
    Networks,
    Pool,
    Prediction,
)

MOST_SAMPLES = 200
"""More have better methods, which need no other device."""
REHEARSALS = 8
"""Sources that are treated as targets, to learn how wide an interval must be."""
REHEARSED_ROWS = 300
KINDS, KERNELS, CHOICES = 0.4, 0.3, 0.01
"""Standard deviations, relative to the mean latency: of the time of a kind's flops, bytes or
launches, and of an option's; of a kernel's relative to its own time."""
ROWS = 1000
"""Networks that tell what a kernel's time is."""
OTHERS_COUNT = 10.0
"""Samples that say as much of an interval's width as all rehearsals."""
CONFIDENCE = 0.9
LEAST_SPREAD = 0.05
"""Of the scale of a zero-shot latency."""


class Bayes:
    name = "bayes"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedBayes(pool)


class _FittedBayes:
    def __init__(self, pool: Pool) -> None:
        self.pool, self.known = pool, Known(pool)
        self.parts = parts_of(pool, self.known.base)
        self.mixture = self._mixture(pool.target, None)
        self.rehearsed: dict[int, list[np.ndarray]] = {}

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        count = len(samples)
        if not count:
            return self.known.without_samples(rows)
        if count > MOST_SAMPLES:
            raise CannotPredict(f"bayes takes up to {MOST_SAMPLES} samples, found {count}")
        mixed = self.mixture.condition(samples.rows, samples.latency_ms)
        mean, spread = mixed.predict(rows)
        floor = least(samples.latency_ms)
        half = self._width(mixed, count) * spread
        return Prediction(
            at_least(floor, mean),
            at_least(floor, mean - half),
            at_least(floor, mean + half),
            self.known.far[rows],
            mixed.text(),
        )

    def _mixture(self, target: Column, held_out: Measured | None) -> Mixture:
        """Of the sources of other devices than the target's; `held_out` plays the target."""
        known, sources = self.known, self.pool.sources
        others = [i for i, s in enumerate(sources) if device_of(s.column) != device_of(target)]
        shapes = known.shapes[:, others]
        weight = np.array([-unlikeness(sources[i].column, target) for i in others])
        weight -= np.logaddexp.reduce(weight)
        anchors = [
            Anchor(known.names[i], known.shapes[:, i], float(w))
            for i, w in zip(others, weight, strict=True)
        ]
        zero_shot = known.zero_shot
        if zero_shot is not None:
            name = None if held_out is None else held_out.column.name
            latency = zero_shot.latency_ms if name is None else zero_shot.left_out.get(name)
            if latency is not None:
                anchors += data_sheet_anchors(latency, zero_shot.spread)
        return Mixture(Space(shapes, self.parts), anchors, Prior())

    def _width(self, mixed: Mixed, count: int) -> float:
        """Posterior standard deviations that hold the wanted share.

        Of rehearsed targets, and of the samples: the more there are, the more they count.
        """
        off = self._rehearsals(count)
        weights = [np.full(len(values), 1.0 / len(values)) for values in off]
        own = mixed.left_out()
        trust = max(1, len(off)) * count / (count + OTHERS_COUNT)
        share = CONFIDENCE * (1.0 + 0.5 / (len(off) + count))  # the next one ranks among them
        off, weights = [*off, own], [*weights, np.full(count, trust / count)]
        return weighted_quantile(np.concatenate(off), np.concatenate(weights), share)

    def _rehearsals(self, count: int) -> list[np.ndarray]:
        if count not in self.rehearsed:
            sources = self.pool.sources
            chosen = np.linspace(0, len(sources) - 1, min(REHEARSALS, len(sources))).astype(int)
            off = [self._rehearse(sources[i], count) for i in np.unique(chosen)]
            self.rehearsed[count] = [values for values in off if len(values)]
        return self.rehearsed[count]

    def _rehearse(self, source: Measured, count: int) -> np.ndarray:
        """|measured - mean| / standard deviation of a source that its device is left out for."""
        order = np.random.default_rng(count).permutation(len(source))
        seen, asked = order[:count], order[count : count + REHEARSED_ROWS]
        mixture = self._mixture(source.column, source)
        if not mixture.anchors or not len(asked):
            return np.empty(0)
        mixed = mixture.condition(source.rows[seen], source.latency_ms[seen])
        mean, spread = mixed.predict(source.rows[asked])
        return np.abs(source.latency_ms[asked] - mean) / spread


def data_sheet_anchors(latency_ms: np.ndarray, spread: float) -> list[Anchor]:
    """The zero-shot latency as hypotheses that weigh as much as all sources together.

    As it is, and as a shape alone: the host, which no data sheet describes, may be another one.
    """
    mean = float(latency_ms.mean())
    shape = latency_ms / mean
    return [
        Anchor("data sheet", shape, 0.0, mean, max(LEAST_SPREAD, spread)),
        Anchor("shape of the data sheet", shape, 0.0),
    ]


def unlikeness(source: Column, target: Column) -> float:
    """How much less likely a source is beforehand: by batch, and by whether it has a data sheet."""
    kinds = 2.0 * (bool(source.numbers) != bool(target.numbers))
    return kinds + 0.5 * batches_apart(source, target.batch)


def parts_of(pool: Pool, latency_ms: np.ndarray) -> np.ndarray:
    """(n, P): kinds of kernels, single kernels and choices, as large as they may deviate.

    How much of the time a single kernel takes is told by typical latencies of the networks.
    """
    shape = latency_ms / latency_ms.mean()
    additive = AdditiveColumns(pool.networks, pool.target.batch)
    everything = np.arange(len(shape))
    some = everything[:: -(-len(shape) // ROWS)]
    costs = additive.kernel_costs(some, shape[some])
    kernels = additive.columns(costs, everything, 1.0)[1]
    kinds = kinds_of(pool.networks, pool.target.batch)
    choices = choices_of(pool.networks)
    return np.concatenate(
        [
            KINDS / np.sqrt(kinds.shape[1]) * kinds,
            KERNELS * kernels,
            CHOICES / np.sqrt(max(1, choices.shape[1])) * choices,
        ],
        axis=1,
    )


def kinds_of(networks: Networks, batch: int) -> np.ndarray:
    """(n, P): launches, flops and bytes by kind, each with a mean of one."""
    work = aggregate(networks, batch)
    kept = [name for name in work if name == "launches" or name.endswith((".flops", ".bytes"))]
    values = work[kept].to_numpy(dtype=float)
    mean = values.mean(axis=0)
    varying = values.std(axis=0) > 1e-9 * mean
    return values[:, varying] / mean[varying]


def choices_of(networks: Networks) -> np.ndarray:
    """(n, C): options, and options times the squared side where it varies; a variance of one."""
    hot = one_hot(networks)[0]
    if len(set(networks.resolution)) > 1:
        side = (networks.resolution / networks.resolution.max())[:, None] ** 2
        hot = np.concatenate([hot, hot * side], axis=1)
    spread = hot.std(axis=0)
    hot = hot[:, spread > 1e-9]
    return (hot - hot.mean(axis=0)) / hot.std(axis=0)


def weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The least value up to which there is that share of the weight."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    place = np.searchsorted(reached, share * reached[-1])
    return float(values[order][min(place, len(values) - 1)])


METHOD = Bayes()
