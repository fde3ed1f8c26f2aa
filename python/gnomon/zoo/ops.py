"""ONNX operators with static shapes, spelled as the opset and the exporter would have them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from gnomon.zoo.net import Net, Shape, Tensor


def broadcast(net: Net, op: str, a: Tensor, b: Tensor) -> Tensor:
    """A binary elementwise operator."""
    return net.node(op, [a, b], np.broadcast_shapes(a.shape, b.shape))


def add(net: Net, a: Tensor, b: Tensor) -> Tensor:
    """``a + b``."""
    return broadcast(net, "Add", a, b)


def mul(net: Net, a: Tensor, b: Tensor) -> Tensor:
    """``a * b``."""
    return broadcast(net, "Mul", a, b)


def sub(net: Net, a: Tensor, b: Tensor) -> Tensor:
    """``a - b``."""
    return broadcast(net, "Sub", a, b)


def scale(net: Net, x: Tensor, factor: float) -> Tensor:
    """``x * factor``."""
    return mul(net, x, net.constant(factor, np.float32))


def unary(net: Net, op: str, x: Tensor, **attributes: object) -> Tensor:
    """A unary elementwise operator."""
    return net.node(op, [x], x.shape, **attributes)


def relu(net: Net, x: Tensor) -> Tensor:
    """Rectifier."""
    return unary(net, "Relu", x)


def relu6(net: Net, x: Tensor) -> Tensor:
    """Rectifier cut at six."""
    return net.node(
        "Clip", [x, net.constant(0.0, np.float32), net.constant(6.0, np.float32)], x.shape
    )


def sigmoid(net: Net, x: Tensor) -> Tensor:
    """Logistic function."""
    return unary(net, "Sigmoid", x)


def tanh(net: Net, x: Tensor) -> Tensor:
    """Hyperbolic tangent."""
    return unary(net, "Tanh", x)


def leaky_relu(net: Net, x: Tensor) -> Tensor:
    """Rectifier of slope .1 below zero."""
    return unary(net, "LeakyRelu", x, alpha=0.1)


def silu(net: Net, x: Tensor) -> Tensor:
    """``x * sigmoid(x)``."""
    return mul(net, x, sigmoid(net, x))


def hard_sigmoid(net: Net, x: Tensor) -> Tensor:
    """``clip(x / 6 + 1/2, 0, 1)``."""
    return unary(net, "HardSigmoid", x, alpha=1.0 / 6.0)


def hard_swish(net: Net, x: Tensor) -> Tensor:
    """``x * hard_sigmoid(x)``: one operator from opset 14 on, two before."""
    return unary(net, "HardSwish", x) if net.opset >= 14 else mul(net, x, hard_sigmoid(net, x))


def gelu(net: Net, x: Tensor) -> Tensor:
    """Exact GELU: one operator from opset 20 on, five before."""
    if net.opset >= 20:
        return unary(net, "Gelu", x)
    scaled = broadcast(net, "Div", x, net.constant(math.sqrt(2.0), np.float32))
    one_plus = add(net, unary(net, "Erf", scaled), net.constant(1.0, np.float32))
    return scale(net, mul(net, x, one_plus), 0.5)


def gelu_tanh(net: Net, x: Tensor) -> Tensor:
    """GELU through tanh, as GPT-2 writes it."""
    if net.opset >= 20 and net.dynamo:
        return unary(net, "Gelu", x, approximate="tanh")
    cube = broadcast(net, "Pow", x, net.constant(3.0, np.float32))
    inner = scale(net, add(net, x, scale(net, cube, 0.044715)), math.sqrt(2.0 / math.pi))
    return mul(net, scale(net, x, 0.5), add(net, tanh(net, inner), net.constant(1.0, np.float32)))


def softmax(net: Net, x: Tensor, axis: int = -1) -> Tensor:
    """Softmax over one axis; before opset 13, which flattens, only over the last."""
    last = x.rank - 1
    if net.opset < 13 and axis % x.rank != last:
        raise ValueError(
            f"softmax over axis {axis} of rank {x.rank} needs opset 13, got {net.opset}"
        )
    return unary(net, "Softmax", x, axis=axis if net.opset >= 13 else last)


def concat(net: Net, values: Sequence[Tensor], axis: int) -> Tensor:
    """Concatenation."""
    shape = list(values[0].shape)
    shape[axis] = sum(v.shape[axis] for v in values)
    return net.node("Concat", values, shape, axis=axis)


def transpose(net: Net, x: Tensor, perm: Sequence[int]) -> Tensor:
    """Permutation of dimensions."""
    return net.node("Transpose", [x], [x.shape[p] for p in perm], perm=list(perm))


def reshape(net: Net, x: Tensor, shape: Sequence[int]) -> Tensor:
    """Reshape to a full static shape; with a symbolic batch the first dimension is computed."""
    if math.prod(shape) != x.size:
        raise ValueError(
            f"reshape of {x.name} with {x.size} elements: {tuple(shape)} has {math.prod(shape)}"
        )
    if net.dynamic and shape[0] == x.shape[0]:
        target = concat(net, [net.batch_size(), net.constant(list(shape[1:]))], 0)
    elif net.dynamic:
        target = net.constant([-1, *shape[1:]])
    else:
        target = net.constant(list(shape))
    attributes = {"allowzero": 1} if net.dynamo and net.opset >= 14 and not net.dynamic else {}
    return net.node("Reshape", [x, target], shape, **attributes)


def flatten(net: Net, x: Tensor, axis: int = 1) -> Tensor:
    """Flattening into two dimensions."""
    return net.node(
        "Flatten", [x], [math.prod(x.shape[:axis]), math.prod(x.shape[axis:])], axis=axis
    )


def squeeze(net: Net, x: Tensor, axis: int) -> Tensor:
    """Removal of a dimension of size one."""
    shape = [d for i, d in enumerate(x.shape) if i != axis]
    if net.opset < 13:
        return net.node("Squeeze", [x], shape, axes=[axis])
    return net.node("Squeeze", [x, net.constant([axis])], shape)


def unsqueeze(net: Net, x: Tensor, axis: int) -> Tensor:
    """Insertion of a dimension of size one."""
    shape = [*x.shape[:axis], 1, *x.shape[axis:]]
    if net.opset < 13:
        return net.node("Unsqueeze", [x], shape, axes=[axis])
    return net.node("Unsqueeze", [x, net.constant([axis])], shape)


def split(net: Net, x: Tensor, sizes: Sequence[int], axis: int) -> list[Tensor]:
    """Split into parts of the given sizes."""
    shapes: list[Shape] = [(*x.shape[:axis], s, *x.shape[axis + 1 :]) for s in sizes]
    if net.opset < 13:
        return net.node_n("Split", [x], shapes, axis=axis, split=list(sizes))
    return net.node_n("Split", [x, net.constant(list(sizes))], shapes, axis=axis)


def slice_(net: Net, x: Tensor, start: int, stop: int, axis: int, step: int = 1) -> Tensor:
    """``x[start:stop:step]`` along one axis."""
    shape = list(x.shape)
    shape[axis] = len(range(*slice(start, stop, step).indices(shape[axis])))
    bounds = [net.constant([v]) for v in (start, stop, axis, step)]
    return net.node("Slice", [x, *bounds], shape)


def gather(net: Net, data: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    """Rows of ``data`` picked by ``indices``."""
    shape = [*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :]]
    return net.node("Gather", [data, indices], shape, axis=axis)


def pad(net: Net, x: Tensor, pads: Sequence[int], mode: str = "constant") -> Tensor:
    """Padding: all begins, then all ends."""
    shape = [d + pads[i] + pads[i + x.rank] for i, d in enumerate(x.shape)]
    return net.node("Pad", [x, net.constant(list(pads))], shape, mode=mode)


def reduce(net: Net, op: str, x: Tensor, axes: Sequence[int], keepdims: bool = True) -> Tensor:
    """A reduction; its axes are an attribute or an input, as the opset has it."""
    axes = [a % x.rank for a in axes]
    shape = [1 if i in axes else d for i, d in enumerate(x.shape) if keepdims or i not in axes]
    if net.opset >= (13 if op == "ReduceSum" else 18):
        return net.node(op, [x, net.constant(axes)], shape, keepdims=int(keepdims))
    return net.node(op, [x], shape, axes=axes, keepdims=int(keepdims))


def matmul(net: Net, a: Tensor, b: Tensor) -> Tensor:
    """Batched matrix product."""
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*batch, a.shape[-2], b.shape[-1])
    net.macs += math.prod(shape) * a.shape[-1]
    return net.node("MatMul", [a, b], shape)


def resize(net: Net, x: Tensor, factor: int, mode: str = "nearest") -> Tensor:
    """Upsampling of the spatial dimensions by an integer factor."""
    shape = (*x.shape[:2], *(d * factor for d in x.shape[2:]))
    scales = net.constant([1.0, 1.0] + [float(factor)] * (x.rank - 2), np.float32)
    region = None if net.opset >= 13 else net.constant([], np.float32)
    if mode == "nearest":
        how: dict[str, object] = {
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        }
    else:
        how = {
            "coordinate_transformation_mode": "half_pixel" if net.dynamo else "pytorch_half_pixel"
        }
    return net.node("Resize", [x, region, scales], shape, mode=mode, **how)


def depth_to_space(net: Net, x: Tensor, block: int) -> Tensor:
    """Pixel shuffle."""
    n, c, h, w = x.shape
    return net.node(
        "DepthToSpace", [x], [n, c // block**2, h * block, w * block], blocksize=block, mode="CRD"
    )


def cast(net: Net, x: Tensor, dtype: int) -> Tensor:
    """Change of element type."""
    return net.node("Cast", [x], x.shape, dtype=dtype, to=dtype)


def tokens(net: Net, name: str, batch: int, length: int) -> Tensor:
    """A graph input of token numbers."""
    return net.input(name, (batch, length), TensorProto.INT64)
