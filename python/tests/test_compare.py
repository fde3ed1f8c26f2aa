"""`gnomon compare`: searches side by side."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

import pytest

from gnomon import _native

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
ADDITIVE = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"
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
        (["--budgets-ms", "1e6", "--algorithms", ","], "expected names between commas"),
        (["--budgets-ms", "1e6", "--algorithms", "one-proxy"], "expected --proxy together with"),
        (["--budgets-ms", "1e6", "--proxy", TOY], "expected --proxy together with one-proxy"),
    ],
)
def test_bad_use_is_refused(gnomon, capsys, options, message):
    assert gnomon("compare", *SMALL, *options, "--seeds", 1, "--evaluations", 10, "-q") == 2
    assert message in capsys.readouterr().err


def compared(gnomon, path: Path, *arguments: object) -> tuple[int, dict]:
    status = gnomon("compare", *arguments, "--json", path, "-q")
    return status, json.loads(path.read_text())


def test_rows_of_kept_options_have_gaps_to_the_whole_space(gnomon, tmp_path, budgets, capsys):
    asked = [*SMALL, "--budgets-ms", budgets, "--algorithms", "exact,evolution", "--seeds", 1]
    status, report = compared(gnomon, tmp_path / "kept.json", *asked, "--keep", 2)
    assert status == 0
    rows = report["algorithms"]
    assert [(row["algorithm"], row["keep"]) for row in rows] == [
        ("exact", None),
        ("exact", 2),
        ("evolution", None),
        ("evolution", 2),
    ]
    assert rows[0]["worst_gap"] == 0 < rows[1]["worst_gap"]
    assert all(
        kept <= other["gap"]
        for kept, other in zip(
            [entry["gap"] for entry in rows[1]["runs"]], rows[3]["runs"], strict=True
        )
    )
    gnomon("compare", *asked, "--keep", 2)
    assert "evolution, 2 kept" in capsys.readouterr().out


def test_a_proxy_takes_part(gnomon, tmp_path):
    asked = ["ofa-mbv3", "--resolutions", "192", "--bundle", "ofa-mbv3-p40-b64"]
    asked += ["--budgets-ms", "60", "--algorithms", "one-proxy,evolution", "--seeds", 1]
    asked += ["--evaluations", 500, "--proxy", "ofa-mbv3-titanrtx-b64"]
    status, report = compared(gnomon, tmp_path / "proxy.json", *asked, "--keep", 4)
    assert status == 0
    whole, kept, *others = report["algorithms"]
    assert (whole["found"], kept["found"]) == (1, 1)
    assert 25 <= whole["runs"][0]["measured"] < 100
    assert 0 <= whole["worst_gap"] < 0.01
    assert all("measured" not in entry for row in others for entry in row["runs"])


def test_every_algorithm_answers_or_says_why_not(gnomon, tmp_path, budgets, capsys):
    names = [name for name in _native.search_algorithms() if name != "one-proxy"]
    additive = {
        "candidates": "a metric alone is solved by the exact search",
        "exhaustive": "more than the limit of 300 networks",
    }
    judged = {
        "ilp": "expected an additive objective, found an evaluator",
        "exhaustive": "more than the limit of 300 networks",
    }
    asked = [*SMALL, "--budgets-ms", budgets, "--seeds", 1, "--evaluations", 300]
    for accuracy, refusals in ((ADDITIVE, additive), (NETWORK, judged)):
        status, report = compared(
            gnomon,
            tmp_path / "all.json",
            *asked,
            "--algorithms",
            ",".join(names),
            "--accuracy",
            accuracy,
        )
        assert status == 1
        said = capsys.readouterr().err
        for row in report["algorithms"]:
            name = row["algorithm"]
            if name in refusals:
                assert refusals[name] in row["refused"]
                assert f"{name}: " in said
            else:
                assert row["found"] == 2, row
                assert row["most_evaluations"] <= 300 or name == "exact"


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
