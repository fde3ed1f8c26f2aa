"""Classifiers of plain or grouped convolutions: VGG, ResNet, DenseNet, DarkNet, RegNet."""

from __future__ import annotations

from collections.abc import Sequence

from gnomon.zoo import layers, ops
from gnomon.zoo.layers import Activation, conv
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def image(net: Net, batch: int, height: int, width: int | None = None, channels: int = 3) -> Tensor:
    """The input image."""
    return net.input("input", (batch, channels, height, width or height))


def classify(net: Net, x: Tensor, classes: int = 1000) -> dict[str, Tensor]:
    """Global pooling and a dense layer."""
    pooled = ops.flatten(net, layers.global_pool(net, x))
    return {"output": layers.linear(net, pooled, classes)}


def basic_block(net: Net, x: Tensor, channels: int, stride: int) -> Tensor:
    """Two 3x3 convolutions beside a shortcut."""
    y = conv(net, x, channels, 3, stride=stride, act=ops.relu)
    y = conv(net, y, channels, 3, gain=0.7)
    if stride > 1 or x.shape[1] != channels:
        x = conv(net, x, channels, 1, stride=stride, gain=1.0)
    return ops.relu(net, ops.add(net, y, x))


def bottleneck(
    net: Net, x: Tensor, channels: int, stride: int, inner: int, groups: int = 1, dilation: int = 1
) -> Tensor:
    """Pointwise, 3x3, pointwise beside a shortcut."""
    y = conv(net, x, inner, 1, act=ops.relu)
    y = conv(net, y, inner, 3, stride=stride, groups=groups, dilation=dilation, act=ops.relu)
    y = conv(net, y, channels, 1, gain=0.7)
    if stride > 1 or x.shape[1] != channels:
        x = conv(net, x, channels, 1, stride=stride, gain=1.0)
    return ops.relu(net, ops.add(net, y, x))


def resnet_stem(net: Net, x: Tensor, channels: int = 64) -> Tensor:
    """The 7x7 convolution and the pooling in front of a residual network."""
    return layers.pool(net, conv(net, x, channels, 7, stride=2, act=ops.relu), "MaxPool", 3, 2, 1)


def basic_resnet(net: Net, x: Tensor, depths: Sequence[int]) -> list[Tensor]:
    """The four stages of a network of basic blocks."""
    x = resnet_stem(net, x)
    stages = []
    for stage, depth in enumerate(depths):
        for block in range(depth):
            x = basic_block(net, x, 64 << stage, 2 if stage and not block else 1)
        stages.append(x)
    return stages


def bottleneck_resnet(
    net: Net,
    x: Tensor,
    depths: Sequence[int],
    *,
    inner: int = 64,
    groups: int = 1,
    dilate: bool = False,
) -> list[Tensor]:
    """The four stages of a bottleneck network; ``dilate`` keeps the last at 1/8 of the image."""
    x = resnet_stem(net, x)
    stages = []
    for stage, depth in enumerate(depths):
        rate = 2 ** max(0, stage - 1) if dilate else 1
        for block in range(depth):
            stride = 2 if stage and not block and rate == 1 else 1
            x = bottleneck(net, x, 256 << stage, stride, inner << stage, groups, rate)
        stages.append(x)
    return stages


@network("resnet18_b1", "resnet", opset=11)
def _resnet18(net: Net) -> dict[str, Tensor]:
    return classify(net, basic_resnet(net, image(net, 1, 224), (2, 2, 2, 2))[-1])


@network("resnet34_b2", "resnet", batch=2, opset=18, spelling=Spelling.DYNAMO)
def _resnet34(net: Net) -> dict[str, Tensor]:
    return classify(net, basic_resnet(net, image(net, 2, 192), (3, 4, 6, 3))[-1])


@network("resnext50_b1", "resnext", opset=13, dynamic=True)
@network("resnext50_b4", "resnext", batch=4, opset=18, spelling=Spelling.DYNAMO)
def _resnext50(net: Net) -> dict[str, Tensor]:
    x = image(net, 4, 144) if net.dynamo else image(net, 1, 224)
    stages = bottleneck_resnet(net, x, (3, 4, 6, 3), inner=128, groups=32)
    return classify(net, stages[-1])


