"""What changed between the fronts of two searches."""

from __future__ import annotations

import json
from statistics import median
from typing import Any

from gnomon.cli.output import BadInput

SHOWN = 3


def front_changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Points that left and came, and those of both by how much they moved.

    ``left`` and ``came`` are points as in their fronts; ``moved`` has `architecture` and
    `latency_us`, and what the fronts' objective is, each as new - old.
    """
    if old.get("space") != new["space"]:
        raise BadInput(
            f"--front-from: a front of '{old.get('space')}', expected one of '{new['space']}'"
        )
    before, after = by_architecture(old["points"]), by_architecture(new["points"])
    objective = new["objective"] if old.get("objective") == new["objective"] else None
    moved = []
    for key, point in after.items():
        if key not in before:
            continue
        change = difference(before[key], point, objective)
        if any(change.values()):
            moved.append({"architecture": point["architecture"], **change})
    return {
        "left": [point for key, point in before.items() if key not in after],
        "came": [point for key, point in after.items() if key not in before],
        "moved": moved,
        "stayed": sum(key in before for key in after) - len(moved),
    }


def by_architecture(points: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Points by what they are, in their order."""
    return {json.dumps(point["architecture"], sort_keys=True): point for point in points}


def difference(
    old: dict[str, Any], new: dict[str, Any], objective: str | None
) -> dict[str, float | int]:
    """How latency and objective moved."""
    names = ["latency_us", *([objective] if objective else [])]
    return {name: new[name] - old[name] for name in names if name in old and name in new}


def show_changes(changes: dict[str, Any], new: dict[str, Any]) -> None:
    """How many points left, came, moved, and by how much at most and in the middle."""
    counts = ", ".join(f"{len(changes[name])} {name}" for name in ("left", "came", "moved"))
    print(f"since the front before: {counts}, {changes['stayed']} as they were")
    known = by_architecture(new["points"])
    shares = []
    for entry in changes["moved"]:
        point = known[json.dumps(entry["architecture"], sort_keys=True)]
        shares.append(entry["latency_us"] / (point["latency_us"] - entry["latency_us"]))
    if shares:
        most = max(shares, key=abs)
        print(f"latency of those that moved: median {median(shares):+.2%}, most {most:+.2%}")
    for name in ("left", "came"):
        for point in changes[name][:SHOWN]:
            print(
                f"  {name}: {point['latency_us'] / 1e3:.3f} ms {json.dumps(point['architecture'])}"
            )
        if len(changes[name]) > SHOWN:
            print(f"  and {len(changes[name]) - SHOWN} more that {name}")
