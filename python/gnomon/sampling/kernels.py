"""Graphs of independent single kernels on inputs of their own, for uncommon operators and sizes
that networks rarely visit.
"""

from collections.abc import Callable
from math import prod

import numpy as np
from onnx import TensorProto

from .activations import (
    ACTIVATION_NAMES,
    activation,
    group_norm,
    instance_norm,
    layer_norm,
    rms_norm,
)
from .draw import batch, chance, channels, log_int, log_uniform, pick
from .graph import GraphBuilder, Tensor
from .moves import move
from .primitives import (
    batch_norm,
    binary,
    cast,
    compare,
    concat,
    conv,
    conv_transpose,
    global_pool,
    linear,
    matmul,
    pool,
    reduce,
    reshape,
    resize,
    softmax,
)
from .rare import einsum, indexing, native_attention, recurrent

Outputs = list[Tensor]


def _shape(g: GraphBuilder, elements: float, rank: int | None = None) -> tuple[int, ...]:
    rank = rank or g.rng.choice([2, 3, 3, 4, 4])
    cuts = sorted(g.rng.random() for _ in range(rank - 1))
    parts = [b - a for a, b in zip([0.0, *cuts], [*cuts, 1.0], strict=False)]
    return tuple(max(1, round(elements**p)) for p in parts)


def _map(g: GraphBuilder, elements: float) -> Tensor:
    side = log_int(g.rng, 2, max(3, int(elements**0.42)))
    return g.input(
        (
            batch(g.rng),
            max(1, channels(g.rng, elements / side**2 * 0.5, elements / side**2)),
            side,
            side,
        )
    )


def _elements(g: GraphBuilder) -> float:
    return log_uniform(g.rng, 500, 4e6)


def convolution(g: GraphBuilder) -> Outputs:
    """A convolution anywhere in the space of shapes, kept under some 60 ms."""
    side = log_int(g.rng, 1, 256)
    group = pick(g.rng, {"one": 0.62, "depthwise": 0.22, "some": 0.16})
    cin = channels(g.rng, 1, min(2048, 6e6 / side**2))
    k = pick(g.rng, {1: 0.35, 3: 0.35, 5: 0.1, 7: 0.08, 2: 0.04, 4: 0.02, 9: 0.03, 11: 0.03})
    limit = 3e9 / (2 * side**2 * cin * k * k) if group != "depthwise" else cin
    cout = cin if group == "depthwise" else channels(g.rng, 1, min(2048, limit))
    groups = {
        "one": 1,
        "depthwise": cin,
        "some": g.rng.choice(
            [d for d in (1, 2, 3, 4, 8, 16, 32, 64) if cin % d == 0 and cout % d == 0]
        ),
    }[group]
    d = pick(g.rng, {1: 0.86, 2: 0.09, 4: 0.05})
    x = g.input((batch(g.rng) if side < 120 else 1, cin, side, side))
    return [
        conv(
            g,
            x,
            cout,
            k,
            g.rng.choice([1, 1, 1, 2]),
            d if k > 1 else 1,
            groups,
            pad=None if k % 2 else k // 2,
        )
    ]


