"""The figures of every evaluation, by hand and against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from gnomon.evaluation.means import means
from gnomon.learning.metrics import summary

MEASURED = np.array([1.0, 2.0, 4.0, 10.0])
PREDICTED = np.array([1.02, 1.92, 4.36, 8.0])


def test_errors_by_hand() -> None:
    found = summary(MEASURED, PREDICTED)
    expected = {
        "n": 4,
        "mae_ms": (0.02 + 0.08 + 0.36 + 2) / 4,
        "rmse_ms": np.sqrt((0.02**2 + 0.08**2 + 0.36**2 + 2**2) / 4),
        "mape": (0.02 + 0.04 + 0.09 + 0.2) / 4,
        "median_ape": 0.065,
        "worst_ape": 0.2,
        "within5": 0.5,
        "within10": 0.75,
        "spearman": 1.0,
        "kendall": 1.0,
        "coverage90": None,
    }
    assert {name: pytest.approx(value) for name, value in expected.items()} == found


def test_bounds_belong_to_the_interval() -> None:
    low, high = np.array([1.0, 2.1, 3.0, 9.0]), np.array([1.5, 3.0, 4.0, 9.9])
    assert summary(MEASURED, PREDICTED, low, high)["coverage90"] == 0.5


def test_ranks_of_all_pairs() -> None:
    """Kendall: five of six pairs agree; Spearman: 1 - 6 * 2 / (4 * 15)."""
    found = summary(MEASURED, np.array([1.0, 5.0, 4.0, 9.0]))
    assert found["kendall"] == pytest.approx((5 - 1) / 6)
    assert found["spearman"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("measured", "predicted"),
    [([1.0, 2.0], [1.0, 2.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 3.0], [2.0] * 3)],
)
def test_nothing_is_ranked_without_an_order(measured: list[float], predicted: list[float]) -> None:
    found = summary(np.array(measured), np.array(predicted))
    assert found["spearman"] is None and found["kendall"] is None


def test_means_over_runs_leave_out_what_a_run_does_not_say() -> None:
    runs = [summary(MEASURED, PREDICTED), summary(MEASURED[:2], PREDICTED[:2])]
    found = means(runs, ("mape", "spearman", "coverage90"))
    assert found["mape"] == pytest.approx((0.0875 + 0.03) / 2)
    assert found["spearman"] == pytest.approx(1.0)
    assert found["coverage90"] is None
