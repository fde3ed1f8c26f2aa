"""What a search is asked for besides latency: limits of other metrics, devices as one, a start."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnomon.cli.output import BadInput, bundle_folder, read_json

PEAK_MEMORY = "peak-memory"
FILE_SIZE = "file-size"
ENERGY = "energy"


@dataclass(frozen=True)
class Limits:
    """The most of each metric that a network may have; None: any."""

    macs: float | None
    params: float | None
    peak_memory: float | None
    """Bytes."""

    file_size: float | None
    """Bytes."""

    energy_mj: float | None

    def by_metric(self) -> dict[str, float]:
        """Those that are asked for."""
        named = {
            "macs": self.macs,
            "params": self.params,
            PEAK_MEMORY: self.peak_memory,
            FILE_SIZE: self.file_size,
            ENERGY: self.energy_mj,
        }
        found = {name: limit for name, limit in named.items() if limit is not None}
        for name, limit in found.items():
            if not (math.isfinite(limit) and limit >= 0):
                raise BadInput(f"--max-{name}: expected a number of at least 0, found {limit}")
        return found


def metrics_request(metrics: Sequence[str], limits: Limits, energy: str | None) -> dict[str, Any]:
    """What the native library is asked about metrics."""
    wanted = limits.by_metric()
    names = {*metrics, *wanted}
    if ENERGY in names and energy is None:
        raise BadInput("--metric energy: a bundle of models has none: expected --energy-bundle")
    return {
        "peak_memory": PEAK_MEMORY in names,
        "file_size": FILE_SIZE in names,
        "energy": str(bundle_folder(energy)) if energy else "",
        "limited": list(wanted),
        "limits": list(wanted.values()),
    }


def devices_request(text: str | None, devices: int, sure: float | None) -> dict[str, Any]:
    """How several devices become one number; ``text`` is `max` or `weighted=A,B`."""
    if text is None:
        return {}
    name, _, listed = text.partition("=")
    expected = "expected max, or weighted= and a weight for each device"
    if name == "max" and not listed:
        return {"devices_objective": name}
    try:
        weights = [float(part) for part in listed.split(",")]
    except ValueError:
        weights = []
    if (
        name != "weighted"
        or len(weights) != devices
        or not all(math.isfinite(weight) and weight >= 0 for weight in weights)
        or sum(weights) <= 0
    ):
        raise BadInput(f"--devices-objective {text}: {expected}, of which there are {devices}")
    if sure:
        raise BadInput(
            "--sure: keeps budgets on every device; --devices-objective weighted does not"
        )
    return {"devices_objective": name, "weights": weights}


def start_request(path: Path | None) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The front of another search, and its networks as ones to begin with."""
    if path is None:
        return None, {}
    front = read_json(path)
    points = front.get("points") if isinstance(front, dict) else None
    if not isinstance(points, list) or not all(
        isinstance(point, dict) and "architecture" in point and "latency_us" in point
        for point in points
    ):
        raise BadInput(f"{path}: expected the front of a search, as --front writes it")
    return front, {"start": [json.dumps(point["architecture"]) for point in points]}
