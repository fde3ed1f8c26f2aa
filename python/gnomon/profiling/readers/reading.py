"""What a reader finds: timed nodes of a network, rows of operator tables, and the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..operators import Row


@dataclass
class TimedNode:
    """One thing that the runtime ran, in order of first execution."""

    name: str
    op_type: str
    times_us: list[float]
    """One an execution, warm-up left out; microseconds."""
    covers: list[str] | None = None
    """Names of the network's nodes inside, where the tool says them; else `name` is one."""


@dataclass
class NetworkTimes:
    """The profile of one network, to be joined with its ONNX file."""

    nodes: list[TimedNode]
    provider: str
    runs_us: list[float] = field(default_factory=list)
    """Whole runs where the tool times them, warm-up left out; microseconds."""


@dataclass
class Reading:
    """All that came out of the files of one call."""

    format: str
    events: int = 0
    """Entries that could have become something."""
    network: NetworkTimes | None = None
    rows: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Entries that became nothing, by reason."""
    notes: list[str] = field(default_factory=list)
    """What the numbers mean where that is not evident."""