@network("vgg11_b1", "vgg", opset=12)
def _vgg11(net: Net) -> dict[str, Tensor]:
    x = image(net, 1, 160)
    for channels, depth in ((64, 1), (128, 1), (256, 2), (512, 2), (512, 2)):
        for _ in range(depth):
            x = conv(net, x, channels, 3, act=ops.relu)
        x = layers.pool(net, x, "MaxPool", 2, 2)
    x = layers.linear(net, ops.flatten(net, x), 1024, act=ops.relu)
    return {"output": layers.linear(net, layers.linear(net, x, 1024, act=ops.relu), 1000)}


def dark_stage(net: Net, x: Tensor, channels: int, blocks: int, act: Activation) -> Tensor:
    """A stride, then residual pairs of pointwise and 3x3 convolutions."""
    x = conv(net, x, channels, 3, stride=2, act=act)
    for _ in range(blocks):
        y = conv(net, x, channels // 2, 1, act=act)
        x = ops.add(net, x, conv(net, y, channels, 3, act=act, gain=0.7))
    return x


def darknet(net: Net, x: Tensor, width: int, depths: Sequence[int]) -> list[Tensor]:
    """DarkNet's stages, each at half the size of the one before."""
    x = conv(net, x, width, 3, act=ops.leaky_relu)
    stages = []
    for stage, depth in enumerate(depths):
        x = dark_stage(net, x, width << (stage + 1), depth, ops.leaky_relu)
        stages.append(x)
    return stages


@network("darknet_b1", "darknet", opset=12)
def _darknet(net: Net) -> dict[str, Tensor]:
    return classify(net, darknet(net, image(net, 1, 256), 24, (1, 2, 6, 6, 3))[-1])


@network("densenet_b2", "densenet", batch=2, opset=14)
def _densenet(net: Net) -> dict[str, Tensor]:
    x = resnet_stem(net, image(net, 2, 176), 48)
    for stage, depth in enumerate((4, 8, 12, 8)):
        for _ in range(depth):
            y = conv(net, ops.relu(net, layers.batch_norm(net, x)), 96, 1, act=ops.relu)
            x = ops.concat(net, [x, conv(net, y, 24, 3)], 1)
        if stage < 3:
            y = conv(net, ops.relu(net, layers.batch_norm(net, x)), x.shape[1] // 2, 1)
            x = layers.pool(net, y, "AveragePool", 2, 2)
    return classify(net, ops.relu(net, layers.batch_norm(net, x)))


def regnet_block(
    net: Net, x: Tensor, channels: int, stride: int, width: int, gated: bool
) -> Tensor:
    """RegNet's X block, or with a gate its Y block."""
    y = conv(net, x, channels, 1, act=ops.relu)
    y = conv(net, y, channels, 3, stride=stride, groups=channels // width, act=ops.relu)
    if gated:
        y = layers.squeeze_excite(net, y, x.shape[1] // 4)
    y = conv(net, y, channels, 1, gain=0.7)
    if stride > 1 or x.shape[1] != channels:
        x = conv(net, x, channels, 1, stride=stride, gain=1.0)
    return ops.relu(net, ops.add(net, y, x))


def regnet(
    net: Net, x: Tensor, widths: Sequence[int], depths: Sequence[int], group: int, gated: bool
) -> Tensor:
    """RegNet's body."""
    x = conv(net, x, 32, 3, stride=2, act=ops.relu)
    for channels, depth in zip(widths, depths, strict=True):
        for block in range(depth):
            x = regnet_block(net, x, channels, 1 if block else 2, group, gated)
    return x


@network("regnet_x_b4", "regnet", batch=4, opset=13)
def _regnet_x(net: Net) -> dict[str, Tensor]:
    return classify(
        net, regnet(net, image(net, 4, 208), (32, 80, 192, 432), (1, 2, 7, 10), 16, False)
    )


@network("regnet_y_b1", "regnet", opset=20, spelling=Spelling.DYNAMO)
def _regnet_y(net: Net) -> dict[str, Tensor]:
    return classify(
        net, regnet(net, image(net, 1, 256), (48, 104, 208, 440), (1, 3, 6, 2), 8, True)
    )
