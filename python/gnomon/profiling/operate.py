"""Measures sampled operators into operator tables, in chunks of separated rounds; resumable.

The journal `operators.jsonl` has a line a finished chunk: its samples, the settings of the runtime,
and the state of the GPU's clocks. A killed run loses the chunk in flight.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Protocol

from ..measuring.session import options, timed_runs
from ..measuring.target import CPU, State, Target
from .operator_models import operator_model
from .operator_samples import Limits, sample
from .operators import Row, merge_rows

JOURNAL = "operators.jsonl"
CHUNK = 16
MOST_RUNS = 200
WARM_UP = 3
Key = tuple[str, int]


class Operators(Protocol):
    """A runtime that times single operators."""

    def settings(self) -> dict[str, object]: ...

    def state(self) -> State:
        """Clocks, temperature and power at this moment, where the system tells."""
        ...

    def times_us(self, op: str, dims: tuple[int, ...], seconds: float, most: int) -> list[float]:
        """Times of warm calls, in microseconds."""
        ...


@dataclass(frozen=True)
class OnnxOperators:
    """Operators as networks of one node in ONNX Runtime."""

    target: Target = CPU
    threads: int = 1

    def settings(self) -> dict[str, object]:
        return self.target.settings() | {"threads": self.threads}

    def state(self) -> State:
        return self.target.state()

    def times_us(self, op: str, dims: tuple[int, ...], seconds: float, most: int) -> list[float]:
        model, feed = operator_model(op, dims)
        session = self.target.open(model.SerializeToString(), options(self.threads))
        run = self.target.runner(session, feed)
        for _ in range(WARM_UP):
            run()
        return timed_runs(run, seconds, 4, most)


@dataclass(frozen=True)
class OperatorPlan:
    """What to measure and how long."""

    ops: tuple[str, ...]
    gpu: str
    limits: Limits
    seed: int = 1
    rounds: int = 6
    seconds: float = 0.3


@dataclass
class _Chunk:
    """Samples in flight: the median of every round, or why there is none."""

    dims: dict[Key, tuple[int, ...]]
    medians_us: dict[Key, list[float]] = field(default_factory=dict)
    failed: dict[Key, str] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)

    def rows(self, gpu: str) -> list[Row]:
        """A row a sample: the least of its rounds."""
        return [
            Row(op, gpu, self.dims[op, index], min(times) / 1e3)
            for (op, index), times in self.medians_us.items()
            if (op, index) not in self.failed
        ]


def _done(folder: Path, plan: OperatorPlan) -> set[Key]:
    """Samples of this seed and device that the journal has; a torn last line is dropped."""
    path = folder / JOURNAL
    text = path.read_text() if path.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        path.write_text(whole)
    lines = [json.loads(line) for line in whole.splitlines()]
    own = (line for line in lines if (line["seed"], line["gpu"]) == (plan.seed, plan.gpu))
    return {(op, index) for line in own for op, index in line["samples"]}


def _next_keys(plan: OperatorPlan, done: set[Key], count: int) -> list[Key]:
    """The next samples, one of each table in turn."""
    keys: list[Key] = []
    index = 0
    while len(keys) < count:
        keys += [(op, index) for op in plan.ops if (op, index) not in done][: count - len(keys)]
        index += 1
    return keys


def _visit(chunk: _Chunk, key: Key, plan: OperatorPlan, runtime: Operators) -> None:
    try:
        times = runtime.times_us(key[0], chunk.dims[key], plan.seconds, MOST_RUNS)
    except Exception as error:
        chunk.failed[key] = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return
    chunk.medians_us.setdefault(key, []).append(median(times))


def _measure(chunk: _Chunk, plan: OperatorPlan, runtime: Operators) -> None:
    order, keys = Random(f"{plan.seed}/{sorted(chunk.dims)}"), list(chunk.dims)
    for _ in range(plan.rounds):
        order.shuffle(keys)
        for key in keys:
            if key not in chunk.failed:
                _visit(chunk, key, plan, runtime)
        chunk.states.append(runtime.state())


def _write(folder: Path, chunk: _Chunk, plan: OperatorPlan, runtime: Operators) -> dict[str, int]:
    sizes = merge_rows(folder, chunk.rows(plan.gpu))
    line = {
        "seed": plan.seed,
        "gpu": plan.gpu,
        "samples": list(chunk.dims),
        "failed": {f"{op}/{index}": why for (op, index), why in chunk.failed.items()},
        "settings": {**runtime.settings(), "rounds": plan.rounds, "seconds": plan.seconds},
        "states": [state for state in chunk.states if state],
    }
    with (folder / JOURNAL).open("a") as file:
        file.write(json.dumps(line, separators=(",", ":")) + "\n")
    return sizes


def measure_operators(
    folder: Path,
    plan: OperatorPlan,
    runtime: Operators,
    minutes: float,
    report: Callable[[str], None],
    limit: int | None = None,
) -> dict[str, int]:
    """Measures until the time is over or `limit` samples more are there.

    Returns the rows of every table touched. A value is the least over the rounds of the median of a
    round's calls.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done, deadline, before = _done(folder, plan), time.monotonic() + 60 * minutes, 0
    sizes: dict[str, int] = {}
    while time.monotonic() < deadline and (limit is None or before < limit):
        keys = _next_keys(plan, done, CHUNK if limit is None else min(CHUNK, limit - before))
        chunk = _Chunk({(op, i): sample(op, plan.seed, i, plan.limits) for op, i in keys})
        _measure(chunk, plan, runtime)
        sizes |= _write(folder, chunk, plan, runtime)
        done |= set(keys)
        before += len(keys)
        for (op, index), why in chunk.failed.items():
            report(f"{op} {chunk.dims[op, index]} set aside: {why}")
        report(f"{len(done)} operators done")
    return sizes
