"""Blocks of convolutional networks; every one maps an NCHW tensor to one with about `width`
channels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

from .activations import (
    activation,
    channel_layer_norm,
    group_norm,
    instance_norm,
    layer_norm,
    random_cnn_activation,
)
from .draw import chance, channels, log_int, pick, round_to
from .graph import GraphBuilder, Tensor
from .primitives import (
    batch_norm,
    binary,
    concat,
    conv,
    conv_transpose,
    global_pool,
    linear,
    pool,
    reduce,
    reshape,
    resize,
    slice_axis,
    softmax,
    split,
    transpose,
)


@dataclass(frozen=True)
class Style:
    """What the layers of one network have in common."""

    norm: str
    act: str

    @staticmethod
    def draw(g: GraphBuilder) -> "Style":
        norm = pick(
            g.rng,
            {
                "folded": 0.62,
                "node": 0.26,
                "group": 0.05,
                "instance": 0.03,
                "layer": 0.02,
                "none": 0.02,
            },
        )
        return Style(norm, random_cnn_activation(g))


def normalise(g: GraphBuilder, x: Tensor, norm: str) -> Tensor:
    """The normalisation of a style after a convolution."""
    if norm == "node":
        return batch_norm(g, x)
    if norm == "group":
        return group_norm(g, x, gcd(x.shape[1], g.rng.choice([8, 16, 32])))
    if norm == "instance":
        return instance_norm(g, x)
    return channel_layer_norm(g, x) if norm == "layer" and len(x.shape) == 4 else x


def cna(
    g: GraphBuilder,
    x: Tensor,
    style: Style,
    cout: int,
    k: int | tuple[int, ...],
    s: int = 1,
    d: int = 1,
    group: int = 1,
    act: str | None = None,
) -> Tensor:
    """Convolution, normalisation, activation."""
    y = conv(g, x, cout, k, s, d, group, bias=style.norm != "node" or chance(g.rng, 0.1))
    return activation(g, normalise(g, y, style.norm), style.act if act is None else act)


def squeeze_excite(g: GraphBuilder, x: Tensor, style: Style) -> Tensor:
    """Channel gate from globally pooled features."""
    hidden = max(4, round_to(x.shape[1] / g.rng.choice([4, 8, 16]), 4))
    gate = g.rng.choice(["sigmoid", "sigmoid", "hardsigmoid"])
    pooled = global_pool(g, x) if chance(g.rng, 0.5) else reduce(g, "ReduceMean", x, (2, 3))
    y = activation(
        g, conv(g, pooled, hidden, 1), style.act if style.act in ("silu", "relu") else "relu"
    )
    return binary(g, "Mul", x, activation(g, conv(g, y, x.shape[1], 1), gate))


def _shortcut(g: GraphBuilder, x: Tensor, y: Tensor, style: Style) -> Tensor:
    if x.shape == y.shape:
        return x
    stride = -(-x.shape[2] // y.shape[2])
    if stride > 1 and x.shape[2] % 2 == 0 and x.shape[3] % 2 == 0 and chance(g.rng, 0.2):
        x, stride = pool(g, x, "AveragePool", 2, 2, 0), stride // 2
    return cna(g, x, style, y.shape[1], 1, stride, act="none")


def plain(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """One convolution of any kernel size."""
    k = pick(g.rng, {3: 0.62, 5: 0.14, 1: 0.1, 7: 0.07, 2: 0.02, 4: 0.02, 9: 0.02, 11: 0.01})
    return cna(g, x, style, width, k, s)


def basic(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Two 3x3 convolutions with a residual."""
    y = cna(g, x, style, width, 3, s)
    y = cna(g, y, style, width, 3, act="none")
    return activation(g, binary(g, "Add", y, _shortcut(g, x, y, style)), style.act)


