"""Families of convolutional networks composed of random blocks. `size` scales widths and depths
towards a cost.
"""

from collections.abc import Callable

from .activations import activation, random_cnn_activation
from .convolutional import BLOCK_WEIGHTS, BLOCKS, Style, cna, convnext, inverted
from .draw import batch, chance, channels, log_int, pick, round_to
from .graph import GraphBuilder, Tensor
from .primitives import (
    binary,
    concat,
    conv,
    conv_transpose,
    flatten,
    global_pool,
    linear,
    pool,
    reduce,
    reshape,
    resize,
    softmax,
    transpose,
)
from .transformer import AttentionStyle, layer, linear_attention

RESOLUTIONS = {
    96: 0.6,
    112: 0.5,
    128: 0.8,
    160: 0.8,
    192: 0.8,
    224: 4,
    240: 0.4,
    256: 1.2,
    288: 0.4,
    299: 0.5,
    320: 0.8,
    384: 0.7,
    416: 0.4,
    448: 0.3,
    512: 0.6,
    640: 0.7,
    800: 0.3,
}


def image(g: GraphBuilder, size: float, limit: int = 800) -> Tensor:
    """A batch of images; big ones only where the budget allows."""
    allowed = {r: w for r, w in RESOLUTIONS.items() if r <= min(limit, 330 * size**0.5 + 60)}
    h = pick(g.rng, allowed or {96: 1.0})
    w = h if chance(g.rng, 0.85) else round_to(h * g.rng.choice([0.5, 0.75, 1.33, 1.6]), 16)
    n = batch(g.rng) if size > 0.3 else 1
    return g.input((n, 3 if chance(g.rng, 0.94) else g.rng.choice([1, 4]), h, w))


def stem(g: GraphBuilder, x: Tensor, style: Style, width: int) -> Tensor:
    """The first layers: strided convolution, perhaps several, perhaps a max pool; or patches."""
    kind = pick(
        g.rng,
        {"seven": 0.25, "three": 0.4, "deep": 0.15, "patch": 0.12, "six": 0.04, "eleven": 0.04},
    )
    if kind == "seven":
        y = cna(g, x, style, width, 7, 2)
        return pool(g, y, "MaxPool", 3, 2, 1) if chance(g.rng, 0.85) else y
    if kind == "patch":
        k = g.rng.choice([4, 4, 2, 8])
        return conv(g, x, width, k, k, pad=0)
    if kind == "six":
        return cna(g, cna(g, x, style, width, (6, 6), 2), style, width, 3, 2)
    if kind == "eleven":
        return pool(
            g, activation(g, conv(g, x, width, 11, 4, pad=2), style.act), "MaxPool", 3, 2, 0
        )
    y = cna(g, x, style, width, 3, 2)
    if kind == "deep":
        y = pool(g, cna(g, cna(g, y, style, width, 3), style, 2 * width, 3), "MaxPool", 3, 2, 1)
    return y


def _stage_blocks(g: GraphBuilder, names: list[str], depth: int) -> list[str]:
    first = g.rng.choice(names)
    return [first if chance(g.rng, 0.75) else g.rng.choice(names) for _ in range(depth)]


def backbone(
    g: GraphBuilder, x: Tensor, style: Style, names: list[str], size: float, stages: int
) -> list[Tensor]:
    """Stages of blocks at falling resolution; returns the last feature map of each stage."""
    width = channels(g.rng, 12 * size**0.35, 72 * size**0.35)
    x = stem(g, x, style, width)
    features = []
    for stage in range(stages):
        depth = max(1, round(log_int(g.rng, 1, 5) * size**0.2))
        stride = 2 if (stage or chance(g.rng, 0.3)) and min(x.shape[2:]) >= 6 else 1
        for i, name in enumerate(_stage_blocks(g, names, min(depth, 10))):
            block_width = width if chance(g.rng, 0.8) else channels(g.rng, width * 0.7, width * 1.4)
            x = BLOCKS[name](g, x, style, block_width, stride if i == 0 else 1)
        features.append(x)
        width = max(width + 1, channels(g.rng, width * 1.3, width * 2.2))
    return features


def classifier_head(g: GraphBuilder, x: Tensor, style: Style, size: float) -> Tensor:
    """Pooling and dense layers."""
    if chance(g.rng, 0.25):
        x = cna(g, x, style, channels(g.rng, x.shape[1], 3 * x.shape[1]), 1)
    pooled = (
        reduce(g, "ReduceMean", x, (2, 3), keep=False)
        if chance(g.rng, 0.35)
        else flatten(g, global_pool(g, x))
    )
    if chance(g.rng, 0.15):
        pooled = activation(g, linear(g, pooled, log_int(g.rng, 128, 2048)), "relu")
    y = linear(
        g, pooled, g.rng.choice([1000, 1000, 1000, 10, 100, 365, 21841 if size > 2 else 1000])
    )
    return softmax(g, y) if chance(g.rng, 0.2) else y


