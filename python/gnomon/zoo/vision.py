"""Image classifiers of tokens and large filters: ViT, Swin, Mixer, PoolFormer, ConvNeXt."""

from __future__ import annotations

import numpy as np

from gnomon.zoo import layers, ops
from gnomon.zoo.classic import classify, image
from gnomon.zoo.layers import conv
from gnomon.zoo.mobile import depthwise
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def patches(net: Net, x: Tensor, width: int, size: int) -> Tensor:
    """The image as a sequence of embedded patches."""
    y = conv(net, x, width, size, stride=size, padding=0, gain=1.0)
    flat = ops.reshape(net, y, (y.shape[0], width, y.shape[2] * y.shape[3]))
    return ops.transpose(net, flat, (0, 2, 1))


def with_token(net: Net, x: Tensor) -> Tensor:
    """Put a class token in front and add positions."""
    batch, length, width = x.shape
    token = net.weight("cls_token", (1, 1, width), 0.02)
    if batch > 1:
        token = net.node("Expand", [token, net.constant([batch, 1, width])], (batch, 1, width))
    x = ops.concat(net, [token, x], 1)
    return ops.add(net, x, net.weight("pos_embed", (1, length + 1, width), 0.02))


def transformer(net: Net, x: Tensor, depth: int, count: int, ratio: int = 4) -> Tensor:
    """Pre-normalised blocks of attention and multi-layer perceptron."""
    for _ in range(depth):
        x = ops.add(net, x, layers.fused_attention(net, layers.layer_norm(net, x), count))
        x = ops.add(net, x, layers.mlp(net, layers.layer_norm(net, x), ratio * x.shape[-1]))
    return layers.layer_norm(net, x)


def class_token(net: Net, x: Tensor) -> Tensor:
    """The first token of every sequence."""
    return ops.gather(net, x, net.constant(0), axis=1)


@network("vit_small_b1", "vit", opset=14)
@network("vit_small_b2", "vit", batch=2, opset=20, spelling=Spelling.DYNAMO)
def _vit_small(net: Net) -> dict[str, Tensor]:
    batch, size = (2, 192) if net.dynamo else (1, 224)
    x = with_token(net, patches(net, image(net, batch, size), 384, 16))
    x = transformer(net, x, 12, 6)
    return {"output": layers.linear(net, class_token(net, x), 1000)}


@network("deit_tiny_b4", "vit", batch=4, opset=11)
def _deit_tiny(net: Net) -> dict[str, Tensor]:
    x = with_token(net, patches(net, image(net, 4, 224), 192, 16))
    return {"output": layers.linear(net, class_token(net, transformer(net, x, 12, 3)), 1000)}


