"""Dense networks for the utilisation of GPUs: their parts, and that they learn and stay sane."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from gnomon.evaluation.operators import neusight
from gnomon.evaluation.operators.neusight import Labelled, Network, Rows, train, utilisation
from gnomon.evaluation.operators.rows import Kernels
from gnomon.evaluation.operators.tiles import tiles_of
from gnomon.learning.dense import Parameters

NUMBERS = {"sms": 20.0, "fp32_tflops": 5.0, "mem_bw_gbps": 200.0, "ram_gb": 8.0, "l2_mb": 2.0}


def kernels(kind: str, **columns: float) -> Kernels:
    from gnomon import _native

    names = _native.feature_names()
    features = np.full((1, len(names)), np.nan)
    for name, value in columns.items():
        features[0, names.index(name)] = value
    return Kernels(kind, features)


def test_a_product_is_whole_waves_of_its_fastest_tile() -> None:
    sizes = {"gemm_batch": 1, "gemm_m": 1300, "gemm_n": 1000, "gemm_k": 64}
    found = tiles_of(kernels("gemm", bytes=6e6, flops=1.664e8, **sizes), NUMBERS)
    # 128 x 128: 88 tiles, 5 waves; 128 x 64: 176 tiles, 9 half waves at the same efficiency.
    assert found.count[0] == 176 and found.waves(NUMBERS)[0] == 9
    assert found.flops[0] == 2 * 128 * 64 * 64
    assert found.bytes[0] == 4 * (128 * 64 + 64 * 64 + 128 * 64)
    assert found.roofline_us(NUMBERS)[0] == pytest.approx(9 * 20 * found.flops[0] / 5e6)


def test_rows_and_elements_have_tiles_of_their_own() -> None:
    rows = kernels("softmax", bytes=8e6, flops=5e6, elements=1e6, outer_size=100)
    assert tiles_of(rows, NUMBERS).count[0] == 100
    found = tiles_of(kernels("elementwise", bytes=8e6, flops=1e6, elements=1e6), NUMBERS)
    assert found.count[0] == 1954
    # 98 waves of 20 tiles each, at the bandwidth.
    assert found.roofline_us(NUMBERS)[0] == pytest.approx(40.0 * 98 * 20 / 1954)


def test_inputs_are_logarithms_of_times_and_shares() -> None:
    found = tiles_of(kernels("elementwise", bytes=8e6, flops=1e6, elements=1e6), NUMBERS)
    times, ratios = found.times(NUMBERS), found.published_ratios(NUMBERS)
    np.testing.assert_allclose(times[:, 2:] - times[:, :2], np.log2(98))
    np.testing.assert_array_equal(ratios[:, :2], times[:, :2])
    np.testing.assert_allclose(ratios[0, 2] - ratios[0, 3], np.log2(2 / 8 / 1024))


def labelled(count: int = 7) -> Labelled:
    generator = np.random.default_rng(0)
    rows = Rows(
        generator.normal(size=(count, 4)),
        generator.integers(1, 9, count).astype(float),
        generator.uniform(50, 500, count),
    )
    return Labelled(rows, rows.roofline_us * generator.uniform(1, 3, count), np.full(count, 25.0))


def test_gradients_agree_with_differences() -> None:
    data, batch = labelled(), np.arange(7)
    outputs = np.random.default_rng(1).normal((-3.0, 1.0), size=(7, 2))

    def loss(values: np.ndarray) -> float:
        share = utilisation(values, data.rows.waves)[0]
        latency = neusight.smooth_latency(-np.log(share), data.rows.roofline_us, data.launch_us)[0]
        truth = data.latency_us
        return float(np.mean(np.abs(latency - truth) / (latency + truth)))

    found = data.slopes(outputs, batch)
    for row, column in np.ndindex(*outputs.shape):
        step = np.zeros_like(outputs)
        step[row, column] = 1e-6
        expected = (loss(outputs + step) - loss(outputs - step)) / 2e-6
        assert found[row, column] == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_a_network_is_differentiated_layer_by_layer() -> None:
    generator, parameters = np.random.default_rng(2), Parameters(neusight.WIDTHS)
    parameters.draw(generator)
    inputs = generator.normal(size=(5, 4)).astype(np.float32)
    seen = neusight.forward(parameters, inputs)
    slope = generator.normal(size=(5, 2)).astype(np.float32)
    gradient = neusight.backward(parameters, seen, slope)
    for place in (3, 260, 5000, len(gradient) - 1):
        base = parameters.flat[place]
        values = []
        for step in (1e-2, -1e-2):
            parameters.flat[place] = base + step
            values.append((neusight.forward(parameters, inputs)[-1] * slope).sum())
        parameters.flat[place] = base
        assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-2, rel=0.05, abs=1e-3)


def made_up(count: int, spread: float = 1.0) -> tuple[Rows, np.ndarray]:
    """Kernels whose utilisation follows the published form."""
    generator = np.random.default_rng(3)
    inputs = generator.normal(size=(count, 4)) * spread
    waves = np.exp2(generator.integers(0, 6, count)).astype(float)
    rows = Rows(inputs, waves, generator.uniform(100, 1000, count))
    reached = expit(1 + 0.5 * inputs[:, 0])
    return rows, rows.roofline_us / (reached - 0.2 / waves)


def test_training_finds_a_utilisation_and_repeats_itself() -> None:
    rows, kernel = made_up(3000)
    data = Labelled(rows, kernel, np.full(len(kernel), 1.0))
    one, other = train(data, 5e-3, 7), train(data, 5e-3, 7)
    assert isinstance(one, Network)
    np.testing.assert_array_equal(one.parameters.flat, other.parameters.flat)
    assert np.median(np.abs(one.kernels_us(rows) / kernel - 1)) < 0.05


def test_far_from_what_was_trained_on_the_roofline_still_bounds() -> None:
    rows, kernel = made_up(600)
    network = train(Labelled(rows, kernel, np.full(len(kernel), 1.0)), 5e-3, 7)
    far, _ = made_up(600, 1e3)
    found = network.kernels_us(far) / far.roofline_us
    assert (found >= 1.0).all() and (found <= 1.0 / neusight.LEAST_UTILISATION).all()
