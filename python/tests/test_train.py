"""`gnomon train` on a made-up profile: the same bytes each time, and a bundle that predicts."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon import cli
from gnomon.learning.network import KernelTimes, NetworkTerm
from gnomon.predictor import predict

LAYERS = 9


def _network(index: int) -> tuple[onnx.ModelProto, list[dict]]:
    """A chain of matrix products whose widths differ, and times that grow with their work."""
    widths = [8 * (1 + (index + 3 * layer) % 11) for layer in range(LAYERS + 1)]
    nodes, weights, timed = [], [], []
    for layer, (before, after) in enumerate(pairwise(widths)):
        weight = numpy_helper.from_array(np.zeros((before, after), np.float32), f"w{layer}")
        names = [f"t{layer}", f"w{layer}"], [f"t{layer + 1}"]
        nodes.append(helper.make_node("MatMul", *names, name=f"m{layer}"))
        weights.append(weight)
        timed.append(
            {
                "name": f"m{layer}",
                "op_type": "MatMul",
                "domain": "",
                "inputs": names[0],
                "outputs": names[1],
                "time_us": 3.0 + before * after / 40,
            }
        )
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [16, width])
        for name, width in (("t0", widths[0]), (f"t{LAYERS}", widths[-1]))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], weights)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10), timed


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Eight networks as `gnomon profile` leaves them."""
    folder = tmp_path / "profile"
    for part in ("networks", "records"):
        (folder / part).mkdir(parents=True)
    for index in range(8):
        model, nodes = _network(index)
        onnx.save(model, folder / "networks" / f"n{index}.onnx")
        record = {
            "schema": 1,
            "id": f"n{index}",
            "family": "chain",
            "model": f"networks/n{index}.onnx",
            "end_to_end_us": sum(node["time_us"] for node in nodes) + 5.0,
            "nodes": nodes,
        }
        (folder / "records" / f"n{index}.json").write_text(json.dumps(record))
    return folder


def _train(profile: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    options = ["--trees", "12", "--depth", "3", "--jobs", "2", "--made-on", "2026-01-01", "-q"]
    command = ["gnomon", "train", str(profile), "--out", str(out), *options]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    return out


def test_training_twice_gives_the_same_bytes(profile, tmp_path, monkeypatch):
    first, second = (
        _train(profile, tmp_path / name / "mine", monkeypatch) for name in ("first", "second")
    )
    names = sorted(path.name for path in first.iterdir())
    assert "bundle.json" in names and "matmul.ubj" in names
    assert names == sorted(path.name for path in second.iterdir())
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_trained_bundle_predicts_its_own_networks(profile, tmp_path, monkeypatch):
    bundle = _train(profile, tmp_path / "mine", monkeypatch)
    prediction = predict(str(profile / "networks" / "n0.onnx"), bundle)
    truth = json.loads((profile / "records" / "n0.json").read_text())["end_to_end_us"] / 1e3
    assert prediction.covered_time == 1.0
    assert prediction.latency_ms == pytest.approx(truth, rel=0.5)


def test_kernels_add_up_to_the_network_to_the_nanosecond(profile, tmp_path, monkeypatch):
    bundle = _train(profile, tmp_path / "mine", monkeypatch)
    description = json.loads((bundle / "bundle.json").read_text())
    level = {"scale_log": 0.03, "per_kernel_us": -0.4, "per_view_us": 0.3, "constant_us": 5.0006}
    description["network"].update(level)
    (bundle / "bundle.json").write_text(json.dumps(description))
    for index in range(8):
        report = predict(str(profile / "networks" / f"n{index}.onnx"), bundle).report
        kernels = report["kernels"]
        times = KernelTimes(
            np.zeros(len(kernels), int),
            np.array([kernel["latency_us"] for kernel in kernels]),
            np.array([float(kernel["runs"]) for kernel in kernels]),
            np.array([kernel["source"] == "free" for kernel in kernels]),
        )
        assert NetworkTerm(**level).latency_us(times, 1)[0] == report["network"]["latency_us"]
