"""Language models: encoders, decoders, encoder-decoders and classifiers of words."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from gnomon.zoo import layers, ops
from gnomon.zoo.layers import Activation, conv, linear
from gnomon.zoo.net import Net, Spelling, Tensor
from gnomon.zoo.registry import network


def positions(net: Net, x: Tensor) -> Tensor:
    """Add a learned vector for every position."""
    return ops.add(net, x, net.weight("position", (1, *x.shape[1:]), 0.2))


def padding_bias(net: Net, mask: Tensor) -> Tensor:
    """An attention mask of ones and zeros as an additive bias ``[batch, 1, 1, length]``."""
    wide = ops.unsqueeze(net, ops.unsqueeze(net, mask, 1), 2)
    hidden = ops.sub(net, net.constant(1.0, np.float32), ops.cast(net, wide, TensorProto.FLOAT))
    return ops.scale(net, hidden, -1e4)


def post_norm_block(
    net: Net, x: Tensor, count: int, bias: Tensor | None, act: Activation = ops.gelu, ratio: int = 4
) -> Tensor:
    """A BERT layer: normalised after each sum."""
    x = layers.layer_norm(net, ops.add(net, layers.attention(net, x, count, bias=bias), x), 1e-12)
    return layers.layer_norm(
        net, ops.add(net, layers.mlp(net, x, ratio * x.shape[-1], act), x), 1e-12
    )


def bert_input(
    net: Net, batch: int, length: int, width: int, segments: bool
) -> tuple[Tensor, Tensor]:
    """Embedded tokens and the bias that hides padding."""
    x = layers.embedding(net, ops.tokens(net, "input_ids", batch, length), 6000, width)
    mask = ops.tokens(net, "attention_mask", batch, length)
    if segments:
        kinds = ops.tokens(net, "token_type_ids", batch, length)
        x = ops.add(net, x, layers.embedding(net, kinds, 2, width))
    return layers.layer_norm(net, positions(net, x), 1e-12), padding_bias(net, mask)


@network("bert_b1", "bert", opset=11)
@network("bert_dynamic_b2", "bert", batch=2, opset=14, dynamic=True)
@network("bert_b4", "bert", batch=4, opset=20, spelling=Spelling.DYNAMO)
def _bert(net: Net) -> dict[str, Tensor]:
    sizes = {
        "bert_b1": (1, 128, 512, 8, 8),
        "bert_dynamic_b2": (2, 72, 384, 6, 6),
        "bert_b4": (4, 40, 448, 7, 6),
    }
    batch, length, width, count, depth = sizes[net.name]
    x, bias = bert_input(net, batch, length, width, True)
    for _ in range(depth):
        x = post_norm_block(net, x, count, bias)
    pooled = linear(net, ops.gather(net, x, net.constant(0), axis=1), width, act=ops.tanh)
    return {"last_hidden_state": x, "pooled": pooled}


@network("distilbert_b2", "distilbert", batch=2, opset=17)
def _distilbert(net: Net) -> dict[str, Tensor]:
    x, bias = bert_input(net, 2, 160, 384, False)
    for _ in range(4):
        x = post_norm_block(net, x, 12, bias)
    first = ops.gather(net, x, net.constant(0), axis=1)
    return {"logits": linear(net, linear(net, first, 384, act=ops.relu), 2)}


@network("gpt2_b1", "gpt2", opset=14)
@network("gpt2_b2", "gpt2", batch=2, opset=21, spelling=Spelling.DYNAMO)
def _gpt2(net: Net) -> dict[str, Tensor]:
    batch, length, width, count, depth = (2, 48, 384, 6, 8) if net.dynamo else (1, 96, 512, 8, 6)
    x = positions(
        net, layers.embedding(net, ops.tokens(net, "input_ids", batch, length), 6000, width)
    )
    mask = layers.causal_mask(net, length)
    for _ in range(depth):
        x = ops.add(net, x, gpt2_attention(net, layers.layer_norm(net, x), count, mask))
        x = ops.add(net, x, layers.mlp(net, layers.layer_norm(net, x), 4 * width, ops.gelu_tanh))
    return {"logits": linear(net, layers.layer_norm(net, x), 6000, bias=False)}


def gpt2_attention(net: Net, x: Tensor, count: int, mask: Tensor) -> Tensor:
    """GPT-2's attention: its dense layers are products of matrices of all rows (``Gemm``)."""
    batch, length, width = x.shape
    rows = ops.reshape(net, x, (batch * length, width))
    merged = ops.reshape(net, linear(net, rows, 3 * width), (batch, length, 3 * width))
    q, k, v = ops.split(net, merged, [width] * 3, 2)
    k = layers.heads(net, k, count, (0, 2, 3, 1))
    y = layers.attend(net, layers.heads(net, q, count), k, layers.heads(net, v, count), mask)
    back = linear(net, ops.reshape(net, y, (batch * length, width)), width)
    return ops.reshape(net, back, x.shape)


