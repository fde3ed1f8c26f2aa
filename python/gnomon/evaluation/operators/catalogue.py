"""The operators that tables may hold, and each row of them as an operation of the `onnx` dialect.

A row becomes a function with one operation, so that the features of a measured operator are
those that the compiler finds in a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Operand:
    """An operand of a row's operation: `weight` where it is known when a model is loaded."""

    shape: Shape
    weight: bool = False


@dataclass(frozen=True)
class Operation:
    """What one row runs."""

    name: str
    operands: tuple[Operand, ...]
    result: Shape
    attributes: str = ""


@dataclass(frozen=True)
class Operator:
    """A kind of table: its columns of sizes, in order, and what they mean."""

    dimensions: tuple[str, ...]
    operation: Callable[..., Operation]
    onnx: str
    kind: str = "elementwise"
    """The model that learns it; kinds of kernels as the compiler names them."""


def _type(shape: Shape) -> str:
    return "tensor<" + "".join(f"{size}x" for size in shape) + "f32>"


def function(name: str, operation: Operation) -> str:
    """MLIR text of a function of this name that does the operation once."""
    arguments, constants, names = [], [], []
    for index, operand in enumerate(operation.operands):
        kind = _type(operand.shape)
        if operand.weight:
            names.append(f"%w{index}")
            constants.append(f'%w{index} = "onnx.Constant"() : () -> {kind}')
        else:
            names.append(f"%x{index}")
            arguments.append(f"%x{index}: {kind}")
    result = _type(operation.result)
    types = ", ".join(_type(operand.shape) for operand in operation.operands)
    body = (
        f'%y = "onnx.{operation.name}"({", ".join(names)}) {{{operation.attributes}}} '
        f": ({types}) -> {result}"
    )
    lines = "\n".join([*constants, body, f"return %y : {result}"])
    return f"func.func @{name}({', '.join(arguments)}) -> {result} {{\n{lines}\n}}\n"


def _binary(name: str) -> Operator:
    def operation(b: int, h: int) -> Operation:
        return Operation(name, (Operand((b, h)), Operand((b, h))), (b, h))

    return Operator(("b", "h"), operation, name)


def _with_scalar(name: str) -> Operator:
    def operation(b: int, h: int) -> Operation:
        return Operation(name, (Operand((b, h)), Operand((), weight=True)), (b, h))

    return Operator(("b", "h"), operation, name)


def _unary(name: str, attributes: str = "", kind: str = "elementwise") -> Operator:
    def operation(b: int, h: int) -> Operation:
        return Operation(name, (Operand((b, h)),), (b, h), attributes)

    return Operator(("b", "h"), operation, name, kind)


def _layer_norm(b: int, h: int) -> Operation:
    operands = (Operand((b, h)), Operand((h,), weight=True), Operand((h,), weight=True))
    return Operation("LayerNormalization", operands, (b, h), "axis = -1 : si64")


def _batched_product(b: int, m: int, n: int, k: int) -> Operation:
    # The tables' n is the length of the sums: (m, n) times (n, k), b times.
    return Operation("MatMul", (Operand((b, m, n)), Operand((b, n, k))), (b, m, k))


def _linear(b: int, m: int, n: int, k: int) -> Operation:
    operands = (Operand((b * m, n)), Operand((k, n), weight=True), Operand((k,), weight=True))
    return Operation("Gemm", operands, (b * m, k), "transB = 1 : si64")


def _window(kernel: int, size: int, stride: int, padding: int) -> tuple[int, str]:
    """The side of the result, and the attributes of a square window."""
    out = (size + 2 * padding - kernel) // stride + 1
    if out < 1:
        raise ValueError(f"kernel {kernel} is larger than the padded image of {size}")
    return out, (
        f"kernel_shape = [{kernel}, {kernel}], strides = [{stride}, {stride}], "
        f"pads = [{padding}, {padding}, {padding}, {padding}]"
    )


def _convolution(
    b: int, c_in: int, c_out: int, kernel: int, size: int, stride: int, padding: int
) -> Operation:
    out, attributes = _window(kernel, size, stride, padding)
    operands = (
        Operand((b, c_in, size, size)),
        Operand((c_out, c_in, kernel, kernel), weight=True),
        Operand((c_out,), weight=True),
    )
    return Operation("Conv", operands, (b, c_out, out, out), attributes)


def _depthwise(b: int, c_in: int, kernel: int, size: int, stride: int, padding: int) -> Operation:
    out, attributes = _window(kernel, size, stride, padding)
    operands = (
        Operand((b, c_in, size, size)),
        Operand((c_in, 1, kernel, kernel), weight=True),
        Operand((c_in,), weight=True),
    )
    attributes += f", group = {c_in} : si64"
    return Operation("Conv", operands, (b, c_in, out, out), attributes)


def _pool(name: str) -> Operator:
    def operation(
        b: int, c_in: int, kernel: int, size: int, stride: int, padding: int
    ) -> Operation:
        out, attributes = _window(kernel, size, stride, padding)
        return Operation(name, (Operand((b, c_in, size, size)),), (b, c_in, out, out), attributes)

    return Operator(CHANNELWISE, operation, name, "pool")


CONVOLUTION = ("b", "c_in", "c_out", "kernel", "size", "stride", "padding")
CHANNELWISE = ("b", "c_in", "kernel", "size", "stride", "padding")

OPERATORS = {
    "add": _binary("Add"),
    "addu": _with_scalar("Add"),
    "avgpool": _pool("AveragePool"),
    "bmm": Operator(("b", "m", "n", "k"), _batched_product, "MatMul", "matmul"),
    "conv": Operator(CONVOLUTION, _convolution, "Conv", "conv"),
    "div": _binary("Div"),
    "divu": _with_scalar("Div"),
    "dwconv": Operator(CHANNELWISE, _depthwise, "Conv", "conv_depthwise"),
    "gelu": _unary("Gelu"),
    "linear": Operator(("b", "m", "n", "k"), _linear, "Gemm", "gemm"),
    "ln": Operator(("b", "h"), _layer_norm, "LayerNormalization", "normalization"),
    "maxpool": _pool("MaxPool"),
    "mul": _binary("Mul"),
    "mulu": _with_scalar("Mul"),
    "pow": _binary("Pow"),
    "powu": _with_scalar("Pow"),
    "relu": _unary("Relu"),
    "softmax": _unary("Softmax", "axis = -1 : si64", "softmax"),
    "tanh": _unary("Tanh"),
}
"""By the name of the table's file."""
