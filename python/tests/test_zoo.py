"""The held-out networks are valid ONNX, keep their promises of shape, and run."""

import ast
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from gnomon.zoo import ENTRIES

PACKAGE = Path(__file__).resolve().parents[1] / "gnomon" / "zoo"


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_structure_is_valid_and_every_shape_is_inferred(name):
    model = ENTRIES[name].model(weights=False)
    onnx.checker.check_model(model, full_check=True)
    assert next(o.version for o in model.opset_import if not o.domain) == ENTRIES[name].opset


def feeds(session: ort.InferenceSession, batch: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    values = {}
    for entry in session.get_inputs():
        shape = [d if isinstance(d, int) else batch for d in entry.shape]
        if "int64" in entry.type:
            values[entry.name] = np.ones(shape, np.int64)
        else:
            values[entry.name] = random.standard_normal(shape, dtype=np.float32)
    return values


@pytest.mark.parametrize("name", ["lstm_tagger_b2", "shufflenet_v2_b1", "conformer_b2"])
def test_runs_with_finite_outputs(name):
    entry = ENTRIES[name]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        entry.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    for output in session.run(None, feeds(session, entry.batch)):
        assert np.isfinite(output).all()
        assert output.std() > 1e-4


def test_the_dynamic_network_takes_another_batch():
    entry = ENTRIES["shufflenet_v2_b1"]
    session = ort.InferenceSession(
        entry.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (output,) = session.run(None, feeds(session, 3))
    assert output.shape == (3, 1000)


def test_same_bytes_every_time():
    first, second = (ENTRIES["text_cnn_b8"].model() for _ in range(2))
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(
        deterministic=True
    )


def test_set_is_wide():
    assert len(ENTRIES) >= 36
    assert len({entry.family for entry in ENTRIES.values()}) >= 20
    assert {entry.opset for entry in ENTRIES.values()} >= {11, 12, 13, 14, 17, 18, 20, 22}


def test_nothing_is_shared_with_the_training_sampler():
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gnomon"):
                assert node.module.startswith("gnomon.zoo"), f"{file.name}: {node.module}"
