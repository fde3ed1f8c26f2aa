"""A table to judge on, with its split: which rows may be learned from, which are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gnomon.evaluation.data.networks import BadArchitecture, form_networks, numbers_of_equals
from gnomon.evaluation.data.tables import Columns, Table, architectures, read_table
from gnomon.evaluation.task import Column, Measured, Networks


@dataclass
class Dataset:
    """The networks of a table, and behind them those of a second one."""

    space: str
    tables: list[Table]
    columns: Columns
    rules: Path
    jobs: int
    archs: list[dict[str, Any]]
    networks_at: dict[float | None, Networks] = field(default_factory=dict)
    latency_of: dict[str, np.ndarray] = field(default_factory=dict)
    picks: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    """Spread samples of a column, once they have been chosen."""

    def __len__(self) -> int:
        return sum(len(table) for table in self.tables)

    def networks(self, width_mult: float | None) -> Networks:
        """All networks, their kernels at a multiplier of channels."""
        if width_mult not in self.networks_at:
            try:
                self.networks_at[width_mult] = form_networks(
                    self.space, self.archs, width_mult, self.rules, self.jobs
                )
            except BadArchitecture as error:
                table, row = self.place(error.row)
                raise ValueError(f"{table.path}: line {row + 2}: {error.problem}") from error
        return self.networks_at[width_mult]

    def place(self, row: int) -> tuple[Table, int]:
        """The table of a row, and its number there."""
        for table in self.tables:
            if row < len(table):
                return table, row
            row -= len(table)
        raise IndexError(row)

    def column(self, name: str) -> Column:
        """What a column is."""
        return self.columns.describe(name, self.tables[0].path, self.space)

    def latencies(self, name: str) -> np.ndarray:
        """(n,): milliseconds of a column; NaN in a table that lacks it."""
        if name not in self.latency_of:
            having = [name in table.cells for table in self.tables]
            self.latency_of[name] = np.concatenate(
                [
                    table.latencies(name) if has else np.full(len(table), np.nan)
                    for table, has in zip(self.tables, having, strict=True)
                ]
            )
        return self.latency_of[name]

    def measured(self, name: str, rows: np.ndarray) -> Measured:
        """The column's measurements of those rows that have one."""
        latency = self.latencies(name)[rows]
        there = np.isfinite(latency)
        return Measured(self.column(name), rows[there], latency[there])


def open_dataset(
    paths: Sequence[Path],
    space: str,
    columns: Columns,
    names: Sequence[str],
    rules: Path,
    jobs: int,
) -> Dataset:
    """Reads the tables; the space is that of the columns where it is not said."""
    tables = [read_table(path) for path in paths]
    for name in names:
        if not any(name in table.cells for table in tables):
            tables[0].latencies(name)  # raises, and says which columns there are
    said = {name: columns.describe(name, tables[0].path, space).space for name in names}
    if not space:
        space = next((found for found in said.values() if found), "")
    if not space:
        raise ValueError("expected --space, or a columns file that says the space")
    for name, found in said.items():
        if found and found != space:
            raise ValueError(
                f"the column {name!r} is of the space {found!r}, expected {space!r} as --space says"
            )
    archs = [architecture for table in tables for architecture in architectures(table)]
    return Dataset(space, tables, columns, rules, jobs, archs)


def rows_of(text: str, count: int, option: str) -> np.ndarray:
    """The rows FROM:TO of a table of `count` rows; both may be left out, TO is not included."""
    first, colon, last = text.partition(":")
    try:
        begin, end = int(first or 0), int(last or count)
    except ValueError:
        begin, end = -1, -1
    if not colon or not 0 <= begin < end <= count:
        raise ValueError(
            f"{option} {text}: expected FROM:TO with 0 <= FROM < TO <= {count}, the table's rows"
        )
    return np.arange(begin, end)


@dataclass(frozen=True)
class Split:
    """Rows of a dataset."""

    train: np.ndarray
    """Sources are seen here, and samples are chosen here."""
    test: np.ndarray
    """Scored here, except for what was sampled."""


def split_of(data: Dataset, train: str | None, test: str | None) -> Split:
    """What is not said is the rest of the table: all rows, or those not of the other part."""
    first, n = len(data.tables[0]), len(data)
    train_rows = None if train is None else rows_of(train, first, "--train-rows")
    if len(data.tables) > 1:
        test_rows = first + (
            np.arange(n - first) if test is None else rows_of(test, n - first, "--test-rows")
        )
        return Split(np.arange(first) if train_rows is None else train_rows, test_rows)
    test_rows = None if test is None else rows_of(test, first, "--test-rows")
    everything = np.arange(n)
    if train_rows is None:
        train_rows = everything if test_rows is None else np.setdiff1d(everything, test_rows)
    if test_rows is None:
        rest = np.setdiff1d(everything, train_rows)
        test_rows = rest if len(rest) and len(train_rows) < n else everything
    return Split(train_rows, test_rows)


def without_equals(networks: Networks, rows: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Those of `rows` that are not the network of any row of `seen`."""
    numbers = numbers_of_equals(networks)
    return rows[~np.isin(numbers[rows], numbers[seen])]
