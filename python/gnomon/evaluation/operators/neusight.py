"""A dense network for the utilisation, after NeuSight (Lee et al., ASPLOS 2025).

    kernel      = waves * operations of a tile * multiprocessors / (roofline * utilisation)
    utilisation = sigmoid(gamma) - sigmoid(alpha) / waves

alpha and gamma are outputs of a network of four ratios of tile and multiprocessor (`tiles.py`),
one network for every kind of operator, trained on all source GPUs with AdamW (rates 5e-3 for
products, 5e-4 for the others, batches of 128) and the symmetric error |p - y| / (p + y).

Ours: tiles are guessed, not profiled; 3 layers of 64 units, not 8 of 512, as seconds must do;
launches as in every method here; convolutions, as products that may pass the roofline of the
counted work (`ROOFLINE_GAIN`); inputs standardised and kept to the range trained on, utilisation
kept over 1 %, so that no GPU is predicted further than that from its roofline.  `mlp` differs
from `neusight` in two of the four inputs: it sees times of all waves, not shares of the memory
and of the cache, in which a new GPU may be unlike every source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits

from gnomon.evaluation.operators.experts import Floored
from gnomon.evaluation.operators.forest import smooth_latency
from gnomon.evaluation.operators.launches import take_apart
from gnomon.evaluation.operators.methods import Guess
from gnomon.evaluation.operators.parts import ROOFLINE_GAIN, TILED_KINDS, Part
from gnomon.evaluation.operators.tiles import Tiles, tiles_of
from gnomon.learning.dense import Parameters

WIDTHS = (4, 64, 64, 64, 2)
EPOCHS = 20
MOST_ROWS = 6000
"""Of a kind."""
BATCH = 128
PRODUCT_RATE, VECTOR_RATE = 5e-3, 5e-4
DECAY = 0.01
MOMENTS = (0.9, 0.999)
LEAST_UTILISATION = 0.01


Inputs = Callable[[Tiles, dict[str, float]], np.ndarray]
"""Of tiles and a data sheet: what the network reads, (n, 4)."""


@dataclass(frozen=True)
class Rows:
    """n rows of one kind, of one or several GPUs."""

    inputs: np.ndarray
    """(n, 4)"""
    waves: np.ndarray
    """(n,)"""
    roofline_us: np.ndarray
    """(n,): of the waves, divided by what a kernel may gain on it."""

    @staticmethod
    def of(part: Part, inputs: Inputs) -> Rows:
        tiles = tiles_of(part.kernels, part.numbers)
        bound = tiles.roofline_us(part.numbers) / ROOFLINE_GAIN.get(part.kind, 1.0)
        return Rows(inputs(tiles, part.numbers), tiles.waves(part.numbers), bound)


@dataclass(frozen=True)
class Network:
    """A trained network of one kind."""

    parameters: Parameters
    mean: np.ndarray
    deviation: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def kernels_us(self, rows: Rows) -> np.ndarray:
        """(n,): without launches."""
        kept = np.clip(rows.inputs, self.low, self.high)
        inputs = ((kept - self.mean) / self.deviation).astype(np.float32)
        outputs = forward(self.parameters, inputs)[-1].astype(np.float64)
        return rows.roofline_us / utilisation(outputs, rows.waves)[0]


def forward(parameters: Parameters, inputs: np.ndarray) -> list[np.ndarray]:
    """What every layer reads, and last the outputs (n, 2)."""
    seen, last = [inputs], len(parameters.weights) - 1
    for layer, (weights, bias) in enumerate(
        zip(parameters.weights, parameters.biases, strict=True)
    ):
        values = seen[-1] @ weights + bias
        seen.append(np.maximum(values, 0) if layer < last else values)
    return seen


def utilisation(outputs: np.ndarray, waves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,), and its derivative by alpha and gamma, (n, 2)."""
    lost, reached = expit(outputs).T
    slopes = np.stack([-lost * (1 - lost) / waves, reached * (1 - reached)], axis=1)
    # Under the floor the slope stays, so that training comes back from there.
    return np.maximum(reached - lost / waves, LEAST_UTILISATION), slopes


def backward(parameters: Parameters, seen: list[np.ndarray], slope: np.ndarray) -> np.ndarray:
    """The loss's derivative by every parameter, from that by the outputs (n, 2)."""
    gradient = Parameters(WIDTHS)
    for layer in range(len(parameters.weights) - 1, -1, -1):
        np.matmul(seen[layer].T, slope, out=gradient.weights[layer])
        np.sum(slope, axis=0, out=gradient.biases[layer])
        if layer:
            slope = (slope @ parameters.weights[layer].T) * (seen[layer] > 0)
    return gradient.flat


