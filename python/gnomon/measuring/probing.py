"""Short measurements of a CPU through the runtime itself: peak arithmetic, bandwidth, cost of a
launch.
"""

from time import perf_counter_ns

import numpy as np
import onnxruntime as ort
from onnx import ModelProto, TensorProto, helper, numpy_helper

from . import machine
from .session import options
from .target import CPU

_MATRIX = 384
_STREAM_BYTES = 96 << 20
_CHAIN = 400


def _best_us(session: ort.InferenceSession, feed: dict[str, np.ndarray], seconds: float) -> float:
    best, begin = float("inf"), perf_counter_ns()
    while perf_counter_ns() - begin < seconds * 1e9:
        start = perf_counter_ns()
        session.run(None, feed)
        best = min(best, (perf_counter_ns() - start) / 1e3)
    return best


def _session(model: ModelProto, threads: int, optimise: bool = True) -> ort.InferenceSession:
    settings = options(threads)
    if not optimise:
        settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return CPU.open(model.SerializeToString(), settings)


def _model(nodes: list, inputs: list, outputs: list, weights: list) -> ModelProto:
    graph = helper.make_graph(nodes, "probe", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def peak_flops(kind: str, threads: int, seconds: float = 0.6) -> float:
    """Rate of a square matrix product, in operations a second; `kind` is f32, f64 or i8."""
    n = _MATRIX
    element, result = {
        "f32": (np.float32, TensorProto.FLOAT),
        "f64": (np.float64, TensorProto.DOUBLE),
        "i8": (np.uint8, TensorProto.INT32),
    }[kind]
    rng = np.random.default_rng(1)
    values = rng.standard_normal((n, n)) if kind != "i8" else rng.integers(0, 100, (n, n))
    weight = numpy_helper.from_array(values.astype(np.int8 if kind == "i8" else element), "w")
    node = helper.make_node("MatMulInteger" if kind == "i8" else "MatMul", ["x", "w"], ["y"])
    x = helper.make_tensor_value_info(
        "x", helper.np_dtype_to_tensor_dtype(np.dtype(element)), (n, n)
    )
    y = helper.make_tensor_value_info("y", result, (n, n))
    session = _session(_model([node], [x], [y], [weight]), threads)
    return 2.0 * n**3 / (_best_us(session, {"x": values.astype(element)}, seconds) * 1e-6)


def bandwidth(seconds: float = 0.5) -> float:
    """Bytes a second of an in-place sum of two arrays far larger than the caches (two read, one
    written), one thread.
    """
    a = np.ones(_STREAM_BYTES // 4, np.float32)
    b, times, begin = np.ones_like(a), [], perf_counter_ns()
    while not times or perf_counter_ns() - begin < seconds * 1e9:
        start = perf_counter_ns()
        np.add(a, b, out=a)
        times.append(perf_counter_ns() - start)
    return 3.0 * _STREAM_BYTES / (float(np.median(times)) * 1e-9)


def launch_overhead_us(threads: int, seconds: float = 0.3) -> float:
    """Time of one tiny operator in a long chain of them."""
    nodes = [helper.make_node("Neg", [f"v{i}"], [f"v{i + 1}"]) for i in range(_CHAIN)]
    x = helper.make_tensor_value_info("v0", TensorProto.FLOAT, (1,))
    y = helper.make_tensor_value_info(f"v{_CHAIN}", TensorProto.FLOAT, (1,))
    feed = {"v0": np.ones(1, np.float32)}
    return (
        _best_us(_session(_model(nodes, [x], [y], []), threads, optimise=False), feed, seconds)
        / _CHAIN
    )


def device_spec(name: str, threads: int = 1, seconds: float = 0.6) -> dict[str, object]:
    """This machine as a device spec for kernels that run on `threads` threads."""
    flags = machine.processor_flags()
    everyone = machine.usable_cores()
    peaks = {kind: round(peak_flops(kind, threads, seconds), -8) for kind in ("f32", "f64", "i8")}
    clock = machine.clock_hz()
    return {
        "schema": 1,
        "name": name,
        "kind": "cpu",
        "description": f"{machine.processor_name()}, {threads} of {everyone} cores, gnomon probe",
        "peak_flops": peaks,
        "memory_bandwidth_bytes_per_s": round(bandwidth(seconds), -7),
        "cores": threads,
        "clock_hz": clock,
        "simd_bits": machine.simd_bits(flags),
        "caches_bytes": machine.caches(),
        "memory_bytes": machine.memory_bytes(),
        "launch_overhead_us": round(launch_overhead_us(threads), 3),
        "sm_count": None,
        "machine": {
            "cores": everyone,
            "peak_flops_f32_all": round(peak_flops("f32", everyone, seconds), -8),
        },
    }