def rotate(net: Net, x: Tensor) -> Tensor:
    """Rotary positions: halves swapped and negated, mixed by cosine and sine tables."""
    length, width = x.shape[-2:]
    angles = np.outer(np.arange(length), 1.0 / 10000 ** (np.arange(0, width, 2) / width))
    angles = np.concatenate([angles, angles], 1).astype(np.float32)[None, None]
    low = ops.slice_(net, x, 0, width // 2, 3)
    high = ops.slice_(net, x, width // 2, width, 3)
    swapped = ops.concat(net, [ops.unary(net, "Neg", high), low], 3)
    return ops.add(
        net,
        ops.mul(net, x, net.table(np.cos(angles))),
        ops.mul(net, swapped, net.table(np.sin(angles))),
    )


def repeat_heads(net: Net, x: Tensor, times: int) -> Tensor:
    """Share every key or value head among ``times`` query heads."""
    if times == 1:
        return x
    batch, count, length, width = x.shape
    shape = (batch, count, times, length, width)
    spread = net.node("Expand", [ops.unsqueeze(net, x, 2), net.constant(shape)], shape)
    return ops.reshape(net, spread, (batch, count * times, length, width))


def llama_attention(net: Net, x: Tensor, count: int, shared: int, mask: Tensor) -> Tensor:
    """Grouped-query attention with rotary positions."""
    width = x.shape[-1]
    narrow = width // count * shared
    q = rotate(net, layers.heads(net, linear(net, x, width, bias=False), count))
    k = rotate(net, layers.heads(net, linear(net, x, narrow, bias=False), shared))
    v = layers.heads(net, linear(net, x, narrow, bias=False), shared)
    k = ops.transpose(net, repeat_heads(net, k, count // shared), (0, 1, 3, 2))
    y = layers.attend(net, q, k, repeat_heads(net, v, count // shared), mask)
    return linear(net, y, width, bias=False)


@network("llama_b1", "llama", opset=17)
@network("llama_grouped_b1", "llama", opset=22, spelling=Spelling.DYNAMO)
def _llama(net: Net) -> dict[str, Tensor]:
    length, width, depth, shared = (40, 448, 6, 1) if net.dynamo else (56, 512, 4, 8)
    count = 7 if net.dynamo else 8
    x = layers.embedding(net, ops.tokens(net, "input_ids", 1, length), 6000, width)
    mask = layers.causal_mask(net, length)
    for _ in range(depth):
        x = ops.add(net, x, llama_attention(net, layers.rms_norm(net, x), count, shared, mask))
        y = layers.rms_norm(net, x)
        gate = linear(net, y, 1344, bias=False, act=ops.silu)
        y = ops.mul(net, gate, linear(net, y, 1344, bias=False))
        x = ops.add(net, x, linear(net, y, width, bias=False))
    return {"logits": linear(net, layers.rms_norm(net, x), 6000, bias=False)}


def t5_feed_forward(net: Net, x: Tensor) -> Tensor:
    """A pre-normalised perceptron without biases."""
    y = linear(net, layers.rms_norm(net, x), 1024, bias=False, act=ops.relu)
    return ops.add(net, x, linear(net, y, x.shape[-1], bias=False))


@network("t5_b1", "t5", opset=13)
def _t5(net: Net) -> dict[str, Tensor]:
    width, count = 320, 5
    table = net.weight("shared", (6000, width), 0.5)
    memory = ops.gather(net, table, ops.tokens(net, "input_ids", 1, 96))
    bias = net.weight("relative_bias", (1, count, 96, 96), 0.2)
    for _ in range(4):
        y = layers.attention(net, layers.rms_norm(net, memory), count, bias=bias, qkv_bias=False)
        memory = t5_feed_forward(net, ops.add(net, memory, y))
    memory = layers.rms_norm(net, memory)
    x = ops.gather(net, table, ops.tokens(net, "decoder_input_ids", 1, 32))
    mask = layers.causal_mask(net, 32)
    for _ in range(4):
        y = layers.attention(net, layers.rms_norm(net, x), count, bias=mask, qkv_bias=False)
        x = ops.add(net, x, y)
        y = layers.attention(net, layers.rms_norm(net, x), count, memory=memory, qkv_bias=False)
        x = t5_feed_forward(net, ops.add(net, x, y))
    return {"logits": linear(net, layers.rms_norm(net, x), 6000, bias=False)}


@network("text_cnn_b8", "textcnn", batch=8, opset=11)
def _text_cnn(net: Net) -> dict[str, Tensor]:
    x = layers.embedding(net, ops.tokens(net, "tokens", 8, 120), 6000, 96)
    x = ops.transpose(net, x, (0, 2, 1))
    best = []
    for kernel in (3, 4, 5):
        y = conv(net, x, 96, kernel, padding=0, act=ops.relu)
        best.append(ops.reduce(net, "ReduceMax", y, [2], keepdims=False))
    return {"logits": linear(net, ops.concat(net, best, 1), 5)}
