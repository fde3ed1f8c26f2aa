"""ONNX Runtime sessions set up for measuring, and the timing of runs."""

from collections.abc import Callable
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


def timed_runs(
    run: Callable[[], object], seconds: float, at_least: int, at_most: int = 1000
) -> list[float]:
    """Latencies in microseconds of runs until the time is used up."""
    times: list[float] = []
    total = 0.0
    while len(times) < at_least or (total < seconds * 1e6 and len(times) < at_most):
        start = perf_counter_ns()
        run()
        times.append((perf_counter_ns() - start) / 1e3)
        total += times[-1]
    return times
