"""A builder of ONNX graphs that knows every shape and keeps a rough count of the cost.

Float weights become external tensors (location, offset, length) whose doc_string says how
to regenerate them, so that a recorded model is a few kilobytes; integers and scalars stay inline,
because shape inference needs them.
"""

from dataclasses import dataclass
from math import prod
from random import Random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WEIGHTS_FILE = "weights.bin"
ROUGH_FLOPS_PER_US = 9.0e4
ROUGH_BYTES_PER_US = 1.0e4
ROUGH_LAUNCH_US = 1.5

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Tensor:
    """A value of the graph: its name, static shape and ONNX element type."""

    name: str
    shape: Shape
    dtype: int = TensorProto.FLOAT

    @property
    def size(self) -> int:
        return prod(self.shape)


class GraphBuilder:
    """Collects nodes, weights and inputs; `cost_us` is a rough roofline sum that samplers steer
    by.
    """

    def __init__(self, rng: Random, opset: int, produced_inputs: bool = False) -> None:
        """`produced_inputs` puts a kernel behind every float input, so that what reads it finds it
        in the caches, as inside of a network.
        """
        self.rng = rng
        self.produced_inputs = produced_inputs
        self.opset = opset
        self.cost_us = 0.0
        self.weight_bytes = 0
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._counts: dict[str, int] = {}
        self._uses_contrib = False

    def _unique(self, stem: str) -> str:
        index = self._counts.get(stem, 0)
        self._counts[stem] = index + 1
        return f"{stem}_{index}"

    def input(
        self, shape: Shape, dtype: int = TensorProto.FLOAT, below: int | None = None
    ) -> Tensor:
        """A graph input; integer inputs say in their doc_string which range is valid."""
        tensor = Tensor(self._unique("input"), tuple(shape), dtype)
        doc = "" if below is None else f"integers below {below}"
        self._inputs.append(helper.make_tensor_value_info(tensor.name, dtype, shape, doc))
        if self.produced_inputs and dtype == TensorProto.FLOAT:
            return self.op("Neg", [tensor])
        return tensor

    def weight(self, shape: Shape, std: float, mean: float = 0.0, positive: bool = False) -> Tensor:
        """A float weight kept outside the file; `positive` takes the absolute deviation from
        `mean`.
        """
        tensor = Tensor(self._unique("weight"), tuple(shape))
        length = 4 * tensor.size
        proto = TensorProto(name=tensor.name, data_type=TensorProto.FLOAT, dims=shape)
        proto.data_location = TensorProto.EXTERNAL
        proto.doc_string = f"{'positive' if positive else 'normal'} {mean:.6g} {std:.6g}"
        for key, value in (
            ("location", WEIGHTS_FILE),
            ("offset", self.weight_bytes),
            ("length", length),
        ):
            proto.external_data.add(key=key, value=str(value))
        self.weight_bytes += -(-length // 64) * 64
        self._weights.append(proto)
        return tensor

    def const(self, value: object, dtype: type = np.int64) -> Tensor:
        """A small constant stored in the file."""
        array = np.asarray(value, dtype=dtype)
        tensor = Tensor(
            self._unique("const"), array.shape, helper.np_dtype_to_tensor_dtype(array.dtype)
        )
        self._weights.append(numpy_helper.from_array(array, tensor.name))
        return tensor

    def scalar(self, value: float) -> Tensor:
        """A float scalar stored in the file."""
        return self.const(value, np.float32)

    def ops(
        self,
        kind: str,
        inputs: list[Tensor | None],
        shapes: list[Shape],
        dtype: int | None = None,
        flops: float | None = None,
        domain: str = "",
        **attributes: object,
    ) -> list[Tensor]:
        """Appends a node with as many outputs as `shapes`."""
        first = next((t for t in inputs if t is not None), None)
        dtype = dtype if dtype is not None else (first.dtype if first else TensorProto.FLOAT)
        name = self._unique(kind)
        outputs = [
            Tensor(f"{name}_out{i}", tuple(int(d) for d in s), dtype) for i, s in enumerate(shapes)
        ]
        names = ["" if t is None else t.name for t in inputs]
        self._nodes.append(
            helper.make_node(
                kind, names, [t.name for t in outputs], name=name, domain=domain, **attributes
            )
        )
        self._uses_contrib |= domain == "com.microsoft"
        moved = 4 * (sum(t.size for t in inputs if t is not None) + sum(t.size for t in outputs))
        work = flops if flops is not None else sum(t.size for t in outputs)
        self.cost_us += max(work / ROUGH_FLOPS_PER_US, moved / ROUGH_BYTES_PER_US) + ROUGH_LAUNCH_US
        return outputs

    def op(
        self, kind: str, inputs: list[Tensor | None], shape: Shape | None = None, **rest: object
    ) -> Tensor:
        """Appends a node with one output; without a shape it is that of the first input."""
        return self.ops(kind, inputs, [inputs[0].shape if shape is None else shape], **rest)[0]  # type: ignore[union-attr,arg-type]

    @property
    def node_count(self) -> int:
        return len(self._nodes)

    def model(self, outputs: list[Tensor], name: str) -> onnx.ModelProto:
        """The finished model, weights left outside."""
        infos = [helper.make_tensor_value_info(t.name, t.dtype, t.shape) for t in outputs]
        graph = helper.make_graph(self._nodes, name, self._inputs, infos, initializer=self._weights)
        opsets = [helper.make_opsetid("", self.opset)]
        if self._uses_contrib:
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        version = 8 if self.opset < 19 else 10 if self.opset < 23 else 11
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=version, producer_name="gnomon"
        )
