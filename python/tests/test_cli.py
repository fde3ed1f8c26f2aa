"""The `gnomon` command: what it answers, what it refuses, and its exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from gnomon.cli import output

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
COMMANDS = [
    "adapt",
    "bundles",
    "devices",
    "fit-accuracy",
    "fit-latency",
    "measure",
    "network",
    "predict",
    "probe",
    "profile",
    "recognize",
    "search",
    "spaces",
    "table",
    "train",
]
NET = """func.func @main(%x: tensor<256xf32>) -> tensor<256xf32> {
  %0 = "onnx.Relu"(%x) {onnx_node_name = "relu1"} : (tensor<256xf32>) -> tensor<256xf32>
  return %0 : tensor<256xf32>
}
"""


@pytest.fixture
def nets(tmp_path: Path) -> dict[str, Path]:
    """A network, one that does not parse, and one without a function."""
    texts = {"good": NET, "broken": "func.func @main(", "empty": "module {}"}
    paths = {name: tmp_path / f"{name}.mlir" for name in texts}
    for name, path in paths.items():
        path.write_text(texts[name])
    return paths


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + [["evaluate", "models"]])
def test_help_shows_an_example(gnomon, capsys, command):
    assert gnomon(*command, "--help") == 0
    assert f"Example: gnomon {' '.join(command)}" in capsys.readouterr().out


def test_commands_are_registered_once_a_process(gnomon):
    from gnomon.cli import app

    assert gnomon("devices") == 0
    once = len(app.registered_commands)
    assert gnomon("devices") == 0
    assert len(app.registered_commands) == once


def test_predict_answers_the_others_when_one_is_broken(gnomon, nets, tmp_path, capsys):
    table, report = tmp_path / "out.csv", tmp_path / "out.json"
    order = [nets["broken"], nets["good"], nets["empty"], tmp_path / "missing.onnx"]
    status = gnomon("predict", *order, "--bundle", TOY, "--csv", table, "--json", report)
    assert status == 2
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["model"] for row in rows] == [str(nets["good"])]
    assert list(rows[0]) == ["model", "latency_ms", "low_ms", "high_ms", "covered_time"]
    answer = json.loads(report.read_text())
    assert [network["model"] for network in answer["networks"]] == [str(nets["good"])]
    assert [failure["model"] for failure in answer["failed"]] == [
        str(path) for path in order if path != nets["good"]
    ]
    said = capsys.readouterr()
    assert "3 of 4 networks could not be predicted" in said.err
    assert "expected a function with a body, found none" in said.err
    assert "relu1" in said.out


def test_predict_names_what_no_model_covers(gnomon, nets, capsys):
    assert gnomon("predict", nets["good"], "--bundle", TOY) == 0
    said = capsys.readouterr().out
    assert "not predicted: Relu (1 kernels): the bundle has no model for 'elementwise'" in said


def test_json_on_standard_output_is_nothing_but_json(gnomon, nets, capsys):
    assert gnomon("predict", nets["good"], "--bundle", TOY, "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["networks"][0]["device"] == "toy-cpu"


def test_a_device_is_a_name_of_the_list_or_of_the_bundle(gnomon, nets, capsys):
    for name in ("toy-cpu", "toy-fast", "epyc-zen4-1t"):
        arguments = ["--bundle", TOY, "--device", name, "--json", "-"]
        assert gnomon("predict", nets["good"], *arguments) == 0
        assert json.loads(capsys.readouterr().out)["networks"][0]["device"] == name
    assert gnomon("predict", nets["good"], "--bundle", TOY, "--device", "h9000") == 2
    assert "device 'h9000': no such device" in capsys.readouterr().err


def test_lists_hold_what_is_shipped(gnomon, capsys):
    assert gnomon("bundles", "--json", "-") == 0
    shipped = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["bundles"]}
    bundle, for_gpus = shipped[output.DEFAULT_BUNDLE], shipped["gpu-pytorch-f32"]
    for entry in (bundle, for_gpus):
        assert 0 < entry["bytes"] < 5e6
        assert 0 < entry["errors"]["median_ape"] < 1
    assert gnomon("devices", "--json", "-") == 0
    names = {spec["name"] for spec in json.loads(capsys.readouterr().out)["devices"]}
    assert names == {path.stem for path in (ROOT / "data" / "devices").glob("*.json")}
    assert {bundle["device"], *for_gpus["devices"]} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bundle", "nowhere"], "no bundle 'nowhere': expected a folder with bundle.json"),
        (["--bundle", TOY, "--confidence", "2"], "--confidence"),
        (["--bundle", TOY, "--csv", "/proc/no/such.csv"], "/proc/no"),
        (["--wrong"], "--wrong"),
    ],
)
def test_bad_use_is_refused(gnomon, nets, capsys, arguments, message):
    assert gnomon("predict", nets["good"], *arguments) == 2
    assert message in capsys.readouterr().err


def test_a_bundle_from_the_future_is_refused_by_name(gnomon, nets, tmp_path, capsys):
    folder = tmp_path / "future"
    folder.mkdir()
    description = json.loads((TOY / "bundle.json").read_text())
    description["features"]["names"].append("phase_of_the_moon")
    (folder / "bundle.json").write_text(json.dumps(description))
    assert gnomon("predict", nets["good"], "--bundle", folder) == 2
    assert "does not know the feature 'phase_of_the_moon'" in capsys.readouterr().err


def test_a_missing_native_library_says_how_to_build_it(nets, tmp_path):
    settings = {"PYTHONPATH": str(ROOT / "python"), "GNOMON_BUILD_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "gnomon", "predict", str(nets["good"])]
    ended = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "--target gnomon_native" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_evaluate_judges_what_it_can_and_names_the_rest(gnomon, nets, tmp_path, capsys):
    table = tmp_path / "measured.csv"
    table.write_text("model,latency_ms\ngood.mlir,0.01\nbroken.mlir,1\n")
    report = tmp_path / "report.json"
    assert gnomon("evaluate", "models", table, "--bundle", TOY, "--json", report) == 2
    answer = json.loads(report.read_text())
    assert answer["rows"][0]["n"] == 1
    wanted = {"mae_ms", "rmse_ms", "mape", "within5", "within10", "spearman", "kendall"}
    assert set(answer["rows"][0]) >= wanted | {"column", "samples", "method", "coverage90"}
    assert len(answer["failed"]) == 1
    assert "1 of 2 networks have no prediction" in capsys.readouterr().err


def test_tables_cut_texts_in_a_narrow_terminal_and_keep_numbers(capsys, monkeypatch):
    long = "a-folder/" * 30 + "net.onnx"
    output.print_table("piped", ["network", "ms"], [[long, "12345.678"]])
    assert long in capsys.readouterr().out
    console = lambda: Console(width=40, force_terminal=True)  # noqa: E731
    monkeypatch.setattr(output, "Console", console)
    output.print_table("narrow", ["network", "ms"], [[long, "12345.678"], ["[b]x", "1.000"]])
    said = capsys.readouterr().out
    assert "12345.678" in said and "[b]x" in said and "…" in said
    assert len(said.splitlines()) == 7


def test_short_names_drop_the_folder_in_common():
    assert output.short_names(["/a/b/x.onnx", "/a/c/y.onnx"]) == ["b/x.onnx", "c/y.onnx"]
    assert output.short_names(["x.onnx", "c/y.onnx"]) == ["x.onnx", "c/y.onnx"]
    assert output.short_names(["/a/b/x.onnx"]) == ["x.onnx"]