def classifier(g: GraphBuilder, size: float) -> list[Tensor]:
    """One to three kinds of block, one style, a classifying head."""
    names = list({pick(g.rng, BLOCK_WEIGHTS) for _ in range(g.rng.randint(1, 3))})
    names.sort()
    style = Style.draw(g)
    features = backbone(g, image(g, size), style, names, size, g.rng.randint(3, 5))
    return [classifier_head(g, features[-1], style, size)]


def mobile(g: GraphBuilder, size: float) -> list[Tensor]:
    """Depthwise-heavy networks with their own activations."""
    names = g.rng.choice(
        [
            ["inverted"],
            ["inverted", "fused_inverted"],
            ["separable"],
            ["shuffle"],
            ["inverted", "shuffle", "separable"],
        ]
    )
    style = Style(
        g.rng.choice(["folded", "folded", "node"]),
        g.rng.choice(["relu6", "hardswish", "silu", "relu", "hardswish_chain"]),
    )
    features = backbone(g, image(g, size), style, names, 0.6 * size, 5)
    return [classifier_head(g, features[-1], style, size)]


def residual(g: GraphBuilder, size: float) -> list[Tensor]:
    """Deep residual networks of one kind of block with regular widths."""
    style = Style(
        g.rng.choice(["folded", "folded", "node"]),
        g.rng.choice(["relu", "relu", "relu", "silu", "leaky"]),
    )
    x = image(g, size)
    width = g.rng.choice([16, 24, 32, 48, 64, 64, 80, 96, 128])
    x = stem(g, x, style, width)
    block = BLOCKS[g.rng.choice(["basic", "bottleneck", "bottleneck"])]
    grow = g.rng.choice([1, 1, 4]) if block is BLOCKS["bottleneck"] else 1
    for stage in range(4):
        for i in range(max(1, round(log_int(g.rng, 1, 6) * size**0.25))):
            x = block(
                g, x, style, width * grow, 2 if i == 0 and stage and min(x.shape[2:]) > 3 else 1
            )
        width = round_to(width * g.rng.choice([1.5, 2, 2]), 8)
    return [classifier_head(g, x, style, size)]


def plain_wide(g: GraphBuilder, size: float) -> list[Tensor]:
    """Stacks of plain convolutions with pools and big dense heads."""
    style = Style(g.rng.choice(["none", "folded", "node"]), "relu")
    x = image(g, size, 256)
    width = channels(g.rng, 16 * size**0.3, 64 * size**0.3)
    for _ in range(g.rng.randint(3, 5)):
        for _ in range(g.rng.randint(1, 3)):
            x = cna(g, x, style, width, pick(g.rng, {3: 0.8, 5: 0.15, 1: 0.05}))
        x = pool(g, x, "MaxPool", g.rng.choice([2, 2, 3]), 2, 0)
        width = min(width * 2, 512)
    x = pool(g, x, "AveragePool", 2, 1, 0) if chance(g.rng, 0.2) and min(x.shape[2:]) > 2 else x
    y = flatten(g, x)
    hidden = log_int(g.rng, 128, 4096 if y.shape[1] < 20000 or chance(g.rng, 0.5) else 1024)
    for _ in range(g.rng.randint(1, 2)):
        y = activation(g, linear(g, y, hidden), "relu")
    return [linear(g, y, g.rng.choice([10, 100, 1000]))]


def detector(g: GraphBuilder, size: float) -> list[Tensor]:
    """Backbone, feature pyramid, heads on every level, flattened and concatenated."""
    style = Style(
        g.rng.choice(["folded", "folded", "node"]),
        g.rng.choice(["silu", "silu", "relu", "leaky", "relu6", "hardswish"]),
    )
    names = g.rng.choice(
        [
            ["csp"],
            ["csp", "plain"],
            ["bottleneck"],
            ["inverted"],
            ["basic"],
            ["separable", "inverted"],
        ]
    )
    features = backbone(g, image(g, 1.6 * size), style, names, 0.5 * size, 4)[1:]
    width = channels(g.rng, 32, 128 * size**0.3, 16)
    levels = [cna(g, f, style, width, 1) for f in features]
    for i in range(len(levels) - 2, -1, -1):
        up = resize(g, levels[i + 1], levels[i].shape[2:], "nearest")
        fused = (
            concat(g, [up, levels[i]], 1) if chance(g.rng, 0.6) else binary(g, "Add", up, levels[i])
        )
        levels[i] = cna(g, fused, style, width, 3)
    out = g.rng.choice([85, 84, 144, 255, 91, 24])
    outputs = [_detection_head(g, level, style, width, out) for level in levels]
    boxes = concat(g, outputs, 1)
    return [activation(g, boxes, "sigmoid") if chance(g.rng, 0.7) else softmax(g, boxes)]


