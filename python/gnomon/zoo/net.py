"""A network under construction: nodes, weights, constants and the counts that describe its size.

``Net`` knows nothing of layers.  It names things as an exporter of PyTorch would (``spelling``),
draws weights from a seed, and hands back an ``onnx.ModelProto``.  ``gnomon.zoo.ops`` adds
operators, ``gnomon.zoo.layers`` layers.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]

#: The IR version that first allows each opset, as exporters write it.
_IR_VERSIONS = {
    11: 6,
    12: 7,
    13: 7,
    14: 7,
    15: 8,
    16: 8,
    17: 8,
    18: 8,
    19: 9,
    20: 9,
    21: 10,
    22: 10,
    23: 11,
}


class Spelling(Enum):
    """Which of PyTorch's two exporters a network is written like."""

    #: The tracing exporter: composite functions fall apart, constants are nodes.
    SCRIPT = "script"
    #: The graph-capturing exporter: function-like operators stay, constants are initializers.
    DYNAMO = "dynamo"


@dataclass(frozen=True)
class Tensor:
    """A value of the graph: its name, its static shape and its ONNX element type."""

    name: str
    shape: Shape
    dtype: int = TensorProto.FLOAT

    @property
    def rank(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass
class Net:
    """One network: append with :meth:`node`, finish with :meth:`model`.

    With ``weights=False`` every weight becomes a graph input of the same shape, so that structure
    can be checked without drawing a number.  With ``dynamic=True`` the first dimension of every
    input is the symbol ``batch`` and reshapes compute it in the graph.
    """

    name: str
    opset: int
    spelling: Spelling = Spelling.SCRIPT
    weights: bool = True
    dynamic: bool = False
    macs: int = 0  #: multiply-accumulates of convolutions and matrix products
    parameters: int = 0  #: elements of all weights
    _nodes: list[onnx.NodeProto] = field(default_factory=list)
    _inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    _free_weights: list[onnx.ValueInfoProto] = field(default_factory=list)
    _initializers: dict[str, onnx.TensorProto] = field(default_factory=dict)
    _outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)
    _batch: Tensor | None = None

    @property
    def dynamo(self) -> bool:
        """Whether the network is spelled as the graph-capturing exporter would."""
        return self.spelling is Spelling.DYNAMO

    def input(self, name: str, shape: Sequence[int], dtype: int = TensorProto.FLOAT) -> Tensor:
        """Declare a graph input."""
        dims: list[int | str] = list(shape)
        if self.dynamic:
            dims[0] = "batch"
        self._inputs.append(helper.make_tensor_value_info(name, dtype, dims))
        tensor = Tensor(name, tuple(shape), dtype)
        if self._batch is None:
            self._batch = tensor
        return tensor

    def output(self, value: Tensor, name: str) -> None:
        """Make ``value`` a graph output and call it ``name``."""
        for node in self._nodes:
            node.input[:] = [name if n == value.name else n for n in node.input]
            node.output[:] = [name if n == value.name else n for n in node.output]
        dims: list[int | str | None] = ["batch" if self.dynamic else value.shape[0]]
        dims += value.shape[1:]
        self._outputs.append(helper.make_tensor_value_info(name, value.dtype, dims))

    def fresh(self, stem: str) -> str:
        """A new name made of ``stem`` and a running number, as the exporter writes them."""
        count = self._counts.get(stem, 0)
        self._counts[stem] = count + 1
        if self.dynamo:
            return f"node_{stem}_{count}" if count else f"node_{stem}"
        return f"/{stem}_{count}" if count else f"/{stem}"

    def node(
        self,
        op: str,
        inputs: Sequence[Tensor | None],
        shape: Sequence[int],
        *,
        dtype: int | None = None,
        output: str | None = None,
        **attributes: object,
    ) -> Tensor:
        """Append a node with one result of the given shape; ``None`` stands for an absent input."""
        name = self.fresh(op)
        result = output or self._result_name(name)
        names = [t.name if t else "" for t in inputs]
        self._nodes.append(helper.make_node(op, names, [result], name=name, **attributes))
        present = next((t.dtype for t in inputs if t), TensorProto.FLOAT)
        return Tensor(result, tuple(shape), present if dtype is None else dtype)

    def node_n(
        self,
        op: str,
        inputs: Sequence[Tensor | None],
        shapes: Sequence[Shape],
        **attributes: object,
    ) -> list[Tensor]:
        """Append a node with several results."""
        name = self.fresh(op)
        results = [f"{self._result_name(name)}_r{i}" for i in range(len(shapes))]
        names = [t.name if t else "" for t in inputs]
        self._nodes.append(helper.make_node(op, names, results, name=name, **attributes))
        dtype = next(t.dtype for t in inputs if t)
        return [Tensor(r, s, dtype) for r, s in zip(results, shapes, strict=True)]

    def _result_name(self, node: str) -> str:
        return node.replace("node_", "val_", 1) if self.dynamo else f"{node}_output_0"

    def weight(self, stem: str, shape: Sequence[int], std: float, mean: float = 0.0) -> Tensor:
        """A normally distributed weight, seeded by the network's and the weight's names."""
        count = self._counts.get(f"weight {stem}", 0)
        self._counts[f"weight {stem}"] = count + 1
        name = f"{stem}.{count}"
        self.parameters += math.prod(shape)
        if not self.weights:
            self._free_weights.append(
                helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
            )
            return Tensor(name, tuple(shape))
        seed = zlib.crc32(f"{self.name}/{name}".encode())
        values = np.random.Generator(np.random.PCG64(seed)).standard_normal(
            tuple(shape), dtype=np.float32
        )
        return self._initializer(name, values * np.float32(std) + np.float32(mean))

    def constant(self, value: object, dtype: type = np.int64) -> Tensor:
        """A small constant: a ``Constant`` node or an initializer, as the exporter writes it."""
        array = np.asarray(value, dtype=dtype)
        if self.dynamo:
            return self._initializer(self.fresh("const").replace("node_", ""), array)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return self.node(
            "Constant", [], array.shape, dtype=kind, value=numpy_helper.from_array(array)
        )

    def table(self, array: np.ndarray) -> Tensor:
        """A constant array of the network (a mask, an index table) kept as an initializer."""
        return self._initializer(self.fresh("buffer").lstrip("/").replace("node_", ""), array)

    def _initializer(self, name: str, array: np.ndarray) -> Tensor:
        self._initializers[name] = numpy_helper.from_array(array, name)
        return Tensor(name, array.shape, self._initializers[name].data_type)

    def batch_size(self) -> Tensor:
        """The run-time batch as a one-element vector (only of use where ``dynamic``)."""
        if self._batch is None:
            raise ValueError(
                f"network {self.name}: the batch size is asked for before any input exists"
            )
        shape = self.node("Shape", [self._batch], [self._batch.rank], dtype=TensorProto.INT64)
        size = self.node("Gather", [shape, self.constant(0)], [], axis=0)
        if self.opset < 13:
            return self.node("Unsqueeze", [size], [1], axes=[0])
        return self.node("Unsqueeze", [size, self.constant([0])], [1])

    def model(self) -> onnx.ModelProto:
        """The finished model."""
        graph = helper.make_graph(
            self._nodes,
            "main_graph",
            self._inputs + self._free_weights,
            self._outputs,
            list(self._initializers.values()),
        )
        return helper.make_model(
            graph,
            producer_name="gnomon.zoo",
            opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=_IR_VERSIONS[self.opset],
        )
