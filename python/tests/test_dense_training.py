"""Dense networks: how they are trained."""

from __future__ import annotations

import numpy as np
import pytest

from gnomon.evaluation.models.refitting import by_ridge
from gnomon.learning import dense
from gnomon.learning.dense import DenseNetwork, Recipe, train

QUICK = Recipe(rate=0.01, decay=1e-4, momentum=0.9, epochs=30)


def sums(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of 12 bits, and a latency of 5 to 10 ms with one product in it."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2, (count, 12)).astype(np.float32)
    return rows, 5 + rows @ np.linspace(0.1, 0.6, 12) + rows[:, 0] * rows[:, 1]


def test_the_gradient_is_that_of_the_loss() -> None:
    rng = np.random.default_rng(1)
    parameters, gradient = dense.Parameters((5, 7, 1)), dense.Parameters((5, 7, 1))
    parameters.draw(rng)
    rows = rng.normal(size=(6, 5)).astype(np.float32)
    labels = rng.normal(size=6).astype(np.float32)
    dense._gradient(parameters, gradient, rows, labels)

    def loss() -> float:
        error = parameters.network()(rows).astype(float) - labels
        return float(np.sqrt(np.mean(error**2) + 1e-6))

    for index in range(0, len(parameters.flat), 5):
        before = parameters.flat[index]
        parameters.flat[index] = before + 1e-2
        above = loss()
        parameters.flat[index] = before - 1e-2
        below = loss()
        parameters.flat[index] = before
        assert gradient.flat[index] == pytest.approx((above - below) / 2e-2, abs=2e-3)


def test_a_step_is_that_of_sgd_with_momentum_and_decay() -> None:
    """One weight, one row, two epochs, by hand."""
    recipe = Recipe(rate=0.1, decay=0.01, momentum=0.5, epochs=2)
    seen: list[DenseNetwork] = []
    rows, labels = np.ones((1, 1), np.float32), np.array([3.0])
    train(rows, labels, recipe, 4, hidden=(), each_epoch=lambda _, network: seen.append(network))
    rng = np.random.default_rng(4)
    state = np.array([rng.uniform(-1, 1, (1, 1))[0, 0], rng.uniform(-1, 1, 1)[0]])
    velocity = np.zeros(2)
    for network in seen:
        # The derivative of sqrt(error^2) by weight and bias is the sign: the sum is too small.
        velocity = 0.5 * velocity + (-1 + 0.01 * state)
        state = state - 0.1 * velocity
        found = [network.weights[0][0, 0], network.biases[0][0]]
        assert found == pytest.approx(state, abs=1e-5)


def test_it_learns_and_says_the_same_again() -> None:
    rows, labels = sums(800)
    one = train(rows, labels, QUICK, 3, hidden=(32, 32))
    other = train(rows, labels, QUICK, 3, hidden=(32, 32))
    assert all(np.array_equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))
    fresh, truth = sums(200, seed=5)
    assert np.abs(one(fresh) - truth).mean() < 0.2
    third = train(rows, labels, QUICK, 4, hidden=(32, 32))
    assert not np.array_equal(one.weights[0], third.weights[0])


def test_a_new_last_layer_serves_another_device() -> None:
    rows, labels = sums(800)
    base = train(rows, labels, QUICK, 3, hidden=(32, 32))
    layer = by_ridge(base, rows[:60], 3 * labels[:60] + 1, 0)
    network = layer.network
    assert all(a is b for a, b in zip(base.weights[:-1], network.weights[:-1], strict=True))
    fresh, expected = sums(200, seed=5)
    off = np.abs(network(fresh) - (3 * expected + 1)).mean()
    assert off < 0.3
    # What was left out says about as much.
    left = np.abs(layer.held_out_ms - (3 * labels[:60] + 1)).mean()
    assert 0.3 * off < left < 3 * off
