"""Dense networks in ONNX files: what the native library says is what ONNX Runtime says."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon import _native
from gnomon.accuracy import ofa

PUBLIC_DATA = "GNOMON_PUBLIC_DATA"


def chain(folder: Path, activation: str = "Relu") -> Path:
    """A network 24-40-40-1 whose last two layers are MatMul and Add."""
    rng = np.random.default_rng(1)
    widths = [24, 40, 40, 1]
    nodes, tensors, last = [], [], "x"
    for index, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        weights = rng.normal(0, inputs**-0.5, (inputs, outputs)).astype(np.float32)
        bias = rng.normal(0, 0.1, outputs).astype(np.float32)
        names = [f"{letter}{index}" for letter in "wbmhr"]
        if index == 0:
            nodes.append(helper.make_node("Gemm", [last, *names[:2]], [names[3]], transB=1))
            weights = np.ascontiguousarray(weights.T)
        else:
            nodes.append(helper.make_node("MatMul", [last, names[0]], [names[2]]))
            nodes.append(helper.make_node("Add", [names[2], names[1]], [names[3]]))
        last = names[3]
        if outputs > 1:
            nodes.append(helper.make_node(activation, [last], [names[4]], name=f"act{index}"))
            last = names[4]
        tensors += [
            numpy_helper.from_array(value, name)
            for value, name in zip((weights, bias), names, strict=False)
        ]
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", widths[0]])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", 1])],
        tensors,
    )
    path = folder / "chain.onnx"
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def runtime(path: Path, rows: np.ndarray) -> np.ndarray:
    """ONNX Runtime's answers."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: rows})[0].reshape(-1)


def test_answers_are_the_runtimes(tmp_path: Path) -> None:
    path = chain(tmp_path)
    rows = np.random.default_rng(2).normal(size=(300, 24)).astype(np.float32)
    answers = np.array(_native.dense_network(str(path), rows.reshape(-1).tolist()))
    assert np.abs(answers - runtime(path, rows)).max() < 1e-6


def test_other_networks_are_refused_by_name(tmp_path: Path) -> None:
    path = chain(tmp_path, activation="Tanh")
    with pytest.raises(RuntimeError, match=r"act0.*is not part of a dense network: expected Gemm"):
        _native.dense_network(str(path), [0.0] * 24)
    path = chain(tmp_path)
    with pytest.raises(RuntimeError, match="expected rows of 24 numbers, found 25 numbers"):
        _native.dense_network(str(path), [0.0] * 25)


@pytest.mark.skipif(
    PUBLIC_DATA not in os.environ,
    reason=f"needs the public accuracy network: set {PUBLIC_DATA} to its folder",
)
def test_the_public_accuracy_network_answers_as_in_the_runtime() -> None:
    path = Path(os.environ[PUBLIC_DATA]) / "ofa_mbv3_accuracy.onnx"
    networks = ofa.draw(2000, np.random.default_rng(4), ofa.TRAINED_RESOLUTIONS)
    rows = ofa.ofa_code(networks)
    answers = np.array(_native.dense_network(str(path), rows.reshape(-1).tolist()))
    assert np.abs(answers - runtime(path, rows)).max() < 1e-6
