"""PyTorch's operators in the terms of the operator tables: names, shapes and numbers of a call."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import prod

from ..operators import BINARY, UNARY
from .source import Value

Dims = tuple[int, ...]
Found = tuple[str, Dims]


class _Unfit(Exception):
    """Why a call does not fit its table."""


class _Call:
    """The arguments of one call by their position."""

    def __init__(self, event: Value) -> None:
        args = event.member("args")
        dims = args.find("Input Dims")
        if dims is None:
            raise _Unfit("without shapes (expected record_shapes=True)")
        self.shapes = [
            () if isinstance(one.raw, str) else self._shape(one) for one in dims.elements()
        ]
        concrete, types = args.find("Concrete Inputs"), args.find("Input type")
        self.numbers = [str(one.raw) for one in concrete.elements()] if concrete else []
        self.types = [str(one.raw) for one in types.elements()] if types else []

    @staticmethod
    def _shape(one: Value) -> Dims:
        # A list of tensors has a list of shapes, which no table has.
        inner = list(one.elements())
        if any(isinstance(e.raw, list) for e in inner):
            return ()
        return one.sizes()

    def shape(self, index: int) -> Dims:
        return self.shapes[index] if index < len(self.shapes) else ()

    def need(self, index: int, rank: int | None = None) -> Dims:
        shape = self.shape(index)
        if not shape or (rank is not None and len(shape) != rank) or 0 in shape:
            raise _Unfit(f"of an unexpected shape {list(shape)}")
        return shape

    def number(self, index: int, what: str) -> list[int]:
        """A number or a list of numbers that is no tensor."""
        text = self.numbers[index] if index < len(self.numbers) else ""
        if text in ("True", "False"):
            return [int(text == "True")]
        try:
            value = json.loads(text)
        except json.JSONDecodeError:
            value = None
        value = value if isinstance(value, list) else [value]
        if not all(isinstance(v, int) and not isinstance(v, bool) for v in value):
            raise _Unfit(f"without a recorded {what}")
        return value

    def same(self, index: int, what: str) -> int:
        """A number that is the same in both directions."""
        values = set(self.number(index, what))
        if len(values) != 1:
            raise _Unfit(f"with different {what} by direction")
        return values.pop()


def _window(call: _Call, first: int, kernel: Sequence[int]) -> Dims:
    """kernel, size, stride, padding; `first` is the position of the stride."""
    height, width = call.need(0, 4)[2:]
    if height != width or len(set(kernel)) != 1:
        raise _Unfit("that are not square")
    return kernel[0], height, call.same(first, "stride"), call.same(first + 1, "padding")


def _conv(call: _Call, groups_at: int) -> Found:
    batch, channels = call.need(0, 4)[:2]
    out, per_group, *kernel = call.need(1, 4)
    window = _window(call, 3, kernel)
    if call.same(5, "dilation") != 1:
        raise _Unfit("that are dilated")
    if groups_at == 8 and call.number(6, "transposition") != [0]:
        raise _Unfit("that are transposed")
    if per_group == channels:
        return "conv", (batch, channels, out, *window)
    if per_group == 1 and out == channels:
        return "dwconv", (batch, channels, *window)
    raise _Unfit(f"of {channels // per_group} groups")


def _pool(call: _Call, op: str) -> Found:
    batch, channels = call.need(0, 4)[:2]
    kernel = call.number(1, "window")
    if call.numbers[2:3] == ["[]"]:
        call.numbers[2] = str(kernel)
    return op, (batch, channels, *_window(call, 2, kernel))


def _matrix(op: str, left: Dims, right: Dims) -> Found:
    if left[-1] != right[-2]:
        raise _Unfit("whose shapes do not multiply")
    batch = left[0] if len(left) == 3 else 1
    return op, (batch, left[-2], left[-1], right[-1])


def _linear(call: _Call) -> Found:
    left, weight = call.need(0), call.need(1, 2)
    return _matrix("linear", (prod(left[:-1]), left[-1]), weight[::-1])


def _rows_of(shape: Dims, width: int | None = None) -> Dims:
    width = shape[-1] if width is None else width
    return prod(shape) // width, width


def _binary(call: _Call, op: str) -> Found:
    left, right = call.need(0), call.shape(1)
    if right not in ((), left):
        raise _Unfit("that repeat an operand")
    return (op if right else op + "u"), _rows_of(left)


def _softmax(call: _Call) -> Found:
    shape = call.need(0)
    (axis,) = call.number(1, "dimension")[:1]
    if axis not in (-1, len(shape) - 1):
        raise _Unfit("over an inner dimension")
    return "softmax", _rows_of(shape)


def _layer_norm(call: _Call) -> Found:
    width = prod(call.shape(2)) if call.shape(2) else prod(call.number(1, "shape"))
    shape = call.need(0)
    if width < 1 or prod(shape) % width:
        raise _Unfit(f"of an unexpected shape {list(shape)}")
    return "ln", _rows_of(shape, width)


_READERS: dict[str, Callable[[_Call], Found]] = {
    "conv2d": lambda call: _conv(call, 6),
    "convolution": lambda call: _conv(call, 8),
    "max_pool2d": lambda call: _pool(call, "maxpool"),
    "avg_pool2d": lambda call: _pool(call, "avgpool"),
    "linear": _linear,
    "addmm": lambda call: _matrix("linear", call.need(1, 2), call.need(2, 2)),
    "mm": lambda call: _matrix("bmm", call.need(0, 2), call.need(1, 2)),
    "bmm": lambda call: _matrix("bmm", call.need(0, 3), call.need(1, 3)),
    "softmax": _softmax,
    "_softmax": _softmax,
    "layer_norm": _layer_norm,
    "native_layer_norm": _layer_norm,
    **{op: lambda call, op=op: _binary(call, op) for op in BINARY},
    **{op: lambda call, op=op: (op, _rows_of(call.need(0))) for op in UNARY},
}


def _plain(name: str) -> str:
    """`aten::relu_` is relu that writes over its operand."""
    plain = name.removeprefix("aten::")
    return plain if plain in _READERS else plain.removesuffix("_")


def is_operator(name: str) -> bool:
    """Whether an operator has a table."""
    return name.startswith("aten::") and _plain(name) in _READERS


def describe(name: str, event: Value) -> Found | str:
    """The table and the dimensions of a call, or why it has none."""
    try:
        call = _Call(event)
        for shape, kind in zip(call.shapes, call.types, strict=False):
            if shape and kind != "float":
                return f"calls of {name} on {kind}"
        return _READERS[_plain(name)](call)
    except _Unfit as reason:
        return f"calls of {name} {reason}"
