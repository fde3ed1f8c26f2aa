"""Latency that a network has learned: fitted to a bundle, asked for gradients, searched with."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gnomon.learning.dense import dense_network

BUNDLE = "ort-cpu-1t-f32"
FIT = ["--bundle", BUNDLE, "--space", "ofa-mbv3", "--resolutions", "160,192"]
SEARCH = ["ofa-mbv3", "--resolutions", "160,192", "--algorithm", "la-dnas"]
BUDGET = ["--max-latency-ms", "5"]
OPT = Path(os.environ.get("GNOMON_BUILD_DIR", "build/release")) / "bin" / "gnomon-opt"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A network of 1,600 networks of two resolutions."""
    from gnomon.cli import fit_latency

    path = tmp_path_factory.mktemp("fit") / "cpu.json"
    fit_latency.fit_latency(
        path,
        space="ofa-mbv3",
        bundle=BUNDLE,
        networks=2000,
        resolutions="160,192",
        epochs=20,
        quiet=True,
    )
    return path


def search(gnomon, path: Path, *arguments: object) -> dict:
    assert gnomon("search", *SEARCH, *BUDGET, "-q", "--json", path, *arguments) == 0
    return json.loads(path.read_text())


def code_of(content: dict, shares: dict[str, dict[str, float]]) -> np.ndarray:
    """The inputs at shares of options; a slot counts as far as its stage is deep enough."""
    row = np.zeros(content["inputs"])
    for decision, options in content["encoding"].items():
        active = 1.0
        if match := re.fullmatch(r"(stage\d)_block([23])", decision):  # the others always
            depth = shares[f"{match[1]}_depth"]
            active = sum(p for name, p in depth.items() if int(name[1:]) > int(match[2]))
        for option, additions in options.items():
            for place, value in additions:
                row[place] += active * shares.get(decision, {}).get(option, 0.0) * value
    return row


def answer(content: dict, row: np.ndarray) -> float:
    """The network's, in double precision."""
    network = dense_network(content["network"])
    for weights, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
        row = np.maximum(weights.astype(float) @ row + bias, 0)
    return float((network.weights[-1].astype(float) @ row + network.biases[-1])[0])


def test_a_bundle_is_learned_and_what_is_left_out_scores(model: Path) -> None:
    content = json.loads(model.read_text())
    assert content["errors"]["n"] == 400
    assert content["errors"]["mape"] < 0.1  # the paper's figure, of 100,000 networks
    assert (content["space"], content["width_mult"]) == ("ofa-mbv3", 1.0)
    assert content["provenance"]["bundle"] == BUNDLE
    assert content["provenance"]["rows"] == 1600


def test_equal_bytes_for_equal_seeds(gnomon, tmp_path: Path) -> None:
    texts = []
    for seed in (1, 1, 2):
        few = ("--networks", 100, "--epochs", 1, "--seed", seed)
        assert gnomon("fit-latency", *FIT, *few, "--out", tmp_path / "m.json", "-q") == 0
        texts.append((tmp_path / "m.json").read_bytes())
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("settled", [False, True])
def test_annotated_gradients_equal_finite_differences(
    model: Path, tmp_path: Path, settled: bool
) -> None:
    """To 1e-4 of the greatest, at shares that are alike and at a network."""
    content = json.loads(model.read_text())
    space = "--gnomon-build-space=space=ofa-mbv3 resolutions=160,192"
    empty = tmp_path / "empty.mlir"
    empty.write_text("module {}\n")
    built = subprocess.run([OPT, empty, space], capture_output=True, text=True, check=True).stdout
    if settled:
        built = re.sub(r'(gnomon.decision @\S+ \[.*?("\w+")\])', r"\1 selected \2", built)
    (tmp_path / "space.mlir").write_text(built)
    annotate = f"--gnomon-annotate-latency-gradient=latency-model={model}"
    text = subprocess.run(
        [OPT, tmp_path / "space.mlir", annotate], capture_output=True, text=True, check=True
    ).stdout
    found = re.findall(r"gnomon.decision @(\S+) \[(.*?)\].*array<f64: (.*?)>", text)
    names = {decision: re.findall(r'"(\w+)"', options) for decision, options, _ in found}
    shares = {
        decision: {
            option: float(option == options[-1]) if settled else 1 / len(options)
            for option in options
        }
        for decision, options in names.items()
    }
    step, slopes, annotated = 1e-6, [], []
    for decision, _, values in found:
        for option, value in zip(names[decision], values.split(","), strict=True):
            sides = []
            for sign in (1, -1):
                moved = {name: dict(row) for name, row in shares.items()}
                moved[decision][option] += sign * step
                sides.append(answer(content, code_of(content, moved)))
            slopes.append((sides[0] - sides[1]) / (2 * step) * 1e3)  # us
            annotated.append(float(value))
    assert len(slopes) > 150
    assert max(map(abs, slopes)) > 10
    assert annotated == pytest.approx(slopes, abs=1e-4 * max(map(abs, slopes)) + 1e-3)


