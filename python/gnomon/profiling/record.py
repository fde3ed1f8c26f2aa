"""Turns the visits of a network into its record, and writes records whole or not at all."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..learning.profiles import LAYOUT_OPERATORS
from .files import write_atomically
from .visit import Subject


def settled(visits: list[dict[str, object]]) -> bool:
    """Whether the two best rounds agree within 3 %, with and without the runtime's profile."""
    for key in ("end_to_end_us", "profiled_end_to_end_us"):
        times = sorted(float(v[key]) for v in visits)  # type: ignore[arg-type]
        if len(times) < 2 or times[1] > 1.03 * times[0]:
            return False
    return True


@dataclass(frozen=True)
class Timed:
    """A node that ran: the name and type that the runtime's profile gives it, its times."""

    name: str
    op_type: str
    times_us: list[float]


def _minima(subject: Subject) -> list[Timed]:
    """Minimum of each visit of every node the runtime ran, in order of execution."""
    rows: dict[tuple[str, str, int], list[float]] = {}
    for one in subject.visits:
        seen: dict[tuple[str, str], int] = {}
        for given, op_type, shortest, _ in one["nodes"]:  # type: ignore[attr-defined]
            name = lasting_name(given, op_type)
            nth = seen[name, op_type] = seen.get((name, op_type), -1) + 1
            rows.setdefault((name, op_type, nth), []).append(shortest)
    return [Timed(name, op_type, times) for (name, op_type, _), times in rows.items()]


def lasting_name(name: str, op_type: str) -> str:
    """The name of a node if every session gives it the same one, else none.

    The runtime numbers the layout changes that it inserts in an order that differs from session to
    session; the order of their execution does not.
    """
    return "" if op_type in LAYOUT_OPERATORS else name


def join_nodes(nodes: list[dict[str, object]], timed: list[Timed]) -> list[dict[str, object]]:
    """Run nodes with what the optimised model says of them.

    Nodes join by name and type, in order where several share both; the runtime makes up names
    for unnamed nodes, which join by type in order of execution, the order of the saved model.
    """
    by_name: dict[tuple[str, str], list[dict[str, object]]] = {}
    for node in nodes:
        op_type = str(node["op_type"])
        key = lasting_name(str(node["name"]), op_type), op_type
        by_name.setdefault(key, []).append(node)
    joined = []
    for one in timed:
        name = lasting_name(one.name, one.op_type)
        waiting = by_name.get((name, one.op_type)) or by_name.get(("", one.op_type))
        node = waiting.pop(0) if waiting else nameless(one.name, one.op_type)
        joined.append({**node, "time_us": min(one.times_us), "visits_us": one.times_us})
    return joined


def nameless(name: str, op_type: str) -> dict[str, object]:
    """A node of which only the profile knows: no tensors."""
    return {"name": name, "op_type": op_type, "domain": None, "inputs": [], "outputs": []}


def make_record(
    subject: Subject, settings: dict[str, object], calibration: list[float]
) -> dict[str, object]:
    """The record of one network, as the profile folder keeps it."""
    nodes = join_nodes(subject.nodes, _minima(subject))
    return {
        "schema": 1,
        "id": subject.sample.id,
        "family": subject.sample.family,
        "model": f"networks/{subject.sample.id}.onnx",
        "end_to_end_us": min(v["end_to_end_us"] for v in subject.visits),  # type: ignore[type-var]
        "profiled_end_to_end_us": min(v["profiled_end_to_end_us"] for v in subject.visits),  # type: ignore[type-var]
        "sum_us": sum(float(n["time_us"]) for n in nodes),  # type: ignore[arg-type]
        "input_bytes": sum(value.nbytes for value in subject.feed.values()),
        "output_bytes": subject.output_bytes,
        "unjoined": sum(not n["outputs"] for n in nodes),
        "settled": settled(subject.visits),
        "rounds": [{k: v for k, v in one.items() if k != "nodes"} for one in subject.visits],
        "nodes": nodes,
        "settings": settings,
        "calibration": calibration,
    }


def save(folder: Path, record: dict[str, object], network: bytes) -> None:
    """Network first, record last: a record always has its network."""
    write_atomically(folder / str(record["model"]), network)
    text = json.dumps(record, separators=(",", ":"))
    write_atomically(folder / "records" / f"{record['id']}.json", text.encode())
