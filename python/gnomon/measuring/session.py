"""ONNX Runtime sessions set up for measuring, and what their own profile says."""

import json
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns

import numpy as np
import onnxruntime as ort

Feed = dict[str, np.ndarray]


def options(threads: int = 1) -> ort.SessionOptions:
    """Sequential execution, every optimisation, a fixed number of threads."""
    result = ort.SessionOptions()
    result.intra_op_num_threads = threads
    result.inter_op_num_threads = 1
    result.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    result.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    result.log_severity_level = 4
    return result


def open_session(model: Path, settings: ort.SessionOptions) -> ort.InferenceSession:
    """A fresh CPU session."""
    return ort.InferenceSession(str(model), settings, providers=["CPUExecutionProvider"])


def timed_runs(
    session: ort.InferenceSession, feed: Feed, seconds: float, at_least: int, at_most: int = 1000
) -> list[float]:
    """Latencies in microseconds of runs until the time is used up."""
    times: list[float] = []
    total = 0.0
    while len(times) < at_least or (total < seconds * 1e6 and len(times) < at_most):
        start = perf_counter_ns()
        session.run(None, feed)
        times.append((perf_counter_ns() - start) / 1e3)
        total += times[-1]
    return times


@dataclass(frozen=True)
class NodeTimes:
    """The profile of one node: what it is and every duration seen, in microseconds."""

    name: str
    op_type: str
    durations: list[int]


def read_profile(path: Path, skip: int = 1) -> list[NodeTimes]:
    """Node times of a profile file in order of first execution; the first `skip` executions of a
    node are warm-up.
    """
    seen: dict[str, tuple[str, list[int]]] = {}
    for event in json.loads(path.read_text()):
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            name = event["name"][: -len("_kernel_time")]
            key = f"{event['args'].get('node_index', '')}:{name}"
            seen.setdefault(key, (event["args"]["op_name"], []))[1].append(int(event["dur"]))
    return [NodeTimes(k.split(":", 1)[1], op, d[skip:] or d) for k, (op, d) in seen.items()]
