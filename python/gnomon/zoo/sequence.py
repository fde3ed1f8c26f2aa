"""Speech, audio and other sequences, and networks over sets and tables."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from gnomon.zoo import layers, ops
from gnomon.zoo.language import post_norm_block
from gnomon.zoo.layers import conv, linear
from gnomon.zoo.mobile import depthwise
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def swap(net: Net, x: Tensor) -> Tensor:
    """Exchange time and channels."""
    return ops.transpose(net, x, (0, 2, 1))


@network("wav2vec2_b1", "wav2vec2", opset=14)
@network("wav2vec2_b2", "wav2vec2", batch=2, opset=18, spelling=Spelling.DYNAMO)
def _wav2vec2(net: Net) -> dict[str, Tensor]:
    batch, samples = (2, 10000) if net.dynamo else (1, 20000)
    wave = net.input("input_values", (batch, samples))
    x = ops.unsqueeze(net, wave, 1)
    for step, (kernel, stride) in enumerate(
        ((10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2))
    ):
        x = conv(net, x, 192, kernel, stride=stride, padding=0, bias=False)
        x = ops.gelu(net, x if step else layers.group_norm(net, x, 192))
    x = linear(net, layers.layer_norm(net, swap(net, x)), 320)
    place = conv(net, swap(net, x), 320, 32, padding=16, groups=16)
    place = ops.gelu(net, ops.slice_(net, place, 0, x.shape[1], 2))
    x = layers.layer_norm(net, ops.add(net, x, swap(net, place)))
    for _ in range(5):
        x = post_norm_block(net, x, 5, None)
    return {"last_hidden_state": x}


def half_step(net: Net, x: Tensor) -> Tensor:
    """Half of a feed-forward module, added."""
    y = layers.mlp(net, layers.layer_norm(net, x), 4 * x.shape[-1], ops.silu)
    return ops.add(net, x, ops.scale(net, y, 0.5))


def conformer_block(net: Net, x: Tensor) -> Tensor:
    """Feed forward, attention, gated convolution, feed forward."""
    width = x.shape[-1]
    x = half_step(net, x)
    x = ops.add(net, x, layers.attention(net, layers.layer_norm(net, x), 4))
    y = conv(net, swap(net, layers.layer_norm(net, x)), 2 * width, 1)
    value, gate = ops.split(net, y, [width, width], 1)
    y = ops.mul(net, value, ops.sigmoid(net, gate))
    y = conv(net, depthwise(net, y, 15, 1, ops.silu), width, 1, gain=1.0)
    return layers.layer_norm(net, half_step(net, ops.add(net, x, swap(net, y))))


@network("conformer_b1", "conformer", opset=13)
@network("conformer_b2", "conformer", batch=2, opset=20, spelling=Spelling.DYNAMO)
def _conformer(net: Net) -> dict[str, Tensor]:
    batch, frames, width, depth = (2, 180, 128, 6) if net.dynamo else (1, 320, 176, 6)
    x = ops.unsqueeze(net, net.input("features", (batch, frames, 80)), 1)
    for _ in range(2):
        x = conv(net, x, width // 2, 3, stride=2, act=ops.relu)
    n, c, t, f = x.shape
    x = linear(net, ops.reshape(net, ops.transpose(net, x, (0, 2, 1, 3)), (n, t, c * f)), width)
    for _ in range(depth):
        x = conformer_block(net, x)
    logits = linear(net, x, 128)
    return {"log_probs": ops.unary(net, "LogSoftmax", logits, axis=logits.rank - 1)}


@network("lstm_tagger_b2", "recurrent", batch=2, opset=11)
def _lstm_tagger(net: Net) -> dict[str, Tensor]:
    x = layers.embedding(net, ops.tokens(net, "tokens", 2, 50), 6000, 128)
    x = ops.transpose(net, x, (1, 0, 2))
    for _ in range(2):
        x = layers.recurrent(net, x, "LSTM", 160)
    return {"tags": linear(net, ops.transpose(net, x, (1, 0, 2)), 24)}


@network("gru_speech_b1", "recurrent", opset=14)
def _gru_speech(net: Net) -> dict[str, Tensor]:
    x = ops.unsqueeze(net, net.input("features", (1, 240, 64)), 1)
    x = conv(net, x, 32, 5, stride=2, padding=2, act=ops.relu)
    n, c, t, f = x.shape
    x = ops.reshape(net, ops.transpose(net, x, (2, 0, 1, 3)), (t, n, c * f))
    for _ in range(3):
        x = layers.recurrent(net, x, "GRU", 224)
    return {"log_probs": ops.unary(net, "LogSoftmax", linear(net, x, 40), axis=2)}


@network("lstm_language_b1", "recurrent", opset=18)
def _lstm_language(net: Net) -> dict[str, Tensor]:
    x = layers.embedding(net, ops.tokens(net, "tokens", 1, 64), 6000, 320)
    x = ops.transpose(net, x, (1, 0, 2))
    for _ in range(2):
        x = layers.recurrent(net, x, "LSTM", 448, both=False)
    return {"logits": linear(net, x, 6000)}


@network("tcn_b4", "tcn", batch=4, opset=18, spelling=Spelling.DYNAMO)
def _tcn(net: Net) -> dict[str, Tensor]:
    x = conv(net, net.input("signal", (4, 48, 300)), 80, 1)
    for level in range(6):
        reach = 2 * 2**level
        y = x
        for _ in range(2):
            y = ops.pad(net, y, [0, 0, reach, 0, 0, 0])
            y = conv(net, y, 80, 3, dilation=2**level, padding=0, act=ops.relu)
        x = ops.relu(net, ops.add(net, x, y))
    return {"output": conv(net, x, 12, 1)}


@network("audio_cnn_b4", "audio", batch=4, opset=12)
def _audio_cnn(net: Net) -> dict[str, Tensor]:
    x = conv(net, net.input("wave", (4, 1, 12000)), 48, 80, stride=4, padding=38, act=ops.relu)
    for width in (48, 96, 192, 256):
        x = layers.pool(net, conv(net, x, width, 3, act=ops.relu), "MaxPool", 4, 4)
    return {"logits": linear(net, ops.flatten(net, layers.global_pool(net, x)), 35)}


@network("separator_b1", "audio", opset=15)
def _separator(net: Net) -> dict[str, Tensor]:
    """A learned filter bank, masked by dilated depthwise blocks, and its inverse."""
    code = conv(net, net.input("mixture", (1, 1, 10000)), 112, 16, stride=8, padding=0, bias=False)
    x = conv(net, layers.group_norm(net, code, 1), 80, 1)
    for block in range(10):
        y = conv(net, x, 160, 1)
        y = net.node("PRelu", [y, net.weight("slope", (1,), 0.02, 0.25)], y.shape)
        y = layers.group_norm(net, y, 1)
        y = layers.group_norm(
            net, ops.leaky_relu(net, depthwise(net, y, 3, dilation=2 ** (block % 5))), 1
        )
        x = ops.add(net, x, conv(net, y, 80, 1, gain=0.7))
    mask = ops.sigmoid(net, conv(net, x, 224, 1))
    parts = ops.mul(
        net, ops.reshape(net, mask, (1, 2, 112, code.shape[2])), ops.unsqueeze(net, code, 1)
    )
    return {"sources": layers.conv_transpose(net, ops.squeeze(net, parts, 0), 1, 16, 8)}


@network("recommender_b8", "recommender", batch=8, opset=13)
def _recommender(net: Net) -> dict[str, Tensor]:
    """Embeddings and their products beside a perceptron, as in click prediction."""
    fields, width = 24, 64
    numbers = net.input("numbers", (8, 13))
    kinds = net.input("kinds", (8, fields), TensorProto.INT64)
    x = linear(net, linear(net, numbers, 512, act=ops.relu), width, act=ops.relu)
    rows = [ops.unsqueeze(net, x, 1)]
    for i in range(fields):
        column = ops.slice_(net, kinds, i, i + 1, 1)
        rows.append(layers.embedding(net, column, 4000, width))
    table = ops.concat(net, rows, 1)
    products = ops.flatten(net, ops.matmul(net, table, swap(net, table)))
    low = np.flatnonzero(np.tril(np.ones((fields + 1, fields + 1)), -1)).astype(np.int64)
    x = ops.concat(net, [x, ops.gather(net, products, net.table(low), axis=1)], 1)
    for hidden in (2048, 2048):
        x = linear(net, x, hidden, act=ops.relu)
    return {"click": linear(net, x, 1, act=ops.sigmoid)}


@network("pointnet_b4", "pointnet", batch=4, opset=12)
def _pointnet(net: Net) -> dict[str, Tensor]:
    points = net.input("points", (4, 3, 768))
    x = points
    for width in (64, 128, 384):
        x = conv(net, x, width, 1, act=ops.relu)
    x = linear(net, ops.reduce(net, "ReduceMax", x, [2], keepdims=False), 192, act=ops.relu)
    turn = ops.add(
        net, ops.reshape(net, linear(net, x, 9), (4, 3, 3)), net.table(np.eye(3, dtype=np.float32))
    )
    x = swap(net, ops.matmul(net, swap(net, points), turn))
    for width in (64, 64, 128, 768):
        x = conv(net, x, width, 1, act=ops.relu)
    best = ops.reduce(net, "ReduceMax", x, [2], keepdims=False)
    return {"logits": linear(net, linear(net, best, 256, act=ops.relu), 40)}
