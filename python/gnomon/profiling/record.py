"""Turns the visits of a network into its record, and writes records whole or not at all."""

import json
import os
from pathlib import Path

from .visit import Subject


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside the target, then renames."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def settled(visits: list[dict[str, object]]) -> bool:
    """Whether the two best rounds agree within 3 %, with and without the runtime's profile."""
    for key in ("end_to_end_us", "profiled_end_to_end_us"):
        times = sorted(float(v[key]) for v in visits)  # type: ignore[arg-type]
        if len(times) < 2 or times[1] > 1.03 * times[0]:
            return False
    return True


def _minima(subject: Subject) -> list[tuple[str, str, list[float]]]:
    """Name, type and minimum of each visit of every node the runtime ran, in order of execution."""
    rows: dict[tuple[str, str, int], list[float]] = {}
    for one in subject.visits:
        seen: dict[tuple[str, str], int] = {}
        for name, op_type, shortest, _ in one["nodes"]:  # type: ignore[attr-defined]
            nth = seen[name, op_type] = seen.get((name, op_type), -1) + 1
            rows.setdefault((name, op_type, nth), []).append(shortest)
    return [(name, op_type, times) for (name, op_type, _), times in rows.items()]


def _joined(subject: Subject) -> list[dict[str, object]]:
    """Run nodes with what the optimised model says of them.

    Nodes join by name and type, in order where several share both; the runtime makes up names
    for unnamed nodes, which join by type in order of execution, the order of the saved model.
    """
    by_name: dict[tuple[str, str], list[dict[str, object]]] = {}
    for node in subject.nodes:
        by_name.setdefault((str(node["name"]), str(node["op_type"])), []).append(node)
    joined = []
    for name, op_type, times in _minima(subject):
        waiting = by_name.get((name, op_type)) or by_name.get(("", op_type))
        node = (
            waiting.pop(0)
            if waiting
            else {"name": name, "op_type": op_type, "domain": None, "inputs": [], "outputs": []}
        )
        joined.append({**node, "time_us": min(times), "visits_us": times})
    return joined


def make_record(
    subject: Subject, settings: dict[str, object], calibration: list[float]
) -> dict[str, object]:
    """The record of one network, as the profile folder keeps it."""
    nodes = _joined(subject)
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


def save(folder: Path, subject: Subject, record: dict[str, object]) -> None:
    """Network first, record last: a record always has its network."""
    write_atomically(
        folder / "networks" / f"{subject.sample.id}.onnx", subject.sample.model.SerializeToString()
    )
    text = json.dumps(record, separators=(",", ":"))
    write_atomically(folder / "records" / f"{subject.sample.id}.json", text.encode())
