"""Accelerators on FPGAs: files, spaces, fronts, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import onnx
import pytest

from gnomon import accelerators
from gnomon.cli import map as command

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
RESNET = LIGHT / "light_resnet50.onnx"


def mapped(gnomon, tmp_path, *arguments, status=0) -> dict:
    out = tmp_path / "map.json"
    assert gnomon("map", *arguments, "--json", out, "-q") == status
    return json.loads(out.read_text())


@pytest.mark.parametrize("fpga", ["zu3eg", "zu9eg", "xc7z045"])
def test_resnet50_keeps_resources(gnomon, tmp_path, fpga):
    report = mapped(gnomon, tmp_path, RESNET, "--fpga", fpga, "--bits", "4,8")
    four, eight = report["mappings"]
    assert four["latency_ms"] < eight["latency_ms"]
    for mapping in (four, eight):
        assert mapping["gap_ms"] == 0
        assert [engine["engine"] for engine in mapping["engines"]] == [
            "conv7x7",
            "conv1x1",
            "conv3x3",
        ]
        for name, there in mapping["available"].items():
            used = sum(engine["used"][name] for engine in mapping["engines"])
            assert used == mapping["used"][name] <= there
        # Every multiply-add of the 53 convolutions and the classifier has an engine.
        assert sum(e["layers"] for e in mapping["engines"]) == 54
        assert sum(e["macs"] for e in mapping["engines"]) == pytest.approx(4.1e9, rel=0.02)
    assert report["others"]["macs"] == 0


def test_the_exact_search_agrees(gnomon, tmp_path):
    arguments = [LIGHT / "light_zfnet512.onnx", "--fpga", "zu3eg"]
    for more in ([], ["--pipelined"]):
        (ilp,) = mapped(gnomon, tmp_path, *arguments, *more)["mappings"]
        (exact,) = mapped(gnomon, tmp_path, *arguments, *more, "--algorithm", "exact")["mappings"]
        assert ilp["interval_ms"] <= exact["interval_ms"]
        if exact["gap_ms"] == 0:
            assert ilp["interval_ms"] == exact["interval_ms"]


def test_engines_at_once_give_more_frames(gnomon, tmp_path):
    (turns,) = mapped(gnomon, tmp_path, RESNET, "--fpga", "zu9eg")["mappings"]
    (once,) = mapped(gnomon, tmp_path, RESNET, "--fpga", "zu9eg", "--pipelined")["mappings"]
    assert once["frames_per_s"] >= turns["frames_per_s"]
    assert once["latency_ms"] >= turns["latency_ms"]
    assert turns["frames_per_s"] == pytest.approx(1e3 / turns["latency_ms"])


def test_what_fits_nowhere_is_said(gnomon, tmp_path, capsys):
    tiny = json.loads((command.FPGAS / "zu3eg.json").read_text()) | {"name": "tiny", "bram36": 3}
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(tiny))
    assert gnomon("map", RESNET, "--fpga", path) == 1
    out = capsys.readouterr().out
    assert "no accelerator fits" in out and "of 3 bram36" in out
    (mapping,) = mapped(gnomon, tmp_path, RESNET, "--fpga", path, status=1)["mappings"]
    assert mapping["engines"] is None
    assert mapping["least"]["bram36"] > 3


def test_a_space_has_fronts_by_word_length(gnomon, tmp_path):
    arguments = ["ofa-mbv3", "--fpga", "zu3eg", "--resolutions", "128,224"]
    report = mapped(gnomon, tmp_path, *arguments)
    assert report["programs"] == 2 * 2 * 27
    assert sorted(report["fronts"]) == ["4 bits", "8 bits"]
    for front in report["fronts"].values():
        latencies = [point["latency_ms"] for point in front]
        values = [point["accuracy"] for point in front]
        assert latencies == sorted(latencies) and values == sorted(values)
        assert len(front) > 3
    merged = mapped(gnomon, tmp_path, *arguments, "--loss", "8=0.001", "--loss", "4=0.02")
    assert list(merged["fronts"]) == ["all"]
    assert {point["bits"] for point in merged["fronts"]["all"]} == {4, 8}


def test_a_point_of_a_front_is_what_its_file_maps_to(gnomon, tmp_path):
    arguments = ["ofa-mbv3", "--fpga", "zu3eg", "--resolutions", "160", "--bits", "8"]
    point = mapped(gnomon, tmp_path, *arguments)["fronts"]["8 bits"][-1]
    net = tmp_path / "net.onnx"
    arch = json.dumps(point["architecture"])
    assert gnomon("network", "ofa-mbv3", "--arch", arch, "--out", net, "-q") == 0
    (mapping,) = mapped(gnomon, tmp_path, net, "--fpga", "zu3eg")["mappings"]
    assert mapping["latency_ms"] == point["latency_ms"]
    assert mapping["used"] == point["used"]


def test_layers_by_hand():
    nan = math.nan
    conv = dict.fromkeys(
        ["out_d", "in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w", "macs"], nan
    )
    conv |= {"groups": 1, "group_channels_in": 3, "group_channels_out": 8, "batch": 2}
    conv |= {"out_w": 10, "in_w": 12, "kernel_w": 3}
    product = {"gemm_m": 5, "gemm_n": 7, "gemm_k": 11, "gemm_batch": nan, "macs": 385.0}
    found = accelerators.layers_of(
        [
            ("a", "conv", 1, conv),
            ("b", "gemm", 3, product),
            ("c", "attention", 2, {"macs": 50.0}),
            ("d", "conv", 1, conv | {"out_d": 4, "macs": 9.0}),
            ("e", "free", 1, {}),
        ]
    )
    assert found.names == ["a", "b"]
    assert found.sizes == [[1, 3, 8, 1, 10, 1, 12, 1, 3, 2], [1, 11, 7, 5, 1, 5, 1, 1, 1, 3]]
    assert found.others == {"attention": 2, "conv": 1}
    assert found.other_macs == 109


def test_pareto_keeps_what_no_other_beats():
    points = [
        {"latency_ms": latency, "accuracy": accuracy}
        for latency, accuracy in [(2, 0.7), (1, 0.5), (1, 0.6), (3, 0.7), (4, 0.9)]
    ]
    front = accelerators.pareto(points)
    assert [(p["latency_ms"], p["accuracy"]) for p in front] == [(1, 0.6), (2, 0.7), (4, 0.9)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([RESNET, "--fpga", "zu99"], "one of xc7z045, zu3eg, zu9eg"),
        ([RESNET, "--fpga", "zu3eg", "--bits", "eight"], "whole numbers"),
        ([RESNET, "--fpga", "zu3eg", "--bits", "0"], "1 to 32 bits, found 0"),
        ([RESNET, "--fpga", "zu3eg", "--algorithm", "guess"], "no search 'guess'"),
        (["nasbench201", "--fpga", "zu3eg"], "ofa-mbv3"),
        (["ofa-mbv3", "--fpga", "zu3eg", "--loss", "4"], "BITS=LOSS"),
        (["ofa-mbv3", "--fpga", "zu3eg", "--pipelined"], "not a space"),
        (["gone.onnx", "--fpga", "zu3eg"], "gone.onnx"),
    ],
)
def test_bad_use_is_refused(gnomon, capsys, arguments, message):
    assert gnomon("map", *arguments) == 2
    assert message in capsys.readouterr().err


def test_a_broken_fpga_is_refused_by_field(gnomon, tmp_path, capsys):
    path = tmp_path / "broken.json"
    path.write_text('{"schema": 1, "name": "x", "dsp": "many"}')
    assert gnomon("map", RESNET, "--fpga", path) == 2
    assert "broken.json: dsp: expected" in capsys.readouterr().err
