"""Classifiers of depthwise convolutions: MobileNet, EfficientNet, MNASNet, ShuffleNet, GhostNet."""

from __future__ import annotations

from collections.abc import Sequence

from gnomon.zoo import layers, ops
from gnomon.zoo.classic import classify, image
from gnomon.zoo.layers import Activation, conv
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def depthwise(
    net: Net,
    x: Tensor,
    kernel: int,
    stride: int = 1,
    act: Activation = layers.identity,
    dilation: int = 1,
) -> Tensor:
    """One filter a channel."""
    channels = x.shape[1]
    return conv(
        net, x, channels, kernel, stride=stride, groups=channels, dilation=dilation, act=act
    )


def inverted(
    net: Net,
    x: Tensor,
    channels: int,
    *,
    inner: int,
    kernel: int,
    stride: int,
    act: Activation,
    gate: int = 0,
) -> Tensor:
    """Inverted bottleneck; ``gate`` is the inner width of its squeeze-and-excite, 0 for none."""
    y = conv(net, x, inner, 1, act=act) if inner != x.shape[1] else x
    y = depthwise(net, y, kernel, stride, act)
    if gate:
        closing = ops.hard_sigmoid if act is not ops.silu else ops.sigmoid
        y = layers.squeeze_excite(net, y, gate, ops.silu if act is ops.silu else ops.relu, closing)
    y = conv(net, y, channels, 1, gain=1.0)
    return ops.add(net, x, y) if stride == 1 and x.shape[1] == channels else y


@network("mobilenet_v1_b1", "mobilenet", opset=11)
def _mobilenet_v1(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 224), 32, 3, stride=2, act=ops.relu)
    steps = (
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        *[(512, 1)] * 5,
        (1024, 2),
        (1024, 1),
    )
    for channels, stride in steps:
        x = conv(net, depthwise(net, x, 3, stride, ops.relu), channels, 1, act=ops.relu)
    return classify(net, x)


@network("mobilenet_v2_b8", "mobilenet", batch=8, opset=18, spelling=Spelling.DYNAMO)
@network("mobilenet_v2_b1", "mobilenet", opset=12, dynamic=True)
def _mobilenet_v2(net: Net) -> dict[str, Tensor]:
    batch, size = (8, 160) if net.dynamo else (1, 240)
    x = conv(net, image(net, batch, size), 32, 3, stride=2, act=ops.relu6)
    stages = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    for expand, channels, depth, stride in stages:
        for block in range(depth):
            first = stride if block == 0 else 1
            inner = x.shape[1] * expand
            x = inverted(net, x, channels, inner=inner, kernel=3, stride=first, act=ops.relu6)
    return classify(net, conv(net, x, 1280, 1, act=ops.relu6))


#: MobileNetV3-large: kernel, inner width, channels, gated, hard swish, stride.
_V3 = (
    (3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2),
    (5, 120, 40, 1, 0, 1), (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1),
    (3, 480, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1),
)  # fmt: skip


