"""Emitters of single operators in the spelling of the graph's opset: convolution, pooling, linear,
shape changes.
"""

from math import prod, sqrt

import numpy as np
from onnx import TensorProto

from .graph import GraphBuilder, Shape, Tensor

Dims = int | tuple[int, ...]


def _tuple(value: Dims, rank: int) -> tuple[int, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def conv(
    g: GraphBuilder,
    x: Tensor,
    cout: int,
    k: Dims,
    s: Dims = 1,
    d: Dims = 1,
    group: int = 1,
    bias: bool = True,
    pad: Dims | None = None,
) -> Tensor:
    """Convolution over all spatial axes of `x`, padded to keep the size unless `pad` is given."""
    rank = len(x.shape) - 2
    k, s, d = _tuple(k, rank), _tuple(s, rank), _tuple(d, rank)
    p = (
        tuple(di * (ki - 1) // 2 for ki, di in zip(k, d, strict=False))
        if pad is None
        else _tuple(pad, rank)
    )
    space = tuple(
        (n + 2 * pi - di * (ki - 1) - 1) // si + 1
        for n, ki, si, di, pi in zip(x.shape[2:], k, s, d, p, strict=False)
    )
    cin = x.shape[1] // group
    w = g.weight((cout, cin, *k), sqrt(2.0 / (cin * prod(k))))
    inputs: list[Tensor | None] = [x, w] + ([g.weight((cout,), 0.05)] if bias else [])
    shape = (x.shape[0], cout, *space)
    work = 2.0 * prod(shape) * cin * prod(k)
    return g.op(
        "Conv",
        inputs,
        shape,
        flops=work,
        dilations=d,
        group=group,
        kernel_shape=k,
        pads=p + p,
        strides=s,
    )


def conv_transpose(
    g: GraphBuilder, x: Tensor, cout: int, k: int, s: int, p: int, group: int = 1, extra: int = 0
) -> Tensor:
    """Transposed convolution; `extra` is the output padding."""
    rank = len(x.shape) - 2
    space = tuple((n - 1) * s - 2 * p + k + extra for n in x.shape[2:])
    w = g.weight(
        (x.shape[1], cout // group, *(k,) * rank),
        sqrt(2.0 * s**rank / (x.shape[1] // group * k**rank)),
    )
    work = 2.0 * x.size * cout / group * k**rank
    attributes = {
        "dilations": (1,) * rank,
        "group": group,
        "kernel_shape": (k,) * rank,
        "pads": (p,) * 2 * rank,
        "strides": (s,) * rank,
    }
    if extra:
        attributes["output_padding"] = (extra,) * rank
    shape = (x.shape[0], cout, *space)
    return g.op("ConvTranspose", [x, w, g.weight((cout,), 0.05)], shape, flops=work, **attributes)


def batch_norm(g: GraphBuilder, x: Tensor) -> Tensor:
    """BatchNormalization with sane statistics."""
    c = (x.shape[1],)
    stats = [
        g.weight(c, 0.1, 1.0),
        g.weight(c, 0.1),
        g.weight(c, 0.1),
        g.weight(c, 0.3, 0.7, positive=True),
    ]
    return g.op("BatchNormalization", [x, *stats], epsilon=1e-5)


def pool(
    g: GraphBuilder, x: Tensor, kind: str, k: int, s: int, p: int, ceil: bool = False
) -> Tensor:
    """MaxPool or AveragePool with a square window."""
    rank = len(x.shape) - 2
    extra = s - 1 if ceil else 0
    space = tuple((n + 2 * p - k + extra) // s + 1 for n in x.shape[2:])
    if ceil:
        space = tuple(
            o - 1 if (o - 1) * s >= n + p else o for o, n in zip(space, x.shape[2:], strict=False)
        )
    attributes: dict[str, object] = {
        "kernel_shape": (k,) * rank,
        "strides": (s,) * rank,
        "pads": (p,) * 2 * rank,
    }
    if ceil:
        attributes["ceil_mode"] = 1
    if kind == "AveragePool":
        attributes["count_include_pad"] = 1
    shape = (*x.shape[:2], *space)
    return g.op(kind, [x], shape, flops=prod(shape) * k**rank, **attributes)


def global_pool(g: GraphBuilder, x: Tensor, kind: str = "GlobalAveragePool") -> Tensor:
    """Global pooling that keeps the spatial axes as ones."""
    return g.op(kind, [x], (*x.shape[:2], *(1,) * (len(x.shape) - 2)), flops=x.size)


def reshape(g: GraphBuilder, x: Tensor, shape: Shape) -> Tensor:
    """Reshape to a static shape."""
    return g.op("Reshape", [x, g.const(shape)], shape)


def transpose(g: GraphBuilder, x: Tensor, perm: tuple[int, ...]) -> Tensor:
    """Transpose by a permutation."""
    return g.op("Transpose", [x], tuple(x.shape[p] for p in perm), perm=perm)


def flatten(g: GraphBuilder, x: Tensor) -> Tensor:
    """Flatten to two dimensions, sometimes spelt as a reshape."""
    shape = (x.shape[0], prod(x.shape[1:]))
    return g.op("Flatten", [x], shape, axis=1) if g.rng.random() < 0.6 else reshape(g, x, shape)


def _with_axes(
    g: GraphBuilder,
    kind: str,
    x: Tensor,
    axes: tuple[int, ...],
    shape: Shape,
    since: int,
    **attributes: object,
) -> Tensor:
    if g.opset >= since:
        return g.op(kind, [x, g.const(axes)], shape, flops=x.size, **attributes)
    return g.op(kind, [x], shape, flops=x.size, axes=axes, **attributes)


def unsqueeze(g: GraphBuilder, x: Tensor, axis: int) -> Tensor:
    """Inserts an axis of size one."""
    return _with_axes(g, "Unsqueeze", x, (axis,), (*x.shape[:axis], 1, *x.shape[axis:]), 13)


def squeeze(g: GraphBuilder, x: Tensor, axis: int) -> Tensor:
    """Removes an axis of size one."""
    return _with_axes(g, "Squeeze", x, (axis,), (*x.shape[:axis], *x.shape[axis + 1 :]), 13)


def reduce(
    g: GraphBuilder, kind: str, x: Tensor, axes: tuple[int, ...], keep: bool = True
) -> Tensor:
    """A Reduce operator over non-negative axes."""
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keep or i not in axes)
    return _with_axes(
        g, kind, x, axes, shape, 13 if kind == "ReduceSum" else 18, keepdims=int(keep)
    )


def binary(g: GraphBuilder, kind: str, a: Tensor, b: Tensor, dtype: int | None = None) -> Tensor:
    """An element-wise operator with broadcasting."""
    return g.op(kind, [a, b], np.broadcast_shapes(a.shape, b.shape), dtype=dtype)


def compare(g: GraphBuilder, kind: str, a: Tensor, b: Tensor) -> Tensor:
    """A comparison with broadcasting."""
    return binary(g, kind, a, b, TensorProto.BOOL)


def concat(g: GraphBuilder, parts: list[Tensor], axis: int) -> Tensor:
    """Concatenation along a non-negative axis."""
    shape = list(parts[0].shape)
    shape[axis] = sum(p.shape[axis] for p in parts)
    return g.op("Concat", list(parts), tuple(shape), axis=axis)


def split(g: GraphBuilder, x: Tensor, sizes: tuple[int, ...], axis: int) -> list[Tensor]:
    """Split into the given sizes."""
    shapes = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in sizes]
    if g.opset >= 13:
        return g.ops("Split", [x, g.const(sizes)], shapes, axis=axis)
    return g.ops("Split", [x], shapes, axis=axis, split=sizes)


def slice_axis(
    g: GraphBuilder, x: Tensor, axis: int, start: int, end: int, step: int = 1
) -> Tensor:
    """One-axis slice with a positive step."""
    shape = (*x.shape[:axis], -(-(end - start) // step), *x.shape[axis + 1 :])
    return g.op(
        "Slice", [x, g.const([start]), g.const([end]), g.const([axis]), g.const([step])], shape
    )


def pad(g: GraphBuilder, x: Tensor, before: Shape, after: Shape, mode: str = "constant") -> Tensor:
    """Pad on all axes."""
    shape = tuple(a + n + b for a, n, b in zip(before, x.shape, after, strict=False))
    return g.op("Pad", [x, g.const((*before, *after))], shape, mode=mode)


def resize(g: GraphBuilder, x: Tensor, space: Shape, mode: str) -> Tensor:
    """Resize of the spatial axes to a size, as PyTorch's interpolate exports it."""
    shape = (*x.shape[:2], *space)
    form = (
        g.rng.choice(["pytorch_half_pixel", "half_pixel", "align_corners"])
        if mode != "nearest"
        else "asymmetric"
    )
    attributes: dict[str, object] = {"mode": mode, "coordinate_transformation_mode": form}
    if mode == "nearest":
        attributes["nearest_mode"] = "floor"
    scale = [o / n for o, n in zip(space, x.shape[2:], strict=False)]
    absent = g.const([], np.float32) if g.opset < 13 else None
    if all(s == int(s) for s in scale) and g.rng.random() < 0.5:
        return g.op(
            "Resize",
            [x, absent, g.const([1.0, 1.0, *scale], np.float32)],
            shape,
            flops=8.0 * prod(shape),
            **attributes,
        )
    return g.op(
        "Resize", [x, absent, absent, g.const(shape)], shape, flops=8.0 * prod(shape), **attributes
    )


def softmax(g: GraphBuilder, x: Tensor, axis: int = -1) -> Tensor:
    """Softmax over one axis; before opset 13 only the last axis means the same."""
    axis = axis if g.opset >= 13 else len(x.shape) - 1
    return g.op("Softmax", [x], flops=8.0 * x.size, axis=axis)


def matmul(g: GraphBuilder, a: Tensor, b: Tensor) -> Tensor:
    """Batched matrix product with broadcasting."""
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*lead, a.shape[-2], b.shape[-1])
    return g.op("MatMul", [a, b], shape, flops=2.0 * prod(shape) * a.shape[-1])


def linear(
    g: GraphBuilder, x: Tensor, out: int, bias: bool = True, std: float | None = None
) -> Tensor:
    """A dense layer in one of the spellings of PyTorch's exporters: Gemm on matrices, MatMul and
    Add otherwise.
    """
    inner = x.shape[-1]
    std = std if std is not None else 1.0 / sqrt(inner)
    if len(x.shape) == 2 and g.rng.random() < 0.85:
        transposed = g.rng.random() < 0.8
        w = g.weight((out, inner) if transposed else (inner, out), std)
        inputs: list[Tensor | None] = [x, w] + ([g.weight((out,), 0.05)] if bias else [])
        work = 2.0 * x.shape[0] * inner * out
        return g.op(
            "Gemm",
            inputs,
            (x.shape[0], out),
            flops=work,
            alpha=1.0,
            beta=1.0,
            transB=int(transposed),
        )
    y = matmul(g, x, g.weight((inner, out), std))
    if not bias:
        return y
    b = g.weight((out,), 0.05)
    return binary(g, "Add", b, y) if g.rng.random() < 0.5 else binary(g, "Add", y, b)


def gather(g: GraphBuilder, x: Tensor, indices: Tensor, axis: int = 0) -> Tensor:
    """Gather by an index tensor."""
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    size = 2 * prod(shape)
    return g.op("Gather", [x, indices], shape, dtype=x.dtype, flops=size, axis=axis)


def cast(g: GraphBuilder, x: Tensor, dtype: int) -> Tensor:
    """Cast to another element type."""
    return g.op("Cast", [x], dtype=dtype, to=dtype)