def _detection_head(g: GraphBuilder, x: Tensor, style: Style, width: int, out: int) -> Tensor:
    for _ in range(g.rng.randint(0, 2)):
        x = cna(g, x, style, width, 3)
    y = conv(g, x, out, g.rng.choice([1, 1, 3]))
    n, c, h, w = y.shape
    return reshape(g, transpose(g, y, (0, 2, 3, 1)), (n, h * w, c))


def segmenter(g: GraphBuilder, size: float) -> list[Tensor]:
    """Encoder and decoder with skips."""
    style = Style.draw(g)
    x = image(g, size, 512)
    base = channels(g.rng, 8 * size**0.3, 40 * size**0.3)
    skips = []
    y = x
    for i in range(g.rng.randint(3, 4)):
        y = cna(g, cna(g, y, style, base << i, 3), style, base << i, 3)
        skips.append(y)
        y = (
            pool(g, y, "MaxPool", 2, 2, 0)
            if chance(g.rng, 0.7)
            else cna(g, y, style, base << i, 3, 2)
        )
    y = cna(g, y, style, 2 * y.shape[1], 3)
    for skip in reversed(skips):
        even = all(2 * a == b for a, b in zip(y.shape[2:], skip.shape[2:], strict=False))
        if even and chance(g.rng, 0.5):
            y = conv_transpose(g, y, skip.shape[1], *g.rng.choice([(2, 2, 0), (4, 2, 1)]))
        else:
            y = resize(g, y, skip.shape[2:], g.rng.choice(["linear", "nearest"]))
        y = cna(g, concat(g, [skip, y], 1), style, skip.shape[1], 3)
        y = cna(g, y, style, skip.shape[1], 3) if chance(g.rng, 0.6) else y
    y = conv(g, y, g.rng.choice([1, 2, 19, 21]), 1)
    return [
        activation(g, y, "sigmoid")
        if y.shape[1] < 3
        else g.op("ArgMax", [y], (y.shape[0], 1, *y.shape[2:]), dtype=7, axis=1, keepdims=1)
    ]


def dilated_segmenter(g: GraphBuilder, size: float) -> list[Tensor]:
    """Backbone, pyramid pooling head, a big bilinear resize to the image."""
    style = Style(g.rng.choice(["folded", "node"]), g.rng.choice(["relu", "silu", "relu6"]))
    names = g.rng.choice([["bottleneck"], ["inverted"], ["basic", "bottleneck"], ["separable"]])
    x = image(g, size, 640)
    y = backbone(g, x, style, names, 0.6 * size, 3)[-1]
    y = BLOCKS["pyramid_pool"](g, y, style, channels(g.rng, 32, 160 * size**0.3, 8), 1)
    y = conv(g, cna(g, y, style, y.shape[1], 3), g.rng.choice([2, 19, 21, 150]), 1)
    return [resize(g, y, x.shape[2:], "linear")]


