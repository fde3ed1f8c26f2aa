"""Reads a profile folder and joins the runtime's timed nodes with Gnomon's kernels.

The runtime names its kernels after tensors of the *optimised* graph; Gnomon names
its own after tensors of the file.  Fusion keeps the name of the last tensor, so the
two meet there.  Blocked convolutions are the exception: the runtime invents a
tensor for their result and keeps the original name in the node's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

BLOCKED_SUFFIX = "_nchwc"
FUSION_SUFFIX = re.compile(r"/\w+Fusion/?$")
LAYOUT_OPERATORS = ("ReorderInput", "ReorderOutput")
VIEWS = frozenset(("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"))
MOVEMENTS = frozenset(("Transpose", "Concat", "Split", "Slice", "Expand", "Pad", "Cast"))
"""The runtime inserts these around fused kernels and gives their results the old names."""


@dataclass(frozen=True)
class Record:
    """One profiled network: end-to-end and per-node minima, microseconds."""

    id: str
    family: str
    model: Path
    end_to_end_us: float
    nodes: list[dict] = field(repr=False)


def read_records(folder: Path) -> list[Record]:
    """All records of a profile folder, in the order of their ids."""
    records = []
    for path in sorted((folder / "records").glob("*.json")):
        data = json.loads(path.read_text())
        records.append(
            Record(
                id=data["id"],
                family=data["family"],
                model=folder / data["model"],
                end_to_end_us=float(data["end_to_end_us"]),
                nodes=data["nodes"],
            )
        )
    if not records:
        raise ValueError(f"{folder}: expected records/*.json of `gnomon profile`, found none")
    return records


def node_keys(node: dict) -> Iterator[tuple[bool, str]]:
    """What may name a timed node, best first: (is a layout change, tensor or operation)."""
    if node["op_type"] in LAYOUT_OPERATORS:
        tensors = node["inputs"] if node["op_type"] == "ReorderInput" else node["outputs"]
        yield True, tensors[0]
        return
    name = node["name"]
    if BLOCKED_SUFFIX in name:
        yield False, name[: name.rindex(BLOCKED_SUFFIX)]
    for tensor in node["outputs"]:
        yield False, tensor
    yield False, FUSION_SUFFIX.sub("", name)


def kernel_keys(kernel: pd.Series) -> Iterator[tuple[bool, str]]:
    """What a kernel may be called, best first: its results, its inner tensors, its anchor."""
    if kernel["kind"] == "layout":
        for tensor in kernel["outputs"]:
            yield True, tensor
        return
    for tensor in (*kernel["outputs"], *kernel["tensors"], kernel["name"]):
        yield False, tensor


def may_be(node: dict, kind: str) -> bool:
    """Whether a kernel of this kind can be what the node ran."""
    if node["op_type"] in VIEWS:
        return kind == "free"
    if node["op_type"] in MOVEMENTS:
        return kind in ("movement", "elementwise") or node["op_type"] == "Cast"
    return True


def join(kernels: pd.DataFrame, record: Record) -> pd.DataFrame:
    """Adds ``measured_us`` (NaN where the runtime has no such node) to kernel rows.

    ``kernels`` has a row a kernel with the columns ``kind``, ``name``, ``outputs`` and
    ``tensors``; a node is used once, for the first kernel that claims it.
    """
    named: dict[tuple[bool, str], list[int]] = {}
    for index, node in enumerate(record.nodes):
        for key in node_keys(node):
            named.setdefault(key, []).append(index)
    used: set[int] = set()

    def measured(kernel: pd.Series) -> float:
        for key in kernel_keys(kernel):
            for index in named.get(key, ()):
                if index not in used and may_be(record.nodes[index], kernel["kind"]):
                    used.add(index)
                    return float(record.nodes[index]["time_us"])
        return float("nan")

    costed = kernels["kind"] != "free"
    joined = kernels.copy()
    joined["measured_us"] = float("nan")
    for chosen in (costed, ~costed):
        rows = kernels[chosen]
        joined.loc[chosen, "measured_us"] = [measured(row) for _, row in rows.iterrows()]
    joined["network"] = record.id
    joined["family"] = record.family
    return joined
