"""The native module: what it answers, how it fails, and whom it lives beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from gnomon import _native

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "test" / "Inputs" / "toy-bundle"
DEVICE = json.dumps(json.loads((BUNDLE / "bundle.json").read_text())["device"])
RULES = json.dumps({"schema": 1, "name": "toy", "version": "1"})


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network of one activation."""
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [256]) for name in "xy"]
    node = helper.make_node("Relu", ["x"], ["y"], name="relu1")
    graph = helper.make_graph([node], "net", tensors[:1], tensors[1:])
    path = tmp_path / "net.onnx"
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, path)
    return path


def test_features_are_columns(network: Path) -> None:
    columns = _native.features(str(network), RULES, DEVICE)
    assert columns["name"] == ["relu1"]
    assert columns["kind"] == ["elementwise"]
    assert columns["outputs"] == [["y"]]
    assert columns["flops"] == [256]
    assert columns["roofline_us"] == [pytest.approx(3.048)]
    assert set(_native.feature_names()) <= set(columns)


def test_predict_reports(network: Path) -> None:
    report = json.loads(_native.predict(str(network), str(BUNDLE)))
    assert report["network"]["latency_us"] == pytest.approx(13.548)
    assert report["kernels"][0]["source"] == "roofline"


def test_import_gives_text(network: Path) -> None:
    assert '"onnx.Relu"' in _native.import_onnx(str(network))


def test_dimensions_without_a_size_count_as_one(tmp_path: Path) -> None:
    tensors = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n", 256]) for n in "xy"]
    node = helper.make_node("Relu", ["x"], ["y"])
    graph = helper.make_graph([node], "net", tensors[:1], tensors[1:])
    path = str(tmp_path / "dynamic.onnx")
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)

    def flops(**sizes: dict[str, object]) -> float:
        return json.loads(_native.predict(path, str(BUNDLE), **sizes))["kernels"][0]["flops"]

    assert flops() == 256
    assert flops(dims={"n": 3}) == 768
    assert flops(shapes={"x": [5, 256]}) == 1280
    assert _native.features(path, RULES, DEVICE)["flops"] == [256]
    assert "tensor<?x256xf32>" in _native.import_onnx(path)


def test_problems_are_exceptions_with_the_diagnostic(network: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"bundle\.json"):
        _native.predict(str(network), str(tmp_path))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(network.read_bytes()[:-7])
    with pytest.raises(RuntimeError, match=r"broken\.onnx"):
        _native.import_onnx(str(broken))
    with pytest.raises(RuntimeError, match="rules"):
        _native.features(str(network), "{", DEVICE)


@pytest.mark.parametrize(
    "imports",
    [
        "import onnx, onnxruntime, xgboost; from gnomon import _native",
        "from gnomon import _native; import onnx, onnxruntime, xgboost",
    ],
)
def test_lives_beside_other_protobufs(imports: str, network: Path) -> None:
    program = (
        f"{imports}\nonnx.checker.check_model(onnx.load({str(network)!r}))\n"
        f"onnxruntime.InferenceSession({str(network)!r})\n"
        f"assert 'Relu' in _native.import_onnx({str(network)!r})"
    )
    path = os.pathsep.join([str(ROOT / "python"), os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=os.environ | {"PYTHONPATH": path}
    )
