"""FLASH's objective: accuracy over latency and energy, within the limits."""

from __future__ import annotations

import json

import pytest

SPACE = ["mbv2", "--accuracy", "params", "--objective", "flash-quotient"]


def searched(gnomon, tmp_path, *arguments, status=0) -> dict:
    out = tmp_path / "report.json"
    assert gnomon("search", *SPACE, *arguments, "--json", out, "-q") == status
    return json.loads(out.read_text())


@pytest.fixture
def networks(gnomon, tmp_path) -> list[dict]:
    """All 30 networks of the space, each found by a search of its own."""
    out, found = tmp_path / "one.json", []
    for resolution in (96, 128, 160, 192, 224):
        arguments = ["--resolutions", resolution, "--accuracy", "params"]
        assert gnomon("search", "mbv2", *arguments, "--json", out, "-q") == 0
        found += json.loads(out.read_text())["front"]["points"]
    return found


def quotient(point: dict) -> float:
    """Parameters a millisecond."""
    return point["params"] / (point["latency_us"] / 1e3)


@pytest.mark.parametrize("algorithm", ["exhaustive", "flash", "evolution"])
def test_the_best_quotient_is_found(gnomon, tmp_path, networks, algorithm):
    budget = sorted(point["high_us"] for point in networks)[len(networks) // 2] / 1e3
    arguments = ["--algorithm", algorithm, "--max-latency-ms", budget]
    (answer,) = searched(gnomon, tmp_path, *arguments)["answers"]
    best = max(quotient(p) for p in networks if p["high_us"] <= budget * 1e3)
    assert quotient(answer["best"]) == pytest.approx(best)
    assert answer["weighed"] == pytest.approx(best)
    assert answer["keeps_budget"]


def test_it_needs_no_budget(gnomon, tmp_path, networks):
    front = searched(gnomon, tmp_path, "--algorithm", "exhaustive")["front"]
    assert front["tradeoff"] == "flash-quotient"
    (point,) = front["points"]
    assert quotient(point) == pytest.approx(max(map(quotient, networks)))


def test_budgets_are_kept(gnomon, tmp_path, capsys):
    arguments = ["--algorithm", "flash", "--max-latency-ms", "0.001"]
    (answer,) = searched(gnomon, tmp_path, *arguments, status=1)["answers"]
    assert answer["best"] is None and answer["reachable"]
    assert gnomon("search", *SPACE, "--max-latency-ms", "9") == 2
    assert "such as evolution; found 'exact'" in capsys.readouterr().err
