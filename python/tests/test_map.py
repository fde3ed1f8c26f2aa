"""Accelerators on FPGAs: files, spaces, fronts, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from gnomon.cli.search_fpga import FPGAS

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
    tiny = json.loads((FPGAS / "zu3eg.json").read_text()) | {"name": "tiny", "bram36": 3}
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(tiny))
    assert gnomon("map", RESNET, "--fpga", path) == 1
    out = capsys.readouterr().out
    assert "no accelerator fits" in out and "of 3 bram36" in out
    (mapping,) = mapped(gnomon, tmp_path, RESNET, "--fpga", path, status=1)["mappings"]
    assert mapping["engines"] is None
    assert mapping["least"]["bram36"] > 3


def test_a_space_is_what_the_search_finds(gnomon, tmp_path):
    arguments = ["ofa-mbv3", "--fpga", "zu3eg", "--resolutions", "128", "--bits", "4"]
    report = mapped(gnomon, tmp_path, *arguments)
    out = tmp_path / "search.json"
    assert gnomon("search", *arguments, "--algorithm", "hao", "--json", out, "-q") == 0
    assert json.loads(out.read_text())["front"] == report["front"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([RESNET, "--fpga", "zu99"], "one of xc7z045, zu3eg, zu9eg"),
        ([RESNET, "--fpga", "zu3eg", "--bits", "eight"], "expected numbers"),
        ([RESNET, "--fpga", "zu3eg", "--bits", "0"], "1 to 32 bits, found 0"),
        ([RESNET, "--fpga", "zu3eg", "--algorithm", "guess"], "no search 'guess'"),
        (["nowhere", "--fpga", "zu3eg"], "no space 'nowhere'"),
        ([RESNET, "--fpga", "zu3eg", "--loss", "8=0"], "expected a space, not a file"),
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
