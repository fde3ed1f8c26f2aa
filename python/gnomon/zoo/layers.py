"""Layers with weights: convolutions, products, normalisations, attention, recurrent cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from gnomon.zoo import ops
from gnomon.zoo.net import Net, Tensor

Activation = Callable[[Net, Tensor], Tensor]


def identity(_net: Net, x: Tensor) -> Tensor:
    """No activation."""
    return x


def _per_axis(value: int | Sequence[int], rank: int) -> list[int]:
    return [value] * rank if isinstance(value, int) else list(value)


def conv(
    net: Net,
    x: Tensor,
    channels: int,
    kernel: int | Sequence[int] = 3,
    *,
    stride: int | Sequence[int] = 1,
    groups: int = 1,
    dilation: int = 1,
    padding: int | None = None,
    bias: bool = True,
    act: Activation = identity,
    gain: float = 1.4,
) -> Tensor:
    """A convolution (normalisation already folded in) over all spatial dimensions, then ``act``."""
    rank = x.rank - 2
    kernels, strides = _per_axis(kernel, rank), _per_axis(stride, rank)
    pads = [dilation * (k // 2) if padding is None else padding for k in kernels]
    fan_in = x.shape[1] // groups * math.prod(kernels)
    operands = [
        x,
        net.weight(
            "conv.weight", (channels, x.shape[1] // groups, *kernels), gain / math.sqrt(fan_in)
        ),
    ]
    if bias:
        operands.append(net.weight("conv.bias", (channels,), 0.05))
    sizes = zip(x.shape[2:], kernels, strides, pads, strict=True)
    spatial = [(d + 2 * p - dilation * (k - 1) - 1) // s + 1 for d, k, s, p in sizes]
    shape = (x.shape[0], channels, *spatial)
    net.macs += math.prod(shape) * fan_in
    y = net.node(
        "Conv",
        operands,
        shape,
        dilations=[dilation] * rank,
        group=groups,
        kernel_shape=kernels,
        pads=pads * 2,
        strides=strides,
    )
    return act(net, y)


def conv_transpose(
    net: Net, x: Tensor, channels: int, kernel: int, stride: int, padding: int = 0
) -> Tensor:
    """A transposed convolution."""
    rank = x.rank - 2
    shape = (x.shape[0], channels, *((d - 1) * stride - 2 * padding + kernel for d in x.shape[2:]))
    deviation = 1.4 / math.sqrt(x.shape[1] * max(1, kernel // stride) ** rank)
    weight = net.weight("deconv.weight", (x.shape[1], channels, *[kernel] * rank), deviation)
    net.macs += x.size * channels * kernel**rank
    return net.node(
        "ConvTranspose",
        [x, weight, net.weight("deconv.bias", (channels,), 0.05)],
        shape,
        dilations=[1] * rank,
        group=1,
        kernel_shape=[kernel] * rank,
        pads=[padding] * (2 * rank),
        strides=[stride] * rank,
    )


def pool(
    net: Net, x: Tensor, kind: str, kernel: int, stride: int, padding: int = 0, ceil: bool = False
) -> Tensor:
    """``MaxPool`` or ``AveragePool`` with a square window."""
    rank = x.rank - 2
    rounded = math.ceil if ceil else math.floor
    spatial = [rounded((d + 2 * padding - kernel) / stride) + 1 for d in x.shape[2:]]
    extra = {"count_include_pad": 0} if kind == "AveragePool" else {}
    shape = (*x.shape[:2], *spatial)
    sizes = {
        "kernel_shape": [kernel] * rank,
        "strides": [stride] * rank,
        "pads": [padding] * (2 * rank),
    }
    return net.node(kind, [x], shape, ceil_mode=int(ceil), **sizes, **extra)


def global_pool(net: Net, x: Tensor) -> Tensor:
    """Mean over the spatial dimensions, kept as ones."""
    if net.dynamo:
        return ops.reduce(net, "ReduceMean", x, range(2, x.rank))
    return net.node("GlobalAveragePool", [x], (*x.shape[:2], *[1] * (x.rank - 2)))


def linear(
    net: Net, x: Tensor, features: int, *, bias: bool = True, act: Activation = identity
) -> Tensor:
    """A dense layer over the last dimension: ``Gemm``, or ``MatMul`` and ``Add`` above rank two."""
    inside = x.shape[-1]
    deviation = 1.0 / math.sqrt(inside)
    if x.rank == 2 and bias:
        weight = net.weight("linear.weight", (features, inside), deviation)
        offset = net.weight("linear.bias", (features,), 0.02)
        net.macs += x.shape[0] * inside * features
        y = net.node(
            "Gemm", [x, weight, offset], (x.shape[0], features), alpha=1.0, beta=1.0, transB=1
        )
        return act(net, y)
    y = ops.matmul(net, x, net.weight("matmul.weight", (inside, features), deviation))
    if bias:
        offset = net.weight("linear.bias", (features,), 0.02)
        # The tracing exporter writes the bias first, the other one last.
        y = ops.add(net, y, offset) if net.dynamo else ops.add(net, offset, y)
    return act(net, y)


def embedding(net: Net, indices: Tensor, rows: int, width: int, std: float = 0.5) -> Tensor:
    """A table look-up."""
    return ops.gather(net, net.weight("embedding.weight", (rows, width), std), indices)


def layer_norm(net: Net, x: Tensor, epsilon: float = 1e-5) -> Tensor:
    """Normalisation over the last dimension: one operator from opset 17 on, nine before."""
    gamma = net.weight("norm.weight", (x.shape[-1],), 0.05, 1.0)
    beta = net.weight("norm.bias", (x.shape[-1],), 0.05)
    if net.opset >= 17:
        return net.node("LayerNormalization", [x, gamma, beta], x.shape, axis=-1, epsilon=epsilon)
    centred = ops.sub(net, x, ops.reduce(net, "ReduceMean", x, [-1]))
    square = ops.broadcast(net, "Pow", centred, net.constant(2.0, np.float32))
    variance = ops.add(
        net, ops.reduce(net, "ReduceMean", square, [-1]), net.constant(epsilon, np.float32)
    )
    normal = ops.broadcast(net, "Div", centred, ops.unary(net, "Sqrt", variance))
    return ops.add(net, ops.mul(net, normal, gamma), beta)


def rms_norm(net: Net, x: Tensor, epsilon: float = 1e-6) -> Tensor:
    """Root-mean-square normalisation over the last dimension, as exporters decompose it."""
    gamma = net.weight("norm.weight", (x.shape[-1],), 0.05, 1.0)
    square = ops.broadcast(net, "Pow", x, net.constant(2.0, np.float32))
    mean = ops.add(
        net, ops.reduce(net, "ReduceMean", square, [-1]), net.constant(epsilon, np.float32)
    )
    root = ops.unary(net, "Sqrt", mean)
    inverse = (
        ops.unary(net, "Reciprocal", root)
        if net.dynamo
        else ops.broadcast(net, "Div", net.constant(1.0, np.float32), root)
    )
    return ops.mul(net, gamma, ops.mul(net, x, inverse))


def group_norm(net: Net, x: Tensor, groups: int, epsilon: float = 1e-5) -> Tensor:
    """Group normalisation: reshape, ``InstanceNormalization``, reshape, scale and shift."""
    ones = net.table(np.ones(groups, np.float32))
    zeros = net.table(np.zeros(groups, np.float32))
    flat = ops.reshape(net, x, (x.shape[0], groups, x.size // (x.shape[0] * groups)))
    normal = net.node("InstanceNormalization", [flat, ones, zeros], flat.shape, epsilon=epsilon)
    per_channel = (x.shape[1], *[1] * (x.rank - 2))
    gamma = net.weight("norm.weight", per_channel, 0.05, 1.0)
    beta = net.weight("norm.bias", per_channel, 0.05)
    return ops.add(net, ops.mul(net, ops.reshape(net, normal, x.shape), gamma), beta)


def batch_norm(net: Net, x: Tensor) -> Tensor:
    """A batch normalisation that no convolution absorbs."""
    channels = (x.shape[1],)
    gamma, beta = (
        net.weight("bn.weight", channels, 0.05, 1.0),
        net.weight("bn.bias", channels, 0.05),
    )
    mean, variance = (
        net.weight("bn.mean", channels, 0.05),
        net.weight("bn.var", channels, 0.02, 1.0),
    )
    return net.node("BatchNormalization", [x, gamma, beta, mean, variance], x.shape, epsilon=1e-5)


def squeeze_excite(
    net: Net, x: Tensor, inner: int, act: Activation = ops.relu, gate: Activation = ops.sigmoid
) -> Tensor:
    """Channel gating through two pointwise convolutions."""
    hidden = conv(net, global_pool(net, x), inner, 1, act=act)
    return ops.mul(net, x, conv(net, hidden, x.shape[1], 1, act=gate))


def heads(net: Net, x: Tensor, count: int, perm: Sequence[int] = (0, 2, 1, 3)) -> Tensor:
    """``[batch, length, width]`` as ``count`` heads, permuted."""
    batch, length, width = x.shape
    return ops.transpose(net, ops.reshape(net, x, (batch, length, count, width // count)), perm)


def scores(net: Net, q: Tensor, k_transposed: Tensor) -> Tensor:
    """Scaled products of queries and keys: scaled before by one exporter, after by the other."""
    width = q.shape[-1]
    if not net.dynamo:
        raw = ops.matmul(net, q, k_transposed)
        return ops.broadcast(net, "Div", raw, net.constant(math.sqrt(width), np.float32))
    root = width**-0.25
    return ops.matmul(net, ops.scale(net, q, root), ops.scale(net, k_transposed, root))


def attend(
    net: Net, q: Tensor, k_transposed: Tensor, v: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Softmax attention of split heads, merged again to ``[batch, length, width]``."""
    weights = scores(net, q, k_transposed)
    if bias:
        weights = ops.add(net, weights, bias)
    mixed = ops.matmul(net, ops.softmax(net, weights), v)
    batch, count, length, width = mixed.shape
    return ops.reshape(net, ops.transpose(net, mixed, (0, 2, 1, 3)), (batch, length, count * width))


