"""A fixed convolution and a fixed copy timed between rounds.

They show slow phases of the machine: the convolution those of the core, the copy those of the
memory, which come and go separately where neighbours share it.
"""

from collections.abc import Callable
from time import perf_counter_ns

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .session import options
from .target import CPU, Target

_COPY_BYTES = 48 << 20


class Calibration:
    """One session of a 64-channel 3x3 convolution on 56x56, kept for the whole measurement."""

    def __init__(self, threads: int = 1, target: Target = CPU) -> None:
        rng = np.random.default_rng(7)
        w = numpy_helper.from_array(
            rng.standard_normal((64, 64, 3, 3), dtype=np.float32) * np.float32(0.05), "w"
        )
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 64, 56, 56))
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 64, 56, 56))
        node = helper.make_node("Conv", ["x", "w"], ["y"], pads=(1, 1, 1, 1), kernel_shape=(3, 3))
        graph = helper.make_graph([node], "calibration", [x], [y], [w])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        session = target.open(model.SerializeToString(), options(threads))
        feed = {"x": rng.standard_normal((1, 64, 56, 56), dtype=np.float32)}
        self._run = target.runner(session, feed)
        self._source = np.ones(_COPY_BYTES // 4, np.float32)
        self._target = np.zeros_like(self._source)

    def run(self, runs: int = 4) -> float:
        """The minimum of a few convolutions, in microseconds."""
        return min(_timed_us(self._run) for _ in range(runs))

    def copy(self, runs: int = 2) -> float:
        """The minimum of a few copies of 48 MiB in the host's memory, in microseconds."""
        return min(_timed_us(lambda: np.copyto(self._target, self._source)) for _ in range(runs))


def _timed_us(work: Callable[[], object]) -> float:
    start = perf_counter_ns()
    work()
    return (perf_counter_ns() - start) / 1e3
