"""Reads tables of measured networks, and what their columns are.

    table    CSV (.csv, .csv.gz): the architecture columns of a space (ks0.. e0.. d0.. r;
             block0..; arch) and latency columns in ms; any others are left alone
    columns  CSV: file,column,device,batch,space,width_mult; empty: not known

Data sheets are read by `gnomon.evaluation.data.specs`.
Every fault is a ValueError that names the file, the line (1 is the header), the column, what
was found there and what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gnomon.evaluation.data.specs import find_spec
from gnomon.evaluation.task import Column

COLUMNS = ("file", "column", "device", "batch", "space", "width_mult")
LISTS = {"ks": "ks", "e": "e", "d": "d", "block": "blocks", "channels": "channels", "se": "se"}
"""Architecture columns that are numbered, and the JSON list that they make."""
NUMBERED = re.compile(r"([a-z]+)(\d+)")
SCALARS = ("arch", "r", "width")


@dataclass(frozen=True)
class Table:
    """The rows of one file; cells are texts until somebody asks for a column."""

    path: Path
    cells: pd.DataFrame

    def __len__(self) -> int:
        return len(self.cells)

    def where(self, row: int, column: str) -> str:
        """How an error names a cell."""
        return f"{self.path}: line {row + 2}, column {column}"

    def latency_columns(self) -> list[str]:
        """All columns that do not say the architecture."""
        known = set(architecture_columns(self))
        return [name for name in self.cells.columns if name not in known]

    def latencies(self, column: str) -> np.ndarray:
        """(n,): positive milliseconds."""
        if column not in self.cells:
            known = ", ".join(self.latency_columns())
            raise ValueError(f"{self.path}: no column {column!r}: expected one of {known}")
        return self._numbers(column, lambda value: value > 0, "positive milliseconds")

    def accuracies(self, column: str) -> np.ndarray:
        """(n,): fractions in (0, 1); numbers above 1 make the column one of percent."""
        values = self._numbers(column, lambda value: value > 0, "an accuracy above 0")
        return values / 100 if values.max() > 1 else values

    def integers(self, column: str) -> list[int]:
        """The whole numbers of an architecture column."""
        values = self._numbers(column, lambda value: value % 1 == 0, "a whole number")
        return [int(value) for value in values]

    def _numbers(self, column: str, fits: Any, expected: str) -> np.ndarray:
        texts = self.cells[column]
        values = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
        bad = np.flatnonzero(~(np.isfinite(values) & fits(values)))
        if len(bad):
            row = int(bad[0])
            found = repr(texts.iloc[row]) if texts.iloc[row] else "nothing"
            raise ValueError(f"{self.where(row, column)}: found {found}, expected {expected}")
        return values


def read_table(path: Path) -> Table:
    """The rows of a CSV file as texts."""
    return Table(path, _read(path, "rows of networks"))


def _read(path: Path, what: str) -> pd.DataFrame:
    try:
        cells = pd.read_csv(
            path, dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False
        )
    except FileNotFoundError:
        raise
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"{path}: expected a CSV table: {str(error).strip()}") from error
    if not len(cells):
        raise ValueError(f"{path}: expected {what}, found none")
    return cells.fillna("")


def architecture_columns(table: Table) -> list[str]:
    """Names of the columns that say an architecture, in the table's order."""
    names = []
    for name in table.cells.columns:
        match = NUMBERED.fullmatch(name)
        if name in SCALARS or (match and match.group(1) in LISTS):
            names.append(name)
    return names


def architectures(table: Table) -> list[dict[str, Any]]:
    """One JSON object a row, as `gnomon network --arch` takes it."""
    names = architecture_columns(table)
    fields: dict[str, list[Any]] = {}
    lists: dict[str, list[str]] = {}
    for name in names:
        if name == "arch":
            fields[name] = list(table.cells[name])
        elif name in SCALARS:
            fields[name] = table.integers(name) if name == "r" else _floats(table, name)
        else:
            lists.setdefault(NUMBERED.fullmatch(name).group(1), []).append(name)
    for stem, found in lists.items():
        expected = [f"{stem}{i}" for i in range(len(found))]
        missing = [name for name in expected if name not in found]
        if missing:
            raise ValueError(f"{table.path}: no column {missing[0]}, but {found[-1]}")
        values = [table.integers(name) for name in expected]
        fields[LISTS[stem]] = [list(row) for row in zip(*values, strict=True)]
    if not fields or set(fields) == {"r"}:
        known = ", ".join(table.cells.columns[:6])
        raise ValueError(
            f"{table.path}: expected architecture columns (ks0.. e0.. d0.. r, block0.. or arch), "
            f"found {known}"
        )
    return [{field: values[row] for field, values in fields.items()} for row in range(len(table))]


def _floats(table: Table, name: str) -> list[float]:
    return [float(value) for value in table._numbers(name, lambda v: v > 0, "a positive number")]


def _optional(table: Table, row: int, column: str, expected: str) -> float | None:
    text = table.cells[column].iloc[row]
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{table.where(row, column)}: found {text!r}, expected {expected}")
    return value


class Columns:
    """What the columns of tables are: the rows of a columns file, or nothing."""

    def __init__(self, path: Path | None, specs: dict[str, dict[str, float]] | None) -> None:
        self.specs = specs
        self.table = None if path is None else Table(path, _read(path, "rows of columns"))
        if self.table is None:
            return
        missing = [name for name in COLUMNS if name not in self.table.cells]
        if missing:
            raise ValueError(f"{path}: no column {missing[0]!r}: expected {','.join(COLUMNS)}")

    def describe(self, name: str, file: Path, space: str) -> Column:
        """The column `name` of a file, or else of any file of the space."""
        if self.table is None:
            return Column(name, space=space)
        row = self._row(name, file, space)
        cells = self.table.cells.iloc[row]
        batch = _optional(self.table, row, "batch", "a whole number of images") or 1.0
        if batch % 1:
            where, found = self.table.where(row, "batch"), cells["batch"]
            raise ValueError(f"{where}: found {found!r}, expected a whole number of images")
        device = cells["device"] or None
        return Column(
            name,
            int(batch),
            cells["space"] or space,
            _optional(self.table, row, "width_mult", "a multiplier of channels"),
            device,
            self._numbers(row, device),
        )

    def _row(self, name: str, file: Path, space: str) -> int:
        cells = self.table.cells
        named = cells["column"] == name
        stem = file.name.removesuffix(".gz")
        for same in (
            cells["file"] == file.name,
            cells["file"].str.split("/").str[-1].str.removesuffix(".gz") == stem,
            (cells["space"] == space) | (space == ""),
        ):
            found = np.flatnonzero(named & same)
            if len(found) > 1:
                where = self.table.where(int(found[1]), "column")
                raise ValueError(f"{where}: {name!r} of {file.name} is said twice")
            if len(found):
                return int(found[0])
        near = (cells["space"] == space) | (space == "")
        known = ", ".join(sorted(set(cells["column"][near]))) or "none"
        raise ValueError(
            f"{self.table.path}: nothing about the column {name!r} of {file.name}: "
            f"expected one of {known}"
        )

    def _numbers(self, row: int, device: str | None) -> dict[str, float] | None:
        if device is None or self.specs is None:
            return None
        try:
            return self.specs[find_spec(self.specs, device)]
        except ValueError as error:
            raise ValueError(f"{self.table.where(row, 'device')}: {error}") from error
