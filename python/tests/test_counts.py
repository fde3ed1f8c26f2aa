"""Models that are linear in counts: planted coefficients come back, tiles as by hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from gnomon.cli.output import ROOT
from gnomon.evaluation.data.networks import form_networks
from gnomon.evaluation.methods.counts import METHOD, NAMES, count, crossbar_tiles, fit_linear
from gnomon.evaluation.task import CannotPredict, Column, Measured, Networks, Pool

RULES = ROOT / "data" / "runtimes" / "onnxruntime-cpu.json"
SPACE = str(ROOT / "data" / "spaces" / "nas-bench-macro.json")


@pytest.fixture(scope="module")
def networks() -> Networks:
    rng = np.random.default_rng(0)
    rows = [
        {"r": 32} | {f"layer{i}": str(option) for i, option in enumerate(rng.integers(0, 3, 8))}
        for _ in range(60)
    ]
    return form_networks(SPACE, rows, None, RULES, 1)


def test_tiles_hold_the_weights():
    kernels = pd.DataFrame(
        [
            # 3 x 3 over 64 channels: 576 rows, 5 crossbars; 200 filters: 2.
            {"groups": 1, "group_channels_in": 64, "group_channels_out": 200, "kernel_area": 9},
            # 24 groups of one channel: a crossbar each.
            {"groups": 24, "group_channels_in": 1, "group_channels_out": 1, "kernel_area": 25},
            {"gemm_k": 1280, "gemm_n": 10},
            # A product of two activations has no weights.
            {"gemm_k": 1280, "gemm_n": 10, "bytes_weights": 0.0},
        ]
    )
    kernels["bytes_weights"] = kernels["bytes_weights"].fillna(4.0)
    assert crossbar_tiles(kernels).tolist() == [10, 24, 10, 0]


def test_planted_coefficients_come_back(networks):
    counts = count(networks, 1)
    planted = np.array([2e-9, 3e-8, 1e-3, 5e-3, 0.4])
    found = fit_linear(counts, counts @ planted)
    assert found == pytest.approx(planted, rel=1e-6)
    noisy = counts @ planted * np.random.default_rng(1).normal(1, 0.02, len(counts))
    assert (fit_linear(counts, noisy) >= 0).all()
    assert len(planted) == len(NAMES)


def test_samples_say_the_rest(networks):
    planted = np.array([2e-9, 3e-8, 1e-3, 5e-3, 0.4])
    truth = count(networks, 1) @ planted
    truth *= np.random.default_rng(1).normal(1, 0.02, len(truth))
    column = Column("made up")
    fitted = METHOD.fit(Pool(networks, (), column))
    rows = np.arange(25)
    rest = np.arange(25, 60)
    found = fitted.predict(Measured(column, rows, truth[rows]), rest, 0)
    assert np.mean(np.abs(found.latency_ms / truth[rest] - 1)) < 0.04
    assert np.mean((found.low_ms <= truth[rest]) & (truth[rest] <= found.high_ms)) > 0.7
    with pytest.raises(CannotPredict, match="at least 5 samples"):
        fitted.predict(Measured(column, rows[:4], truth[:4]), rest, 0)


def test_the_command_knows_it(gnomon, tmp_path, capsys):
    lines = ["arch,ms"]
    operations = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    rng = np.random.default_rng(2)
    for _ in range(40):
        a, b, c, d, e, f = (operations[i] for i in rng.integers(0, 5, 6))
        threes = sum(name == "nor_conv_3x3" for name in (a, b, c, d, e, f))
        lines.append(f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|,{3 + threes}")
    table = tmp_path / "table.csv"
    table.write_text("\n".join(lines) + "\n")
    out = tmp_path / "out.json"
    options = ["--space", "nasbench201", "--test-on", "ms", "--samples", "20", "--seeds", 1]
    assert gnomon("evaluate", "network", table, *options, "--method", "counts", "--json", out) == 0
    (row,) = json.loads(out.read_text())["rows"]
    assert (row["n"], row["method"]) == (20, "counts")
    assert row["mape"] < 0.1
