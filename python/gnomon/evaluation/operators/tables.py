"""Tables of measured operators: a folder of `<operator>.csv` or `.csv.gz`.

Columns are `gpu`, the operator's sizes (`catalogue.py`) and `latency_ms`.  A size is a positive
integer (a padding may be 0).  Equal rows stay: they are repeated measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gnomon.evaluation.operators.catalogue import OPERATORS

MOST = 2**31
"""Sizes above this are no sizes."""


@dataclass(frozen=True)
class Table:
    """The measurements of one operator."""

    operator: str
    gpu: np.ndarray
    """(n,), str: as the table names it."""
    sizes: np.ndarray
    """(n, dimensions), int64."""
    latency_us: np.ndarray
    """(n,)"""

    def __len__(self) -> int:
        return len(self.gpu)


def read_folder(folder: Path) -> dict[str, Table]:
    """Every table of a folder by its operator; a ValueError says what is wrong with which file."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: expected a folder of operator tables")
    paths = sorted(p for p in folder.iterdir() if p.name.endswith((".csv", ".csv.gz")))
    if not paths:
        raise ValueError(f"{folder}: expected files named OPERATOR.csv or OPERATOR.csv.gz")
    tables: dict[str, Table] = {}
    for path in paths:
        table = read_table(path)
        if table.operator in tables:
            raise ValueError(f"{folder}: found two tables of '{table.operator}'")
        tables[table.operator] = table
    return tables


def gpus_of(tables: dict[str, Table]) -> list[str]:
    """Names of all GPUs in some tables."""
    return sorted({str(gpu) for table in tables.values() for gpu in np.unique(table.gpu)})


def read_table(path: Path) -> Table:
    """One file; its name says the operator."""
    operator = path.name.removesuffix(".gz").removesuffix(".csv")
    if operator not in OPERATORS:
        raise ValueError(f"{path}: no operator '{operator}'; known: {', '.join(OPERATORS)}")
    dimensions = OPERATORS[operator].dimensions
    expected = ["gpu", *dimensions, "latency_ms"]
    try:
        frame = pd.read_csv(path, dtype={"gpu": str})
    except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{path}: expected a CSV table: {error}") from error
    missing = [column for column in expected if column not in frame]
    if missing:
        raise ValueError(f"{path}: expected the columns {','.join(expected)}; missing {missing}")
    sizes = [_sizes(path, frame, name) for name in dimensions]
    latency = pd.to_numeric(frame["latency_ms"], errors="coerce").to_numpy(float)
    _check(path, (latency > 0) & np.isfinite(latency), "latency_ms", "a positive number")
    _check(path, frame["gpu"].notna().to_numpy(), "gpu", "a name")
    return Table(operator, frame["gpu"].to_numpy(str), np.stack(sizes, axis=1), latency * 1e3)


def _sizes(path: Path, frame: pd.DataFrame, name: str) -> np.ndarray:
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(float)
    least = 0 if name == "padding" else 1
    good = (values >= least) & (values < MOST) & (values == np.floor(values))
    _check(path, good, name, "a whole number" if least == 0 else "a positive whole number")
    return values.astype(np.int64)


def _check(path: Path, good: np.ndarray, column: str, expected: str) -> None:
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ValueError(f"{path}: row {row + 2}: expected {expected} in column {column}")
