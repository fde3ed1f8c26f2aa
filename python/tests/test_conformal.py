"""Intervals from held-out residuals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from gnomon.evaluation.conformal import (
    bounds,
    folds_of,
    group_bounds,
    held_out_interval,
    interval,
)


@pytest.mark.parametrize("count", [3, 5, 12, 19, 40, 200])
def test_nine_in_ten_lie_inside_for_any_number_of_residuals(count: int) -> None:
    rng = np.random.default_rng(count)
    inside = []
    for _ in range(2000):
        drawn = rng.normal(0.1, 0.3, count + 1)
        low, high = bounds(drawn[:-1])
        inside.append(low <= drawn[-1] <= high)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.025)


def test_skewed_residuals_have_skewed_bounds() -> None:
    rng = np.random.default_rng(0)
    low, high = bounds(rng.exponential(1.0, 5000))
    assert low == pytest.approx(-np.log(0.95), abs=0.02)
    assert high == pytest.approx(-np.log(0.05), abs=0.2)


def test_residuals_that_chose_scales_are_widened_for_it() -> None:
    """Six scales fitted to twelve residuals leave them too small by half of their squares."""
    rng = np.random.default_rng(5)
    inside = {0: [], 6: []}
    for _ in range(2000):
        inputs, errors = rng.normal(size=(13, 6)), rng.normal(0.0, 0.3, 13)
        fitted = np.linalg.lstsq(inputs[:-1], errors[:-1])[0]
        left = errors[:-1] - inputs[:-1] @ fitted
        for scales, found in inside.items():
            low, high = held_out_interval(np.ones(1), left, scales)
            found.append(low[0] <= np.exp(errors[-1]) <= high[0])
    assert np.mean(inside[0]) < 0.8
    assert 0.86 < np.mean(inside[6]) < 0.94


def test_nothing_is_promised_of_one_residual() -> None:
    low, high = interval(np.array([2.0]), np.array([0.1]))
    assert low[0] == 0 and np.isinf(high[0])


def test_a_device_never_seen_is_farther_off_than_its_networks_from_one_another() -> None:
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(1000):
        devices = [rng.normal(rng.normal(0, 0.2), 0.05, 50) for _ in range(6)]
        low, high = group_bounds(devices[:-1])
        inside.append(np.mean((low <= devices[-1]) & (devices[-1] <= high)))
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


def test_folds_are_of_about_equal_size() -> None:
    sizes = np.bincount(folds_of(23, 5, seed=3))
    assert sorted(sizes) == [4, 4, 5, 5, 5]
    assert folds_of(2, 5, seed=0).max() == 1
