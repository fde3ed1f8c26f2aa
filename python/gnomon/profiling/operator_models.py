"""ONNX models of one operator of the operator tables, with its inputs."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..measuring.session import Feed
from .operators import BINARY, TABLES

OPSET = 20
SCALAR = 2.0
"""The second operand of `addu` and its like."""

_NODES = {
    **{"conv": "Conv", "dwconv": "Conv", "maxpool": "MaxPool", "avgpool": "AveragePool"},
    **{"linear": "Gemm", "bmm": "MatMul", "softmax": "Softmax", "ln": "LayerNormalization"},
    **{"relu": "Relu", "gelu": "Gelu", "tanh": "Tanh"},
    **{op: op.capitalize() for op in BINARY},
}


def _random(shape: tuple[int, ...], seed: int) -> np.ndarray:
    # Positive, so that powers are finite.
    return np.random.default_rng(seed).random(shape, dtype=np.float32) + np.float32(0.5)


def _shapes(op: str, d: dict[str, int]) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Shapes of the inputs and of the weights."""
    if "kernel" in d:
        inputs = [(d["b"], d["c_in"], d["size"], d["size"])]
        if op.endswith("pool"):
            return inputs, []
        out, depth = (d["c_out"], d["c_in"]) if op == "conv" else (d["c_in"], 1)
        return inputs, [(out, depth, d["kernel"], d["kernel"]), (out,)]
    if op == "linear":
        return [(d["b"] * d["m"], d["n"])], [(d["n"], d["k"]), (d["k"],)]
    if op == "bmm":
        return [(d["b"], d["m"], d["n"]), (d["b"], d["n"], d["k"])], []
    rows = (d["b"], d["h"])
    if op == "ln":
        return [rows], [rows[1:], rows[1:]]
    return ([rows, rows] if op in BINARY else [rows]), []


def _attributes(op: str, d: dict[str, int]) -> dict[str, object]:
    if "kernel" not in d:
        return {"axis": -1} if op in ("softmax", "ln") else {}
    window: dict[str, object] = {
        "kernel_shape": [d["kernel"]] * 2,
        "strides": [d["stride"]] * 2,
        "pads": [d["padding"]] * 4,
    }
    return window | ({"group": d["c_in"]} if op == "dwconv" else {})


def operator_model(op: str, dims: tuple[int, ...]) -> tuple[onnx.ModelProto, Feed]:
    """A network of one node, and what to feed it."""
    named = dict(zip(TABLES[op], dims, strict=True))
    plain = op.removesuffix("u") if op.removesuffix("u") in BINARY else op
    inputs, weights = _shapes(op, named)
    feed = {f"x{i}": _random(shape, i) for i, shape in enumerate(inputs)}
    constants = {f"w{i}": _random(shape, 7 + i) for i, shape in enumerate(weights)}
    if plain != op:
        constants["s"] = np.array(SCALAR, np.float32)
    node = helper.make_node(_NODES[plain], [*feed, *constants], ["y"], **_attributes(op, named))
    graph = helper.make_graph(
        [node],
        op,
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in feed.items()],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9), feed
