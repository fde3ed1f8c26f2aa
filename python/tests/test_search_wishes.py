"""`gnomon search`: limits of other metrics, several devices as one, explanations, warm starts."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from gnomon import _native
from gnomon.cli.front_changes import front_changes

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
SMALL = ["--resolutions", "128", "--bundle", TOY]
TWO = ["--device", "toy-cpu", "--device", "toy-fast"]


def search(
    gnomon, folder: Path, *options: object, space: str = "ofa-mbv3", status: int = 0
) -> dict:
    """The report of a search."""
    out = folder / "out.json"
    assert gnomon("search", space, *SMALL, *options, "--json", out, "-q") == status
    return json.loads(out.read_text())


def middle(gnomon, folder: Path, member: str = "high_us") -> float:
    """What a network in the middle of the front has."""
    points = search(gnomon, folder)["front"]["points"]
    return points[len(points) // 2][member]


@pytest.mark.parametrize("metric", ["macs", "params"])
def test_limits_of_counts_are_kept_and_nothing_better_is_missed(gnomon, tmp_path, metric):
    free = search(gnomon, tmp_path, "--max-latency-ms", 1e6)["answers"][0]["best"]
    most = int(free[metric] * 0.7)
    options = ["--max-latency-ms", 1e6, f"--max-{metric}", most]
    report = search(gnomon, tmp_path, *options)
    best = report["answers"][0]["best"]
    assert report["front"]["limits"] == {metric: most}
    assert all(point[metric] <= most for point in report["front"]["points"])
    assert 0.97 * most <= best[metric] <= most
    # The optimum within the limit is also that of a search without it which is as tight.
    drawn = ["--algorithm", "evolution", "--evaluations", 2000]
    other = search(gnomon, tmp_path, *options, *drawn)["answers"][0]["best"]
    assert other[metric] <= most
    assert other["accuracy"] <= best["accuracy"] < free["accuracy"]


def test_peak_memory_and_file_size_can_be_limited(gnomon, tmp_path):
    options = ["--max-latency-ms", 1e6, "--metric", "latency,peak-memory,file-size"]
    free = search(gnomon, tmp_path, *options, space="mbv2")["answers"][0]["best"]
    limits = ["--max-peak-memory", free["peak-memory"] - 1, "--max-file-size", 8e6]
    best = search(gnomon, tmp_path, *options, *limits, space="mbv2")["answers"][0]["best"]
    assert best["peak-memory"] < free["peak-memory"]
    assert best["file-size"] <= 8e6 < free["file-size"]


def test_limits_that_nothing_keeps_say_the_least(gnomon, tmp_path, capsys):
    options = ["--max-latency-ms", "1000", "--max-macs", 1000]
    report = search(gnomon, tmp_path, *options, status=1)
    points = search(gnomon, tmp_path)["front"]["points"]
    assert report["front"]["least"]["macs"] == min(point["macs"] for point in points)
    assert report["answers"][0]["best"] is None
    assert gnomon("search", "ofa-mbv3", *SMALL, *options) == 1
    assert "no network keeps all limits: macs at most 1000" in capsys.readouterr().out


def test_file_size_is_what_the_weights_of_the_file_take(gnomon, tmp_path):
    export = tmp_path / "found.onnx"
    options = ["--max-latency-ms", 1e6, "--metric", "latency,file-size", "--export", export]
    for space in ("ofa-mbv3", "mbv2", "fbnet"):
        best = search(gnomon, tmp_path, *options, space=space)["answers"][0]["best"]
        weights = onnx.load(export).graph.initializer
        stored = sum(numpy_helper.to_array(w).nbytes for w in weights)
        # Shapes and axes that several nodes read are stored once.
        assert stored <= best["file-size"] <= stored + 1000
        size = export.stat().st_size
        assert best["file-size"] < size < best["file-size"] * 1.02 + 1e5


def energy_tables(folder: Path, unit: str = "mJ") -> Path:
    """Tables in which a block takes 2 mJ, and those of kernel 7 take 5."""
    tables = _native.space_tables("ofa-mbv3", str(TOY), None, [128], 1.0, samples=1)[128]
    keys = [line.split(": ")[0] for line in tables.splitlines() if "mean" in line]
    folder.mkdir()
    (folder / "t.json").write_text(json.dumps({k: 5 if "kernel:7" in k else 2 for k in keys}))
    description = {"format": 1, "kind": "table", "name": "meter", "device": "board", "unit": unit}
    description["tables"] = [{"file": "t.json"}]
    (folder / "bundle.json").write_text(json.dumps(description))
    return folder


def test_energy_of_tables_is_a_metric_and_can_be_limited(gnomon, tmp_path, capsys):
    energy = ["--energy-bundle", energy_tables(tmp_path / "meter"), "--metric", "latency,energy"]
    free = search(gnomon, tmp_path, *energy, "--max-latency-ms", 1e6)["answers"][0]["best"]
    arch = free["architecture"]
    blocks = sum(arch["d"]) + 1  # and the first, which is always there
    sevens = sum(k == 7 for k in arch["ks"])
    rest = free["energy"] - 2 * blocks - 3 * sevens
    assert rest == pytest.approx(2 * round(rest / 2))
    limited = ["--max-energy-mj", free["energy"] - 10]
    best = search(gnomon, tmp_path, *energy, *limited, "--max-latency-ms", 1e6)["answers"][0]
    assert best["best"]["energy"] <= free["energy"] - 10
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", "--bundle", tmp_path / "meter") == 2
    assert "has tables of energy; expected one of latency" in capsys.readouterr().err
    times = energy_tables(tmp_path / "times", unit="ms")
    assert gnomon("search", "ofa-mbv3", *SMALL, "--energy-bundle", times) == 2
    assert "whose unit is mJ, found ms" in capsys.readouterr().err


def test_the_slowest_device_makes_a_front_of_its_own(gnomon, tmp_path):
    each = search(gnomon, tmp_path, *TWO)["front"]["points"]
    report = search(gnomon, tmp_path, *TWO, "--devices-objective", "max", "--max-latency-ms", 1e6)
    points = report["front"]["points"]
    assert len(points) <= len(each)
    assert all(a["accuracy"] < b["accuracy"] for a, b in pairwise(points))
    # No point of all devices' front beats one of these in both.
    for point in points:
        assert not any(
            other["latency_us"] < point["latency_us"] and other["accuracy"] >= point["accuracy"]
            for other in each
        )


def test_a_weighted_sum_of_devices_counts_in_front_and_budget(gnomon, tmp_path):
    weights = ["--devices-objective", "weighted=0.25,0.75"]
    points = search(gnomon, tmp_path, *TWO, *weights)["front"]["points"]
    for point in points:
        sums = {
            member: 0.25 * point["devices"]["toy-cpu"][member]
            + 0.75 * point["devices"]["toy-fast"][member]
            for member in ("latency_us", "high_us")
        }
        assert point["weighted_us"] == pytest.approx(sums["latency_us"], abs=0.2)
        assert point["weighted_high_us"] == pytest.approx(sums["high_us"], abs=0.2)
    budget = points[len(points) // 2]["weighted_high_us"]
    options = ["--max-latency-ms", f"{budget / 1e3:.6f}"]
    best = search(gnomon, tmp_path, *TWO, *weights, *options)["answers"][0]["best"]
    assert best["architecture"] == points[len(points) // 2]["architecture"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--devices-objective", "mean"], "expected max, or weighted="),
        ([*TWO, "--devices-objective", "weighted=1"], "of which there are 2"),
        ([*TWO, "--devices-objective", "weighted=1,-1"], "of which there are 2"),
        ([*TWO, "--devices-objective", "weighted=1,1", "--sure", "0.9"], "on every device"),
        (["--max-macs", "-1"], "--max-macs: expected a number of at least 0"),
        (["--max-energy-mj", "5"], "expected --energy-bundle"),
        (["--front-from", "none.json"], "none.json"),
    ],
)
def test_wishes_without_meaning_are_refused(gnomon, capsys, options, said):
    assert gnomon("search", "mbv2", *SMALL, *options) == 2
    assert said in capsys.readouterr().err


def test_explanations_say_what_other_options_cost(gnomon, tmp_path, capsys):
    budget = f"{middle(gnomon, tmp_path) / 1e3:.6f}"
    options = ["--max-latency-ms", budget, "--explain"]
    (answer,) = search(gnomon, tmp_path, *options)["answers"]
    explained = {entry["decision"]: entry for entry in answer["explain"]}
    assert {d for d in answer["selection"] if d != "resolution"} == set(explained)
    for name, entry in explained.items():
        assert entry["option"] == answer["selection"][name]
        assert entry["second"]["option"] != entry["option"]
        change = entry["second"]["change"]
        # The answer is the optimum: what else keeps the budget is no better.
        if entry["second"]["keeps_budget"]:
            assert change["accuracy"] <= 0
        else:
            assert change["high_us"] > 0
        other = entry["reoptimised"]
        assert other["option"] != entry["option"]
        assert other["change"]["accuracy"] <= 0
        if entry["second"]["keeps_budget"]:
            assert other["change"]["accuracy"] >= change["accuracy"]
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", *SMALL, *options) == 0
    assert "the second-best option of every decision" in capsys.readouterr().out


def test_algorithms_that_draw_explain_with_all_else_fixed(gnomon, tmp_path):
    options = ["--max-latency-ms", 1e6, "--explain", "--algorithm", "random", "--evaluations", 50]
    (answer,) = search(gnomon, tmp_path, *options)["answers"]
    assert answer["explain"]
    assert all("reoptimised" not in entry for entry in answer["explain"])


def test_a_front_from_before_is_where_algorithms_begin(gnomon, tmp_path, capsys):
    front = tmp_path / "front.json"
    budget = f"{middle(gnomon, tmp_path) / 1e3:.6f}"
    options = ["--max-latency-ms", budget]
    exact = search(gnomon, tmp_path, *options, "--front", front)["answers"][0]["best"]
    points = len(json.loads(front.read_text())["points"])
    for algorithm in ("random", "evolution", "netadapt", "fp-nas", "two-stage"):
        drawn = ["--algorithm", algorithm, "--evaluations", 2 * points + 10]
        cold = search(gnomon, tmp_path, *options, *drawn)["answers"][0]["best"]
        warm = search(gnomon, tmp_path, *options, *drawn, "--front-from", front)
        assert warm["front"]["started"] == points
        assert cold["accuracy"] < warm["answers"][0]["best"]["accuracy"]
        assert warm["answers"][0]["best"]["accuracy"] == exact["accuracy"]
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", *SMALL, *options, "--front-from", front) == 0
    assert f"0 left, 0 came, 0 moved, {points} as they were" in capsys.readouterr().out


def test_a_changed_bundle_moves_a_front(gnomon, tmp_path, capsys):
    front = tmp_path / "front.json"
    old = search(gnomon, tmp_path, "--front", front)["front"]
    report = search(gnomon, tmp_path, "--device", "toy-fast", "--front-from", front)
    changes = report["changes"]
    points = report["front"]["points"]
    assert len(changes["came"]) + len(changes["moved"]) + changes["stayed"] == len(points)
    assert len(changes["left"]) + len(points) - len(changes["came"]) == len(old["points"])
    assert changes["moved"]
    assert all(entry["latency_us"] < 0 and entry["accuracy"] == 0 for entry in changes["moved"])
    capsys.readouterr()
    moved = ["--device", "toy-fast", "--front-from", front]
    assert gnomon("search", "ofa-mbv3", *SMALL, *moved) == 0
    assert "latency of those that moved: median -" in capsys.readouterr().out
    assert gnomon("search", "mbv2", *SMALL, "--front-from", front) == 2


def test_changes_count_every_point_once():
    def point(name: str, latency: float, accuracy: float) -> dict:
        return {"architecture": {"arch": name}, "latency_us": latency, "accuracy": accuracy}

    old = {"space": "s", "objective": "accuracy"}
    old["points"] = [point("a", 1, 0.1), point("b", 2, 0.2), point("c", 3, 0.3)]
    new = {"space": "s", "objective": "accuracy"}
    new["points"] = [point("b", 2, 0.2), point("c", 4, 0.35), point("d", 5, 0.4)]
    changes = front_changes(old, new)
    assert [entry["architecture"]["arch"] for entry in changes["left"]] == ["a"]
    assert [entry["architecture"]["arch"] for entry in changes["came"]] == ["d"]
    assert changes["stayed"] == 1
    (moved,) = changes["moved"]
    assert moved["latency_us"] == 1
    assert moved["accuracy"] == pytest.approx(0.05)
