"""One proxy device for many: ranks, fronts, AdaProxy, the gate."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from gnomon.evaluation.models.adaproxy import PENALTIES, adapt, adapt_by_error, proxy_weights
from gnomon.evaluation.models.adaproxy import Path as Solutions
from gnomon.evaluation.proxy.gate import Gate, pass_gate
from gnomon.evaluation.proxy.pareto import front, front_share, hypervolume, near_front
from gnomon.evaluation.ranking import rank_correlation

PUBLIC_DATA = "GNOMON_PUBLIC_DATA"
NETWORKS, DECISIONS, OPTIONS = 400, 8, 4


def one_hot(rng: np.random.Generator) -> np.ndarray:
    choices = rng.integers(0, OPTIONS, (NETWORKS, DECISIONS))
    return np.eye(OPTIONS)[choices].reshape(NETWORKS, -1)


class Devices:
    """A proxy, and targets that rank as it does, somewhat as it does, and not at all."""

    def __init__(self) -> None:
        rng = np.random.default_rng(2)
        self.codes = one_hot(rng)
        weights = rng.uniform(1, 5, self.codes.shape[1])
        changed = weights * rng.uniform(0.2, 2.2, len(weights))
        self.proxy = self.codes @ weights
        self.same = 3 * self.proxy + 2 + rng.normal(0, 0.3, NETWORKS)
        self.other = self.codes @ changed + rng.normal(0, 0.1, NETWORKS)
        self.noise = rng.uniform(1, 2, NETWORKS)
        self.terms = self.codes * proxy_weights(self.codes, self.proxy)
        self.order = rng.permutation(NETWORKS)


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


def test_ranks_share_ties() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.integers(0, 6, (2, 30)).astype(float)
        assert rank_correlation(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)
    assert rank_correlation(np.ones(5), np.arange(5.0)) == 0


def test_fronts_are_what_nothing_beats() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        latency, objective = rng.integers(0, 12, (2, 40)).astype(float)
        found = set(front(latency, objective))
        points = {(latency[i], objective[i]) for i in found}
        assert len(points) == len(found)
        for i in range(40):
            beaten = any(
                latency[j] <= latency[i]
                and objective[j] >= objective[i]
                and (latency[j], objective[j]) != (latency[i], objective[i])
                for j in range(40)
            )
            assert beaten == ((latency[i], objective[i]) not in points)


def test_layers_are_fronts_of_what_is_left() -> None:
    latency, objective = np.array([1.0, 2.0, 3.0, 2.5]), np.array([1.0, 3.0, 4.0, 2.0])
    assert near_front(latency, objective, 1).tolist() == [0, 1, 2]
    assert near_front(latency, objective, 3).tolist() == [0, 1, 2, 3]


def test_areas_by_hand() -> None:
    latency, objective = np.array([1.0, 2.0, 3.0, 2.5]), np.array([1.0, 3.0, 4.0, 2.0])
    assert hypervolume(latency, objective, (4.0, 0.0)) == 3 * 1 + 2 * 2 + 1 * 1
    # From the worst of all (3, 1): (2, 3) alone counts, and (1, 1) and (3, 4) add nothing.
    assert front_share(np.array([1]), latency, objective) == 1
    assert front_share(np.array([3]), latency, objective) == 0.25


def test_a_planted_target_is_recovered(devices: Devices) -> None:
    """Strong corrections of few inputs need many samples; a and c need two."""
    rows = devices.order[:200]
    adapted = Solutions(devices.terms[rows], devices.other[rows]).solve(1e-6)
    assert np.abs(adapted(devices.terms) / devices.other - 1).max() < 0.02
    few = devices.order[:2]
    planted = 3 * devices.proxy + 2
    adapted = Solutions(devices.terms[few], planted[few]).solve(np.inf)
    assert (adapted.scale, adapted.offset) == pytest.approx((3, 2), rel=1e-6)
    assert not adapted.correction.any()


def test_solutions_are_the_normal_equations(devices: Devices) -> None:
    """(A'A + mu D) theta = A'y with a and c unpenalised."""
    rows = devices.order[:50]
    terms, latency = devices.terms[rows], devices.other[rows]
    proxy = terms.sum(axis=1)
    for penalty in PENALTIES[[5, 12, 18]]:
        a = np.column_stack([proxy, np.ones(50), terms])
        weight = 50 * penalty * proxy.var()
        free = np.diag([0.0, 0.0, *[weight] * terms.shape[1]])
        scale, offset, *correction = np.linalg.solve(a.T @ a + free, a.T @ latency)
        found = Solutions(terms, latency).solve(penalty)
        assert found.scale == pytest.approx(scale, rel=1e-4)
        assert found.offset == pytest.approx(offset, rel=1e-4)
        assert found.correction == pytest.approx(np.array(correction), abs=1e-5)


def test_left_out_errors_are_those_of_leaving_out(devices: Devices) -> None:
    rows = devices.order[:30]
    terms, latency = devices.terms[rows], devices.other[rows]
    penalty = PENALTIES[14]
    everyone = Solutions(terms, latency)
    scale = terms.sum(axis=1).var() * len(rows)
    for i in (0, 7, 29):
        kept = np.arange(30) != i
        rest = Solutions(terms[kept], latency[kept])
        # The same penalty in absolute terms.
        alike = penalty * scale / (terms[kept].sum(axis=1).var() * 29)
        error = latency[i] - rest.solve(alike)(terms[[i]])[0]
        assert everyone.left_out(penalty)[i] == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize("how", [adapt, adapt_by_error])
def test_adapting_helps_where_ranks_differ(devices: Devices, how) -> None:
    rows, rest = devices.order[:70], devices.order[70:]
    raw = rank_correlation(devices.proxy[rest], devices.other[rest])
    adapted = how(devices.terms[rows], devices.other[rows])(devices.terms)
    assert raw < 0.8
    assert rank_correlation(adapted[rest], devices.other[rest]) > 0.95


def test_a_proxy_without_spread_gives_the_mean() -> None:
    latency = np.array([1.0, 2.0, 3.0])
    adapted = Solutions(np.ones((3, 2)), latency).solve(np.inf)
    assert adapted(np.ones((1, 2))) == pytest.approx(2)


def test_the_gate_spends_its_probe_where_rank_is_kept(devices: Devices) -> None:
    verdict = pass_gate(Gate(), devices.proxy, devices.terms, devices.order, devices.same)
    assert (verdict.opened, verdict.adapted, verdict.samples) == (True, False, 25)
    assert verdict.ranking is devices.proxy


def test_the_gate_adapts_where_rank_is_lost(devices: Devices) -> None:
    verdict = pass_gate(Gate(), devices.proxy, devices.terms, devices.order, devices.other)
    assert (verdict.opened, verdict.adapted) == (True, True)
    assert verdict.raw < 0.9 <= verdict.tested
    # The probe alone looks perfect to a proxy adapted to it, and is not enough.
    assert 25 < verdict.samples < 100
    rest = devices.order[verdict.samples :]
    assert rank_correlation(verdict.ranking[rest], devices.other[rest]) > 0.88


def test_the_gate_stays_shut_for_noise_and_keeps_its_budget(devices: Devices) -> None:
    gate = Gate(budget=55)
    verdict = pass_gate(gate, devices.proxy, devices.terms, devices.order, devices.noise)
    assert (verdict.opened, verdict.samples) == (False, 55)


def test_the_threshold_itself_opens(devices: Devices) -> None:
    shut = pass_gate(Gate(), devices.proxy, devices.terms, devices.order, devices.same)
    for threshold, adapted in ((shut.raw, False), (shut.raw + 1e-6, True)):
        gate = Gate(threshold=threshold)
        verdict = pass_gate(gate, devices.proxy, devices.terms, devices.order, devices.same)
        assert verdict.adapted == adapted


@pytest.mark.parametrize("name", ["same", "other", "noise"])
def test_what_is_not_measured_is_not_read(devices: Devices, name: str) -> None:
    truth = getattr(devices, name)
    known = pass_gate(Gate(), devices.proxy, devices.terms, devices.order, truth)
    hidden = np.full(NETWORKS, np.nan)
    measured = devices.order[: known.samples]
    hidden[measured] = truth[measured]
    again = pass_gate(Gate(), devices.proxy, devices.terms, devices.order, hidden)
    assert again.samples == known.samples
    assert np.array_equal(again.ranking, known.ranking)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"threshold": 0.0}, "expected more than 0 and at most 1"),
        ({"probe": 2}, "expected 3 <= probe <= budget"),
        ({"probe": 200}, "a probe of 200 and a budget of 100"),
        ({"step": 0}, "expected at least 1"),
    ],
)
def test_impossible_gates_are_refused(numbers: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Gate(**numbers)


def cells() -> list[str]:
    """NAS-Bench-201 cells."""
    operators = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
    rng = np.random.default_rng(5)
    return [
        "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|".format(*rng.choice(operators, 6)) for _ in range(80)
    ]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(6)
    archs = cells()
    work = np.array([1 + 3 * a.count("3x3~") + a.count("1x1") for a in archs], float)
    noise = rng.normal(0, 0.01, (3, len(archs)))
    path = tmp_path / "t.csv"
    columns = {"arch": archs, "phone": work + noise[0], "tablet": 2 * work + noise[1]}
    more = {"strange": 20 - work + noise[2], "accuracy": 90 + np.sqrt(work)}
    pd.DataFrame({**columns, **more}).to_csv(path, index=False)
    return path


def test_the_command_says_what_each_target_costs(gnomon, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    arguments = ("--space", "nasbench201", "--proxy", "phone", "--target", "tablet,strange")
    more = ("--seeds", 3, "--objective", "accuracy", "--json", out, "-q")
    assert gnomon("evaluate", "proxy", table, *arguments, *more) == 0
    tablet, strange = json.loads(out.read_text())["rows"]
    assert (tablet["opened"], tablet["adapted"], tablet["samples"]) == (1, 0, 25)
    assert tablet["hypervolume"] > 0.98
    assert strange["spearman_raw"] < -0.9
    assert (strange["adapted"], strange["spread"]["adapted"]["min"]) == (1, 1)


def test_the_command_says_what_is_wrong(gnomon, table: Path, capsys) -> None:
    base = ("evaluate", "proxy", table, "--space", "nasbench201", "--proxy", "phone")
    for arguments, message in (
        (("--target", "watch"), "no column 'watch'"),
        (("--target", ""), "expected --target"),
        (("--target", "tablet", "--objective", "beauty"), "no column 'beauty'"),
        (("--target", "tablet", "--probe", 1), "expected 3 <= probe <= budget"),
        (("--target", "tablet", "--probe", 90), "share 80 networks, expected at least"),
    ):
        assert gnomon(*base, *arguments) == 2
        assert message in capsys.readouterr().err


@pytest.mark.skipif(
    PUBLIC_DATA not in os.environ,
    reason=f"needs the public tables: set {PUBLIC_DATA} to their folder",
)
def test_published_ranks_of_fbnet(gnomon, tmp_path: Path) -> None:
    """arXiv 2111.01203: the FBNet devices of HW-NAS-Bench agree at .90 to .98 without adapting."""
    data = Path(os.environ[PUBLIC_DATA])
    out = tmp_path / "out.json"
    common = ("evaluate", "proxy", data / "fbnet_latency_ms.csv.gz", "--space", "fbnet")
    more = ("--columns", data / "columns.csv", "--json", out, "-q")
    assert not gnomon(*common, "--proxy", "pixel3", "--target", "raspi4,eyeriss,fpga", *more)
    rows = json.loads(out.read_text())["rows"]
    assert [round(row["spearman_raw"], 3) for row in rows] == [0.957, 0.976, 0.906]
    assert (rows[0]["opened"], rows[0]["adapted"], rows[0]["samples"]) == (1, 0, 25)
    assert rows[0]["hypervolume"] >= 0.98
    gpus = "titanx_64,titanxp_64,2080ti_64,titan_rtx_64"
    assert not gnomon(*common, "--proxy", "1080ti_64", "--target", gpus, *more)
    for row in json.loads(out.read_text())["rows"]:
        assert (row["opened"], row["samples"]) == (1, 25), row["column"]
        assert row["hypervolume"] >= 0.98


@pytest.mark.skipif(
    PUBLIC_DATA not in os.environ,
    reason=f"needs the public tables: set {PUBLIC_DATA} to their folder",
)
def test_lost_ranks_of_nasbench201_are_adapted(gnomon, tmp_path: Path) -> None:
    """A phone as proxy of two CPUs and a GPU; docs/models.md has the same figures."""
    data, out = Path(os.environ[PUBLIC_DATA]), tmp_path / "out.json"
    table = data / "nasbench201_latency_ms.csv.gz"
    asked = ("--space", "nasbench201", "--proxy", "pixel3", "--columns", data / "columns.csv")
    targets = "gold_6240,silver_4114,1080ti_256"
    command = ("evaluate", "proxy", table, *asked, "--target", targets, "--json", out, "-q")
    assert not gnomon(*command)
    rows = json.loads(out.read_text())["rows"]
    assert [round(row["spearman_raw"], 3) for row in rows] == [0.819, 0.814, 0.737]
    for row, adapted, samples in zip(rows, (0.910, 0.932, 0.999), (54, 50, 34), strict=True):
        assert row["spearman"] == pytest.approx(adapted, abs=0.02), row["column"]
        assert row["samples"] == pytest.approx(samples, abs=10)
