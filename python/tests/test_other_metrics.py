"""Any measured column of a table is a metric: energy and memory like latency."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_evaluate_network import COLUMNS, RULES, made_up_table

from gnomon.evaluation.data.networks import aggregate, form_networks


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Energy of work and of bytes moved, in mJ, and the memory of a network."""
    rows = made_up_table()
    archs = [
        {
            "ks": [row[f"ks{i}"] for i in range(20)],
            "e": [row[f"e{i}"] for i in range(20)],
            "d": [row[f"d{i}"] for i in range(5)],
            "r": row["r"],
        }
        for row in rows.astype(object).to_dict("records")
    ]
    work = aggregate(form_networks("ofa-mbv3", archs, 1.0, RULES, 1), 64)
    noise = np.exp(np.random.default_rng(2).normal(0, 0.01, len(rows)))
    rows["energy_mj"] = (work["flops"] / 2e7 + work["bytes"] / 3e6) * noise
    rows["peak_memory_mb"] = 200.0 + work["bytes"] / 4e7
    path = tmp_path / "t.csv"
    rows.to_csv(path, index=False)
    kinds = "".join(f"t.csv,{name},A,64,ofa-mbv3,1.0\n" for name in ("energy_mj", "peak_memory_mb"))
    (tmp_path / "columns.csv").write_text(COLUMNS + kinds)
    return path


@pytest.mark.parametrize(("column", "worst"), [("energy_mj", 0.04), ("peak_memory_mb", 0.05)])
def test_energy_and_memory_are_learned_like_latency(gnomon, table, tmp_path, column, worst):
    report = tmp_path / "report.json"
    command = ["evaluate", "network", table, "--columns", tmp_path / "columns.csv"]
    command += ["--test-on", column, "--train-rows", "0:80", "--test-rows", "80:120"]
    command += ["--samples", "all", "--seeds", "1", "--json", report, "-q"]
    assert gnomon(*command) == 0
    (row,) = json.loads(report.read_text())["rows"]
    assert row["column"] == column and row["n"] == 40
    assert row["mape"] < worst and row["spearman"] > 0.95


def test_a_bundle_is_not_held_against_energy(gnomon, tmp_path, capsys):
    table = tmp_path / "m.csv"
    pd.DataFrame({"model": ["a.onnx"], "energy_mj": [3.0]}).to_csv(table, index=False)
    for command in (
        ["evaluate", "models", table],
        ["adapt", "ort-cpu-1t-f32", "--measurements", table, "--out", tmp_path / "b"],
    ):
        assert gnomon(*command) == 2
        assert "missing ['latency_ms']" in capsys.readouterr().err
