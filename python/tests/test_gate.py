"""The proxy gate in steps: what to measure next, and when a result of one device serves another."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest

from gnomon.evaluation.proxy.files import read_measured
from gnomon.evaluation.proxy.gate import Candidates, Gate, pass_gate, proceed
from gnomon.evaluation.proxy.pareto import front
from gnomon.evaluation.ranking import rank_correlation, rank_interval

NETWORKS = 300
OPERATORS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    rng = np.random.default_rng(2)
    bits = np.eye(4)[rng.integers(0, 4, (NETWORKS, 8))].reshape(NETWORKS, -1)
    proxy = bits @ rng.uniform(1, 5, bits.shape[1])
    return Candidates(proxy, np.sqrt(proxy) + rng.normal(0, 0.1, NETWORKS), bits)


def targets(candidates: Candidates) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    changed = candidates.terms * rng.uniform(0.2, 2.2, candidates.codes.shape[1])
    return {
        "same": 3 * candidates.proxy + 2 + rng.normal(0, 0.3, NETWORKS),
        "other": changed.sum(axis=1) + 20 + rng.normal(0, 0.1, NETWORKS),
        "noise": rng.uniform(1, 2, NETWORKS),
    }


@pytest.mark.parametrize("name", ["same", "other", "noise"])
def test_measuring_what_is_asked_for_ends_as_the_loop_does(
    candidates: Candidates, name: str
) -> None:
    truth = targets(candidates)[name]
    gate, order = Gate(budget=65), np.random.default_rng(4).permutation(NETWORKS)
    known, states = np.full(NETWORKS, np.nan), []
    progress = proceed(gate, candidates, order, known)
    while len(progress.wanted):
        assert np.isnan(known[progress.wanted]).all()
        known[progress.wanted] = truth[progress.wanted]
        states.append(progress.state)
        progress = proceed(gate, candidates, order, known)
    whole = pass_gate(gate, candidates.proxy, candidates.terms, order, truth)
    found = progress.verdict
    ends = (whole.opened, whole.samples, whole.tested)
    assert (found.opened, found.samples, found.tested) == ends
    assert np.array_equal(found.ranking, whole.ranking)
    assert states == ["probe", *["adapt"] * ((found.samples - 25) // 10), "front"]
    assert progress.state == "done"
    assert found.opened == (name != "noise")
    measured = np.flatnonzero(np.isfinite(known))
    left = measured[front(truth[measured], candidates.objective[measured])]
    assert np.array_equal(progress.front, left)


def test_other_measurements_change_no_decision(candidates: Candidates) -> None:
    truth = targets(candidates)["other"]
    gate, order = Gate(), np.random.default_rng(4).permutation(NETWORKS)
    known = np.where(np.isin(np.arange(NETWORKS), order[:25]), truth, np.nan)
    more = known.copy()
    more[order[200:]] = truth[order[200:]]
    first, second = (proceed(gate, candidates, order, found) for found in (known, more))
    assert np.array_equal(first.verdict.ranking, second.verdict.ranking)
    assert set(second.wanted) <= set(first.wanted)


def test_at_most_so_many_of_a_front_are_measured(candidates: Candidates) -> None:
    truth = targets(candidates)["same"]
    order = np.arange(NETWORKS)
    known = np.where(order < 25, truth, np.nan)
    everything = proceed(Gate(), candidates, order, known, layers=4)
    some = proceed(Gate(), candidates, order, known, layers=4, most=7)
    assert len(everything.chosen) > 7 and len(some.chosen) == 7
    assert set(some.chosen) < set(everything.chosen)
    ends = candidates.proxy[everything.chosen]
    assert {ends.min(), ends.max()} <= set(candidates.proxy[some.chosen])


def test_fewer_networks_than_the_probe_are_all_measured(candidates: Candidates) -> None:
    few = Candidates(candidates.proxy[:9], candidates.objective[:9], candidates.codes[:9])
    progress = proceed(Gate(), few, np.arange(9), np.full(9, np.nan))
    assert sorted(progress.wanted) == list(range(9))
    done = proceed(Gate(), few, np.arange(9), few.proxy)
    assert done.state == "done" and done.verdict.opened


@pytest.mark.parametrize("correlation", [0.0, 0.6, 0.92])
def test_intervals_of_rank_correlations_hold_the_truth(correlation: float) -> None:
    rng = np.random.default_rng(5)
    pairs = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], (1000, 25))
    truth = 6 / np.pi * np.arcsin(correlation / 2)  # Spearman's of a normal distribution
    bounds = [rank_interval(rank_correlation(*pair.T), 25) for pair in pairs]
    inside = np.mean([low <= truth <= high for low, high in bounds])
    assert inside == pytest.approx(0.9, abs=0.035)


def test_nothing_is_known_of_three_samples_and_nothing_is_certain() -> None:
    assert rank_interval(0.5, 3) == (-1, 1)
    low, high = rank_interval(1.0, 25)
    assert 0.98 < low < high < 1


def cells() -> list[str]:
    """NAS-Bench-201 cells."""
    rng = np.random.default_rng(5)
    cell = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|"
    return list(dict.fromkeys(cell.format(*rng.choice(OPERATORS, 6)) for _ in range(80)))


def work(arch: str) -> float:
    return 1 + 3 * arch.count("3x3~") + arch.count("1x1") + 1e-3 * (hash_of(arch) % 97)


def hash_of(text: str) -> int:
    return sum(ord(letter) * place for place, letter in enumerate(text))


def fill_in(asked: Path, target, folder: str = "") -> None:
    """Measures what is asked for."""
    rows = list(csv.DictReader(asked.open()))
    for row in rows:
        row["latency_ms"] = target(json.loads(row["architecture"])["arch"])
        row["model"] = folder + row["model"]
    pd.DataFrame(rows).to_csv(asked, index=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    archs = cells()
    columns = {"arch": archs, "phone": [work(a) for a in archs]}
    more = {"accuracy": [90 + np.sqrt(work(a)) + 1e-3 * hash_of(a) % 1 for a in archs]}
    pd.DataFrame({**columns, **more}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def rounds(gnomon, base: tuple, folder: Path, target) -> tuple[list[dict], int]:
    """Reports of all rounds, and the last exit status."""
    reports, given = [], []
    for number in range(12):
        asked, out = folder / f"m{number}.csv", folder / "r.json"
        status = gnomon(*base, *given, "--next", asked, "--json", out, "-q")
        reports.append(json.loads(out.read_text()))
        if reports[-1]["state"] == "done":
            return reports, status
        fill_in(asked, target, "somewhere/")
        given += ["--measured", asked]
    raise AssertionError("no end")


TABLE = ("--space", "nasbench201", "--column", "phone", "--objective", "accuracy")


def test_a_ranking_that_holds_costs_a_probe_and_its_front(
    gnomon, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "front.json"
    base = ("gate", table, *TABLE, "--out", out, "--device", "tablet")
    reports, status = rounds(gnomon, base, tmp_path, lambda arch: 2 * work(arch) + 1)
    assert [report["state"] for report in reports] == ["probe", "front", "done"]
    assert status == 0
    assert len(reports[0]["next"]) == 25
    last = reports[-1]
    assert (last["opened"], last["adapted"], last["samples"]) == (True, False, 25)
    assert last["spearman_tested"]["low"] < last["spearman_tested"]["value"]
    found = json.loads(out.read_text())
    assert (found["device"], found["objective"]) == ("tablet", "accuracy")
    ranks = [(point["latency_us"], point["accuracy"]) for point in found["points"]]
    assert ranks == sorted(ranks) and len({value for _, value in ranks}) == len(ranks)
    arch = found["points"][0]["architecture"]["arch"]
    assert found["points"][0]["latency_us"] == pytest.approx(1e3 * (2 * work(arch) + 1))


def test_a_target_that_nothing_ranks_is_refused(gnomon, table: Path, tmp_path: Path) -> None:
    base = ("gate", table, *TABLE, "--budget", 45, "--out", tmp_path / "front.json")
    reports, status = rounds(gnomon, base, tmp_path, lambda arch: 1 + hash_of(arch) % 89)
    assert [r["state"] for r in reports] == ["probe", "adapt", "adapt", "front", "done"]
    assert (status, reports[-1]["opened"], reports[-1]["samples"]) == (1, False, 45)
    assert (tmp_path / "front.json").exists()


def test_a_front_is_measured_as_files(gnomon, table: Path, tmp_path: Path, capsys) -> None:
    points = [
        {"architecture": {"arch": arch}, "latency_us": 1e3 * work(arch), "accuracy": 0.1 * i}
        for i, arch in enumerate(sorted(cells(), key=work)[::10])
    ]
    found = tmp_path / "front.json"
    found.write_text(json.dumps({"schema": 1, "space": "nasbench201", "points": points}))
    nets, asked = tmp_path / "nets", tmp_path / "next.csv"
    assert gnomon("gate", found, "--next", asked, "--export", nets) == 0
    assert f"probe: 0 measured, {len(points)} to measure" in capsys.readouterr().out
    files = sorted(nets.glob("*.onnx"))
    assert len(files) == len(points)
    onnx.checker.check_model(str(files[0]))
    assert {row["model"] for row in csv.DictReader(asked.open())} == set(map(str, files))
    fill_in(asked, work)
    assert gnomon("gate", found, "--measured", asked) == 0
    said = capsys.readouterr().out
    assert "opens" in said and f"done: {len(points)} networks" in said


def test_what_is_wrong_is_said(gnomon, table: Path, tmp_path: Path, capsys) -> None:
    bad = tmp_path / "front.json"
    bad.write_text('{"space": "nasbench201"}')
    few = tmp_path / "few.json"
    few.write_text(json.dumps({"space": "nasbench201", "points": []}))
    strange = tmp_path / "m.csv"
    strange.write_text("model,latency_ms\nresnet50.onnx,3\n")
    for arguments, message in (
        ((bad,), "expected a front of `gnomon search`: KeyError('points')"),
        ((few,), "found 0 networks, expected at least 3"),
        ((few, "--column", "phone"), "options of tables mean nothing beside a front"),
        ((table, "--space", "nasbench201"), "expected --column with the proxy's latencies"),
        ((table, *TABLE[:4], "--objective", "beauty"), "no column 'beauty'"),
        ((table, *TABLE, "--probe", 2), "expected 3 <= probe <= budget"),
        ((table, *TABLE, "--measured", strange), "line 2, column model: found 'resnet50.onnx'"),
    ):
        assert gnomon("gate", *arguments) == 2
        assert message in capsys.readouterr().err


@pytest.mark.parametrize("cell", ["slow", "0", "-1", "inf", "nan"])
def test_measurements_are_positive_milliseconds(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"model,latency_ms\na,1\nb,{cell}\n")
    with pytest.raises(ValueError, match="line 3, column latency_ms: found"):
        read_measured([path], ["a", "b"])


def test_the_last_measurement_of_a_network_counts(tmp_path: Path) -> None:
    for name, text in (("1", "b.onnx,2\nx/a,1\n"), ("2", "a,3\nc,\n")):
        (tmp_path / name).write_text("model,latency_ms\n" + text)
    latency, order = read_measured([tmp_path / "1", tmp_path / "2"], ["a", "b", "c"])
    assert latency[:2].tolist() == [3, 2] and np.isnan(latency[2])
    assert order == [1, 0]