def test_the_search_says_both_latencies_and_keeps_the_bundles(
    gnomon, model: Path, tmp_path: Path, capsys
) -> None:
    report = search(gnomon, tmp_path / "a.json", "--latency-model", model)
    best, content = report["answers"][0]["best"], json.loads(model.read_text())
    assert report["front"]["latency_model"] == content["name"]
    assert best["high_us"] <= 5000
    shares = {
        decision: {option: 1.0} for decision, option in report["answers"][0]["selection"].items()
    }
    expected = answer(content, code_of(content, shares)) * 1e3
    assert best["learned_us"] == pytest.approx(expected, rel=1e-5)
    assert best["learned_us"] == pytest.approx(best["latency_us"], rel=0.1)
    exact = ["ofa-mbv3", "--resolutions", "160,192", *BUDGET, "--json", tmp_path / "e.json", "-q"]
    assert gnomon("search", *exact) == 0
    optimum = json.loads((tmp_path / "e.json").read_text())["answers"][0]["best"]["accuracy"]
    assert optimum - 0.01 <= best["accuracy"] <= optimum
    assert gnomon("search", *SEARCH, *BUDGET, "--latency-model", model) == 0
    assert "learned ms" in " ".join(capsys.readouterr().out.split())


def test_the_same_bytes_for_the_same_seed_whatever_the_threads(
    gnomon, model: Path, tmp_path: Path
) -> None:
    fronts = []
    for jobs in (1, 2):
        path = tmp_path / f"{jobs}.json"
        arguments = ("--latency-model", model, "--jobs", jobs, "--seed", 3, "--front", path)
        search(gnomon, tmp_path / "r.json", *arguments)
        fronts.append(path.read_bytes())
    assert fronts[0] == fronts[1]


def test_gradients_of_a_network_that_knows_nothing_lead_nowhere(
    gnomon, model: Path, tmp_path: Path
) -> None:
    content = json.loads(model.read_text())
    for layer in content["network"]["layers"]:
        layer["weights"] = [0.0] * layer["inputs"] * layer["outputs"]
    (tmp_path / "nothing.json").write_text(json.dumps(content))
    learned, nothing = (
        search(gnomon, tmp_path / "r.json", "--latency-model", file)["answers"][0]["best"]
        for file in (model, tmp_path / "nothing.json")
    )
    assert nothing["high_us"] <= 5000  # what the bundle says keeps the budget
    assert nothing["accuracy"] < learned["accuracy"] - 0.005


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({"space": "compofa"}, BUDGET, "is about compofa, expected ofa-mbv3"),
        ({"metric": "energy"}, BUDGET, "expected a latency in ms or us to be minimized"),
        ({"width_mult": 1.2}, BUDGET, "is about networks of width 1.2, expected 1"),
        ({"inputs": 300}, BUDGET, "the network takes 128 inputs, the encoding gives 300"),
        ({}, [], "expected --max-latency-ms, too"),
        ({}, [*BUDGET, "--sure", "0.9"], "no trade-off, no weights, no probability"),
        ({}, [*BUDGET, "--algorithm", "gradient"], "expected la-dnas"),
        ({}, [*BUDGET, "--width-mult", "1.2"], "is about networks of width 1, expected 1.2"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    gnomon, model: Path, tmp_path: Path, capsys, change: dict, arguments: list, said: str
) -> None:
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(json.loads(model.read_text()) | change))
    assert gnomon("search", *SEARCH, "--latency-model", file, *arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_what_cannot_be_fitted_is_said(gnomon, tmp_path: Path, capsys) -> None:
    out = ("--out", tmp_path / "m.json")
    for arguments, said in (
        ((), "expected either a table with --column, or --bundle"),
        (("--bundle", BUNDLE), "expected --space, whose networks are drawn"),
        (("--bundle", BUNDLE, "--space", "none"), "no space 'none'"),
        ((*FIT, "--device", "nowhere"), "nowhere"),
        ((*FIT[:4], "--resolutions", "big"), "expected integers between commas"),
        ((tmp_path / "t.csv",), "expected --column, a column of the table"),
    ):
        assert gnomon("fit-latency", *arguments, *out) == 2
        assert said in " ".join(capsys.readouterr().err.split())
