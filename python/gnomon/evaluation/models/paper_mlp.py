"""The latency networks of arXiv 2101.00732, trained on a table's columns as published.

128 inputs (`encoding.codes`; other spaces: their decisions one-hot), three layers of 400.
The paper chose rate, decay and momentum for each device on a grid; those are used here for
its devices, and those of its phone for all others.  It trains on 70 % of 10,000 networks in
the order of the file and lets 15 % judge; here a twentieth of the samples, drawn by seed,
says which epoch is kept, so that a method never sees more than it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gnomon.evaluation.data.encoding import as_data, codes
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.task import CannotPredict, Column, Measured, Networks, Pool
from gnomon.learning.dense import HIDDEN, DenseNetwork, Recipe, train

PHONE = Recipe(rate=0.01, decay=1e-4, momentum=0.6, epochs=50)
CHOSEN = {
    "RTX2080Ti": Recipe(rate=0.01, decay=1e-4, momentum=0.9, epochs=100),
    "P40": Recipe(rate=1e-3, decay=1e-3, momentum=0.9, epochs=100),
}
"""What the paper chose (section "hyperparameters"), by the name of the data sheet."""

GENERAL = Recipe(rate=1e-4, decay=0.01, momentum=0.6, epochs=100)
"""For the network that reads the device, too."""

REFIT = Recipe(rate=0.1, decay=1e-3, momentum=0.9, epochs=100)
"""For the last layer alone."""

VALIDATION_SHARE = 1 / 20
DEVICE_NUMBERS = ("cuda_cores", "ram_gb", "mem_bw_gbps")
FEWEST_DEVICES = 2


def recipe_for(column: Column) -> Recipe:
    """The published choice for the column's device."""
    return CHOSEN.get(column.device or "", PHONE)


@dataclass(frozen=True)
class Trained:
    """A network, and rows that it was not trained on: `held` (labels) and its answers there."""

    network: DenseNetwork
    held: np.ndarray
    answers: np.ndarray


def train_judged(
    rows: np.ndarray,
    labels: np.ndarray,
    recipe: Recipe,
    seed: int,
    hidden: Sequence[int] = HIDDEN,
) -> Trained:
    """The epoch whose mean absolute error on a twentieth of the rows, drawn by seed, is least."""
    order = np.random.default_rng(seed).permutation(len(rows))
    held = np.sort(order[: round(len(rows) * VALIDATION_SHARE)])
    kept = np.setdiff1d(order, held)
    if len(held) == 0:
        network = train(rows, labels, recipe, seed, hidden)
        return Trained(network, labels[held], labels[held])
    best: tuple[float, DenseNetwork | None] = (np.inf, None)

    def judge(_epoch: int, network: DenseNetwork) -> None:
        nonlocal best
        error = np.abs(network(rows[held]) - labels[held]).mean()
        error = float(error) if np.isfinite(error) else np.inf  # training may diverge
        if best[1] is None or error < best[0]:
            best = (error, network)

    last = train(rows[kept], labels[kept], recipe, seed, hidden, judge)
    network = best[1] or last
    return Trained(network, labels[held], network(rows[held]).astype(np.float64))


def train_column(
    networks: Networks, samples: Measured, seed: int, recipe: Recipe | None = None
) -> Trained:
    """The 128-input network of one column, in ms; `recipe` instead of the device's."""
    rows = codes(networks)[samples.rows]
    chosen = recipe or recipe_for(samples.column)
    return train_judged(rows, samples.latency_ms, chosen, seed)


