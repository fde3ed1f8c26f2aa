"""Data sheets of GPUs: rows of a CSV table, and the device specs that the compiler reads.

The table has a GPU a row: `gpu` (its name), `cuda_cores`, `sms`, `ram_gb`, `mem_bw_gbps` (10^9
bytes a second), `fp32_tflops`, `boost_mhz`, `l2_mb` (2^20 bytes).
`launch_overhead_us` may be there: what the host needs to launch the cheapest operator, where
somebody knows it; its cells may be empty.  Further columns are ignored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from gnomon.names import meant

NUMBERS = (
    "cuda_cores",
    "sms",
    "ram_gb",
    "mem_bw_gbps",
    "fp32_tflops",
    "boost_mhz",
    "l2_mb",
)
LAUNCH = "launch_overhead_us"


def read_specs(path: Path) -> dict[str, dict[str, float]]:
    """The numbers of every GPU by its name; a ValueError says what is wrong with the file."""
    try:
        table = pd.read_csv(path, dtype={"gpu": str})
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: expected a CSV table of data sheets: {error}") from error
    missing = [column for column in ("gpu", *NUMBERS) if column not in table]
    if missing:
        raise ValueError(f"{path}: expected the columns gpu,{','.join(NUMBERS)}; missing {missing}")
    twice = table["gpu"][table["gpu"].duplicated()]
    if len(twice):
        raise ValueError(f"{path}: expected one row a GPU, found '{twice.iloc[0]}' twice")
    numbers = table[list(NUMBERS)].apply(pd.to_numeric, errors="coerce")
    for name, row in zip(table["gpu"], numbers.to_numpy(), strict=True):
        bad = [column for column, value in zip(NUMBERS, row, strict=True) if not 0 < value < 1e9]
        if bad:
            raise ValueError(f"{path}: {name}: expected positive numbers in {', '.join(bad)}")
    found = {
        str(name): {column: float(value) for column, value in zip(NUMBERS, row, strict=True)}
        for name, row in zip(table["gpu"], numbers.to_numpy(), strict=True)
    }
    if LAUNCH in table:
        _add_launches(path, table, found)
    return found


def _add_launches(path: Path, table: pd.DataFrame, found: dict[str, dict[str, float]]) -> None:
    known = table[table[LAUNCH].notna()]
    values = pd.to_numeric(known[LAUNCH], errors="coerce")
    for name, value in zip(known["gpu"], values, strict=True):
        if not 0 < value < 1e6:
            raise ValueError(f"{path}: {name}: expected a positive number or nothing in {LAUNCH}")
        found[str(name)][LAUNCH] = float(value)


def find_spec(specs: dict[str, dict[str, float]], wanted: str) -> str:
    """Name of the row that `wanted` means: `T4`, or `A100-40` for A100-PCIE-40GB.

    Case and separators do not count.  Several rows that differ in no number are one; a
    ValueError names the rows otherwise.
    """
    found = meant(wanted, specs)
    if not found:
        raise ValueError(f"no data sheet of '{wanted}': expected one of {', '.join(specs)}")
    if any(specs[name] != specs[found[0]] for name in found):
        raise ValueError(f"'{wanted}' may be {' or '.join(found)}: expected a name of one of them")
    return found[0]


def device_spec(name: str, numbers: dict[str, float]) -> dict[str, Any]:
    """The device spec (`gnomon/Device/DeviceSpec.h`) of a data sheet; `json.dumps` of it is
    what `_native` takes as `device_json`.
    """
    known = {LAUNCH: numbers[LAUNCH]} if LAUNCH in numbers else {}
    return {
        "schema": 1,
        "name": name,
        "kind": "gpu",
        "peak_flops": {"f32": numbers["fp32_tflops"] * 1e12},
        "memory_bandwidth_bytes_per_s": numbers["mem_bw_gbps"] * 1e9,
        "cores": numbers["cuda_cores"],
        "sm_count": numbers["sms"],
        "clock_hz": numbers["boost_mhz"] * 1e6,
        "caches_bytes": {"l2": numbers["l2_mb"] * 2**20},
        "memory_bytes": numbers["ram_gb"] * 2**30,
        **known,
    }
