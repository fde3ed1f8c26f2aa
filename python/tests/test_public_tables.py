"""The published tables, where they are at hand: latencies inside one device."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

PUBLIC_DATA = "GNOMON_PUBLIC_DATA"

pytestmark = pytest.mark.skipif(
    PUBLIC_DATA not in os.environ, reason=f"{PUBLIC_DATA} does not say where the public data is"
)


@pytest.fixture
def end_to_end(gnomon, tmp_path: Path):
    """Rows of the JSON for the published split, by column and samples."""

    def run(*arguments: object) -> dict[tuple[str, object], dict]:
        folder, out = Path(os.environ[PUBLIC_DATA]), tmp_path / "out.json"
        assert not gnomon(
            *("evaluate", "network", folder / "ofa_mbv3_end_to_end.csv.gz"),
            *("--columns", folder / "columns.csv", "--specs", folder / "gpu_specs.csv"),
            *("--train-rows", "0:7000", "--test-rows", "7000:8500", "--json", out, "-q"),
            *arguments,
        )
        rows = json.loads(out.read_text())["rows"]
        return {(row["column"], row["samples"]): row for row in rows}

    return run


@pytest.mark.parametrize("method", ["table", "forest"])
def test_seven_thousand_rows_of_a_device(end_to_end, method: str) -> None:
    """The published network's mean absolute errors are .386, 1.18 and .353 ms."""
    columns = "rtx2080ti_ms,p40_ms,note10_lut_ms"
    found = end_to_end("--test-on", columns, "--samples", "all", "--method", method)
    assert [row["n"] for row in found.values()] == [1500] * 3
    assert found["rtx2080ti_ms", "all"]["mae_ms"] <= 0.32
    assert found["p40_ms", "all"]["mae_ms"] <= 0.20
    assert found["note10_lut_ms", "all"]["mae_ms"] <= 0.06
    for row in found.values():
        assert 0.86 <= row["coverage90"] <= 0.94


def test_few_rows_of_a_device(end_to_end) -> None:
    found = end_to_end("--test-on", "p40_ms", "--samples", "50,700", "--method", "table")
    assert found["p40_ms", 50]["mape"] <= 0.02
    assert found["p40_ms", 700]["mape"] <= 0.01
    assert [row["seeds"] for row in found.values()] == [10, 10]