def bottleneck(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """1x1, 3x3 (perhaps grouped, dilated), 1x1 with a residual."""
    mid = max(4, round_to(width / g.rng.choice([1, 2, 4, 4]), 8))
    group = pick(g.rng, {1: 0.6, 32: 0.15, 8: 0.08, 4: 0.07, 16: 0.05, 2: 0.05})
    mid = round_to(mid, group)
    d = pick(g.rng, {1: 0.88, 2: 0.08, 4: 0.04})
    y = cna(g, cna(g, x, style, mid, 1), style, mid, 3, s, d, group)
    if chance(g.rng, 0.15):
        y = squeeze_excite(g, y, style)
    y = cna(g, y, style, width, 1, act="none")
    return activation(g, binary(g, "Add", y, _shortcut(g, x, y, style)), style.act)


def inverted(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Expansion, depthwise, projection; perhaps squeeze-and-excitation, perhaps a residual."""
    mid = round_to(x.shape[1] * g.rng.choice([1, 2, 3, 4, 6, 6]), pick(g.rng, {8: 0.8, 1: 0.2}))
    k = pick(g.rng, {3: 0.55, 5: 0.27, 7: 0.12, 9: 0.04, 11: 0.02})
    y = cna(g, x, style, mid, 1) if mid != x.shape[1] else x
    y = cna(g, y, style, y.shape[1], k, s, group=y.shape[1])
    if chance(g.rng, 0.35):
        y = squeeze_excite(g, y, style)
    y = cna(g, y, style, width, 1, act="none")
    return binary(g, "Add", x, y) if y.shape == x.shape else y


def fused_inverted(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """A full 3x3 expansion and a projection."""
    y = cna(g, x, style, round_to(x.shape[1] * g.rng.choice([1, 2, 4]), 8), 3, s)
    y = cna(g, y, style, width, 1, act="none")
    return binary(g, "Add", x, y) if y.shape == x.shape else y


def separable(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Depthwise then pointwise, perhaps dilated."""
    k = pick(g.rng, {3: 0.6, 5: 0.2, 7: 0.15, 9: 0.05})
    d = pick(g.rng, {1: 0.88, 2: 0.08, 4: 0.04})
    y = cna(g, x, style, x.shape[1], k, s, d, x.shape[1], act=g.rng.choice(["none", style.act]))
    return cna(g, y, style, width, 1)


def shuffle(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Grouped pointwise convolutions with a channel shuffle, or ShuffleNet's split unit."""
    group = g.rng.choice([2, 2, 3, 4, 8])
    if s == 1 and x.shape[1] % 2 == 0 and group == 2:
        half = x.shape[1] // 2
        a, b = (
            split(g, x, (half, half), 1)
            if chance(g.rng, 0.5)
            else (slice_axis(g, x, 1, 0, half), slice_axis(g, x, 1, half, 2 * half))
        )
        b = cna(g, b, style, half, 1)
        b = cna(g, cna(g, b, style, half, 3, group=half, act="none"), style, half, 1)
        return channel_shuffle(g, concat(g, [a, b], 1), 2)
    if x.shape[1] % group:
        x = cna(g, x, style, round_to(x.shape[1], group), 1)
    mid = round_to(width / 2, group * 4)
    y = channel_shuffle(g, cna(g, x, style, mid, 1, group=group), group)
    y = cna(g, y, style, mid, 3, s, group=mid, act="none")
    y = cna(g, y, style, round_to(width, group * 4), 1, group=group, act="none")
    return activation(g, binary(g, "Add", x, y) if y.shape == x.shape else y, style.act)


def channel_shuffle(g: GraphBuilder, x: Tensor, group: int) -> Tensor:
    """Reshape, transpose, reshape."""
    n, c, h, w = x.shape
    y = transpose(g, reshape(g, x, (n, group, c // group, h, w)), (0, 2, 1, 3, 4))
    return reshape(g, y, x.shape)


def dense(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Densely connected layers: each adds a few channels by concatenation; a transition narrows
    them.
    """
    if s > 1:
        x = pool(g, cna(g, x, style, round_to(x.shape[1] / 2, 8), 1), "AveragePool", 2, 2, 0)
    growth = channels(g.rng, max(8, width / 12), max(12, width / 3))
    pre = chance(g.rng, 0.5)
    for _ in range(g.rng.randint(2, 6)):
        y = activation(g, batch_norm(g, x), style.act) if pre else x
        y = cna(g, y, style, 4 * growth, 1) if chance(g.rng, 0.6) else y
        x = concat(g, [x, cna(g, y, style, growth, 3, act="none" if pre else None)], 1)
    return x


def inception(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Parallel branches with asymmetric kernels, concatenated."""
    part = max(8, width // 4)

    def some() -> int:
        return channels(g.rng, part * 0.5, part * 1.4)

    n = g.rng.choice([3, 5, 7, 7])
    branches = [cna(g, cna(g, x, style, some(), 1), style, some(), 3, s)]
    y = cna(g, cna(g, x, style, some(), 1), style, some(), (1, n))
    branches.append(
        cna(g, cna(g, y, style, some(), (n, 1)), style, some(), g.rng.choice([1, 3]), s)
    )
    y = pool(g, x, g.rng.choice(["AveragePool", "MaxPool"]), 3, s, 1)
    branches.append(cna(g, y, style, some(), 1) if chance(g.rng, 0.7) else y)
    if chance(g.rng, 0.7):
        branches.append(cna(g, x, style, some(), 1, s))
    return concat(g, branches, 1)


def csp(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Cross-stage partial block: split, small bottlenecks on one half, concatenate, fuse."""
    if s > 1:
        x = cna(g, x, style, width, 3, s)
    half = max(4, round_to(width / 2, 8))
    if chance(g.rng, 0.5):
        a, b = split(g, cna(g, x, style, 2 * half, 1), (half, half), 1)
    else:
        a, b = cna(g, x, style, half, 1), cna(g, x, style, half, 1)
    parts = [a, b]
    for _ in range(g.rng.randint(1, 3)):
        y = cna(g, cna(g, parts[-1], style, half, g.rng.choice([1, 3])), style, half, 3)
        parts.append(binary(g, "Add", parts[-1], y) if chance(g.rng, 0.6) else y)
    return cna(
        g, concat(g, parts if chance(g.rng, 0.6) else [parts[0], parts[-1]], 1), style, width, 1
    )


def convnext(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Large depthwise kernel, LayerNorm over channels, two dense layers in NHWC or two 1x1
    convolutions.
    """
    if s > 1 or x.shape[1] != width:
        x = conv(g, channel_layer_norm(g, x), width, s if s > 1 else 1, s, pad=0)
    k = pick(g.rng, {7: 0.7, 5: 0.1, 9: 0.1, 11: 0.05, 3: 0.05})
    y = conv(g, x, width, k, group=width)
    act = g.rng.choice(["gelu", "gelu", "gelu_tanh", "relu"])
    ratio = g.rng.choice([2, 3, 4, 4])
    if chance(g.rng, 0.65):
        y = layer_norm(g, transpose(g, y, (0, 2, 3, 1)), fused=chance(g.rng, 0.8))
        y = linear(g, activation(g, linear(g, y, ratio * width), act), width)
        y = binary(g, "Mul", y, g.weight((width,), 0.1, 0.5)) if chance(g.rng, 0.6) else y
        y = transpose(g, y, (0, 3, 1, 2))
    else:
        y = conv(
            g, activation(g, conv(g, channel_layer_norm(g, y), ratio * width, 1), act), width, 1
        )
        y = binary(g, "Mul", y, g.weight((1, width, 1, 1), 0.1, 0.5)) if chance(g.rng, 0.4) else y
    return binary(g, "Add", x, y)


def preact(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Stand-alone normalisation and activation before each convolution."""
    y = activation(g, batch_norm(g, x), style.act)
    y = conv(g, y, width, 3, s, bias=False)
    y = conv(g, activation(g, batch_norm(g, y), style.act), width, 3, bias=False)
    return binary(g, "Add", y, conv(g, x, width, 1, s, bias=False) if x.shape != y.shape else x)


def attention_pool(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Spatial gate and selective kernels: softmax over branches, products and sums."""
    branches = [cna(g, x, style, width, k, s) for k in (3, 5)]
    total = binary(g, "Add", *branches)
    logits = conv(
        g,
        activation(g, conv(g, global_pool(g, total), max(8, width // 8), 1), "relu"),
        2 * width,
        1,
    )
    gates = softmax(g, reshape(g, logits, (x.shape[0], 2, width)), 1)
    picked = [
        reshape(g, slice_axis(g, gates, 1, i, i + 1), (x.shape[0], width, 1, 1)) for i in (0, 1)
    ]
    y = binary(g, "Add", *(binary(g, "Mul", b, p) for b, p in zip(branches, picked, strict=False)))
    gate = concat(g, [reduce(g, "ReduceMax", y, (1,)), reduce(g, "ReduceMean", y, (1,))], 1)
    return binary(g, "Mul", y, activation(g, conv(g, gate, 1, 7), "sigmoid"))


def pyramid_pool(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Dilated branches and an image-level branch, as segmentation heads use them."""
    y = cna(g, x, style, width, 3, s) if s > 1 else x
    part = max(8, width // 2)
    branches = [cna(g, y, style, part, 1)]
    branches += [
        cna(g, y, style, part, 3, d=d)
        for d in g.rng.choice([(6, 12, 18), (2, 4), (3, 6), (12, 24)])
    ]
    image = (
        cna(g, global_pool(g, y), style, part, 1, act="relu")
        if style.norm in ("folded", "node")
        else global_pool(g, y)
    )
    branches.append(resize(g, image, y.shape[2:], "linear"))
    return cna(g, concat(g, branches, 1), style, width, 1)


def up_down(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """A small encoder and decoder with a skip inside: pooling, then resize or transposed
    convolution.
    """
    if s > 1:
        x = cna(g, x, style, width, 3, s)
    if min(x.shape[2:]) < 4:
        return cna(g, x, style, width, 3)
    y = cna(g, pool(g, x, "MaxPool", 2, 2, 0), style, width, 3)
    if chance(g.rng, 0.4) and x.shape[2] % 2 == 0 and x.shape[3] % 2 == 0:
        y = conv_transpose(g, y, width, 2, 2, 0)
    else:
        y = resize(g, y, x.shape[2:], g.rng.choice(["nearest", "linear"]))
    return cna(
        g,
        concat(g, [x, y], 1)
        if chance(g.rng, 0.7) or x.shape != y.shape
        else binary(g, "Add", x, y),
        style,
        width,
        3,
    )


def pool_mixer(g: GraphBuilder, x: Tensor, style: Style, width: int, s: int) -> Tensor:
    """Average pooling as token mixer, then a pointwise MLP."""
    if s > 1 or x.shape[1] != width:
        x = conv(g, x, width, 3, s)
    y = group_norm(g, x, 1)
    y = binary(g, "Sub", pool(g, y, "AveragePool", 3, 1, 1), y)
    x = binary(g, "Add", x, binary(g, "Mul", y, g.weight((width, 1, 1), 0.1, 0.5)))
    y = conv(
        g,
        activation(g, conv(g, group_norm(g, x, 1), log_int(g.rng, 2, 4) * width, 1), "gelu"),
        width,
        1,
    )
    return binary(g, "Add", x, y)


Block = Callable[[GraphBuilder, Tensor, Style, int, int], Tensor]
BLOCKS: dict[str, Block] = {
    f.__name__: f
    for f in (
        plain,
        basic,
        bottleneck,
        inverted,
        fused_inverted,
        separable,
        shuffle,
        dense,
        inception,
        csp,
        convnext,
        preact,
        attention_pool,
        pyramid_pool,
        up_down,
        pool_mixer,
    )
}
BLOCK_WEIGHTS = {
    "plain": 1.4,
    "basic": 1.3,
    "bottleneck": 1.8,
    "inverted": 2.4,
    "fused_inverted": 0.8,
    "separable": 1.2,
    "shuffle": 1.0,
    "dense": 1.1,
    "inception": 1.1,
    "csp": 1.2,
    "convnext": 1.2,
    "preact": 0.5,
    "attention_pool": 0.5,
    "pyramid_pool": 0.5,
    "up_down": 0.5,
    "pool_mixer": 0.5,
}
