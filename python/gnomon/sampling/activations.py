"""Activations and normalisations in the spellings that exporters produce."""

from collections.abc import Callable
from math import prod, sqrt

import numpy as np

from .draw import pick
from .graph import GraphBuilder, Tensor
from .primitives import binary, reduce, reshape, transpose

CNN_ACTIVATIONS = {
    "relu": 0.34,
    "relu6": 0.12,
    "silu": 0.14,
    "hardswish": 0.1,
    "leaky": 0.06,
    "prelu": 0.04,
    "sigmoid": 0.02,
    "hardswish_chain": 0.03,
    "hardsigmoid": 0.02,
    "mish": 0.03,
    "gelu": 0.05,
    "elu": 0.015,
    "softplus": 0.01,
    "tanh": 0.02,
    "none": 0.03,
}
TRANSFORMER_ACTIVATIONS = {
    "gelu": 0.55,
    "gelu_tanh": 0.2,
    "relu": 0.12,
    "silu": 0.08,
    "quick_gelu": 0.05,
}


def _clip(g: GraphBuilder, x: Tensor, low: float, high: float) -> Tensor:
    return g.op("Clip", [x, g.scalar(low), g.scalar(high)])


def _silu(g: GraphBuilder, x: Tensor) -> Tensor:
    return binary(g, "Mul", x, g.op("Sigmoid", [x], flops=10.0 * x.size))


def _quick_gelu(g: GraphBuilder, x: Tensor) -> Tensor:
    return binary(g, "Mul", x, g.op("Sigmoid", [binary(g, "Mul", x, g.scalar(1.702))]))


def _mish(g: GraphBuilder, x: Tensor) -> Tensor:
    if g.opset >= 18 and g.rng.random() < 0.4:
        return g.op("Mish", [x], flops=30.0 * x.size)
    return binary(
        g, "Mul", x, g.op("Tanh", [g.op("Softplus", [x], flops=20.0 * x.size)], flops=10.0 * x.size)
    )


def _hardswish(g: GraphBuilder, x: Tensor) -> Tensor:
    if g.opset >= 14:
        return g.op("HardSwish", [x])
    return binary(g, "Mul", x, g.op("HardSigmoid", [x], alpha=1.0 / 6.0, beta=0.5))


def _hardswish_chain(g: GraphBuilder, x: Tensor) -> Tensor:
    gate = _clip(g, binary(g, "Add", x, g.scalar(3.0)), 0.0, 6.0)
    return binary(g, "Div", binary(g, "Mul", x, gate), g.scalar(6.0))


def _gelu(g: GraphBuilder, x: Tensor) -> Tensor:
    if g.opset >= 20 and g.rng.random() < 0.7:
        return g.op("Gelu", [x], flops=15.0 * x.size, approximate="none")
    erf = g.op("Erf", [binary(g, "Div", x, g.scalar(sqrt(2.0)))], flops=10.0 * x.size)
    y = binary(g, "Mul", x, binary(g, "Add", erf, g.scalar(1.0)))
    return binary(g, "Mul", y, g.scalar(0.5))


def _gelu_tanh(g: GraphBuilder, x: Tensor) -> Tensor:
    if g.opset >= 20 and g.rng.random() < 0.4:
        return g.op("Gelu", [x], flops=15.0 * x.size, approximate="tanh")
    cube = g.op("Pow", [x, g.scalar(3.0)])
    if g.rng.random() < 0.3:
        cube = binary(g, "Mul", binary(g, "Mul", x, x), x)
    inner = binary(g, "Add", x, binary(g, "Mul", cube, g.scalar(0.044715)))
    t = g.op("Tanh", [binary(g, "Mul", inner, g.scalar(sqrt(2.0 / np.pi)))], flops=10.0 * x.size)
    return binary(g, "Mul", binary(g, "Mul", x, g.scalar(0.5)), binary(g, "Add", t, g.scalar(1.0)))


def _prelu(g: GraphBuilder, x: Tensor) -> Tensor:
    one_slope = g.rng.random() < 0.5
    shape = (1,) if one_slope else (x.shape[1], *(1,) * (len(x.shape) - 2))
    return g.op("PRelu", [x, g.weight(shape, 0.05, 0.25)])


_ACTIVATIONS: dict[str, Callable[[GraphBuilder, Tensor], Tensor]] = {
    "none": lambda g, x: x,
    "relu": lambda g, x: g.op("Relu", [x]),
    "relu6": lambda g, x: _clip(g, x, 0.0, 6.0),
    "leaky": lambda g, x: g.op("LeakyRelu", [x], alpha=0.1),
    "sigmoid": lambda g, x: g.op("Sigmoid", [x], flops=10.0 * x.size),
    "hardsigmoid": lambda g, x: g.op("HardSigmoid", [x], alpha=1.0 / 6.0, beta=0.5),
    "elu": lambda g, x: g.op("Elu", [x], flops=10.0 * x.size, alpha=1.0),
    "softplus": lambda g, x: g.op("Softplus", [x], flops=20.0 * x.size),
    "tanh": lambda g, x: g.op("Tanh", [x], flops=10.0 * x.size),
    "silu": _silu,
    "mish": _mish,
    "hardswish": _hardswish,
    "hardswish_chain": _hardswish_chain,
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
    "quick_gelu": _quick_gelu,
    "prelu": _prelu,
}
ACTIVATION_NAMES = tuple(_ACTIVATIONS)


