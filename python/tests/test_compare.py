"""`gnomon compare`: searches side by side."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
NETWORK = ROOT / "data" / "accuracy" / "ofa-mbv3-mlp.json"
SMALL = ["ofa-mbv3", "--resolutions", "128", "--bundle", TOY]


@pytest.fixture
def budgets(gnomon, tmp_path) -> str:
    """Two budgets within what the space reaches."""
    out = tmp_path / "front.json"
    assert gnomon("search", *SMALL, "--front", out, "-q") == 0
    points = json.loads(out.read_text())["points"]
    low, high = (points[index]["high_us"] / 1e3 for index in (0, -1))
    return ",".join(f"{low + share * (high - low):.6f}" for share in (0.3, 0.6))


def test_gaps_are_to_the_exact_optimum(gnomon, tmp_path, budgets, capsys):
    out = tmp_path / "compared.json"
    options = [
        "--algorithms",
        "exact,two-stage,netadapt,fp-nas,flash,random",
        "--seeds",
        2,
        "--evaluations",
        800,
    ]
    arguments = ["compare", *SMALL, "--budgets-ms", budgets, *options]
    assert gnomon(*arguments, "--json", out) == 0
    assert "gap to the exact optimum, 4 runs each" in capsys.readouterr().out
    report = json.loads(out.read_text())
    assert [budget["best"] for budget in report["budgets"]] == [
        budget["bound"] for budget in report["budgets"]
    ]
    exact, *others = report["algorithms"]
    assert exact["worst_gap"] == 0
    assert [row["algorithm"] for row in others] == [
        "two-stage",
        "netadapt",
        "fp-nas",
        "flash",
        "random",
    ]
    for row in others:
        assert len(row["runs"]) == row["found"] == 4
        gaps = [entry["gap"] for entry in row["runs"]]
        assert (median(gaps), max(gaps)) == (row["median_gap"], row["worst_gap"])
        assert 0 < row["most_evaluations"] <= 800
        for entry in row["runs"]:
            budget = report["budgets"][
                budgets.split(",").index(f"{entry['max_latency_us'] / 1e3:.6f}")
            ]
            assert entry["value"] + entry["gap"] == pytest.approx(budget["bound"], abs=1e-12)
    assert others[-1]["worst_gap"] > 0
    again = tmp_path / "again.json"
    assert gnomon(*arguments, "--json", again, "-q", "--jobs", 2) == 0
    assert again.read_bytes() == out.read_bytes()


def test_networks_are_held_against_what_is_proven(gnomon, tmp_path, budgets, capsys):
    out = tmp_path / "judged.json"
    options = ["--accuracy", NETWORK, "--algorithms", "netadapt", "--seeds", 1]
    arguments = ["compare", *SMALL, "--budgets-ms", budgets, *options, "--evaluations", 500]
    assert gnomon(*arguments, "--json", out) == 0
    assert "gap to the proven bound" in capsys.readouterr().out
    report = json.loads(out.read_text())
    for budget in report["budgets"]:
        assert budget["bound"] is None or budget["bound"] >= budget["best"]
    (row,) = report["algorithms"]
    assert row["found"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--budgets-ms", "0.0001"], "no network keeps 0.0001 ms; the least that can be is"),
        (["--budgets-ms", "fast"], "expected numbers between commas"),
        (["--budgets-ms", "-1"], "expected times above 0"),
        (["--budgets-ms", "1e6", "--algorithms", "luck"], "no 'luck', expected one of: exact"),
    ],
)
def test_bad_use_is_refused(gnomon, capsys, options, message):
    assert gnomon("compare", *SMALL, *options, "--seeds", 1, "--evaluations", 10, "-q") == 2
    assert message in capsys.readouterr().err


def test_trade_offs_are_compared_where_they_keep_the_budget(gnomon, tmp_path, budgets):
    out = tmp_path / "weighed.json"
    options = ["--algorithms", "evolution,two-stage,random", "--seeds", 2, "--evaluations", 800]
    arguments = [
        "compare",
        *SMALL,
        "--budgets-ms",
        budgets,
        *options,
        "--objective",
        "mnasnet-hard",
    ]
    assert gnomon(*arguments, "--json", out, "-q") == 0
    for row in json.loads(out.read_text())["algorithms"]:
        kept = [entry for entry in row["runs"] if entry["kept"]]
        assert row["found"] == len(kept)
        assert all((entry["gap"] is not None) == entry["kept"] for entry in row["runs"])