def mobilenet_v3(net: Net, x: Tensor) -> list[Tensor]:
    """The body of MobileNetV3-large; the features after every stride and at the end."""
    x = conv(net, x, 16, 3, stride=2, act=ops.hard_swish)
    stages = []
    for kernel, inner, channels, gated, hard, stride in _V3:
        if stride == 2:
            stages.append(x)
        act = ops.hard_swish if hard else ops.relu
        gate = max(8, inner // 4) if gated else 0
        x = inverted(
            net, x, channels, inner=inner, kernel=kernel, stride=stride, act=act, gate=gate
        )
    return [*stages, conv(net, x, 960, 1, act=ops.hard_swish)]


@network("mobilenet_v3_b2", "mobilenet", batch=2, opset=16)
def _mobilenet_v3(net: Net) -> dict[str, Tensor]:
    x = mobilenet_v3(net, image(net, 2, 224))[-1]
    pooled = ops.flatten(net, layers.global_pool(net, x))
    return {
        "output": layers.linear(net, layers.linear(net, pooled, 1280, act=ops.hard_swish), 1000)
    }


def compound(
    net: Net, x: Tensor, stages: Sequence[tuple[int, int, int, int, int]], act: Activation
) -> Tensor:
    """Stages of gated inverted bottlenecks: expansion, channels, depth, stride, kernel."""
    for expand, channels, depth, stride, kernel in stages:
        for block in range(depth):
            first = stride if block == 0 else 1
            gate = max(4, x.shape[1] // 4) if act is ops.silu else 0
            inner = x.shape[1] * expand
            x = inverted(
                net, x, channels, inner=inner, kernel=kernel, stride=first, act=act, gate=gate
            )
    return x


#: EfficientNet-B0 and MNASNet: expansion, channels, depth, stride, kernel.
_B0 = (
    (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip
_MNAS = (
    (1, 16, 1, 1, 3), (3, 24, 3, 2, 3), (3, 40, 3, 2, 5), (6, 80, 3, 2, 5), (6, 96, 2, 1, 3),
    (6, 192, 4, 2, 5), (6, 320, 1, 1, 3),
)  # fmt: skip


@network("efficientnet_b0_b1", "efficientnet", opset=12)
@network("efficientnet_b0_b4", "efficientnet", batch=4, opset=21, spelling=Spelling.DYNAMO)
def _efficientnet(net: Net) -> dict[str, Tensor]:
    batch, size = (4, 192) if net.dynamo else (1, 240)
    x = conv(net, image(net, batch, size), 32, 3, stride=2, act=ops.silu)
    return classify(net, conv(net, compound(net, x, _B0, ops.silu), 1280, 1, act=ops.silu))


@network("mnasnet_b1", "mnasnet", opset=11)
def _mnasnet(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 224), 32, 3, stride=2, act=ops.relu)
    return classify(net, conv(net, compound(net, x, _MNAS, ops.relu), 1280, 1, act=ops.relu))


def shuffle(net: Net, x: Tensor) -> Tensor:
    """Interleave the two halves of the channels."""
    n, c, h, w = x.shape
    grouped = ops.transpose(net, ops.reshape(net, x, (n, 2, c // 2, h, w)), (0, 2, 1, 3, 4))
    return ops.reshape(net, grouped, x.shape)


def shuffle_branch(net: Net, x: Tensor, channels: int, stride: int) -> Tensor:
    """Pointwise, depthwise, pointwise."""
    y = conv(net, x, channels, 1, act=ops.relu)
    return conv(net, depthwise(net, y, 3, stride), channels, 1, act=ops.relu)


@network("shufflenet_v2_b1", "shufflenet", opset=13, dynamic=True)
def _shufflenet(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 224), 24, 3, stride=2, act=ops.relu)
    x = layers.pool(net, x, "MaxPool", 3, 2, 1)
    for channels, depth in ((116, 4), (232, 8), (464, 4)):
        half = channels // 2
        side = conv(net, depthwise(net, x, 3, 2), half, 1, act=ops.relu)
        x = shuffle(net, ops.concat(net, [side, shuffle_branch(net, x, half, 2)], 1))
        for _ in range(depth - 1):
            keep, work = ops.split(net, x, [half, half], 1)
            x = shuffle(net, ops.concat(net, [keep, shuffle_branch(net, work, half, 1)], 1))
    return classify(net, conv(net, x, 1024, 1, act=ops.relu))


def ghost(net: Net, x: Tensor, channels: int, act: Activation) -> Tensor:
    """Half of the channels by a product, the other half by a cheap filter over them."""
    gain = 0.7 if act is layers.identity else 1.4
    primary = conv(net, x, channels // 2, 1, act=act, gain=gain)
    return ops.concat(net, [primary, depthwise(net, primary, 3, 1, act)], 1)


@network("ghostnet_b1", "ghostnet", opset=18, spelling=Spelling.DYNAMO)
def _ghostnet(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 224), 16, 3, stride=2, act=ops.relu)
    for channels, inner, stride, gated in (
        (16, 16, 1, 0), (24, 48, 2, 0), (24, 72, 1, 0), (40, 72, 2, 1), (40, 120, 1, 1),
        (80, 240, 2, 0), (80, 200, 1, 0), (112, 480, 1, 1), (160, 672, 2, 1), (160, 960, 1, 0),
    ):  # fmt: skip
        y = ghost(net, x, inner, ops.relu)
        y = depthwise(net, y, 3, 2) if stride == 2 else y
        y = layers.squeeze_excite(net, y, inner // 4, ops.relu, ops.hard_sigmoid) if gated else y
        y = ghost(net, y, channels, layers.identity)
        if stride == 2 or x.shape[1] != channels:
            x = conv(net, depthwise(net, x, 3, stride), channels, 1)
        x = ops.add(net, x, y)
    return classify(net, conv(net, x, 960, 1, act=ops.relu))
