"""Reads a profile folder and joins the runtime's timed nodes with Gnomon's kernels.

The runtime names its kernels after tensors of the *optimised* graph; Gnomon names
its own after tensors of the file.  Fusion keeps the name of the last tensor, so the
two meet there.  Blocked convolutions are the exception: the runtime invents a
tensor for their result and keeps the original name in the node's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

BLOCKED_SUFFIX = "_nchwc"
LAYOUT_OPERATORS = ("ReorderInput", "ReorderOutput")


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
    """The (is a layout change, tensor of the file) pairs that may name a timed node."""
    if node["op_type"] in LAYOUT_OPERATORS:
        tensors = node["inputs"] if node["op_type"] == "ReorderInput" else node["outputs"]
        yield True, tensors[0]
        return
    name = node["name"]
    if BLOCKED_SUFFIX in name:
        yield False, name[: name.rindex(BLOCKED_SUFFIX)]
    for tensor in node["outputs"]:
        yield False, tensor


def join(kernels: pd.DataFrame, record: Record) -> pd.DataFrame:
    """Adds ``measured_us`` (NaN where the runtime has no such node) to kernel rows.

    ``kernels`` has a row a kernel with the columns ``kind`` and ``outputs`` (tensor
    names); a node is used once, for the first kernel that claims it.
    """
    times: dict[tuple[bool, str], list[float]] = {}
    for node in record.nodes:
        for key in node_keys(node):
            times.setdefault(key, []).append(float(node["time_us"]))
            break
    fallback: dict[tuple[bool, str], list[float]] = {}
    for node in record.nodes:
        for key in list(node_keys(node))[1:]:
            fallback.setdefault(key, []).append(float(node["time_us"]))

    def measured(kind: str, outputs: list[str]) -> float:
        for table in (times, fallback):
            for tensor in outputs:
                queue = table.get((kind == "layout", tensor))
                if queue:
                    return queue.pop(0)
        return float("nan")

    joined = kernels.copy()
    joined["measured_us"] = [
        measured(kind, outputs)
        for kind, outputs in zip(kernels["kind"], kernels["outputs"], strict=True)
    ]
    joined["network"] = record.id
    joined["family"] = record.family
    return joined
