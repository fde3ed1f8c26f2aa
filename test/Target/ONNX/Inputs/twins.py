"""Write the networks of which onnx-mlir-*.mlir are what onnx-mlir makes: KIND FILE."""

import pathlib
import sys

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

nodes: list[NodeProto] = []
weights: list[TensorProto] = []


def weight(*dims: int) -> str:
    """A new weight of the given sizes."""
    name = f"w{len(weights)}"
    weights.append(numpy_helper.from_array(np.full(dims, 0.5, np.float32), name))
    return name


def constant(values: list[int] | float | list[float], kind: type = np.int64) -> str:
    """A new small constant."""
    name = f"w{len(weights)}"
    weights.append(numpy_helper.from_array(np.array(values, kind), name))
    return name


def node(op: str, *inputs: str, **attributes: object) -> str:
    """A node with one output of its name."""
    name = f"{op.lower()}{len(nodes)}"
    nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
    return name


def model(x: list[int], y: list[int], output: str, opset: int) -> ModelProto:
    """The model of all nodes."""
    nodes[-1].output[0] = "y"
    assert output == nodes[-1].name
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
        for name, dims in (("x", x), ("y", y))
    ]
    graph = helper.make_graph(nodes, "main_graph", ends[:1], ends[1:], weights)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def conv() -> ModelProto:
    """Convolutions of several kinds, pooling, resizing and a classifier."""
    x = node("Conv", "x", weight(16, 3, 3, 3), weight(16), pads=[1] * 4, strides=[2, 2])
    x = node("BatchNormalization", x, *(weight(16) for _ in range(4)))
    x = node("Relu", x)
    x = node("MaxPool", x, kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    skip = x
    x = node("Conv", x, weight(16, 1, 3, 3), group=16, pads=[1] * 4)
    x = node("Clip", x, constant(0.0, np.float32), constant(6.0, np.float32))
    x = node("Conv", x, weight(16, 16, 1, 1), weight(16))
    x = node("Add", x, skip)
    x = node("Pad", x, constant([0, 0, 1, 1, 0, 0, 1, 1]))
    x = node("Resize", x, "", constant([1.0, 1.0, 2.0, 2.0], np.float32), mode="nearest")
    x = node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = node("GlobalAveragePool", x)
    x = node("Squeeze", x, axes=[2, 3])
    x = node("Gemm", x, weight(10, 16), weight(10), transB=1)
    return model([1, 3, 32, 32], [1, 10], node("Softmax", x), 11)


def norm(x: str, width: int) -> str:
    """Layer normalisation as it was exported before there was an operator."""
    axes = {"axes": [-1]}
    centred = node("Sub", x, node("ReduceMean", x, **axes))
    square = node("Pow", centred, constant(2.0, np.float32))
    variance = node("Add", node("ReduceMean", square, **axes), constant(1e-5, np.float32))
    scaled = node("Mul", node("Div", centred, node("Sqrt", variance)), weight(width))
    return node("Add", scaled, weight(width))


def project(x: str, dims: list[int], perm: list[int]) -> str:
    """A linear layer whose result is split into heads."""
    x = node("Add", node("MatMul", x, weight(64, 64)), weight(64))
    return node("Transpose", node("Reshape", x, constant(dims)), perm=perm)


def block() -> ModelProto:
    """One block of a transformer encoder and its head."""
    x, heads = norm("x", 64), [1, 20, 4, 16]
    q, v = project(x, heads, [0, 2, 1, 3]), project(x, heads, [0, 2, 1, 3])
    k = project(x, heads, [0, 2, 3, 1])
    scores = node("Div", node("MatMul", q, k), constant(4.0, np.float32))
    a = node("MatMul", node("Softmax", scores, axis=3), v)
    a = node("Reshape", node("Transpose", a, perm=[0, 2, 1, 3]), constant([1, 20, 64]))
    x = node("Add", node("MatMul", a, weight(64, 64)), "x")
    h = node("MatMul", norm(x, 64), weight(64, 128))
    gate = node("Add", node("Erf", node("Div", h, constant(1.4142, np.float32))), weight(1))
    x = node("Add", node("MatMul", node("Mul", h, gate), weight(128, 64)), x)
    x = node("Gather", x, constant(0), axis=1)
    return model([1, 20, 64], [1, 8], node("Gemm", x, weight(64, 8), weight(8)), 12)


kinds = {"conv": conv, "block": block}
pathlib.Path(sys.argv[2]).write_bytes(kinds[sys.argv[1]]().SerializeToString())
