"""Reads a profile folder and joins the runtime's timed nodes with Gnomon's kernels.

The runtime names its kernels after tensors of the *optimised* graph; Gnomon names
its own after tensors of the file.  Fusion keeps the name of the last tensor, so the
two meet there.  Blocked convolutions are the exception: the runtime invents a
tensor for their result and keeps the original name in the node's name.  Where the
runtime made a name up altogether, a node is found through its neighbours: it runs the
kernel of its operator that reads what its producers' kernels yield.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from gnomon.evaluation.operators.tables import Table

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
    runtime: str = "onnxruntime"
    """Its name, and its version if that is known."""
    provider: str = "cpu"
    gpu: str = ""
    """The device's name, where the record says it."""


@dataclass
class Found:
    """Profiles of one device: records of networks, and operators that were profiled alone."""

    records: list[Record]
    tables: list[Table]
    notes: list[str]


def read_records(folder: Path) -> list[Record]:
    """All records of a profile folder, in the order of their ids."""
    records = []
    for path in sorted((folder / "records").glob("*.json")):
        data = json.loads(path.read_text())
        settings = data.get("settings", {})
        records.append(
            Record(
                id=data["id"],
                family=data["family"],
                model=folder / data["model"],
                end_to_end_us=float(data["end_to_end_us"]),
                nodes=data["nodes"],
                runtime=settings.get("runtime", "onnxruntime"),
                provider=provider_of(settings.get("provider", "cpu")),
                gpu=settings.get("gpu", ""),
            )
        )
    if not records:
        raise ValueError(f"{folder}: expected records/*.json of `gnomon profile`, found none")
    return records


def provider_of(name: str) -> str:
    """ONNX Runtime's provider in short: CPUExecutionProvider is cpu."""
    return name.removesuffix("ExecutionProvider").lower()


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


def kernel_keys(kernel: dict) -> Iterator[tuple[bool, str]]:
    """What a kernel may be called, best first: its results, its inner tensors, its anchor."""
    if kernel["kind"] == "layout":
        for tensor in (*kernel["outputs"], *kernel.get("inputs", ())):
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


class _Joiner:
    """Pairs the kernels of one network with the nodes that ran."""

    def __init__(self, kernels: pd.DataFrame, nodes: list[dict]) -> None:
        rows = kernels.to_dict("records")
        costed = [k for k, row in enumerate(rows) if row["kind"] != "free"]
        free = [k for k, row in enumerate(rows) if row["kind"] == "free"]
        self.rows, self.order, self.nodes = rows, costed + free, nodes
        self.node_of: dict[int, int] = {}
        self.kernel_of: dict[int, int] = {}
        self.named: dict[tuple[bool, str], list[int]] = {}
        for index, node in enumerate(nodes):
            for key in node_keys(node):
                self.named.setdefault(key, []).append(index)

    def pair(self) -> dict[int, int]:
        """Node by kernel: same operator and name, then neighbours, then name alone."""
        self._by_name(same_operator=True)
        while self._by_neighbours():
            pass
        self._by_name(same_operator=False)
        return self.node_of

    def _take(self, kernel: int, node: int) -> None:
        self.node_of[kernel] = node
        self.kernel_of[node] = kernel

    def _by_name(self, same_operator: bool) -> None:
        for kernel in self.order:
            if kernel in self.node_of:
                continue
            row = self.rows[kernel]
            if same_operator and row.get("op") is None:
                continue
            fits = (
                index
                for key in kernel_keys(row)
                for index in self.named.get(key, ())
                if index not in self.kernel_of and self._fits(row, index, same_operator)
            )
            if (node := next(fits, None)) is not None:
                self._take(kernel, node)

    def _fits(self, row: dict, index: int, same_operator: bool) -> bool:
        node = self.nodes[index]
        if same_operator:
            return row["op"] == node["op_type"]
        return may_be(node, row["kind"])

    def _by_neighbours(self) -> bool:
        """One walk over what is left; true if it found a pair."""
        producer = {t: i for i, node in enumerate(self.nodes) for t in node["outputs"]}
        consumers: dict[str, list[int]] = {}
        for index, node in enumerate(self.nodes):
            for tensor in node.get("inputs", ()):
                consumers.setdefault(tensor, []).append(index)
        readers: dict[tuple[str, str], list[int]] = {}
        yielders: dict[tuple[str, str], list[int]] = {}
        for kernel in self.order:
            row = self.rows[kernel]
            if kernel in self.node_of or row.get("op") is None:
                continue
            for tensor in row.get("inputs", ()):
                readers.setdefault((row["op"], tensor), []).append(kernel)
            for tensor in row["outputs"]:
                yielders.setdefault((row["op"], tensor), []).append(kernel)
        before = len(self.node_of)
        for index, node in enumerate(self.nodes):
            if index in self.kernel_of:
                continue
            found: list[int] = []
            for tensor in node.get("inputs", ()):
                source = self.kernel_of.get(producer.get(tensor, -1))
                names = self.rows[source]["outputs"] if source is not None else [tensor]
                found += [k for t in names for k in readers.get((node["op_type"], t), ())]
            for tensor in node["outputs"]:
                for user in consumers.get(tensor, ()):
                    sink = self.kernel_of.get(user)
                    names = self.rows[sink].get("inputs", ()) if sink is not None else ()
                    found += [k for t in names for k in yielders.get((node["op_type"], t), ())]
            kernel = next((k for k in found if k not in self.node_of), None)
            if kernel is not None:
                self._take(kernel, index)
        return len(self.node_of) > before


def covered_times(kernels: pd.DataFrame, nodes: list[dict]) -> list[float]:
    """Times of kernels where nodes say which tensors they make (`members`).

    A kernel takes as long as the nodes inside it together; it has no time (NaN) where a node
    reaches beyond it, or where nothing that ran yields its results.
    """
    makers: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        for tensor in node["members"]:
            makers.setdefault(tensor, []).append(index)
    times = []
    for tensors, outputs in zip(kernels["tensors"], kernels["outputs"], strict=True):
        inside = {index for tensor in tensors for index in makers.get(tensor, ())}
        whole = all(tensor in makers for tensor in outputs)
        alone = all(set(nodes[index]["members"]) <= set(tensors) for index in inside)
        fits = inside and whole and alone
        times.append(sum(float(nodes[i]["time_us"]) for i in inside) if fits else float("nan"))
    return times


def _joined_times(kernels: pd.DataFrame, nodes: list[dict]) -> list[float]:
    if all("members" in node for node in nodes):
        return covered_times(kernels, nodes)
    node_of = _Joiner(kernels, nodes).pair()
    return [
        float(nodes[node_of[k]]["time_us"]) if k in node_of else float("nan")
        for k in range(len(kernels))
    ]


def join(kernels: pd.DataFrame, record: Record) -> pd.DataFrame:
    """Adds ``measured_us`` (NaN where the runtime has no such node) to kernel rows.

    ``kernels`` has a row a kernel with the columns ``kind``, ``name``, ``outputs`` and
    ``tensors``, and ``op`` and ``inputs`` if known; a node is used once.
    """
    joined = kernels.copy()
    joined["measured_us"] = _joined_times(kernels, record.nodes)
    joined["network"] = record.id
    joined["family"] = record.family
    return joined
