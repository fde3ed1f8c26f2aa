"""Networks with an output for every place of the image: detectors, segmenters, image to image."""

from __future__ import annotations

from collections.abc import Sequence

from gnomon.zoo import layers, ops
from gnomon.zoo.classic import basic_block, basic_resnet, bottleneck_resnet, darknet, image
from gnomon.zoo.layers import Activation, conv
from gnomon.zoo.mobile import depthwise, mobilenet_v3
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def pyramid(net: Net, stages: Sequence[Tensor], width: int) -> list[Tensor]:
    """A feature pyramid: laterals, upsampled sums, smoothing."""
    level = conv(net, stages[-1], width, 1)
    levels = [level]
    for stage in reversed(stages[:-1]):
        level = ops.add(net, conv(net, stage, width, 1), ops.resize(net, level, 2))
        levels.append(level)
    return [conv(net, level, width, 3) for level in reversed(levels)]


def places(net: Net, x: Tensor, values: int) -> Tensor:
    """``[N, A * values, H, W]`` as one row of ``values`` for every anchor."""
    n, c, h, w = x.shape
    split = ops.reshape(net, x, (n, c // values, values, h, w))
    ordered = ops.transpose(net, split, (0, 3, 4, 1, 2))
    return ops.reshape(net, ordered, (n, h * w * c // values, values))


def yolo_head(net: Net, levels: Sequence[Tensor], classes: int) -> dict[str, Tensor]:
    """Three anchors a place: boxes, objectness, classes; flattened over all levels."""
    rows = []
    for level in levels:
        raw = conv(net, level, 3 * (5 + classes), 1)
        rows.append(ops.sigmoid(net, places(net, raw, 5 + classes)))
    return {"detections": ops.concat(net, rows, 1)}


@network("yolo_darknet_b1", "detector", opset=11)
@network("yolo_darknet_b4", "detector", batch=4, opset=19, spelling=Spelling.DYNAMO)
def _yolo(net: Net) -> dict[str, Tensor]:
    batch, size, width = (4, 224, 16) if net.dynamo else (1, 416, 20)
    stages = darknet(net, image(net, batch, size), width, (1, 2, 4, 4, 2))
    return yolo_head(net, pyramid(net, stages[2:], 4 * width), 20)


def tower(net: Net, x: Tensor, outputs: int, depth: int = 3) -> Tensor:
    """A head's convolutions."""
    for _ in range(depth):
        x = conv(net, x, x.shape[1], 3, act=ops.relu)
    return conv(net, x, outputs, 3, gain=1.0)


@network("retinanet_b1", "detector", opset=13)
def _retinanet(net: Net) -> dict[str, Tensor]:
    stages = basic_resnet(net, image(net, 1, 320), (2, 2, 2, 2))
    levels = pyramid(net, stages[1:], 96)
    levels.append(conv(net, levels[-1], 96, 3, stride=2))
    boxes = [places(net, tower(net, level, 9 * 4), 4) for level in levels]
    scores = [places(net, tower(net, level, 9 * 20), 20) for level in levels]
    return {
        "boxes": ops.concat(net, boxes, 1),
        "scores": ops.sigmoid(net, ops.concat(net, scores, 1)),
    }


@network("ssd_mobilenet_b1", "detector", opset=12)
def _ssd(net: Net) -> dict[str, Tensor]:
    stages = mobilenet_v3(net, image(net, 1, 288))[-2:]
    for width in (256, 128):
        y = depthwise(net, conv(net, stages[-1], width // 2, 1, act=ops.relu6), 3, 2, ops.relu6)
        stages.append(conv(net, y, width, 1, act=ops.relu6))
    boxes, scores = [], []
    for stage in stages:
        boxes.append(places(net, conv(net, depthwise(net, stage, 3, 1, ops.relu6), 24, 1), 4))
        scores.append(places(net, conv(net, depthwise(net, stage, 3, 1, ops.relu6), 126, 1), 21))
    classes = ops.concat(net, scores, 1)
    last = ops.transpose(net, classes, (0, 2, 1))
    best = net.node("ArgMax", [last], (1, classes.shape[1]), dtype=7, axis=1, keepdims=0)
    return {"boxes": ops.concat(net, boxes, 1), "scores": ops.sigmoid(net, classes), "best": best}


def double(net: Net, x: Tensor, channels: int, act: Activation) -> Tensor:
    """Two 3x3 convolutions."""
    return conv(net, conv(net, x, channels, 3, act=act), channels, 3, act=act)


@network("unet_b1", "unet", opset=11)
@network("unet_wide_b2", "unet", batch=2, opset=18, spelling=Spelling.DYNAMO)
def _unet(net: Net) -> dict[str, Tensor]:
    x = image(net, 2, 128, 160) if net.dynamo else image(net, 1, 256)
    act = ops.silu if net.dynamo else ops.relu
    base, skips = 28 if net.dynamo else 20, []
    for level in range(5):
        x = layers.pool(net, x, "MaxPool", 2, 2) if level else x
        x = double(net, x, base << level, act)
        skips.append(x)
    for skip in reversed(skips[:-1]):
        channels = skip.shape[1]
        if net.dynamo:
            up = conv(net, ops.resize(net, x, 2, "linear"), channels, 1)
        else:
            up = layers.conv_transpose(net, x, channels, 2, 2)
        x = double(net, ops.concat(net, [skip, up], 1), channels, act)
    return {"mask": ops.sigmoid(net, conv(net, x, 2, 1))}


def upscale(net: Net, x: Tensor, factor: int) -> Tensor:
    """Bilinear upsampling of class maps."""
    return ops.resize(net, x, factor, "linear")


@network("deeplab_b1", "segmenter", opset=13)
def _deeplab(net: Net) -> dict[str, Tensor]:
    x = bottleneck_resnet(net, image(net, 1, 192), (2, 2, 3, 2), dilate=True)[-1]
    branches = [conv(net, x, 128, 1, act=ops.relu)]
    for rate in (6, 12, 18):
        branches.append(conv(net, x, 128, 3, dilation=rate, act=ops.relu))
    pooled = conv(net, layers.global_pool(net, x), 128, 1, act=ops.relu)
    branches.append(
        net.node("Expand", [pooled, net.constant(branches[0].shape)], branches[0].shape)
    )
    y = conv(net, ops.concat(net, branches, 1), 128, 1, act=ops.relu)
    return {"classes": upscale(net, conv(net, conv(net, y, 128, 3, act=ops.relu), 21, 1), 8)}


@network("fcn_b2", "segmenter", batch=2, opset=18, spelling=Spelling.DYNAMO)
def _fcn(net: Net) -> dict[str, Tensor]:
    stages = basic_resnet(net, image(net, 2, 224), (2, 2, 2, 2))
    coarse = conv(net, conv(net, stages[-1], 128, 3, act=ops.relu), 21, 1)
    fine = ops.add(net, conv(net, stages[-2], 21, 1), upscale(net, coarse, 2))
    return {"classes": upscale(net, fine, 16)}


def exchange(net: Net, branches: Sequence[Tensor]) -> list[Tensor]:
    """HRNet's fusion: every resolution receives the sum of all the others."""
    fused = []
    for i, target in enumerate(branches):
        total = target
        for j, source in enumerate(branches):
            if j > i:
                total = ops.add(
                    net, total, ops.resize(net, conv(net, source, target.shape[1], 1), 2 ** (j - i))
                )
            elif j < i:
                for step in range(i - j):
                    last = step == i - j - 1
                    width = target.shape[1] if last else source.shape[1]
                    source = conv(
                        net, source, width, 3, stride=2, act=layers.identity if last else ops.relu
                    )
                total = ops.add(net, total, source)
        fused.append(ops.relu(net, ops.scale(net, total, 1.0 / len(branches))))
    return fused


@network("hrnet_b1", "hrnet", opset=14)
def _hrnet(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 256, 192), 48, 3, stride=2, act=ops.relu)
    branches = [conv(net, x, 24, 3, stride=2, act=ops.relu)]
    for _ in range(3):
        branches.append(
            conv(net, branches[-1], 2 * branches[-1].shape[1], 3, stride=2, act=ops.relu)
        )
        for _ in range(2):
            branches = [basic_block(net, branch, branch.shape[1], 1) for branch in branches]
        branches = exchange(net, branches)
    sizes = [
        branches[0],
        *(ops.resize(net, b, 2 ** (i + 1), "linear") for i, b in enumerate(branches[1:])),
    ]
    return {"heatmaps": conv(net, conv(net, ops.concat(net, sizes, 1), 64, 1, act=ops.relu), 17, 1)}


@network("espcn_b1", "superres", opset=11)
def _espcn(net: Net) -> dict[str, Tensor]:
    x = conv(net, image(net, 1, 160, 240, 1), 64, 5, act=ops.tanh)
    x = conv(net, x, 32, 3, act=ops.tanh)
    return {"image": ops.depth_to_space(net, conv(net, x, 9, 3), 3)}


@network("edsr_b1", "superres", opset=18, spelling=Spelling.DYNAMO)
def _edsr(net: Net) -> dict[str, Tensor]:
    x = head = conv(net, image(net, 1, 112), 40, 3)
    for _ in range(8):
        y = conv(net, conv(net, x, 40, 3, act=ops.relu), 40, 3)
        x = ops.add(net, x, ops.scale(net, y, 0.1))
    x = conv(net, ops.add(net, x, head), 160, 3)
    return {"image": conv(net, ops.depth_to_space(net, x, 2), 3, 3)}


@network("autoencoder_b8", "autoencoder", batch=8, opset=13)
def _autoencoder(net: Net) -> dict[str, Tensor]:
    x = image(net, 8, 64)
    for width in (32, 64, 128, 160):
        x = conv(net, x, width, 4, stride=2, padding=1, act=ops.leaky_relu)
    shape = x.shape
    code = layers.linear(net, ops.flatten(net, x), 128)
    x = ops.reshape(net, layers.linear(net, code, shape[1] * 16, act=ops.relu), shape)
    for width in (128, 64, 32):
        x = ops.relu(net, layers.conv_transpose(net, x, width, 4, 2, 1))
    return {"image": ops.sigmoid(net, layers.conv_transpose(net, x, 3, 4, 2, 1)), "code": code}


def padded(net: Net, x: Tensor, channels: int, kernel: int, stride: int = 1) -> Tensor:
    """Reflection padding, convolution, instance normalisation."""
    p = kernel // 2
    y = ops.pad(net, x, [0, 0, p, p, 0, 0, p, p], "reflect")
    y = conv(net, y, channels, kernel, stride=stride, padding=0)
    gamma, beta = (
        net.weight("in.weight", (channels,), 0.05, 1.0),
        net.weight("in.bias", (channels,), 0.05),
    )
    return net.node("InstanceNormalization", [y, gamma, beta], y.shape, epsilon=1e-5)


@network("style_transfer_b1", "superres", opset=12)
def _style(net: Net) -> dict[str, Tensor]:
    x = ops.relu(net, padded(net, image(net, 1, 144), 24, 9))
    x = ops.relu(net, padded(net, x, 48, 3, 2))
    x = ops.relu(net, padded(net, x, 96, 3, 2))
    for _ in range(3):
        x = ops.add(net, x, padded(net, ops.relu(net, padded(net, x, 96, 3)), 96, 3))
    for width in (48, 24):
        x = ops.relu(net, padded(net, ops.resize(net, x, 2), width, 3))
    return {"image": ops.tanh(net, conv(net, x, 3, 9))}
