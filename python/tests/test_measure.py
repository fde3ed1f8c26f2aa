"""`gnomon measure` and `gnomon probe` on the command line."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from onnx import TensorProto, helper, save

PYTHON = Path(__file__).parents[1]


def _gnomon(*arguments: object) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
    command = [sys.executable, "-m", "gnomon", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A token model with a dynamic batch and an integer input."""
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ("batch", 8))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ("batch", 8, 4))
    table = helper.make_tensor("table", TensorProto.FLOAT, (64, 4), [0.5] * 256)
    node = helper.make_node("Gather", ["table", "input_ids"], ["y"])
    graph = helper.make_graph([node], "net", [ids], [y], [table])
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8),
        tmp_path / "net.onnx",
    )
    return tmp_path / "net.onnx"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_measure_writes_the_csv_and_the_protocols_error(net, tmp_path):
    out, report = tmp_path / "m.csv", tmp_path / "m.json"
    done = _gnomon(
        "measure", net, "--out", out, "--seconds", 0, "--dim", "batch=2", "--json", report
    )
    assert done.returncode == 0, done.stderr
    row = _rows(out)[0]
    assert list(row)[:2] == ["model", "latency_ms"]
    assert row["model"] == str(net) and float(row["latency_ms"]) > 0 and row["rounds"] == "6"
    assert json.loads(report.read_text())["half_to_half_error"]["median"] >= 0
    assert "run-to-run" in done.stdout


def test_a_bad_network_is_named_and_the_others_go_on(net, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"not a model")
    out = tmp_path / "m.csv"
    done = _gnomon(
        "measure", bad, net, tmp_path / "none.onnx", "--out", out, "--seconds", 0, "--repeats", 2
    )
    assert done.returncode == 2
    assert [r["model"] for r in _rows(out)] == [str(net)]
    assert "not an ONNX model" in done.stderr and "no such file" in done.stderr


def test_wrong_shape_options_are_bad_use(net, tmp_path):
    done = _gnomon("measure", net, "--out", tmp_path / "m.csv", "--shape", "input_ids=2y8")
    assert done.returncode == 2 and "1x3x224x224" in done.stderr


def test_probe_prints_a_device_spec():
    done = _gnomon("probe", "--seconds", 0.01, "--name", "here", "-q")
    assert done.returncode == 0, done.stderr
    spec = json.loads(done.stdout)
    assert spec["schema"] == 1 and spec["kind"] == "cpu" and spec["name"] == "here"
    assert spec["peak_flops"]["f32"] > spec["peak_flops"]["f64"] > 0
    assert spec["memory_bandwidth_bytes_per_s"] > 1e8 and spec["launch_overhead_us"] > 0
    assert spec["simd_bits"] in (128, 256, 512) and spec["sm_count"] is None
