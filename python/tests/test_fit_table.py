"""`gnomon fit-table`: from whole networks to tables of blocks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gnomon import _native
from gnomon.evaluation.networks import form_networks

RULES = Path(__file__).parents[2] / "data" / "runtimes" / "pytorch-eager.json"


def architectures(count: int) -> list[dict[str, object]]:
    """OFA-MobileNetV3 networks at two resolutions."""
    rng = np.random.default_rng(3)
    return [
        {
            "ks": rng.choice([3, 5, 7], 20).tolist(),
            "e": rng.choice([3, 4, 6], 20).tolist(),
            "d": rng.choice([2, 3, 4], 5).tolist(),
            "r": int(rng.choice([160, 192])),
        }
        for _ in range(count)
    ]


def write_table(path: Path, archs: list[dict[str, object]], latency: np.ndarray) -> Path:
    rows = [
        {
            **{f"{field}{i}": v for field in ("ks", "e", "d") for i, v in enumerate(arch[field])},
            "r": arch["r"],
            "phone_ms": ms,
        }
        for arch, ms in zip(archs, latency, strict=True)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def sums_of_blocks(archs: list[dict[str, object]]) -> np.ndarray:
    """A device on which every block costs what it likes, its size in view."""
    networks = form_networks("ofa-mbv3", archs, 1.0, RULES, 1)
    flops = networks.block_kernels @ networks.kernels["flops"].fillna(0).to_numpy()
    like = np.random.default_rng(0).uniform(0.7, 1.4, len(flops))
    return networks.blocks @ (flops / 2e7 * like + 0.05)


def predict(bundle: Path, archs: list[dict[str, object]]) -> np.ndarray:
    texts = [json.dumps(arch) for arch in archs]
    return np.array(_native.table_latencies("ofa-mbv3", str(bundle), texts, 1.0))


def test_a_table_of_blocks_says_what_networks_cost(gnomon, tmp_path: Path) -> None:
    archs = architectures(500)
    truth = sums_of_blocks(archs)
    table = write_table(tmp_path / "t.csv", archs[:400], truth[:400])
    out = tmp_path / "phone"
    arguments = ("--space", "ofa-mbv3", "--column", "phone_ms", "--out", out)
    assert not gnomon("fit-table", table, *arguments, "-q")
    error = np.abs(predict(out, archs[400:]) / truth[400:] - 1)
    assert error.mean() < 0.002
    bundle = json.loads((out / "bundle.json").read_text())
    assert [entry["resolution"] for entry in bundle["tables"]] == [160, 192]
    assert bundle["errors"]["mape"] < 0.005
    low, high = bundle["interval_log"]["0.9"]
    assert low < 0 < high


def test_few_rows_and_a_resolution_that_nobody_measured(gnomon, tmp_path: Path) -> None:
    archs = architectures(60)
    table = write_table(tmp_path / "t.csv", archs, sums_of_blocks(archs))
    out = tmp_path / "phone"
    arguments = ("--space", "ofa-mbv3", "--column", "phone_ms", "--resolutions", "160,176")
    assert not gnomon("fit-table", table, *arguments, "--rows", "0:40", "--out", out, "-q")
    asked = [{**arch, "r": r} for arch in archs[40:] for r in (160, 176)]
    small, larger = predict(out, asked).reshape(-1, 2).T
    assert np.all(small < larger)
    truth = sums_of_blocks([{**arch, "r": 160} for arch in archs[40:]])
    assert np.corrcoef(small, truth)[0, 1] > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--column", "tablet_ms"), "no column 'tablet_ms'"),
        (("--column", "phone_ms", "--rows", "0:1"), "expected at least two rows, found 1"),
        (("--column", "phone_ms", "--rows", "5:90"), "0 <= FROM < TO <= 8"),
    ],
)
def test_what_is_wrong_is_said(gnomon, tmp_path: Path, capsys, arguments, message) -> None:
    table = write_table(tmp_path / "t.csv", architectures(8), np.arange(1.0, 9.0))
    out = tmp_path / "out"
    assert gnomon("fit-table", table, "--space", "ofa-mbv3", "--out", out, *arguments) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_space_without_keys_has_no_tables(gnomon, tmp_path: Path, capsys) -> None:
    cell = "|nor_conv_3x3~0|+|none~0|{}~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
    rows = [(cell.format(op), 1.0) for op in ("none", "skip_connect", "avg_pool_3x3")]
    pd.DataFrame(rows, columns=["arch", "ms"]).to_csv(tmp_path / "t.csv", index=False)
    arguments = ("--space", "nasbench201", "--column", "ms", "--out", tmp_path / "out")
    assert gnomon("fit-table", tmp_path / "t.csv", *arguments) == 2
    assert "'nasbench201' has no keys of blocks" in capsys.readouterr().err