def activation(g: GraphBuilder, x: Tensor, kind: str) -> Tensor:
    """The named activation."""
    return _ACTIVATIONS[kind](g, x)


def layer_norm(g: GraphBuilder, x: Tensor, fused: bool = True, bias: bool = True) -> Tensor:
    """LayerNorm over the last axis: the operator from opset 17 on, else the chain that PyTorch
    exports.
    """
    n = x.shape[-1]
    scale, shift = g.weight((n,), 0.1, 1.0), g.weight((n,), 0.1)
    if fused and g.opset >= 17:
        inputs: list[Tensor | None] = [x, scale, shift] if bias else [x, scale]
        return g.op("LayerNormalization", inputs, flops=8.0 * x.size, axis=-1, epsilon=1e-5)
    last = (len(x.shape) - 1,)
    centred = binary(g, "Sub", x, reduce(g, "ReduceMean", x, last))
    variance = reduce(g, "ReduceMean", g.op("Pow", [centred, g.scalar(2.0)]), last)
    deviation = g.op("Sqrt", [binary(g, "Add", variance, g.scalar(1e-5))])
    return binary(g, "Add", binary(g, "Mul", binary(g, "Div", centred, deviation), scale), shift)


def rms_norm(g: GraphBuilder, x: Tensor) -> Tensor:
    """RMSNorm as a chain of element-wise operators and a mean, or the operator of opset 23."""
    if g.opset >= 23 and g.rng.random() < 0.6:
        scale = g.weight((x.shape[-1],), 0.1, 1.0)
        return g.op("RMSNormalization", [x, scale], flops=6.0 * x.size, axis=-1, epsilon=1e-6)
    mean = reduce(g, "ReduceMean", g.op("Pow", [x, g.scalar(2.0)]), (len(x.shape) - 1,))
    root = g.op("Sqrt", [binary(g, "Add", mean, g.scalar(1e-6))])
    inverse = (
        binary(g, "Div", g.scalar(1.0), root)
        if g.rng.random() < 0.4
        else g.op("Reciprocal", [root])
    )
    return binary(g, "Mul", g.weight((x.shape[-1],), 0.1, 1.0), binary(g, "Mul", x, inverse))


def channel_layer_norm(g: GraphBuilder, x: Tensor) -> Tensor:
    """LayerNorm over the channels of an NCHW tensor: transposed around, or a chain over axis 1."""
    if g.rng.random() < 0.6:
        return transpose(g, layer_norm(g, transpose(g, x, (0, 2, 3, 1))), (0, 3, 1, 2))
    centred = binary(g, "Sub", x, reduce(g, "ReduceMean", x, (1,)))
    variance = reduce(g, "ReduceMean", g.op("Pow", [centred, g.scalar(2.0)]), (1,))
    y = binary(g, "Div", centred, g.op("Sqrt", [binary(g, "Add", variance, g.scalar(1e-6))]))
    c = x.shape[1]
    return binary(
        g, "Add", binary(g, "Mul", g.weight((c, 1, 1), 0.1, 1.0), y), g.weight((c, 1, 1), 0.1)
    )


def instance_norm(g: GraphBuilder, x: Tensor) -> Tensor:
    """InstanceNormalization with an affine part."""
    c = (x.shape[1],)
    return g.op(
        "InstanceNormalization",
        [x, g.weight(c, 0.1, 1.0), g.weight(c, 0.1)],
        flops=8.0 * x.size,
        epsilon=1e-5,
    )


def group_norm(g: GraphBuilder, x: Tensor, groups: int) -> Tensor:
    """GroupNorm as PyTorch exports it: reshape, InstanceNormalization, reshape, scale and shift."""
    c = x.shape[1]
    affine = (c, *(1,) * (len(x.shape) - 2))
    if g.opset >= 21 and g.rng.random() < 0.7:
        inputs = [x, g.weight((c,), 0.1, 1.0), g.weight((c,), 0.1)]
        return g.op(
            "GroupNormalization", inputs, flops=8.0 * x.size, num_groups=groups, epsilon=1e-5
        )
    flat = reshape(g, x, (x.shape[0], groups, prod(x.shape[1:]) // groups))
    ones = [g.const(np.ones(groups), np.float32), g.const(np.zeros(groups), np.float32)]
    y = g.op("InstanceNormalization", [flat, *ones], flops=8.0 * x.size, epsilon=1e-5)
    y = binary(g, "Mul", reshape(g, y, x.shape), g.weight(affine, 0.1, 1.0))
    return binary(g, "Add", y, g.weight(affine, 0.1))


def lp_normalise(g: GraphBuilder, x: Tensor) -> Tensor:
    """Division by the L2 norm along the last axis, as F.normalize exports it."""
    norm = reduce(g, "ReduceL2", x, (len(x.shape) - 1,))
    floor = g.op("Clip", [norm, g.scalar(1e-12)])
    return binary(g, "Div", x, g.op("Expand", [floor, g.const(x.shape)], x.shape))


def random_cnn_activation(g: GraphBuilder) -> str:
    """The name of an activation as convolutional networks use them."""
    return pick(g.rng, CNN_ACTIVATIONS)
