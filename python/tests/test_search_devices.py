"""`gnomon search --per-device`: a network for each device, with blocks in common."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
TWO = ["--bundle", TOY, "--device", "toy-cpu", "--device", "toy-fast"]
TABLES = ["--bundle", "fbnet-pixel3", "--bundle", "fbnet-raspi4"]


def search(gnomon, folder: Path, *options: object, status: int = 0) -> dict:
    """What was found for each device."""
    out = folder / "out.json"
    assert gnomon("search", *options, "--per-device", "--json", out, "-q") == status
    return json.loads(out.read_text())["per_device"]


def alike(point: dict, blocks: list[str]) -> int:
    """Blocks in which the networks of a point take the same."""
    selections = [network["selection"] for network in point["networks"].values()]
    return sum(len({s.get(block) for s in selections}) == 1 for block in blocks)


def test_networks_share_blocks_and_keep_their_own_budgets(gnomon, tmp_path):
    budgets = ["--max-latency-ms", "20,60", "--share", "21"]
    found = search(gnomon, tmp_path, "fbnet", *TABLES, *budgets)
    assert len(found["blocks"]) == 22
    assert found["picked"] == len(found["points"]) - 1
    assert found["complete"]
    assert found["points"][0]["loss"] == 0
    for point in found["points"]:
        networks = point["networks"]
        assert networks["pixel3"]["high_us"] <= 20_000
        assert networks["raspi4"]["high_us"] <= 60_000
        assert point["common"] == alike(point, found["blocks"])
        assert point["common"] == 22 - len(point["differing"])
        assert point["loss"] == sum(network["loss"] for network in networks.values())
        assert point["gap"] == 0
    assert found["points"][-1]["common"] >= 21
    assert found["points"][-1]["loss"] > 0


def test_all_in_common_is_one_network_where_shapes_do_not_differ(gnomon, tmp_path):
    budgets = ["--max-latency-ms", "20,60", "--share", "22"]
    found = search(gnomon, tmp_path, "fbnet", *TABLES, *budgets)
    last = found["points"][-1]["networks"]
    assert last["pixel3"]["selection"] == last["raspi4"]["selection"]


def test_what_was_picked_is_exported_for_each_device(gnomon, tmp_path, capsys):
    small = ["mbv2", "--resolutions", "128", *TWO, "--max-latency-ms", "100"]
    out = tmp_path / "nets" / "found.onnx"
    assert gnomon("search", *small, "--per-device", "--max-loss", "1e6", "--export", out) == 0
    shown = capsys.readouterr().out
    for device in ("toy-cpu", "toy-fast"):
        assert (tmp_path / "nets" / f"found-{device}.onnx").is_file()
        assert device in shown
    assert "given up" in shown


def test_a_budget_that_nothing_keeps_says_on_which_device(gnomon, tmp_path, capsys):
    small = ["mbv2", "--resolutions", "128", *TWO]
    found = search(gnomon, tmp_path, *small, "--max-latency-ms", "0.001,1000", status=1)
    assert found["points"] == []
    assert list(found["reachable"]) == ["toy-cpu"]
    options = ["--per-device", "--max-latency-ms", "0.001,1000"]
    assert gnomon("search", *small, *options) == 1
    assert "no network keeps 0.001 ms on toy-cpu" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--share", "3"], "only together with --per-device"),
        (["--per-device"], "expected --max-latency-ms"),
        (["--per-device", "--max-latency-ms", "1,2,3"], "expected a budget for each of 2 devices"),
        (["--per-device", "--max-latency-ms", "9", "--share", "99"], "expected to share at most"),
        (["--per-device", "--max-latency-ms", "9", "--max-loss", "-1"], "--max-loss: expected"),
        (["--per-device", "--max-latency-ms", "9", "--sure", "0.9"], "--sure: not with"),
        (["--per-device", "--max-latency-ms", "9", "--export", "x.onnx"], "which pick"),
        (["--per-device", "--max-latency-ms", "9", "--algorithm", "ilp"], "algorithm 'exact'"),
    ],
)
def test_what_has_no_meaning_is_refused(gnomon, capsys, options, said):
    assert gnomon("search", "mbv2", "--resolutions", "128", *TWO, *options) == 2
    assert said in capsys.readouterr().err
