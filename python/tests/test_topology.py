"""NN-Degree and NN-Mass: whole networks, and networks of a space."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from gnomon import _native

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"


def light(name: str) -> dict:
    return json.loads(_native.topology(str(LIGHT / f"light_{name}.onnx")))


def test_resnet50_has_a_skip_a_block():
    report = light("resnet50")
    stem, *stages = report["cells"]
    assert (stem["points"], stem["layers"], stem["skips"]) == (112 * 112, 1, 0)
    assert [cell["points"] for cell in stages] == [56**2, 28**2, 14**2, 7**2]
    assert [cell["skips"] for cell in stages] == [3, 4, 6, 3]
    # A skip carries what its block makes.
    widths = [256, 512, 1024, 2048]
    assert [c["skip_channels"] for c in stages] == [
        c["skips"] * w for c, w in zip(stages, widths, strict=True)
    ]
    # 53 convolutions; the classifier works on one point.
    assert sum(cell["layers"] for cell in report["cells"]) == 53
    # The first stage by hand: three blocks of 64, 64, 256, the shortcut of 256, and the first
    # layer of the next stage, which still has its resolution.
    width = (3 * (64 + 64 + 256) + 256 + 128) / 11
    assert stages[0]["width"] == pytest.approx(width)
    assert stages[0]["degree"] == pytest.approx(width + 768 / (11 * width))


def test_densenet121_passes_everything_by():
    report = light("densenet121")
    _, *blocks = report["cells"]
    assert [cell["skips"] for cell in blocks] == [6, 12, 24, 16]
    # Layer k of a block with c channels is handed c + 32 k from before.
    for cell, channels in zip(blocks, (64, 128, 256, 512), strict=True):
        n = cell["skips"]
        assert cell["skip_channels"] == n * channels + 32 * n * (n - 1) // 2
    resnet = light("resnet50")
    assert max(c["density"] for c in blocks) > max(c["density"] for c in resnet["cells"])


@pytest.mark.parametrize("name", ["vgg19", "bvlc_alexnet", "zfnet512"])
def test_networks_without_skips_have_no_mass(name):
    report = light(name)
    assert report["nn_mass"] == 0
    assert report["nn_degree"] == pytest.approx(sum(c["width"] for c in report["cells"]))


def test_inception_modules_have_three_more_branches():
    report = light("inception_v1")
    assert [cell["skips"] for cell in report["cells"][2:]] == [6, 15, 6]


def test_a_network_of_a_space_is_what_its_file_is(gnomon, tmp_path):
    arch = {"ks": [3] * 20, "e": [3] * 20, "d": [2, 3, 4, 2, 3], "r": 160}
    net = tmp_path / "net.onnx"
    assert gnomon("network", "ofa-mbv3", "--arch", json.dumps(arch), "--out", net, "-q") == 0
    out = tmp_path / "topology.json"
    assert gnomon("topology", net, "--json", out) == 0
    file = json.loads(out.read_text())
    of_space = json.loads(_native.topologies("ofa-mbv3", [json.dumps(arch)]))["networks"][0]
    assert of_space["nn_degree"] == pytest.approx(file["nn_degree"], rel=1e-12)
    assert of_space["nn_mass"] == pytest.approx(file["nn_mass"], rel=1e-12)


def test_drawn_networks_depend_on_the_seed():
    one, same, other = (
        json.loads(_native.topologies("nasbench201", [], draw=5, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
    assert {d["name"] for d in one["decisions"]} >= set(one["networks"][0]["selection"])


def test_a_file_that_is_no_network_is_bad_input(gnomon, tmp_path, capsys):
    assert gnomon("topology", tmp_path / "missing.onnx") == 2
    assert "missing.onnx" in capsys.readouterr().err
