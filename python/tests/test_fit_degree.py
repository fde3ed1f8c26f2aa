"""Accuracy from NN-Degree: the fit, its file, and searches that it judges."""

from __future__ import annotations

import csv
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest

from gnomon.accuracy.degree import DegreeModel, fit_degree, topologies
from gnomon.cli.output import ROOT

MACRO = str(ROOT / "data" / "spaces" / "nas-bench-macro.json")
LAYERS = [f"layer{i}" for i in range(8)]
PUBLIC = os.environ.get("GNOMON_PUBLIC_DATA")


def test_planted_numbers_come_back_from_25_noisy_networks():
    planted = DegreeModel(1.04, 300.0, -3.0)
    rng = np.random.default_rng(0)
    degrees = rng.uniform(50, 1500, 25)
    noisy = planted(degrees) + rng.normal(0, 0.002, 25)
    found = fit_degree(degrees, noisy)
    assert found.a == pytest.approx(planted.a, rel=0.01)
    assert found.b == pytest.approx(planted.b, rel=0.05)
    assert found.c == pytest.approx(planted.c, rel=0.05)
    grid = np.linspace(degrees.min(), 3000, 100)
    assert np.abs(found(grid) - planted(grid)).max() < 0.003


def test_below_the_least_degree_the_model_is_its_tangent():
    model, plain = DegreeModel(1.04, 300.0, -3.0, 100.0), DegreeModel(1.04, 300.0, -3.0)
    inside = np.array([100.0, 200.0])
    assert (model(inside) == plain(inside)).all()
    step = 1e-3
    slope = (plain(np.array([100 + step])) - plain(np.array([100 - step])))[0] / (2 * step)
    assert model(np.array([90.0]))[0] == pytest.approx(plain(np.array([100.0]))[0] - 10 * slope)


@pytest.mark.parametrize("degrees", [[1.0, 2.0, 3.0], [2.0, 2.0, 2.0, 2.0]])
def test_too_few_degrees_are_refused(degrees):
    with pytest.raises(ValueError, match="at least 4 networks of different NN-Degree"):
        fit_degree(np.array(degrees), np.full(len(degrees), 0.5))


def made_up_table(path: Path, count: int = 60) -> DegreeModel:
    """Accuracies of random networks of the macro space by a planted model, in percent."""
    rng = np.random.default_rng(1)
    rows = [dict(zip(LAYERS, map(str, rng.integers(0, 3, 8)), strict=True)) for _ in range(count)]
    networks = topologies(MACRO, [{**row, "r": 32} for row in rows])["networks"]
    model = DegreeModel(1.03, 1500.0, -3.0)
    truth = model(np.array([network["nn_degree"] for network in networks]))
    lines = [",".join([*LAYERS, "top1"])]
    lines += [
        ",".join([*row.values(), f"{100 * (value + rng.normal(0, 0.001)):.4f}"])
        for row, value in zip(rows, truth, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return model


def fitted(gnomon, tmp_path: Path) -> tuple[Path, dict]:
    table, out, report = tmp_path / "t.csv", tmp_path / "degree.json", tmp_path / "report.json"
    made_up_table(table)
    options = ["--space", MACRO, "--column", "top1", "--out", out, "--json", report, "-q"]
    assert gnomon("fit-degree", table, *options) == 0
    return out, json.loads(report.read_text())


def test_the_fit_ranks_rows_that_it_has_not_seen(gnomon, tmp_path):
    out, report = fitted(gnomon, tmp_path)
    assert report["held_out"]["networks"] == 35
    assert report["held_out"]["mae"] < 0.002
    assert report["held_out"]["spearman"]["nn_degree"] > 0.95
    file = json.loads(out.read_text())
    assert (file["kind"], file["space"]) == ("nn-degree", "nas-bench-macro")
    near = json.loads((tmp_path / file["stand_in"]).read_text())
    assert [table["decisions"] for table in near["tables"]][1:] == [["resolution"]] + [
        [name] for name in LAYERS
    ]


@pytest.mark.parametrize("algorithm", ["exact", "flash"])
def test_a_search_is_judged_by_the_degree(gnomon, tmp_path, algorithm):
    model, _ = fitted(gnomon, tmp_path)
    out = tmp_path / "found.json"
    options = ["--accuracy", model, "--max-latency-ms", "100", "--algorithm", algorithm]
    assert gnomon("search", MACRO, *options, "--json", out, "-q", "--evaluations", 2000) == 0
    report = json.loads(out.read_text())
    best = report["answers"][0]["best"]
    numbers = json.loads(model.read_text())
    degree = topologies(MACRO, [best["architecture"]])["networks"][0]["nn_degree"]
    theta = DegreeModel(numbers["a"], numbers["b"], numbers["c"], numbers["least_degree"])
    assert best["accuracy"] == pytest.approx(theta(np.array([degree]))[0], abs=1e-9)
    every = topologies(MACRO, [], draw=2000)["networks"]
    assert degree >= np.quantile([network["nn_degree"] for network in every], 0.99)


def test_what_is_wrong_with_a_model_is_said(gnomon, tmp_path, capsys):
    model, _ = fitted(gnomon, tmp_path)
    file = json.loads(model.read_text())
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({**file, "a": -1}))
    search = ["search", MACRO, "--max-latency-ms", "100", "-q", "--accuracy"]
    assert gnomon(*search, broken) == 2
    assert "expected a number that is not negative, found -1" in capsys.readouterr().err
    broken.write_text(json.dumps({**file, "stand_in": "elsewhere.json"}))
    assert gnomon(*search, broken) == 2
    assert "elsewhere.json is not there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("column", "samples", "message"),
    [("top5", 25, "no column 'top5'"), ("top1", 60, "at least 63 rows, found 60")],
)
def test_what_is_wrong_with_a_table_is_said(gnomon, tmp_path, capsys, column, samples, message):
    table = tmp_path / "t.csv"
    made_up_table(table)
    options = ["--space", MACRO, "--column", column, "--samples", samples]
    assert gnomon("fit-degree", table, *options, "--out", tmp_path / "out.json") == 2
    assert message in capsys.readouterr().err


@pytest.mark.skipif(not PUBLIC, reason="GNOMON_PUBLIC_DATA names no folder")
def test_the_macro_space_counts_as_its_publishers_do():
    with gzip.open(Path(PUBLIC) / "nas_bench_macro.csv.gz", "rt") as stream:
        rows = list(csv.DictReader(stream))
    architectures = [dict(zip(LAYERS, row["arch"], strict=True)) | {"r": 32} for row in rows]
    networks = topologies(MACRO, architectures)["networks"]
    for row, network in zip(rows, networks, strict=True):
        assert (network["macs"], network["params"]) == (int(row["flops"]), int(row["params"]))