@dataclass(frozen=True)
class General:
    """The 131-input network: it reads the device's cores, memory and bandwidth, too.

    The paper appends the numbers as they are, and its training never converged (loss 7-16
    ms); with `standardise` each has mean 0 and deviation 1 over the devices trained on.
    """

    network: DenseNetwork
    mean: np.ndarray
    deviation: np.ndarray
    devices: tuple[str, ...]
    floor: float
    """ms; see `positive`."""

    @staticmethod
    def fit(pool: Pool, seed: int, standardise: bool = True) -> General:
        """From the sources of the target's batch that have data sheets."""
        return General.of(pool.networks, general_sources(pool), seed, standardise)

    @staticmethod
    def of(
        networks: Networks, sources: Sequence[Measured], seed: int, standardise: bool = True
    ) -> General:
        """From sources that have data sheets."""
        numbers = np.array([device_numbers(source.column) for source in sources])
        mean, deviation = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
        if standardise:
            mean, deviation = numbers.mean(axis=0), numbers.std(axis=0)
            deviation[deviation == 0] = np.inf  # never varied, so nothing is known of it
        bits = codes(networks)
        rows = np.concatenate(
            [
                _with_numbers(bits[source.rows], (of_device - mean) / deviation)
                for source, of_device in zip(sources, numbers, strict=True)
            ]
        )
        labels = np.concatenate([source.latency_ms for source in sources])
        network = train_judged(rows, labels, GENERAL, seed).network
        names = tuple(source.column.name for source in sources)
        return General(network, mean, deviation, names, least(labels))

    def __call__(self, networks: Networks, rows: np.ndarray, column: Column) -> np.ndarray:
        """Milliseconds of networks on a device, whichever it is."""
        numbers = (device_numbers(column) - self.mean) / self.deviation
        return self.network(_with_numbers(codes(networks)[rows], numbers))

    def residuals(self, networks: Networks, measured: Measured) -> np.ndarray:
        """log(measured / predicted)."""
        answers = at_least(self.floor, self(networks, measured.rows, measured.column))
        return np.log(measured.latency_ms / answers)


def left_out_residuals(pool: Pool, seed: int) -> list[np.ndarray]:
    """By device: log(measured / what the 131-input network of the other devices predicts).

    Of two devices each is predicted by a network that saw one: nothing it could know of devices.
    """
    sources = general_sources(pool)
    residuals = []
    for device in dict.fromkeys(source.column.device for source in sources):
        own = [source for source in sources if source.column.device == device]
        rest = [source for source in sources if source.column.device != device]
        general = General.of(pool.networks, rest, seed)
        residuals.append(np.concatenate([general.residuals(pool.networks, one) for one in own]))
    return residuals


def _with_numbers(bits: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    return np.concatenate([bits, np.tile(numbers, (len(bits), 1))], axis=1)


def device_numbers(column: Column) -> np.ndarray:
    """(3,): cores, GB of memory, GB/s."""
    return np.array([(column.numbers or {})[name] for name in DEVICE_NUMBERS], np.float64)


def _has_numbers(column: Column) -> bool:
    return all(name in (column.numbers or {}) for name in DEVICE_NUMBERS)


def general_sources(pool: Pool) -> list[Measured]:
    """What the 131-input network can learn from; `CannotPredict` where that is too little."""
    target = pool.target
    if not _has_numbers(target):
        raise CannotPredict(f"{target.name}: mlp without samples needs the device's data sheet")
    sources = [
        source
        for source in pool.sources
        if _has_numbers(source.column) and source.column.batch == target.batch
    ]
    devices = {source.column.device for source in sources}
    if len(devices) < FEWEST_DEVICES:
        raise CannotPredict(
            f"{target.name}: mlp without samples needs {FEWEST_DEVICES} devices with data sheets "
            f"at batch {target.batch}, found {len(devices)}"
        )
    return sources


def at_device(general: General, column: Column) -> DenseNetwork:
    """The 131-input network with the device's numbers put in: what is left reads the code."""
    network, count = general.network, len(DEVICE_NUMBERS)
    numbers = (device_numbers(column) - general.mean) / general.deviation
    first = network.weights[0]
    bias = network.biases[0] + first[:, -count:] @ numbers.astype(np.float32)
    weights = (np.array(first[:, :-count]), *network.weights[1:])
    return DenseNetwork(weights, (bias, *network.biases[1:]))


def model_file(
    network: DenseNetwork, networks: Networks, name: str, width_mult: float | None = None
) -> dict[str, Any]:
    """A network that reads codes of a space, as the C++ library reads it.

    `width_mult` is the networks' multiplier of channels, where it is known.
    """
    width = {} if width_mult is None else {"width_mult": width_mult}
    return {
        "schema": 1,
        "kind": "mlp",
        "name": name,
        "space": networks.space,
        "metric": "latency",
        "unit": "ms",
        "sense": "minimize",
        **width,
        "inputs": network.weights[0].shape[1],
        "encoding": as_data(networks),
        "network": network.to_json(),
    }