def grouped(g: GraphBuilder) -> Outputs:
    """A convolution with groups of a few channels, as ResNeXt and RegNet have them."""
    width = g.rng.choice([2, 4, 8, 8, 12, 16, 16, 24, 24, 32, 40, 48, 56, 64])
    side, groups = log_int(g.rng, 4, 128), log_int(g.rng, 2, max(2, 1024 // width))
    groups = max(2, min(groups, round(4e9 / (18 * side**2 * width**2))))
    x = g.input((batch(g.rng) if side < 60 else 1, width * groups, side, side))
    k = g.rng.choice([3, 3, 3, 3, 5, 1])
    y = conv(g, x, x.shape[1], k, g.rng.choice([1, 1, 2]), 1, groups)
    return [activation(g, y, g.rng.choice(["relu", "relu", "silu", "none"]))]


def volume(g: GraphBuilder) -> Outputs:
    """A convolution over a volume or a clip."""
    side, depth = log_int(g.rng, 4, 112), g.rng.choice([2, 4, 8, 8, 16, 16, 32])
    cin = g.rng.choice([1, 3, 3, 16, 24, 32, 45, 64, 64, 96, 128, 144, 256])
    cin = max(1, min(cin, round(6e6 / (side**2 * depth))))
    k = g.rng.choice([(1, 1, 1), (3, 3, 3), (3, 3, 3), (1, 3, 3), (3, 1, 1), (3, 7, 7), (2, 2, 2)])
    limit = max(4, 4e9 / (2 * side**2 * depth * cin * prod(k)))
    x = g.input((1, cin, depth, side, side))
    s = g.rng.choice([(1, 1, 1), (1, 1, 1), (2, 2, 2), (1, 2, 2)])
    y = conv(g, x, channels(g.rng, 4, min(512, limit)), k, s)
    return [activation(g, y, g.rng.choice(["relu", "relu", "none"]))]


def waveform(g: GraphBuilder) -> Outputs:
    """The first convolutions of audio networks: few channels, long windows, long strides."""
    n, c = log_int(g.rng, 1000, 64000), g.rng.choice([1, 1, 1, 2, 8, 32, 64])
    k = g.rng.choice([3, 7, 10, 16, 20, 25, 40, 80, 160, 320, 400])
    s = max(1, round(k * g.rng.choice([0.1, 0.25, 0.5, 0.5, 1.0])))
    cout = channels(g.rng, 8, max(8.0, min(512.0, 3e9 / (2 * n / s * c * k))))
    x = g.input((batch(g.rng), c, n))
    y = conv(g, x, cout, k, s, pad=g.rng.choice([0, k // 2]))
    return [activation(g, y, g.rng.choice(["relu", "gelu", "none"]))]


def _pointwise_1d(g: GraphBuilder) -> Outputs:
    """Dense layers over points or frames, written as convolutions."""
    n, c = log_int(g.rng, 32, 4000), channels(g.rng, 3, 768)
    cout = channels(g.rng, 8, max(8.0, min(1024.0, 1.5e9 / (2 * n * c))))
    x = g.input((pick(g.rng, {1: 0.4, 2: 0.2, 4: 0.25, 8: 0.15}), c, n))
    return [activation(g, conv(g, x, cout, 1), g.rng.choice(["relu", "relu", "none", "gelu"]))]


def convolution_1d(g: GraphBuilder) -> Outputs:
    """A one-dimensional convolution."""
    if chance(g.rng, 0.35):
        return _pointwise_1d(g)
    n, c = log_int(g.rng, 32, 16000), channels(g.rng, 1, 512)
    cout = channels(g.rng, 4, min(512, 2e9 / (n * c * 6)))
    depthwise = chance(g.rng, 0.25)
    x = g.input((batch(g.rng), c, n))
    return [
        conv(
            g,
            x,
            c if depthwise else cout,
            g.rng.choice([1, 3, 5, 7, 9, 15, 31]),
            g.rng.choice([1, 1, 2]),
            group=c if depthwise else 1,
        )
    ]


def transposed(g: GraphBuilder) -> Outputs:
    """A transposed convolution."""
    side, c = log_int(g.rng, 4, 96), channels(g.rng, 4, 256)
    k, s, p = g.rng.choice([(2, 2, 0), (4, 2, 1), (3, 2, 1), (3, 1, 1), (8, 4, 2)])
    cout = channels(g.rng, 2, min(256, 2e9 / (side * side * c * k * k * 2)))
    return [
        conv_transpose(
            g, g.input((1, c, side, side)), cout, k, s, p, extra=1 if k == 3 and s == 2 else 0
        )
    ]


def _few_rows(g: GraphBuilder) -> Outputs:
    """A dense layer on a handful of rows: reading its weights decides."""
    m, k = g.rng.choice([1, 2, 4, 8, 16]), channels(g.rng, 64, 4096)
    x = g.input((m, k))
    y = linear(g, x, channels(g.rng, 16, max(16.0, min(4096.0, 8e6 / k))))
    return [activation(g, y, g.rng.choice(["relu", "none"]))]


def product(g: GraphBuilder) -> Outputs:
    """A dense layer or a batched product of two inputs."""
    if chance(g.rng, 0.04):
        # The first dense layer of VGG has 411 MB.
        x = g.input((batch(g.rng), log_int(g.rng, 8192, 30000)))
        return [linear(g, x, round(log_uniform(g.rng, 4e7, 1.2e8) / x.shape[1]))]
    if chance(g.rng, 0.2):
        return _few_rows(g)
    m, k = log_int(g.rng, 1, 4096), channels(g.rng, 8, 8192)
    n = channels(g.rng, 1, max(2.0, min(16384.0, 3e9 / (2 * m * k), 4e7 / k)))
    if chance(g.rng, 0.55):
        x = g.input((m, k)) if chance(g.rng, 0.5) else g.input((batch(g.rng), m, k))
        return [linear(g, x, n, chance(g.rng, 0.7))]
    m, k, n = log_int(g.rng, 1, 512), log_int(g.rng, 4, 512), log_int(g.rng, 1, 512)
    b = (log_int(g.rng, 1, 4), log_int(g.rng, 1, 16))
    return [matmul(g, g.input((*b, m, k)), g.input((*b, k, n)))]


def attention(g: GraphBuilder) -> Outputs:
    """Scores, softmax and weighted sum with long sequences or odd head sizes."""
    h, n, d = (
        log_int(g.rng, 1, 16),
        log_int(g.rng, 8, 1500),
        g.rng.choice([16, 24, 32, 40, 48, 64, 64, 80, 96, 128]),
    )
    q, k, v = g.input((1, h, n, d)), g.input((1, h, d, n)), g.input((1, h, n, d))
    if h * n * n > 2.5e7:
        return [softmax(g, g.input((1, h, n, n // 4 + 1)))]
    return [matmul(g, softmax(g, binary(g, "Div", matmul(g, q, k), g.scalar(d**0.5))), v)]


def pooling(g: GraphBuilder) -> Outputs:
    """A pool."""
    x = _map(g, _elements(g))
    if chance(g.rng, 0.3) or min(x.shape[2:]) < 4:
        return [global_pool(g, x, g.rng.choice(["GlobalAveragePool", "GlobalMaxPool"]))]
    k = g.rng.choice([2, 3, 3, 5, 7])
    k = min(k, min(x.shape[2:]) - 1)
    return [
        pool(
            g,
            x,
            g.rng.choice(["MaxPool", "AveragePool"]),
            k,
            g.rng.choice([1, 2]),
            k // 2 if k > 2 and chance(g.rng, 0.7) else 0,
            chance(g.rng, 0.35),
        )
    ]


def normalisation(g: GraphBuilder) -> Outputs:
    """A stand-alone normalisation."""
    kind = g.rng.choice(["layer", "layer", "batch", "instance", "group", "rms", "lrn"])
    if kind in ("layer", "rms"):
        x = g.input((batch(g.rng), log_int(g.rng, 1, 2000), channels(g.rng, 32, 1536)))
        return [layer_norm(g, x, chance(g.rng, 0.6)) if kind == "layer" else rms_norm(g, x)]
    x = _map(g, _elements(g))
    if kind == "lrn":
        return [g.op("LRN", [x], flops=10.0 * x.size, size=5, alpha=1e-4, beta=0.75, bias=2.0)]
    divisors = [d for d in (1, 2, 4, 8, 16, 32) if x.shape[1] % d == 0]
    return [
        batch_norm(g, x)
        if kind == "batch"
        else instance_norm(g, x)
        if kind == "instance"
        else group_norm(g, x, g.rng.choice(divisors))
    ]


def soft(g: GraphBuilder) -> Outputs:
    """Softmax or LogSoftmax over an axis."""
    x = g.input(_shape(g, _elements(g)))
    axis = g.rng.randrange(len(x.shape)) if g.opset >= 13 else -1
    return [
        g.op(
            g.rng.choice(["Softmax", "Softmax", "LogSoftmax"]), [x], flops=10.0 * x.size, axis=axis
        )
    ]


def reduction(g: GraphBuilder) -> Outputs:
    """A reduction over some axes, or an ArgMax, or a TopK, or a running sum."""
    x = g.input(_shape(g, _elements(g)))
    rank = len(x.shape)
    kind = g.rng.choice(
        [
            "ReduceMean",
            "ReduceMean",
            "ReduceSum",
            "ReduceMax",
            "ReduceMin",
            "ReduceL2",
            "ArgMax",
            "TopK",
            "CumSum",
            "ReduceLogSumExp",
            "ReduceSumSquare",
        ]
    )
    axis = g.rng.randrange(rank)
    if kind == "ArgMax":
        return [
            g.op(
                kind,
                [x],
                tuple(n for i, n in enumerate(x.shape) if i != axis),
                dtype=TensorProto.INT64,
                axis=axis,
                keepdims=0,
            )
        ]
    if kind == "CumSum":
        return [g.op(kind, [x, g.const(axis)])]
    if kind == "TopK":
        k = log_int(g.rng, 1, x.shape[-1])
        return [
            g.ops(kind, [x, g.const([k])], [(*x.shape[:-1], k)] * 2, flops=20.0 * x.size, axis=-1)[
                0
            ]
        ]
    start = g.rng.randrange(rank)
    return [
        reduce(g, kind, x, tuple(range(start, g.rng.randint(start + 1, rank))), chance(g.rng, 0.5))
    ]


def elementwise(g: GraphBuilder) -> Outputs:
    """One unary operator or activation."""
    x = g.input(_shape(g, _elements(g)))
    if chance(g.rng, 0.08):
        return [activation(g, x, "prelu")]
    names = [
        "Exp",
        "Sqrt",
        "Erf",
        "Neg",
        "Abs",
        "Floor",
        "Sin",
        "Cos",
        "Reciprocal",
        "Log",
        "Not",
        "Ceil",
        "Round",
        "Sign",
    ]
    if chance(g.rng, 0.45):
        kind = g.rng.choice(names)
        if kind == "Not":
            return [g.op("Not", [compare(g, "Greater", x, g.scalar(0.0))])]
        x = g.op("Abs", [x]) if kind in ("Sqrt", "Log", "Reciprocal") else x
        return [g.op(kind, [x], flops=8.0 * x.size)]
    return [activation(g, x, g.rng.choice([n for n in ACTIVATION_NAMES if n != "none"]))]


def broadcast(g: GraphBuilder) -> Outputs:
    """A binary operator with equal shapes, a scalar, a vector, or an axis broadcast; comparisons
    with Where.
    """
    x = g.input(_shape(g, _elements(g)))
    other = g.rng.choice(["same", "same", "scalar", "last", "mask", "channel"])
    shape = {
        "same": x.shape,
        "scalar": (),
        "last": x.shape[-1:],
        "channel": (1, *x.shape[1:2], *(1,) * (len(x.shape) - 2)),
    }.get(other, tuple(n if chance(g.rng, 0.5) else 1 for n in x.shape))
    y = (
        g.scalar(1.7)
        if shape == ()
        else g.input(shape)
        if other == "same" or chance(g.rng, 0.5)
        else g.weight(shape, 0.5, 1.0)
    )
    kind = g.rng.choice(
        ["Add", "Add", "Mul", "Mul", "Sub", "Div", "Max", "Min", "Pow", "Where", "Greater"]
    )
    if kind == "Pow":
        power = g.rng.choice([2.0, 2.0, 3.0, 0.5, 1.7])
        base = g.op("Abs", [x]) if power in (0.5, 1.7) else x
        return [g.op("Pow", [base, g.scalar(power)])]
    if kind == "Greater":
        return [
            cast(
                g,
                compare(g, g.rng.choice(["Greater", "Less", "Equal"]), x, y),
                g.rng.choice([TensorProto.FLOAT, TensorProto.INT64]),
            )
        ]
    if kind == "Where":
        picked = compare(g, "Greater", x, g.scalar(0.0))
        return [
            g.op(
                "Where",
                [picked, x, y],
                np.broadcast_shapes(x.shape, y.shape),
                dtype=TensorProto.FLOAT,
            )
        ]
    return [binary(g, kind, x, y)]


def movement(g: GraphBuilder) -> Outputs:
    """A kernel that only moves data."""
    return move(g, g.input(_shape(g, _elements(g))))


def _resized_image(g: GraphBuilder) -> Outputs:
    """A photograph or a table of positions brought to the size that a network wants."""
    side, c = log_int(g.rng, 7, 320), g.rng.choice([1, 3, 3, 3, 64, 192])
    side = min(side, round((3e5 / c) ** 0.5))
    out = max(2, round(side * g.rng.choice([0.5, 0.7, 0.8, 0.93, 1.07, 1.2, 1.5])))
    mode = g.rng.choice(["cubic", "cubic", "linear"])
    return [resize(g, g.input((batch(g.rng), c, side, side)), (out, out), mode)]


def resizing(g: GraphBuilder) -> Outputs:
    """A nearest, linear or cubic resize."""
    if chance(g.rng, 0.2):
        return _resized_image(g)
    side, c = log_int(g.rng, 1, 256), channels(g.rng, 1, 256)
    space = tuple(round(side * g.rng.choice([2, 2, 4, 1.5, 8, 0.5])) or 1 for _ in "h") * 2
    mode = g.rng.choice(["nearest", "nearest", "linear", "linear", "cubic"])
    most = 4e5 if mode == "cubic" else 4e6
    if prod(space) * c > most:
        c = max(1, int(most / prod(space)))
    return [resize(g, g.input((1, c, side, side)), space, mode)]


def _between(g: GraphBuilder, x: Tensor, other: Tensor) -> Tensor:
    kind = g.rng.choice(["relu", "silu", "add", "reshape", "concat"])
    if kind == "add":
        return binary(g, "Add", x, other)
    if kind == "concat":
        return concat(g, [x, other], 1)
    return reshape(g, x, x.shape) if kind == "reshape" else activation(g, x, kind)


def blocked_chain(g: GraphBuilder) -> Outputs:
    """Blocked convolutions feeding operators that do and do not understand the blocked layout."""
    x = _map(g, log_uniform(g.rng, 5e3, 1e6))
    y = conv(g, x, channels(g.rng, 8, 128), g.rng.choice([1, 3]))
    for _ in range(g.rng.randint(1, 3)):
        y = conv(g, _between(g, y, y), channels(g.rng, 8, 128), g.rng.choice([1, 1, 3]))
    return [y]


KERNELS: dict[str, tuple[float, Callable[[GraphBuilder], Outputs]]] = {
    "convolution": (3.0, convolution),
    "grouped": (1.2, grouped),
    "volume": (0.9, volume),
    "waveform": (0.5, waveform),
    "convolution_1d": (0.6, convolution_1d),
    "transposed": (0.9, transposed),
    "product": (2.2, product),
    "attention": (1.4, attention),
    "pooling": (1.2, pooling),
    "normalisation": (1.0, normalisation),
    "soft": (0.8, soft),
    "reduction": (1.4, reduction),
    "elementwise": (1.6, elementwise),
    "broadcast": (1.6, broadcast),
    "movement": (2.8, movement),
    "resizing": (1.0, resizing),
    "blocked_chain": (0.7, blocked_chain),
    "recurrent": (2.4, recurrent),
    "native_attention": (0.8, native_attention),
    "einsum": (0.4, einsum),
    "indexing": (1.3, indexing),
}
