"""Accuracy models fitted to a network: what they say, and that they say it again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon import cli
from gnomon.accuracy import fit, ofa
from gnomon.accuracy.teacher import Teacher


@pytest.fixture(scope="module")
def teacher_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network of 128 inputs; answers grow with the resolution."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.02, (8, 128)).astype(np.float32)
    weights[:, 120:] = np.linspace(0.1, 0.5, 8, dtype=np.float32)
    tensors = {
        "w0": weights,
        "b0": np.full(8, 0.3, np.float32),
        "w1": np.full((1, 8), 0.02, np.float32),
        "b1": np.array([0.7], np.float32),
    }
    nodes = [
        helper.make_node("Gemm", ["x", "w0", "b0"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "w1", "b1"], ["y"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "teacher",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 128])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    path = tmp_path_factory.mktemp("teacher") / "teacher.onnx"
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def fit_accuracy(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Runs the command in this process; returns its exit status."""
    monkeypatch.setattr(sys, "argv", ["gnomon", "fit-accuracy", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code or 0


def test_the_code_is_ofas() -> None:
    networks = ofa.Networks(
        kernels=np.full((1, 20), 1),
        ratios=np.full((1, 20), 2),
        depths=np.array([[0, 1, 2, 0, 0]]),
        resolutions=np.array([192]),
    )
    set_inputs = np.flatnonzero(ofa.ofa_code(networks)[0])
    blocks = [0, 1, 4, 5, 6, 8, 9, 10, 11, 12, 13, 16, 17]
    expected = [3 * b + 1 for b in blocks] + [60 + 3 * b + 2 for b in blocks] + [125]
    assert set_inputs.tolist() == expected


def test_between_resolutions_the_teacher_answers_in_between(teacher_file: Path) -> None:
    teacher = Teacher(teacher_file)
    networks = ofa.draw(20, np.random.default_rng(0))

    def at(resolution: int) -> np.ndarray:
        return teacher(networks.at(np.full(20, resolution)))

    assert np.allclose(at(164), 0.75 * at(160) + 0.25 * at(176), atol=1e-12)
    assert np.array_equal(at(224), teacher.trained(networks.at(np.full(20, 224))))
    assert np.all(at(128) < at(144)) and np.all(at(144) < at(160))


def test_models_and_their_errors(
    teacher_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (teacher_file, "--samples", 4000, "--source", "made up", "-q")
    assert fit_accuracy(monkeypatch, *arguments, "--out", tmp_path / "a") == 0
    assert fit_accuracy(monkeypatch, *arguments, "--out", tmp_path / "b") == 0
    for name in ("ofa-mbv3-additive.json", "ofa-mbv3-mlp.json"):
        first, second = ((tmp_path / run / name).read_bytes() for run in "ab")
        assert first == second
    additive = json.loads((tmp_path / "a" / "ofa-mbv3-additive.json").read_text())
    # The teacher is all but linear: least squares must find it.
    assert additive["errors"]["held_out"]["spearman"] > 0.999
    assert additive["provenance"]["source"] == "made up"
    small = json.loads((tmp_path / "a" / "ofa-mbv3-mlp.json").read_text())
    networks = ofa.draw(50, np.random.default_rng(5), ofa.TRAINED_RESOLUTIONS)
    truth = Teacher(teacher_file).trained(networks)
    apart = 100 * np.abs(fit.predict_network(small, networks) - truth)
    assert apart.mean() < 3 * small["errors"]["held_out"]["mae_points"]


def test_what_is_no_teacher_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit_accuracy(monkeypatch, tmp_path / "none.onnx") == 2
    assert "no such file" in capsys.readouterr().err
    (tmp_path / "bad.onnx").write_text("no network")
    assert fit_accuracy(monkeypatch, tmp_path / "bad.onnx") == 2
    assert "expected an ONNX network of 128 inputs" in capsys.readouterr().err
