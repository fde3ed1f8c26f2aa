"""Searches whose judge is an accuracy network: JSON, ONNX, stand-ins, what is proven."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon.accuracy import fit, ofa

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
SHIPPED = ROOT / "data" / "accuracy"
SMALL = ["--resolutions", "160,176", "--bundle", TOY]


def answers(gnomon, folder: Path, *options: object) -> dict:
    """The report of a search of OFA-MobileNetV3 under two budgets."""
    out = folder / "out.json"
    budgets = ["--max-latency-ms", "300,450"]
    assert gnomon("search", "ofa-mbv3", *SMALL, *budgets, *options, "--json", out, "-q") == 0
    return json.loads(out.read_text())


def as_networks(architectures: list[dict]) -> ofa.Networks:
    """Architectures as arrays."""

    def indices(name: str, values: tuple[int, ...]) -> np.ndarray:
        # Slots that are not used hold 0.
        rows = [[values.index(v) if v in values else 0 for v in a[name]] for a in architectures]
        return np.array(rows)

    return ofa.Networks(
        indices("ks", ofa.KERNELS),
        indices("e", ofa.RATIOS),
        indices("d", ofa.DEPTHS),
        np.array([a["r"] for a in architectures]),
    )


def write_onnx(path: Path, inputs: int = 128) -> np.ndarray:
    """A linear network as ONNX; returns its weights."""
    weights = np.random.default_rng(3).normal(0, 0.002, (1, inputs)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["y"], transB=1)],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", inputs])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(weights, "w")],
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return weights


def test_a_network_judges_and_the_answer_is_at_least_the_stand_ins(gnomon, tmp_path):
    model = SHIPPED / "ofa-mbv3-mlp.json"
    judged = answers(gnomon, tmp_path, "--accuracy", model)
    additive = answers(gnomon, tmp_path)
    content = json.loads(model.read_text())
    for answer, plain in zip(judged["answers"], additive["answers"], strict=True):
        best = answer["best"]
        networks = as_networks([best["architecture"], plain["best"]["architecture"]])
        own, other = fit.predict_network(content, networks)
        assert best["accuracy"] == pytest.approx(own, abs=1e-6)
        assert own >= other - 1e-6
        assert best["high_us"] <= answer["max_latency_us"]
        assert answer["gap"] >= 0 and answer["evaluations"] > 0
    points = judged["front"]["points"]
    assert [p["accuracy"] for p in points] == sorted({p["accuracy"] for p in points})
    assert judged["front"]["assumed_error"] > 0


def test_evolution_finds_nothing_better(gnomon, tmp_path):
    model = ("--accuracy", SHIPPED / "ofa-mbv3-mlp.json")
    judged = answers(gnomon, tmp_path, *model)
    drawn = answers(gnomon, tmp_path, *model, "--algorithm", "evolution", "--seed", 1)
    for answer, other in zip(judged["answers"], drawn["answers"], strict=True):
        bound = answer["best"]["accuracy"] + answer["gap"]
        assert other["best"]["accuracy"] <= bound
        assert other["best"]["accuracy"] + other["gap"] >= answer["best"]["accuracy"]


def test_an_onnx_network_judges(gnomon, tmp_path):
    path = tmp_path / "linear.onnx"
    weights = write_onnx(path)
    judged = answers(gnomon, tmp_path, "--accuracy", path)
    found = [answer["best"] for answer in judged["answers"]]
    codes = ofa.ofa_code(as_networks([best["architecture"] for best in found]))
    for best, value in zip(found, codes @ weights[0], strict=True):
        assert best["accuracy"] == pytest.approx(value, abs=1e-6)


def test_networks_that_do_not_fit_are_refused(gnomon, tmp_path, capsys):
    path = tmp_path / "narrow.onnx"
    write_onnx(path, inputs=100)
    assert gnomon("search", "ofa-mbv3", *SMALL, "--accuracy", path) == 2
    assert "expected a network of 128 inputs (OFA's code) or 145" in capsys.readouterr().err
    model = SHIPPED / "ofa-mbv3-mlp.json"
    small = ["--resolutions", "160", "--bundle", TOY]
    assert gnomon("search", "mbv2", *small, "--accuracy", model) == 2
    assert "the search" in (said := capsys.readouterr().err) and "has no decision" in said