@dataclass(frozen=True)
class Labelled:
    """Training rows of one kind: what was measured, and the floor of their launches, in us."""

    rows: Rows
    latency_us: np.ndarray
    launch_us: np.ndarray

    def slopes(self, outputs: np.ndarray, batch: np.ndarray) -> np.ndarray:
        """The mean symmetric error's derivative by the outputs, (batch, 2)."""
        rows = self.rows
        share, slopes = utilisation(outputs, rows.waves[batch])
        latency, slope = smooth_latency(
            -np.log(share), rows.roofline_us[batch], self.launch_us[batch]
        )
        # |p - y| / (p + y) = tanh(|log(p / y)| / 2)
        half = np.tanh(0.5 * np.log(latency / self.latency_us[batch]))
        loss = 0.5 * np.sign(half) * (1.0 - half**2) * slope / len(batch)
        return (-loss / share)[:, None] * slopes


def labelled(parts: list[Floored], inputs: Inputs, seed: int) -> Labelled:
    """Some rows of parts of one kind."""
    rows = [Rows.of(part.part, inputs) for part in parts]
    launches = np.concatenate([np.full(len(part.part), part.launch_us) for part in parts])
    latency = np.concatenate([part.part.latency_us for part in parts])
    kept = np.sort(np.random.default_rng(seed).permutation(len(latency))[:MOST_ROWS])

    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in rows])[kept]

    columns = Rows(column("inputs"), column("waves"), column("roofline_us"))
    return Labelled(columns, latency[kept], launches[kept])


@threadpool_limits.wrap(limits=1)
def train(data: Labelled, rate: float, seed: int) -> Network:
    """AdamW (Loshchilov, Hutter, ICLR 2019), its rate falling to nothing along a cosine."""
    raw = data.rows.inputs
    mean, deviation = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    inputs = ((raw - mean) / deviation).astype(np.float32)
    generator, parameters = np.random.default_rng(seed), Parameters(WIDTHS)
    parameters.draw(generator)
    first, second = np.zeros_like(parameters.flat), np.zeros_like(parameters.flat)
    steps, step = EPOCHS * -(-len(inputs) // BATCH), 0
    for _ in range(EPOCHS):
        order = generator.permutation(len(inputs))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            seen = forward(parameters, inputs[batch])
            slope = data.slopes(seen[-1].astype(np.float64), batch).astype(np.float32)
            gradient = backward(parameters, seen, slope)
            now = np.float32(0.5 * rate * (1.0 + np.cos(np.pi * step / steps)))
            step += 1
            first += np.float32(1 - MOMENTS[0]) * (gradient - first)
            second += np.float32(1 - MOMENTS[1]) * (gradient**2 - second)
            scale = np.sqrt(second / np.float32(1 - MOMENTS[1] ** step)) + np.float32(1e-8)
            move = first / np.float32(1 - MOMENTS[0] ** step) / scale
            parameters.flat -= now * (move + np.float32(DECAY) * parameters.flat)
    return Network(parameters, mean, deviation, raw.min(axis=0), raw.max(axis=0))


class DenseUtilisation:
    """A network for every kind, from the rows of all source GPUs."""

    INPUTS = staticmethod(Tiles.times)

    def __init__(self, sources: dict[tuple[str, str], Floored], seed: int) -> None:
        self.launches = take_apart({key: part.launch_us for key, part in sources.items()})
        self.networks: dict[str, Network] = {}
        for kind in sorted({part.part.kind for part in sources.values()}):
            own = [part for _, part in sorted(sources.items()) if part.part.kind == kind]
            rate = PRODUCT_RATE if kind in TILED_KINDS else VECTOR_RATE
            self.networks[kind] = train(labelled(own, self.INPUTS, seed), rate, seed)

    def guess(self, part: Part) -> Guess:
        launch = self.launches.of(part.operator, part.numbers)
        found = self.networks[part.kind].kernels_us(Rows.of(part, self.INPUTS))
        return Guess(np.maximum(part.seen(launch).floor_us, found), launch)


class NeuSight(DenseUtilisation):
    """The same with the published inputs."""

    INPUTS = staticmethod(Tiles.published_ratios)