def window(net: Net, x: Tensor, size: int) -> Tensor:
    """``[N, H, W, C]`` as windows ``[N * windows, size * size, C]``."""
    n, h, w, c = x.shape
    tiles = ops.reshape(net, x, (n, h // size, size, w // size, size, c))
    ordered = ops.transpose(net, tiles, (0, 1, 3, 2, 4, 5))
    return ops.reshape(net, ordered, (n * (h // size) * (w // size), size * size, c))


def unwindow(net: Net, x: Tensor, shape: tuple[int, ...], size: int) -> Tensor:
    """The inverse of :func:`window`."""
    n, h, w, c = shape
    tiles = ops.reshape(net, x, (n, h // size, w // size, size, size, c))
    return ops.reshape(net, ops.transpose(net, tiles, (0, 1, 3, 2, 4, 5)), shape)


def roll(net: Net, x: Tensor, shift: int) -> Tensor:
    """Cyclic shift of both spatial dimensions, as slices and concatenations."""
    for axis in (1, 2):
        extent = x.shape[axis]
        cut = shift % extent
        parts = [ops.slice_(net, x, cut, extent, axis), ops.slice_(net, x, 0, cut, axis)]
        x = ops.concat(net, parts, axis)
    return x


def swin_attention(net: Net, x: Tensor, count: int, size: int, shift: int) -> Tensor:
    """Attention inside windows with a relative position bias."""
    shape = x.shape
    if shift:
        x = roll(net, x, shift)
    tiles = window(net, x, size)
    table = net.weight("relative_position_bias", (1, count, size * size, size * size), 0.1)
    y = unwindow(net, layers.fused_attention(net, tiles, count, table), shape, size)
    return roll(net, y, -shift) if shift else y


def merge(net: Net, x: Tensor) -> Tensor:
    """Halve the image: four neighbours become channels, then a product halves them."""
    _, h, w, c = x.shape
    corners = []
    for column in (0, 1):
        for row in (0, 1):
            half = ops.slice_(net, x, row, h, 1, 2)
            corners.append(ops.slice_(net, half, column, w, 2, 2))
    together = layers.layer_norm(net, ops.concat(net, corners, 3))
    return layers.linear(net, together, 2 * c, bias=False)


@network("swin_b1", "swin", opset=17)
@network("swin_b2", "swin", batch=2, opset=18, spelling=Spelling.DYNAMO)
def _swin(net: Net) -> dict[str, Tensor]:
    batch, width, depths = (2, 64, (2, 2, 4, 2)) if net.dynamo else (1, 96, (2, 2, 6, 2))
    size = 7
    x = patches(net, image(net, batch, 224), width, 4)
    x = ops.reshape(net, layers.layer_norm(net, x), (batch, 56, 56, width))
    for stage, depth in enumerate(depths):
        if stage:
            x = merge(net, x)
        for block in range(depth):
            shift = size // 2 if block % 2 and x.shape[1] > size else 0
            y = swin_attention(net, layers.layer_norm(net, x), x.shape[-1] // 32, size, shift)
            x = ops.add(net, x, y)
            x = ops.add(net, x, layers.mlp(net, layers.layer_norm(net, x), 4 * x.shape[-1]))
    pooled = ops.reduce(net, "ReduceMean", layers.layer_norm(net, x), [1, 2], keepdims=False)
    return {"output": layers.linear(net, pooled, 1000)}


@network("mlp_mixer_b1", "mixer", opset=13)
def _mixer(net: Net) -> dict[str, Tensor]:
    x = patches(net, image(net, 1, 224), 320, 16)
    for _ in range(8):
        y = ops.transpose(net, layers.layer_norm(net, x), (0, 2, 1))
        x = ops.add(net, x, ops.transpose(net, layers.mlp(net, y, 160), (0, 2, 1)))
        x = ops.add(net, x, layers.mlp(net, layers.layer_norm(net, x), 1280))
    mean = ops.reduce(net, "ReduceMean", layers.layer_norm(net, x), [1], keepdims=False)
    return {"output": layers.linear(net, mean, 1000)}


def scaled(net: Net, x: Tensor, y: Tensor) -> Tensor:
    """``x + gamma * y`` with a learned factor a channel."""
    gamma = net.weight("layer_scale", (x.shape[1], 1, 1), 0.05, 0.3)
    return ops.add(net, x, ops.mul(net, gamma, y))


@network("poolformer_b2", "poolformer", batch=2, opset=13)
def _poolformer(net: Net) -> dict[str, Tensor]:
    x = image(net, 2, 192)
    for stage, (width, depth) in enumerate(((48, 2), (96, 2), (224, 6), (384, 2))):
        x = conv(net, x, width, 3 if stage else 7, stride=2 if stage else 4, gain=1.0)
        for _ in range(depth):
            y = layers.group_norm(net, x, 1)
            y = ops.sub(net, layers.pool(net, y, "AveragePool", 3, 1, 1), y)
            x = scaled(net, x, y)
            y = conv(net, layers.group_norm(net, x, 1), 4 * width, 1, act=ops.gelu)
            x = scaled(net, x, conv(net, y, width, 1, gain=1.0))
    return classify(net, x)


def channels_last_norm(net: Net, x: Tensor) -> Tensor:
    """Normalise over the channels of an image, there and back by transposition."""
    y = layers.layer_norm(net, ops.transpose(net, x, (0, 2, 3, 1)), 1e-6)
    return ops.transpose(net, y, (0, 3, 1, 2))


def convnext_block(net: Net, x: Tensor) -> Tensor:
    """A 7x7 filter a channel, then a perceptron over channels."""
    width = x.shape[1]
    y = ops.transpose(net, depthwise(net, x, 7), (0, 2, 3, 1))
    y = layers.mlp(net, layers.layer_norm(net, y, 1e-6), 4 * width)
    y = ops.mul(net, y, net.weight("gamma", (width,), 0.05, 0.3))
    return ops.add(net, x, ops.transpose(net, y, (0, 3, 1, 2)))


@network("convnext_tiny_b1", "convnext", opset=16)
@network("convnext_atto_b4", "convnext", batch=4, opset=22, spelling=Spelling.DYNAMO)
def _convnext(net: Net) -> dict[str, Tensor]:
    batch, size, base, depths = (
        (4, 160, 40, (2, 2, 6, 2)) if net.dynamo else (1, 224, 96, (3, 3, 9, 3))
    )
    x = conv(net, image(net, batch, size), base, 4, stride=4, padding=0, gain=1.0)
    x = channels_last_norm(net, x)
    for stage, depth in enumerate(depths):
        if stage:
            x = conv(
                net, channels_last_norm(net, x), base << stage, 2, stride=2, padding=0, gain=1.0
            )
        for _ in range(depth):
            x = convnext_block(net, x)
    return classify(net, channels_last_norm(net, x))


@network("conv_transformer_b1", "hybrid", opset=15)
def _hybrid(net: Net) -> dict[str, Tensor]:
    """A convolutional stem in front of a transformer with sine positions."""
    x = image(net, 1, 224)
    for width in (32, 64, 128, 256):
        x = conv(net, x, width, 3, stride=2, act=ops.hard_swish)
    n, c, h, w = x.shape
    x = ops.transpose(net, ops.reshape(net, x, (n, c, h * w)), (0, 2, 1))
    angles = np.outer(np.arange(h * w), 1.0 / 1000 ** (np.arange(c) / c)).astype(np.float32)
    x = transformer(net, ops.add(net, x, net.table(np.sin(angles)[None])), 6, 4)
    mean = ops.reduce(net, "ReduceMean", x, [1], keepdims=False)
    return {"output": layers.linear(net, mean, 200)}