def super_resolution(g: GraphBuilder, size: float) -> list[Tensor]:
    """Constant resolution, residual blocks, pixel shuffle or transposed convolution."""
    style = Style("none", g.rng.choice(["relu", "prelu", "leaky", "gelu"]))
    h = log_int(g.rng, 32, max(48, round(200 * size**0.4)))
    x = g.input(
        (
            batch(g.rng) if size > 0.3 else 1,
            g.rng.choice([1, 3, 3]),
            h,
            round_to(h * g.rng.choice([1, 1, 1.5]), 4),
        )
    )
    width = channels(g.rng, 12, 64 * size**0.25)
    first = y = cna(g, x, style, width, g.rng.choice([3, 5, 9]))
    for _ in range(g.rng.randint(2, 8)):
        z = conv(g, cna(g, y, style, width, 3), width, 3)
        y = binary(g, "Add", binary(g, "Mul", z, g.scalar(0.2)) if chance(g.rng, 0.3) else z, y)
    y = binary(g, "Add", first, conv(g, y, width, 3))
    r = g.rng.choice([2, 3, 4])
    if chance(g.rng, 0.3):
        return [conv_transpose(g, y, x.shape[1], 2 * r + r % 2, r, (r + r % 2) // 2)]
    y = conv(g, y, x.shape[1] * r * r, 3)
    n, c, a, b = y.shape
    return [g.op("DepthToSpace", [y], (n, c // (r * r), a * r, b * r), blocksize=r, mode="CRD")]


def generator(g: GraphBuilder, size: float) -> list[Tensor]:
    """Dense layer, reshape, transposed convolutions with normalisation up to an image."""
    width = channels(g.rng, 64 * size**0.3, 256 * size**0.3)
    y = linear(g, g.input((batch(g.rng), log_int(g.rng, 64, 512))), width * 16)
    y = reshape(g, y, (y.shape[0], width, 4, 4))
    style = Style(g.rng.choice(["node", "folded", "instance"]), g.rng.choice(["relu", "leaky"]))
    for _ in range(g.rng.randint(3, 5)):
        width = max(16, width // 2)
        y = (
            conv_transpose(g, y, width, 4, 2, 1)
            if chance(g.rng, 0.6)
            else cna(g, resize(g, y, tuple(2 * n for n in y.shape[2:]), "nearest"), style, width, 3)
        )
        y = activation(g, y, style.act)
    return [activation(g, conv(g, y, 3, g.rng.choice([3, 7])), "tanh")]


def hybrid(g: GraphBuilder, size: float) -> list[Tensor]:
    """Convolutional stages followed by attention over the feature map."""
    style = Style(g.rng.choice(["folded", "node"]), g.rng.choice(["silu", "hardswish", "relu"]))
    names = g.rng.choice([["inverted"], ["convnext"], ["inverted", "bottleneck"]])
    x = backbone(g, image(g, size, 384), style, names, 0.6 * size, 3)[-1]
    heads, dim = g.rng.choice([2, 4, 8]), g.rng.choice([16, 32, 48])
    for _ in range(g.rng.randint(1, 3)):
        attention = AttentionStyle.draw(g, heads, dim, "vision")
        n, c, h, w = x.shape
        if h * w > 1600:
            x = inverted(g, x, style, c, 2)
            n, c, h, w = x.shape
        y = transpose(g, reshape(g, x, (n, c, h * w)), (0, 2, 1))
        y = linear_attention(g, y, attention) if chance(g.rng, 0.4) else layer(g, y, attention)
        y = reshape(g, transpose(g, y, (0, 2, 1)), (n, c, h, w))
        x = (
            convnext(g, y, style, c, 1)
            if chance(g.rng, 0.3)
            else cna(g, concat(g, [x, y], 1), style, c, g.rng.choice([1, 3]))
        )
    return [classifier_head(g, x, style, size)]


def volumetric(g: GraphBuilder, size: float) -> list[Tensor]:
    """Small 3-D convolutional networks."""
    act = random_cnn_activation(g)
    x = g.input(
        (1, g.rng.choice([1, 3]), g.rng.choice([4, 8, 16]), *(g.rng.choice([28, 32, 56, 64]),) * 2)
    )
    width = channels(g.rng, 8, 32 * size**0.3)
    style = Style(g.rng.choice(["folded", "node"]), "relu" if act == "prelu" else act)
    for i in range(g.rng.randint(2, 4)):
        k = g.rng.choice([(3, 3, 3), (3, 3, 3), (1, 3, 3), (3, 1, 1), (1, 1, 1)])
        stride = tuple(2 if n >= 8 and i else 1 for n in x.shape[2:])
        x = activation(g, conv(g, x, width, k, stride), style.act)
        if min(x.shape[2:]) > 2 and chance(g.rng, 0.3):
            x = pool(g, x, "MaxPool", 2, 2, 0)
        width *= 2
    return [linear(g, flatten(g, global_pool(g, x)), 400)]


VISION: dict[str, tuple[float, Callable[[GraphBuilder, float], list[Tensor]]]] = {
    "classifier": (5.0, classifier),
    "mobile": (2.2, mobile),
    "residual": (1.8, residual),
    "plain_wide": (0.9, plain_wide),
    "detector": (1.8, detector),
    "segmenter": (1.1, segmenter),
    "dilated_segmenter": (0.8, dilated_segmenter),
    "super_resolution": (0.7, super_resolution),
    "generator": (0.4, generator),
    "hybrid": (0.9, hybrid),
    "volumetric": (0.25, volumetric),
}
