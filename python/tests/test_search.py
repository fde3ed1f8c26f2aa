"""`gnomon spaces`, `network` and `search`: what they answer, write and refuse."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from gnomon import _native
from gnomon.cli import front_picture

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
SMALL = ["--resolutions", "128", "--bundle", TOY]


def metadata(path: Path) -> dict[str, str]:
    """The metadata of a model."""
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def run_network(path: Path) -> np.ndarray:
    """What ONNX Runtime makes of an image of ones."""
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    return session.run(None, {given.name: np.ones(given.shape, np.float32)})[0]


def test_spaces_say_how_large_they_are(gnomon, capsys):
    assert gnomon("spaces", "--json", "-") == 0
    listed = {s["name"]: s for s in json.loads(capsys.readouterr().out)["spaces"]}
    ofa = listed["ofa-mbv3"]
    assert int(ofa["networks"]) == (9**2 + 9**3 + 9**4) ** 5
    assert ofa["resolutions"] == list(range(128, 225, 4))
    assert ofa["width_mults"] == [1.0, 1.2]
    assert all("arXiv" in space["source"] for space in listed.values())
    assert gnomon("spaces") == 0
    assert "2.18e+19" in capsys.readouterr().out


def test_network_runs_and_says_what_it_is(gnomon, tmp_path, capsys):
    out = tmp_path / "net.onnx"
    options = ["--min", "--resolution", 128, "--bundle", TOY, "--json", "-"]
    assert gnomon("network", "ofa-mbv3", *options, "--out", out) == 0
    report = json.loads(capsys.readouterr().out)
    assert (round(report["macs"] / 1e6, 3), report["layers"]) == (41.476, 48)
    assert report["architecture"]["r"] == 128
    assert report["architecture"]["width_mult"] == 1
    said = metadata(out)
    assert said["gnomon.space"] == "ofa-mbv3"
    assert json.loads(said["gnomon.architecture"]) == report["architecture"]
    assert said["gnomon.latency_us"] == f"{report['latency_us']:.3f}"
    assert said["gnomon.bundle_fingerprint"]
    nodes = [{p.key for p in node.metadata_props} for node in onnx.load(out).graph.node]
    assert any("gnomon.latency_us" in keys for keys in nodes)
    onnx.checker.check_model(str(out), full_check=True)
    assert run_network(out).shape == (1, 1000)


def test_search_reports_the_peak_of_activations(gnomon, tmp_path):
    front = tmp_path / "front.json"
    options = ["--max-latency-ms", 100000, "--metric", "latency,peak-memory", "--front", front]
    assert gnomon("search", "mbv2", *SMALL, *options) == 0
    points = json.loads(front.read_text())["points"]
    # At least the image.
    assert all(point["peak-memory"] >= 4 * 128 * 128 * 3 for point in points)
    assert points[0]["peak-memory"] <= points[-1]["peak-memory"]


def test_architecture_of_a_network_makes_the_same_network(gnomon, tmp_path):
    first, second = tmp_path / "a.onnx", tmp_path / "b.onnx"
    drawn = ["--random", "--seed", 7, "--width-mult", 1.2, "--resolution", 128]
    assert gnomon("network", "ofa-mbv3", *drawn, "--out", first) == 0
    arch = metadata(first)["gnomon.architecture"]
    assert gnomon("network", "ofa-mbv3", "--arch", arch, "--seed", 7, "--out", second) == 0
    assert first.read_bytes() == second.read_bytes()
    saved = tmp_path / "arch.json"
    saved.write_text(arch)
    assert gnomon("network", "ofa-mbv3", "--arch", f"@{saved}", "--seed", 7, "--out", second) == 0
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ofa-mbv9", "--min"], "no space 'ofa-mbv9': expected one of"),
        (["ofa-mbv3"], "expected one of --arch, --min, --max and --random, found 0"),
        (["ofa-mbv3", "--min", "--max"], "found 2"),
        (["ofa-mbv3", "--arch", "{"], "--arch: expected JSON"),
        (["ofa-mbv3", "--arch", "[1]"], "--arch: expected a JSON object, found [1]"),
        (["ofa-mbv3", "--arch", '{"ks": 3}'], "architecture: d: "),
        (["ofa-mbv3", "--min", "--width-mult", "3"], "width-mult: found 3.00, expected one of"),
        (["mbv2", "--arch", '{"width": 1, "r": 96}', "--resolution", "128"], "r: found 96"),
        (["mbv2", "--arch", '{"width": 1, "width_mult": "a"}'], 'width_mult: found "a"'),
        (["ofa-mbv3", "--min", "--device", "x"], "--device: expected --bundle, too"),
        (["ofa-mbv3", "--min", "--bundle", "none"], "no bundle 'none'"),
    ],
)
def test_network_refuses(gnomon, tmp_path, capsys, arguments, said):
    assert gnomon("network", *arguments, "--out", tmp_path / "net.onnx") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "net.onnx").exists()


def test_search_answers_budgets_and_writes_the_networks(gnomon, tmp_path, capsys):
    fastest, best = front_of(gnomon, tmp_path)
    budgets = [best["high_us"] / 1e3, (fastest["high_us"] + best["high_us"]) / 2e3]
    text = ",".join(f"{budget:.6f}" for budget in budgets)
    export = tmp_path / "found.onnx"
    options = ["--max-latency-ms", text, "--export", export, "--json", tmp_path / "all.json"]
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", *SMALL, *options) == 0
    shown = capsys.readouterr().out
    assert "stage3_block2" in shown
    answers = json.loads((tmp_path / "all.json").read_text())["answers"]
    for answer, budget in zip(answers, budgets, strict=True):
        assert answer["best"]["high_us"] <= answer["max_latency_us"]
        path = tmp_path / f"found-{float(f'{budget:.6f}'):g}ms.onnx"
        assert answer["exported"]["latency_us"] == answer["best"]["latency_us"]
        report = json.loads(_native.predict(str(path), str(TOY)))
        assert report["network"]["latency_us"] == answer["best"]["latency_us"]
        assert run_network(path).shape == (1, 1000)


def front_of(gnomon, folder: Path) -> tuple[dict, dict]:
    """The fastest and the best network at one resolution."""
    path = folder / "front.json"
    assert gnomon("search", "ofa-mbv3", *SMALL, "--front", path, "-q") == 0
    points = json.loads(path.read_text())["points"]
    return points[0], points[-1]


def test_front_has_the_fields_of_the_interface(gnomon, tmp_path):
    files = {name: tmp_path / f"front.{name}" for name in ("json", "csv", "svg")}
    options = ["--front", files["json"], "--csv", files["csv"], "--plot", files["svg"], "-q"]
    assert gnomon("search", "ofa-mbv3", *SMALL, *options) == 0
    front = json.loads(files["json"].read_text())
    assert front["schema"] == 1
    assert front["space"] == "ofa-mbv3"
    assert front["device"] == "toy-cpu"
    assert front["algorithm"] == "exact"
    assert front["seed"] == 0
    assert front["exact_gap"] == 0
    assert front["evaluations"] > 0
    points = front["points"]
    for before, after in pairwise(points):
        assert before["latency_us"] < after["latency_us"]
        assert before["accuracy"] < after["accuracy"]
    assert set(points[0]["architecture"]) == {"ks", "e", "d", "r"}
    rows = list(csv.DictReader(io.StringIO(files["csv"].read_text())))
    assert len(rows) == len(points)
    assert json.loads(rows[0]["architecture"]) == points[0]["architecture"]
    assert files["svg"].read_text().count("<circle") == len(points)


def test_the_same_search_writes_the_same_bytes(gnomon, tmp_path):
    paths = [tmp_path / name for name in ("one.json", "two.json")]
    for path, jobs in zip(paths, (1, 2), strict=True):
        assert gnomon("search", "mbv2", *SMALL, "--jobs", jobs, "--front", path, "-q") == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_impossible_budget_says_the_least_there_is(gnomon, tmp_path, capsys):
    fastest, _ = front_of(gnomon, tmp_path)
    capsys.readouterr()
    options = ["--max-latency-ms", "0.0001,1000", "--json", tmp_path / "all.json"]
    assert gnomon("search", "ofa-mbv3", *SMALL, *options) == 1
    shown = capsys.readouterr().out
    assert "no network keeps 0.0001 ms: the least on toy-cpu is a bound of" in shown
    assert json.dumps(fastest["architecture"]) in shown
    impossible, easy = json.loads((tmp_path / "all.json").read_text())["answers"]
    assert impossible["best"] is None
    assert impossible["reachable"]["toy-cpu"]["latency_us"] == fastest["latency_us"]
    assert easy["best"]


def test_several_devices_keep_the_budget_together(gnomon, tmp_path):
    out = tmp_path / "all.json"
    devices = ["--device", "toy-cpu", "--device", "toy-fast", "--json", out, "-q"]
    assert gnomon("search", "mbv2", *SMALL, *devices, "--max-latency-ms", "1000") == 0
    report = json.loads(out.read_text())
    assert report["front"]["device"] == "toy-cpu,toy-fast"
    for point in report["front"]["points"]:
        latencies = {name: d["latency_us"] for name, d in point["devices"].items()}
        assert point["latency_us"] == max(latencies.values()) == latencies["toy-cpu"]
    (answer,) = report["answers"]
    assert answer["best"] == report["front"]["points"][-1]
    assert gnomon("search", "mbv2", *SMALL, *devices, "--max-latency-ms", "0.0001") == 1
    least = json.loads(out.read_text())["answers"][0]["reachable"]
    for name, point in least.items():
        assert point["latency_us"] == point["devices"][name]["latency_us"]
    assert least["toy-fast"]["latency_us"] < least["toy-cpu"]["latency_us"]


def test_spaces_without_an_accuracy_model_are_judged_by_work(gnomon, capsys):
    assert gnomon("search", "mbv2", *SMALL) == 0
    captured = capsys.readouterr()
    assert "judged by macs" in captured.err
    assert "no other beats in latency and macs" in captured.out


def test_decisions_that_are_not_always_active_are_found_to_matter(gnomon, tmp_path):
    # The toy runtime fuses nothing: equal kernels of edges are shared, which other edges cut off.
    front = tmp_path / "front.json"
    small = ["--resolutions", "16", "--bundle", TOY, "-q"]
    assert gnomon("search", "nasbench201", *small, "--front", front) == 0
    assert json.loads(front.read_text())["exact_gap"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none"], "no space 'none': expected one of"),
        (["mbv2", "--max-latency-ms", "a"], "--max-latency-ms a: expected numbers"),
        (["mbv2", "--max-latency-ms", "-1"], "--max-latency-ms -1: expected times above 0"),
        (["mbv2", "--metric", "latency,energy"], "--metric energy: a bundle of models has none"),
        (["mbv2", "--metric", "latency,heat"], "has no 'heat': expected some of latency"),
        (["mbv2", "--accuracy", "no.json"], "--accuracy no.json: expected a file, or one of macs"),
        (
            ["mbv2", "--algorithm", "guess"],
            "algorithm: no 'guess', expected one of: exact, ilp, candidates",
        ),
        (["mbv2", "--plot", "front.png"], "--plot front.png: expected a name that ends in .svg"),
        (["mbv2", "--export", "a.onnx"], "--export: expected --max-latency-ms, too"),
        (["mbv2", "--resolutions", "x"], "--resolutions x: expected numbers"),
        (
            ["mbv2", "--device", "toy-fast", "--device", "toy-fast"],
            "device: 'toy-fast' is asked for twice",
        ),
    ],
)
def test_search_refuses(gnomon, capsys, arguments, said):
    assert gnomon("search", *arguments, "--bundle", TOY) == 2
    assert said in capsys.readouterr().err


def test_an_accuracy_model_of_another_space_is_refused(gnomon, capsys):
    model = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"
    assert gnomon("search", "mbv2", *SMALL, "--accuracy", model) == 2
    assert "ofa-mbv3-additive.json" in capsys.readouterr().err


def test_marks_of_an_axis_are_round():
    axis = front_picture.Axis([3.2, 9.9], 0, 100)
    assert axis.marks() == [4, 6, 8, 10]


def test_no_algorithm_beats_the_exact_answer(gnomon, tmp_path):
    _, best = front_of(gnomon, tmp_path)
    budget = f"{best['high_us'] * 0.8 / 1e3:.6f}"
    answers = {}
    others = (
        "ilp",
        "evolution",
        "two-stage",
        "netadapt",
        "netadapt-v2",
        "fp-nas",
        "parsec",
        "flash",
        "gradient",
        "la-dnas",
        "random",
    )
    for algorithm in ("exact", *others):
        out = tmp_path / f"{algorithm}.json"
        options = ["--algorithm", algorithm, "--evaluations", 3000, "--max-latency-ms", budget]
        assert gnomon("search", "ofa-mbv3", *SMALL, *options, "--json", out, "-q") == 0
        report = json.loads(out.read_text())
        assert report["front"]["algorithm"] == algorithm
        (answers[algorithm],) = report["answers"]
    exact = answers["exact"]["best"]["accuracy"]
    for name in others:
        found = answers[name]["best"]["accuracy"]
        assert found <= exact
        assert answers[name]["gap"] == pytest.approx(exact - found, abs=2e-9)


@pytest.mark.parametrize(
    "algorithm",
    [
        "ilp",
        "evolution",
        "two-stage",
        "netadapt",
        "netadapt-v2",
        "fp-nas",
        "parsec",
        "flash",
        "gradient",
        "la-dnas",
    ],
)
def test_without_a_network_that_fits_algorithms_say_so(gnomon, tmp_path, algorithm):
    options = ["--algorithm", algorithm, "--max-latency-ms", "0.0001", "-q"]
    out = tmp_path / "all.json"
    assert gnomon("search", "ofa-mbv3", *SMALL, *options, "--json", out) == 1
    (answer,) = json.loads(out.read_text())["answers"]
    assert answer["best"] is None
    assert answer["reachable"]["toy-cpu"]["latency_us"] > 0


@pytest.mark.parametrize("form", ["mnasnet", "mnasnet-hard", "add-linear"])
def test_trade_offs_weigh_a_budget(gnomon, tmp_path, capsys, form):
    _, best = front_of(gnomon, tmp_path)
    budget = f"{best['high_us'] * 0.5 / 1e3:.6f}"
    asked = ["--algorithm", "evolution", "--evaluations", 3000, "--max-latency-ms", budget]
    out = tmp_path / "weighed.json"
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", *SMALL, *asked, "--objective", form, "--json", out) == 0
    assert f"weighed by {form}" in capsys.readouterr().out
    report = json.loads(out.read_text())
    assert report["front"]["tradeoff"] == form
    assert report["front"]["objective"] == "accuracy"
    (answer,) = report["answers"]
    ratio = answer["best"]["high_us"] / answer["max_latency_us"]
    assert answer["keeps_budget"] == (ratio <= 1)
    value = answer["best"]["accuracy"]
    weighed = {
        "mnasnet": value * ratio**-0.07,
        "mnasnet-hard": value if ratio <= 1 else value / ratio,
        "add-linear": value - 0.1 * (ratio - 1),
    }
    assert answer["weighed"] == pytest.approx(weighed[form], abs=1e-4)


def test_rejection_says_that_it_found_nothing(gnomon, tmp_path, capsys):
    smallest, _ = front_of(gnomon, tmp_path)
    budget = f"{smallest['high_us'] * 1.001 / 1e3:.6f}"
    asked = ["--algorithm", "evolution", "--max-latency-ms", budget, "--seed", 1]
    out = tmp_path / "r.json"
    reject = ["--constraint", "reject", "--json", out]
    capsys.readouterr()
    assert gnomon("search", "ofa-mbv3", *SMALL, *asked, *reject) == 1
    assert "none of the 5000 networks drawn keeps it" in capsys.readouterr().out
    assert gnomon("search", "ofa-mbv3", *SMALL, *asked, "-q") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--constraint", "pray"], "expected repair or reject"),
        (["--objective", "beauty"], "no form 'beauty', expected one of: hard, mnasnet"),
        (["--objective", "mnasnet", "--algorithm", "exact"], "such as evolution"),
        (["--objective", "mnasnet", "--algorithm", "netadapt"], "goes down to limits"),
        (["--objective", "mul-log", "--algorithm", "evolution"], "above 1 ms"),
    ],
)
def test_what_cannot_be_weighed_is_refused(gnomon, capsys, arguments, message):
    assert gnomon("search", "ofa-mbv3", *SMALL, "--max-latency-ms", "0.5", *arguments) == 2
    assert message in capsys.readouterr().err
