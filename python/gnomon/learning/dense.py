"""Small dense networks: trained by stochastic gradient descent, kept as JSON.

The recipe is that of arXiv 2101.00732 (latency of Once-for-All networks): layers of 400
units with ReLU, loss sqrt(mean squared error of the batch + 1e-6), momentum and weight
decay as PyTorch's SGD defines them, weights that begin uniform in +-1/sqrt(inputs).
Single precision on one thread: the same seed gives the same bytes.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

HIDDEN = (400, 400, 400)
LOSS_FLOOR = np.float32(1e-6)
"""Inside the root, in squared units of the label."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained."""

    rate: float
    decay: float
    """Of all weights and biases."""
    momentum: float
    epochs: int
    batch: int = 32


@dataclass(frozen=True)
class DenseNetwork:
    """Layers y = W x + b, with ReLU between them; one output."""

    weights: tuple[np.ndarray, ...]
    """(outputs, inputs), float32, one a layer."""
    biases: tuple[np.ndarray, ...]
    """(outputs,), float32."""

    def hidden(self, rows: np.ndarray) -> np.ndarray:
        """What the last layer reads, (n, units)."""
        values = np.asarray(rows, np.float32)
        for weights, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weights.T + bias, 0)
        return values

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """The answers, (n,), float32."""
        return (self.hidden(rows) @ self.weights[-1].T + self.biases[-1])[:, 0]

    def with_last(self, last: DenseNetwork) -> DenseNetwork:
        """The same with another last layer, given as a network of one."""
        weights = (*self.weights[:-1], *last.weights)
        return DenseNetwork(weights, (*self.biases[:-1], *last.biases))

    def to_json(self) -> dict[str, Any]:
        """As model files hold it (docs/accuracy-models.md)."""
        last = len(self.weights) - 1
        layers = [
            dense_layer(weights, bias, last=index == last)
            for index, (weights, bias) in enumerate(zip(self.weights, self.biases, strict=True))
        ]
        return {"layers": layers}


def dense_network(content: dict[str, Any]) -> DenseNetwork:
    """The network that `to_json` wrote."""

    def unpacked(text: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(text), "<f4")

    layers = content["layers"]
    weights = [unpacked(layer["weights"]).reshape(layer["outputs"], -1) for layer in layers]
    return DenseNetwork(tuple(weights), tuple(unpacked(layer["bias"]) for layer in layers))


def dense_layer(weights: np.ndarray, bias: np.ndarray, last: bool) -> dict[str, Any]:
    """One layer as the file holds it: numbers in single precision as base64."""

    def packed(values: np.ndarray) -> str:
        return base64.b64encode(values.astype("<f4").tobytes()).decode()

    outputs, inputs = weights.shape
    return {
        "inputs": inputs,
        "outputs": outputs,
        "weights": packed(weights),
        "bias": packed(bias),
        "relu": not last,
    }


class Parameters:
    """All weights of a network as one vector, with views of its layers, (inputs, outputs)."""

    def __init__(self, widths: Sequence[int]) -> None:
        pairs = list(itertools.pairwise(widths))
        self.flat = np.zeros(sum((i + 1) * o for i, o in pairs), np.float32)
        self.weights: list[np.ndarray] = []
        self.biases: list[np.ndarray] = []
        start = 0
        for inputs, outputs in pairs:
            stop = start + inputs * outputs
            self.weights.append(self.flat[start:stop].reshape(inputs, outputs))
            self.biases.append(self.flat[stop : stop + outputs])
            start = stop + outputs

    def draw(self, rng: np.random.Generator) -> None:
        """Uniform in +-1/sqrt(inputs), as PyTorch's linear layers begin."""
        for weights, bias in zip(self.weights, self.biases, strict=True):
            bound = len(weights) ** -0.5
            weights[:] = rng.uniform(-bound, bound, weights.shape)
            bias[:] = rng.uniform(-bound, bound, bias.shape)

    def network(self) -> DenseNetwork:
        weights = tuple(np.array(w.T, order="C") for w in self.weights)
        return DenseNetwork(weights, tuple(b.copy() for b in self.biases))


def _gradient(
    parameters: Parameters, gradient: Parameters, rows: np.ndarray, labels: np.ndarray
) -> None:
    """Writes the loss's derivative by every parameter, for one batch."""
    last = len(parameters.weights) - 1
    seen = [rows]
    for layer, (weights, bias) in enumerate(
        zip(parameters.weights, parameters.biases, strict=True)
    ):
        values = seen[-1] @ weights
        values += bias
        seen.append(np.maximum(values, 0, out=values) if layer < last else values)
    error = seen.pop()[:, 0] - labels
    loss = np.sqrt(np.mean(error * error) + LOSS_FLOOR)
    slope = (error / (loss * len(labels)))[:, None]
    for layer in range(last, -1, -1):
        np.matmul(seen[layer].T, slope, out=gradient.weights[layer])
        np.sum(slope, axis=0, out=gradient.biases[layer])
        if layer:
            slope = slope @ parameters.weights[layer].T
            slope *= seen[layer] > 0


@threadpool_limits.wrap(limits=1)
def train(
    rows: np.ndarray,
    labels: np.ndarray,
    recipe: Recipe,
    seed: int,
    hidden: Sequence[int] = HIDDEN,
    each_epoch: Callable[[int, DenseNetwork], None] | None = None,
) -> DenseNetwork:
    """A network for rows (n, inputs) and labels (n,), whose unit it keeps."""
    rows = np.ascontiguousarray(rows, np.float32)
    labels = np.ascontiguousarray(labels, np.float32)
    rng = np.random.default_rng(seed)
    widths = (rows.shape[1], *hidden, 1)
    parameters, gradient = Parameters(widths), Parameters(widths)
    parameters.draw(rng)
    velocity, scaled = np.zeros_like(parameters.flat), np.empty_like(parameters.flat)
    rate, decay, momentum = map(np.float32, (recipe.rate, recipe.decay, recipe.momentum))
    for epoch in range(recipe.epochs):
        order = rng.permutation(len(rows))
        for start in range(0, len(rows), recipe.batch):
            batch = order[start : start + recipe.batch]
            _gradient(parameters, gradient, rows[batch], labels[batch])
            gradient.flat += np.multiply(parameters.flat, decay, out=scaled)
            velocity *= momentum
            velocity += gradient.flat
            parameters.flat -= np.multiply(velocity, rate, out=scaled)
        if each_epoch is not None:
            each_epoch(epoch, parameters.network())
    return parameters.network()
