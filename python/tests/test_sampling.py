"""The sampler: deterministic, valid, runnable."""

from __future__ import annotations

from random import Random

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from gnomon.measuring.inputs import documented_ranges, make_input
from gnomon.sampling.graph import GraphBuilder
from gnomon.sampling.kernels import KERNELS
from gnomon.sampling.sample import NETWORKS, sample
from gnomon.sampling.weights import embed_weights, regenerable, write_weights

ort.set_default_logger_severity(4)


def _run(model: onnx.ModelProto) -> list[np.ndarray]:
    full = embed_weights(model)
    onnx.checker.check_model(full)
    session = ort.InferenceSession(full.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges = documented_ranges(model)
    feed = {
        i.name: make_input(i.name, i.type, i.shape, ranges.get(i.name))
        for i in session.get_inputs()
    }
    outputs = session.run(None, feed)
    for value, info in zip(outputs, model.graph.output, strict=True):
        assert list(value.shape) == [d.dim_value for d in info.type.tensor_type.shape.dim]
    return outputs


def test_seed_and_index_fix_the_bytes():
    first, again = sample(5, 17), sample(5, 17)
    assert first.model.SerializeToString() == again.model.SerializeToString()
    assert first.model != sample(6, 17).model


def test_weights_stay_outside_and_come_back_the_same(tmp_path):
    model = sample(1, 3).model
    assert regenerable(model)
    assert model.ByteSize() < 200_000
    path = tmp_path / "model.onnx"
    onnx.save(model, str(path))
    write_weights(model, tmp_path)
    from_file, embedded = onnx.load(str(path)), embed_weights(model)
    for a, b in zip(from_file.graph.initializer, embedded.graph.initializer, strict=True):
        np.testing.assert_array_equal(onnx.numpy_helper.to_array(a), onnx.numpy_helper.to_array(b))


@pytest.mark.parametrize("family", sorted(NETWORKS))
@pytest.mark.parametrize("opset", [11, 18, 23])
def test_network_families_run(family: str, opset: int):
    g = GraphBuilder(Random(f"{family}/{opset}"), opset)
    outputs = NETWORKS[family][1](g, 0.05)
    assert all(np.isfinite(v).all() for v in _run(g.model(outputs, family)) if v.dtype.kind == "f")


@pytest.mark.parametrize("kind", sorted(KERNELS))
@pytest.mark.parametrize("seed", range(4))
def test_kernel_graphs_run(kind: str, seed: int):
    g = GraphBuilder(Random(f"{kind}/{seed}"), (11, 13, 18, 23)[seed])
    _run(g.model(KERNELS[kind][1](g), kind))


def test_produced_inputs_are_results_of_a_kernel():
    """Inside of a network nothing reads cold inputs."""
    for produced in (False, True):
        g = GraphBuilder(Random(0), 17, produced_inputs=produced)
        x = g.input((4, 8))
        model = g.model([g.op("Relu", [x])], "net")
        assert [node.op_type for node in model.graph.node] == ["Neg"] * produced + ["Relu"]
        assert [value.name for value in model.graph.input] == ["input_0"]
