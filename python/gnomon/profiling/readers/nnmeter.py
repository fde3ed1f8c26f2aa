"""Tables of kernels in the manner of nn-Meter (MobiSys 2021): CSV, latency in milliseconds.

Two forms. With a header: `kernel` (or `op`), the features by the names of microsoft/nn-Meter
(`HW,CIN,COUT,KERNEL_SIZE,STRIDES`; `POOL_STRIDES` for pools), `latency` (or `latency_ms`); further
columns are ignored. Without: `model,kernel,HW_CIN_COUT_K_S,latency[,deviation]`, the features of
the kernel joined by underscores (nn_meter/builder, kernel features). Kernels are named after what
was fused, `conv-bn-relu` or `conv_bn_relu`; like there, all `conv-*` count as one operator and all
`dwconv-*` as another. Batch 1, padding that keeps the size.
"""

from __future__ import annotations

import csv
import io
import math
import re

from ..operators import Row
from .reading import Reading
from .source import Source, Unreadable

NAME = "nn-meter"
KERNEL_COLUMNS = ("kernel", "op")
LATENCY_COLUMNS = ("latency", "latency_ms")
FEATURES = {
    "conv": ("HW", "CIN", "COUT", "KERNEL_SIZE", "STRIDES"),
    "dwconv": ("HW", "CIN", "KERNEL_SIZE", "STRIDES"),
    "maxpool": ("HW", "CIN", "KERNEL_SIZE", "POOL_STRIDES"),
    "avgpool": ("HW", "CIN", "KERNEL_SIZE", "POOL_STRIDES"),
    "fc": ("CIN", "COUT"),
    "relu": ("HW", "CIN"),
    "add": ("HW", "CIN"),
}
"""What describes the kernels that have an operator table; COUT of a window is CIN."""

UNTABLED = ("bnrelu", "addrelu")
"""Fused kernels without a table although it seems so by their first part."""

JOINED = re.compile(r"\d+(_[\d.e+-]+)+")
WITH_WORK = ("conv", "dwconv", "fc")
"""Their joined features may end in millions of operations and parameters."""


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(",")]


def _has_header(cells: list[str]) -> bool:
    lower = [cell.lower() for cell in cells]
    return any(c in lower for c in KERNEL_COLUMNS) and any(c in lower for c in LATENCY_COLUMNS)


def _is_joined(cells: list[str]) -> bool:
    return len(cells) >= 4 and JOINED.fullmatch(cells[2]) is not None


def recognises(source: Source) -> bool:
    """The first line is a header of kernels or a row of joined features."""
    if source.looks_like_json:
        return False
    cells = _cells(next(iter(source.text.splitlines()), ""))
    return _has_header(cells) or _is_joined(cells)


def family(kernel: str) -> str | None:
    """The key of FEATURES for the name of a kernel; None if it has no operator table."""
    plain = kernel.lower().replace("_", "-").removesuffix("-block")
    first = plain.split("-")[0]
    if plain.replace("-", "") in UNTABLED:
        return None
    return first if first in FEATURES else None


def to_row(name: str, f: dict[str, int], gpu: str, latency_ms: float) -> Row:
    """The operator row of a kernel."""
    if name == "fc":
        return Row("linear", gpu, (1, 1, f["CIN"], f["COUT"]), latency_ms)
    if name in ("relu", "add"):
        return Row(name, gpu, (f["HW"] ** 2, f["CIN"]), latency_ms)
    kernel = f["KERNEL_SIZE"]
    stride = f["POOL_STRIDES"] if "POOL_STRIDES" in f else f["STRIDES"]
    channels = (f["CIN"], f["COUT"]) if name == "conv" else (f["CIN"],)
    dims = (1, *channels, kernel, f["HW"], stride, (kernel - 1) // 2)
    return Row(name, gpu, dims, latency_ms)


class _Lines:
    """The lines of one table, with their numbers for complaints."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.reader = csv.reader(io.StringIO(source.text))
        self.columns: list[str] | None = None

    def fail(self, expected: str, found: str) -> Unreadable:
        line = self.reader.line_num
        return Unreadable(f"{self.source.path}:{line}: expected {expected}, found '{found}'")

    def whole(self, text: str, what: str) -> int:
        try:
            value = float(text)
            if value == int(value) and value > 0:
                return int(value)
        except (ValueError, OverflowError):
            pass
        raise self.fail(f"a whole number for {what}", text)

    def latency(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value > 0):
            raise self.fail("positive milliseconds", text)
        return value

    def column(self, cells: list[str], names: tuple[str, ...]) -> str:
        assert self.columns is not None
        for name in names:
            if name in self.columns and self.columns.index(name) < len(cells):
                return cells[self.columns.index(name)]
        raise self.fail(f"a column {' or '.join(names)}", ",".join(cells))

    def features(self, name: str, kernel: str, cells: list[str]) -> dict[str, int]:
        if self.columns is not None:
            named = {key: self.column(cells, (key.lower(),)) for key in FEATURES[name]}
        else:
            parts = cells[2].split("_")
            keys = FEATURES[name]
            if name in ("dwconv", "maxpool", "avgpool") and len(parts) == 5:
                keys = FEATURES["conv"][:4] + keys[3:]  # COUT is written, too.
            if name == "add" and len(parts) == 3:
                keys = (*keys, "CIN2")
            if name in WITH_WORK and len(parts) == len(keys) + 2:
                parts = parts[:-2]
            if len(parts) != len(keys):
                raise self.fail(f"{'_'.join(keys)} of kernel {kernel}", cells[2])
            named = dict(zip(keys, parts, strict=True))
        return {key: self.whole(text, key) for key, text in named.items()}


def _read_one(source: Source, gpu: str, reading: Reading) -> None:
    lines = _Lines(source)
    for cells in lines.reader:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if lines.reader.line_num == 1 and _has_header(cells):
            lines.columns = [cell.lower() for cell in cells]
            continue
        if lines.columns is None and len(cells) < 4:
            raise lines.fail("model,kernel,features,latency", ",".join(cells))
        reading.events += 1
        kernel = lines.column(cells, KERNEL_COLUMNS) if lines.columns else cells[1]
        name = family(kernel)
        if name is None:
            reading.left_out[f"kernels without an operator table: {kernel}"] += 1
            continue
        time = lines.column(cells, LATENCY_COLUMNS) if lines.columns else cells[3]
        features = lines.features(name, kernel, cells)
        reading.rows.append(to_row(name, features, gpu, lines.latency(time)))


def read(sources: list[Source], gpu: str | None) -> Reading:
    """Operator rows of one device, which the table does not name."""
    if gpu is None:
        raise Unreadable(f"{sources[0].path}: does not name its device: expected --gpu NAME")
    reading = Reading(NAME)
    for source in sources:
        _read_one(source, gpu, reading)
    return reading