def attention(
    net: Net,
    x: Tensor,
    count: int,
    *,
    memory: Tensor | None = None,
    bias: Tensor | None = None,
    qkv_bias: bool = True,
) -> Tensor:
    """Multi-head attention with separate projections, over ``memory`` where given."""
    width = x.shape[-1]
    source = memory or x
    q = heads(net, linear(net, x, width, bias=qkv_bias), count)
    k = heads(net, linear(net, source, width, bias=qkv_bias), count, (0, 2, 3, 1))
    v = heads(net, linear(net, source, width, bias=qkv_bias), count)
    return linear(net, attend(net, q, k, v, bias), width, bias=qkv_bias)


def fused_attention(net: Net, x: Tensor, count: int, bias: Tensor | None = None) -> Tensor:
    """Multi-head attention with one projection for queries, keys and values, as in ViT."""
    batch, length, width = x.shape
    qkv = ops.reshape(net, linear(net, x, 3 * width), (batch, length, 3, count, width // count))
    parts = ops.split(net, ops.transpose(net, qkv, (2, 0, 3, 1, 4)), [1, 1, 1], 0)
    q, k, v = (ops.squeeze(net, p, 0) for p in parts)
    return linear(net, attend(net, q, ops.transpose(net, k, (0, 1, 3, 2)), v, bias), width)


def mlp(net: Net, x: Tensor, hidden: int, act: Activation = ops.gelu) -> Tensor:
    """Two dense layers with an activation between."""
    return linear(net, linear(net, x, hidden, act=act), x.shape[-1])


def causal_mask(net: Net, length: int) -> Tensor:
    """An additive mask that hides later positions."""
    mask = np.triu(np.full((1, 1, length, length), -1e4, np.float32), 1)
    return net.table(mask)


def recurrent(net: Net, x: Tensor, cell: str, width: int, *, both: bool = True) -> Tensor:
    """One ``LSTM`` or ``GRU`` layer over ``[length, batch, features]``, directions side by side."""
    length, batch, inside = x.shape
    ways, gates = (2 if both else 1), (4 if cell == "LSTM" else 3)
    deviation = 1.0 / math.sqrt(width)
    operands: list[Tensor | None] = [
        x,
        net.weight(f"{cell.lower()}.w", (ways, gates * width, inside), deviation),
        net.weight(f"{cell.lower()}.r", (ways, gates * width, width), deviation),
        net.weight(f"{cell.lower()}.b", (ways, 2 * gates * width), 0.05),
    ]
    net.macs += length * batch * ways * gates * width * (inside + width)
    attributes = {"hidden_size": width, "direction": "bidirectional" if both else "forward"}
    if cell == "GRU":
        attributes["linear_before_reset"] = 1
    y = net.node(cell, operands, (length, ways, batch, width), **attributes)
    merged = ops.transpose(net, y, (0, 2, 1, 3))
    return ops.reshape(net, merged, (length, batch, ways * width))
