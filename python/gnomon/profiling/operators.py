"""Tables of single operators: `<op>.csv` with `gpu,<dimensions>,latency_ms`.

Dimensions: `bmm` and `linear` multiply (b, m, n) by (b, n, k), `linear` with weights shared by the
batch and a bias; elementwise operators, `softmax` and `ln` (layer norm) work on b rows of h
elements; `add` and its like have two tensors of that shape, `addu` and its like a tensor and a
scalar; convolutions and pools are square: `size` is the side of the input, `kernel` of the window.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ..evaluation.operators.catalogue import OPERATORS
from .files import write_atomically

BINARY = ("add", "mul", "div", "pow")
UNARY = ("relu", "gelu", "tanh")
TABLES = {name: operator.dimensions for name, operator in OPERATORS.items()}
"""The dimensions of every table, in the order of its columns."""


@dataclass(frozen=True)
class Row:
    """One measured operator; `dims` are in the order of `TABLES[op]`."""

    op: str
    gpu: str
    dims: tuple[int, ...]
    latency_ms: float

    def __post_init__(self) -> None:
        if len(self.dims) != len(TABLES[self.op]):
            raise ValueError(f"{self.op}: expected {TABLES[self.op]}, found {self.dims}")


def header(op: str) -> list[str]:
    """The columns of a table."""
    return ["gpu", *TABLES[op], "latency_ms"]


def read_table(path: Path) -> list[Row]:
    """The rows of a table that this module wrote; none where there is no file."""
    op = path.name.removesuffix(".csv")
    if not path.exists():
        return []
    rows = []
    lines = csv.reader(io.StringIO(path.read_text()))
    if (found := next(lines, [])) != header(op):
        raise ValueError(f"{path}:1: expected {','.join(header(op))}, found {','.join(found)}")
    for cells in lines:
        try:
            rows.append(Row(op, cells[0], tuple(map(int, cells[1:-1])), float(cells[-1])))
        except (ValueError, IndexError) as error:
            raise ValueError(
                f"{path}:{lines.line_num}: expected {','.join(header(op))}, found {','.join(cells)}"
            ) from error
    return rows


def write_table(path: Path, rows: list[Row]) -> None:
    """Writes a table whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header(path.name.removesuffix(".csv")))
    writer.writerows([row.gpu, *row.dims, f"{row.latency_ms:.6g}"] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.getvalue().encode())


def merge_rows(folder: Path, rows: list[Row]) -> dict[str, int]:
    """Puts rows into the tables of a folder, in place of those of the same device and dimensions.

    Returns how many rows each touched table has now; the order of calls makes no difference to the
    order of rows.
    """
    sizes = {}
    for op in sorted({row.op for row in rows}):
        path = folder / f"{op}.csv"
        merged = {(row.gpu, row.dims): row for row in read_table(path)}
        merged |= {(row.gpu, row.dims): row for row in rows if row.op == op}
        write_table(path, [merged[key] for key in sorted(merged)])
        sizes[op] = len(merged)
    return sizes
