"""`--dim batch=N` for networks that were exported for a batch of one."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon import _native


def save(path: Path, batch: int | str, flattened: list[int]) -> str:
    weight = numpy_helper.from_array(np.zeros((4, 3, 1, 1), np.float32), "w")
    shape = numpy_helper.from_array(np.array(flattened, np.int64), "shape")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"]),
        helper.make_node("Reshape", ["c", "shape"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 2, 2])
    middle = helper.make_tensor_value_info("c", TensorProto.FLOAT, [batch, 4, 2, 2])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 16])
    graph = helper.make_graph(nodes, "g", [x], [y], [weight, shape], value_info=[middle])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, path)
    return str(path)


def test_a_batch_of_one_takes_another(tmp_path: Path) -> None:
    path = save(tmp_path / "one.onnx", 1, [-1, 16])
    text = _native.import_onnx(path, {}, {"batch": 8})
    assert "tensor<8x4x2x2xf32>" in text and "tensor<8x16xf32>" in text
    assert "tensor<1x4x2x2xf32>" in _native.import_onnx(path, {}, {"batch": 1})
    assert "tensor<1x4x2x2xf32>" in _native.import_onnx(path)


def test_a_named_batch_is_that_dimension(tmp_path: Path) -> None:
    path = save(tmp_path / "named.onnx", "batch", [-1, 16])
    assert "tensor<8x16xf32>" in _native.import_onnx(path, {}, {"batch": 8})


def test_another_fixed_batch_is_kept(tmp_path: Path) -> None:
    path = save(tmp_path / "four.onnx", 4, [-1, 16])
    assert "tensor<4x16xf32>" in _native.import_onnx(path, {}, {"batch": 8})


@pytest.mark.parametrize("flattened", [[1, 16], [1, -1]])
def test_a_batch_written_into_the_network_is_refused(tmp_path: Path, flattened: list[int]) -> None:
    path = save(tmp_path / "fixed.onnx", 1, flattened)
    with pytest.raises(RuntimeError, match="'batch' is 8, but the Reshape of 'y' makes a batch of"):
        _native.import_onnx(path, {}, {"batch": 8})
