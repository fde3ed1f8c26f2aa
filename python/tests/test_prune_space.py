"""`gnomon search --keep`: the space of a device, then a search in it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "data" / "models"
PUBLIC_DATA = "GNOMON_PUBLIC_DATA"


def kept_by(gnomon, bundle: Path, out: Path, keep: int = 4) -> dict[str, list[str]]:
    asked = ["--bundle", bundle, "--keep", keep, "--json", out, "-q"]
    assert gnomon("search", "fbnet", *asked) == 0
    return json.loads(out.read_text())["kept"]


def test_shipped_devices_keep_operators_of_their_own(gnomon, tmp_path):
    spaces = {
        name: kept_by(gnomon, MODELS / f"fbnet-{name}", tmp_path / "r.json")
        for name in ("pixel3", "raspi4")
    }
    assert spaces["pixel3"] != spaces["raspi4"]
    for space in spaces.values():
        blocks = [options for name, options in space.items() if name != "resolution"]
        assert len(blocks) == 22
        assert all(len([o for o in options if o != "skip"]) <= 4 for options in blocks)
        assert any("skip" in options for options in blocks)


def test_networks_found_are_of_the_smaller_space(gnomon, tmp_path):
    out, network = tmp_path / "r.json", tmp_path / "found.onnx"
    asked = ["--bundle", MODELS / "fbnet-pixel3", "--keep", 2, "--max-latency-ms", 25]
    options = ["--json", out, "--export", network, "-q"]
    assert gnomon("search", "fbnet", *asked, *options) == 0
    report = json.loads(out.read_text())
    assert all(
        len([o for o in options if o != "skip"]) <= 2
        for options in list(report["kept"].values())
        if len(options) > 1
    )
    (answer,) = report["answers"]
    for decision, option in answer["selection"].items():
        assert option in report["kept"][decision]
    assert network.is_file()


def test_the_values_of_a_space_fit_what_is_left(gnomon, tmp_path):
    out = tmp_path / "r.json"
    asked = ["--resolutions", 160, "--keep", 3, "--max-latency-ms", 8, "--json", out, "-q"]
    for accuracy in ("additive", "mlp"):
        model = ROOT / "data" / "accuracy" / f"ofa-mbv3-{accuracy}.json"
        assert gnomon("search", "ofa-mbv3", *asked, "--accuracy", model) == 0
        report = json.loads(out.read_text())
        assert report["kept"]["stage1_depth"] == ["d2", "d3", "d4"]
        assert len(report["kept"]["stage1_block0"]) == 3
        assert report["answers"][0]["best"]["accuracy"] > 0.7


def test_a_space_is_of_one_device(gnomon, capsys):
    bundles = [part for name in ("pixel3", "raspi4") for part in ("--bundle", f"fbnet-{name}")]
    assert gnomon("search", "fbnet", *bundles, "--keep", 2) == 2
    assert "keep: expected one device" in capsys.readouterr().err


@pytest.mark.skipif(PUBLIC_DATA not in os.environ, reason=f"{PUBLIC_DATA} is not set")
def test_devices_that_rank_alike_get_the_same_space(gnomon, tmp_path):
    """HELP's FBNet table: rank correlation above .98, and below .8."""
    table = Path(os.environ[PUBLIC_DATA]) / "fbnet_latency_ms.csv.gz"
    spaces = {}
    for column in ("2080ti_64", "titanxp_64", "gold_6226"):
        arguments = ["--space", "fbnet", "--column", column, "--rows", "0:4000", "-q"]
        assert gnomon("train", table, *arguments, "--out", tmp_path / column) == 0
        spaces[column] = kept_by(gnomon, tmp_path / column, tmp_path / "r.json")
    ranks = pd.read_csv(table)[list(spaces)].corr("spearman")
    assert ranks.loc["2080ti_64", "titanxp_64"] > 0.98
    assert spaces["2080ti_64"] == spaces["titanxp_64"]
    assert ranks.loc["2080ti_64", "gold_6226"] < 0.8
    assert spaces["2080ti_64"] != spaces["gold_6226"]
