"""Families of transformers, speech and recurrent networks composed of random layers."""

from collections.abc import Callable

from onnx import TensorProto

from .activations import activation, layer_norm
from .convolutional import Style, cna
from .draw import batch, chance, channels, log_int, pick, round_to
from .graph import GraphBuilder, Tensor
from .primitives import (
    binary,
    cast,
    concat,
    conv,
    flatten,
    gather,
    linear,
    matmul,
    pool,
    reduce,
    reshape,
    slice_axis,
    softmax,
    split,
    squeeze,
    transpose,
    unsqueeze,
)
from .rare import recurrent_layer, state_width
from .transformer import (
    AttentionStyle,
    cached_attention,
    einsum_attention,
    feed_forward,
    layer,
    linear_attention,
    norm,
    self_attention,
    window_layer,
)


def _style(g: GraphBuilder, size: float, kind: str) -> AttentionStyle:
    dim = pick(g.rng, {64: 0.55, 32: 0.2, 128: 0.06, 48: 0.05, 80: 0.04, 96: 0.04, 16: 0.06})
    width = channels(g.rng, 96 * size**0.3, 700 * size**0.3, 8)
    heads = max(1, min(20, round(width / dim)))
    return AttentionStyle.draw(g, heads, dim, kind)


def _width(style: AttentionStyle) -> int:
    return style.heads * style.head_dim


def _depth(g: GraphBuilder, size: float) -> int:
    return max(1, min(14, round(log_int(g.rng, 1, 6) * size**0.25)))


def _length(g: GraphBuilder, size: float) -> int:
    top = min(2048, max(48, 400 * size**0.4))
    return pick(
        g.rng,
        {
            log_int(g.rng, 4, int(top)): 0.5,
            min(int(top), g.rng.choice([16, 32, 64, 128, 128, 256, 384, 512])): 0.5,
        },
    )


def embed(g: GraphBuilder, size: float, width: int, length: int | None = None) -> Tensor:
    """Token ids through an embedding table, plus positions."""
    vocab = (
        g.rng.choice([1000, 5000, 8000, 21128, 30522, 32000, 50257])
        if size > 0.5
        else g.rng.choice([256, 1000, 4000])
    )
    n = length if length is not None else _length(g, size)
    ids = g.input((batch(g.rng), n), TensorProto.INT64, vocab)
    x = gather(g, g.weight((vocab, width), 0.5), ids)
    if chance(g.rng, 0.7):
        x = binary(g, "Add", x, g.weight((1, n, width), 0.1))
    return layer_norm(g, x) if chance(g.rng, 0.5) else x


def padding_mask(g: GraphBuilder, b: int, n: int) -> Tensor:
    """(1 - mask) * -10000 over a (b, n) input of zeros and ones."""
    mask = g.input((b, n), TensorProto.INT64, 2)
    wide = cast(g, unsqueeze(g, unsqueeze(g, mask, 1), 2), TensorProto.FLOAT)
    return binary(g, "Mul", binary(g, "Sub", g.scalar(1.0), wide), g.scalar(-10000.0))


def vit(g: GraphBuilder, size: float) -> list[Tensor]:
    """Patches, class token, layers."""
    style = _style(g, size, "vision")
    patch = g.rng.choice([8, 14, 16, 16, 16, 32])
    side = patch * log_int(g.rng, 4, max(6, min(32, round(16 * size**0.25))))
    x = conv(g, g.input((batch(g.rng), 3, side, side)), _width(style), patch, patch, pad=0)
    b, c, h, w = x.shape
    x = transpose(g, reshape(g, x, (b, c, h * w)), (0, 2, 1))
    if chance(g.rng, 0.7):
        token = g.op("Expand", [g.weight((1, 1, c), 0.5), g.const((b, 1, c))], (b, 1, c))
        x = concat(g, [token, x], 1)
    x = binary(g, "Add", x, g.weight((1, *x.shape[1:]), 0.1))
    for _ in range(_depth(g, size)):
        x = (
            layer(g, x, style)
            if g.opset < 12 or chance(g.rng, 0.92)
            else einsum_attention(g, x, style)
        )
    x = norm(g, x, style)
    y = (
        reduce(g, "ReduceMean", x, (1,), keep=False)
        if chance(g.rng, 0.4)
        else gather(g, x, g.const(0), 1)
    )
    return [linear(g, y, 1000)]


def swin(g: GraphBuilder, size: float) -> list[Tensor]:
    """Windowed attention in stages with patch merging."""
    window = g.rng.choice([4, 6, 7, 7, 8])
    stages = g.rng.randint(1, 3)
    side = window * (1 << (stages - 1)) * g.rng.choice([1, 2, 2, 3, 4] if size > 1 else [1, 1, 2])
    dim, heads = g.rng.choice([16, 24, 32, 32]), g.rng.choice([1, 2, 3, 4])
    x = conv(g, g.input((batch(g.rng), 3, 4 * side, 4 * side)), dim * heads, 4, 4, pad=0)
    x = layer_norm(g, transpose(g, x, (0, 2, 3, 1)))
    for stage in range(stages):
        style = AttentionStyle.draw(g, heads << stage, dim, "vision")
        for i in range(g.rng.choice([1, 2, 2, 4])):
            x = window_layer(g, x, style, window, shifted=i % 2 == 1 and x.shape[1] > window)
        if stage < stages - 1:
            x = _merge_patches(g, x)
    return [linear(g, reduce(g, "ReduceMean", layer_norm(g, x), (1, 2), keep=False), 1000)]


def _merge_patches(g: GraphBuilder, x: Tensor) -> Tensor:
    _, h, w, c = x.shape
    corners = [
        slice_axis(g, slice_axis(g, x, 1, i, h, 2), 2, j, w, 2) for j in (0, 1) for i in (0, 1)
    ]
    return linear(g, layer_norm(g, concat(g, corners, 3)), 2 * c, bias=False)


def text_encoder(g: GraphBuilder, size: float) -> list[Tensor]:
    """Embeddings, padding mask, post- or pre-norm layers, pooled head."""
    style = _style(g, size, "encoder")
    x = embed(g, size, _width(style))
    mask = padding_mask(g, x.shape[0], x.shape[1]) if style.mask == "add" else None
    for _ in range(_depth(g, size)):
        x = layer(g, x, style, mask)
    if chance(g.rng, 0.5):
        return [activation(g, linear(g, gather(g, x, g.const(0), 1), _width(style)), "tanh"), x]
    return [linear(g, x, g.rng.choice([2, 9, _width(style)]))]


def decoder(g: GraphBuilder, size: float) -> list[Tensor]:
    """Causal language models with a vocabulary projection."""
    style = _style(g, size, g.rng.choice(["decoder", "llama"]))
    x = embed(g, size, _width(style))
    for _ in range(_depth(g, size)):
        x = layer(g, x, style)
    x = norm(g, x, style)
    if chance(g.rng, 0.4):
        x = slice_axis(g, x, 1, x.shape[1] - 1, x.shape[1])
    return [
        linear(g, x, log_int(g.rng, 1000, 50000 if size > 1.5 else 8000), bias=chance(g.rng, 0.1))
    ]


def decode_step(g: GraphBuilder, size: float) -> list[Tensor]:
    """One or a few new tokens over a key-value cache."""
    style = _style(g, 1.5 * size, g.rng.choice(["decoder", "llama"]))
    x = embed(g, size, _width(style), g.rng.choice([1, 1, 1, 4]))
    past, caches = log_int(g.rng, 8, 1024), []
    for _ in range(_depth(g, size)):
        y, cache = cached_attention(g, norm(g, x, style), style, past)
        x = binary(g, "Add", x, y)
        x = binary(g, "Add", x, feed_forward(g, norm(g, x, style), style))
        caches += cache
    return [linear(g, norm(g, x, style), log_int(g.rng, 1000, 32000), bias=False), *caches]


def encoder_decoder(g: GraphBuilder, size: float) -> list[Tensor]:
    """An encoder, and a decoder that also attends to its output."""
    style = _style(g, size, "encoder")
    memory = embed(g, size, _width(style))
    depth = max(1, _depth(g, size) // 2)
    for _ in range(depth):
        memory = layer(g, memory, style)
    causal = AttentionStyle(**{**style.__dict__, "mask": "where", "post_norm": False})
    ids = g.input((memory.shape[0], log_int(g.rng, 4, 200)), TensorProto.INT64, 4000)
    x = gather(g, g.weight((4000, _width(style)), 0.5), ids)
    for _ in range(depth):
        x = layer(g, x, causal, memory=memory)
    return [linear(g, norm(g, x, style), 4000, bias=False)]


def speech(g: GraphBuilder, size: float) -> list[Tensor]:
    """Waveform or spectrogram front end, then attention and depthwise convolution over time."""
    style = _style(g, size, "vision")
    width = _width(style)
    x = _waveform(g, size, width) if chance(g.rng, 0.45) else _spectrogram(g, size, width)
    for _ in range(_depth(g, size)):
        x = _conformer_layer(g, x, style) if chance(g.rng, 0.5) else layer(g, x, style)
    return [linear(g, x, g.rng.choice([32, 64, 500, 1000]))]


def _waveform(g: GraphBuilder, size: float, width: int) -> Tensor:
    samples = log_int(g.rng, 4000, max(6000, round(64000 * size**0.4)))
    x = g.input((batch(g.rng) if size > 1 else 1, 1, samples))
    inner = channels(g.rng, 32, 512 * min(1.0, size**0.4))
    for k, s in ((10, 5), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)):
        x = conv(g, x, inner, k, s, bias=chance(g.rng, 0.5), pad=0)
        x = activation(g, x, "gelu")
    return linear(g, layer_norm(g, transpose(g, x, (0, 2, 1))), width)


def _spectrogram(g: GraphBuilder, size: float, width: int) -> Tensor:
    mels, frames = (
        g.rng.choice([40, 64, 80, 80, 128]),
        log_int(g.rng, 64, max(128, min(3000, round(1200 * size**0.5)))),
    )
    if chance(g.rng, 0.5):
        x = conv(g, g.input((1, mels, frames)), width, 3)
        x = activation(g, conv(g, activation(g, x, "gelu"), width, 3, 2), "gelu")
        return binary(g, "Add", transpose(g, x, (0, 2, 1)), g.weight((x.shape[2], width), 0.1))
    x = cna(g, g.input((1, 1, frames, mels)), Style("none", "relu"), channels(g.rng, 16, 128), 3, 2)
    x = cna(g, x, Style("none", "relu"), x.shape[1], 3, 2)
    b, c, t, f = x.shape
    return linear(g, reshape(g, transpose(g, x, (0, 2, 1, 3)), (b, t, c * f)), width)


def _conformer_layer(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> Tensor:
    x = binary(
        g, "Add", x, binary(g, "Mul", feed_forward(g, norm(g, x, style), style), g.scalar(0.5))
    )
    x = binary(g, "Add", x, self_attention(g, norm(g, x, style), style))
    width = x.shape[-1]
    y = conv(g, transpose(g, norm(g, x, style), (0, 2, 1)), 2 * width, 1)
    a, b = split(g, y, (width, width), 1)
    y = binary(g, "Mul", a, activation(g, b, "sigmoid"))
    y = activation(g, conv(g, y, width, g.rng.choice([7, 15, 31]), group=width), "silu")
    x = binary(g, "Add", x, transpose(g, conv(g, y, width, 1), (0, 2, 1)))
    return layer_norm(g, binary(g, "Add", x, feed_forward(g, norm(g, x, style), style)))


def temporal(g: GraphBuilder, size: float) -> list[Tensor]:
    """Dilated one-dimensional convolutions with gates and skips."""
    width = channels(g.rng, 16 * size**0.3, 128 * size**0.3)
    x = g.input(
        (
            batch(g.rng),
            g.rng.choice([1, 16, 40, 80]),
            log_int(g.rng, 100, max(200, round(12000 * size**0.4))),
        )
    )
    x = conv(g, x, width, g.rng.choice([1, 3, 7]))
    for i in range(g.rng.randint(3, 10)):
        k, d = g.rng.choice([2, 3, 3, 5, 7, 11]) | 1, 1 << (i % 6)
        group = pick(g.rng, {1: 0.75, width: 0.25})
        y = (
            conv(g, x, 2 * width, 3, d=d)
            if chance(g.rng, 0.3)
            else conv(g, x, width, k, d=d, group=group)
        )
        if y.shape[1] == 2 * width:
            a, b = split(g, y, (width, width), 1)
            y = binary(g, "Mul", activation(g, a, "tanh"), activation(g, b, "sigmoid"))
        else:
            y = activation(g, y, g.rng.choice(["relu", "leaky", "prelu"]))
        x = binary(g, "Add", x, conv(g, y, width, 1))
        if chance(g.rng, 0.15) and x.shape[2] > 64:
            x = pool(g, x, "MaxPool", 2, 2, 0)
    return [
        linear(g, reduce(g, "ReduceMean", x, (2,), keep=False), 35)
        if chance(g.rng, 0.5)
        else conv(g, x, 29, 1)
    ]


def recurrent(g: GraphBuilder, size: float) -> list[Tensor]:
    """LSTM, GRU or RNN layers, one- or bidirectional, over features or embeddings."""
    kind = g.rng.choice(["LSTM", "LSTM", "GRU", "GRU", "RNN"])
    hidden = state_width(g, 24 * size**0.3, 400 * size**0.3)
    length, b = log_int(g.rng, 12, max(16, round(160 * size**0.3))), batch(g.rng)
    x = g.input((length, b, channels(g.rng, 16, 400)))
    if chance(g.rng, 0.3):
        vocab = 2000
        x = transpose(
            g,
            gather(g, g.weight((vocab, 128), 0.5), g.input((b, length), TensorProto.INT64, vocab)),
            (1, 0, 2),
        )
    directions = g.rng.choice([1, 2])
    for _ in range(g.rng.randint(1, 3)):
        x = _recurrent_layer(g, x, kind, hidden, directions)
    y = linear(g, x, log_int(g.rng, 10, 2000))
    return [softmax(g, y) if chance(g.rng, 0.4) else y]


def _recurrent_layer(g: GraphBuilder, x: Tensor, kind: str, hidden: int, directions: int) -> Tensor:
    n, b, _ = x.shape
    y = recurrent_layer(g, x, kind, hidden, directions)[0]
    if directions == 1:
        return squeeze(g, y, 1)
    return reshape(g, transpose(g, y, (0, 2, 1, 3)), (n, b, 2 * hidden))


def mixer(g: GraphBuilder, size: float) -> list[Tensor]:
    """Token-mixing and channel-mixing MLPs, or attention across channels."""
    patch, width = (
        g.rng.choice([8, 16, 16, 32]),
        channels(g.rng, 64 * size**0.3, 600 * size**0.3, 8),
    )
    side = patch * g.rng.randint(4, 16)
    x = conv(g, g.input((batch(g.rng), 3, side, side)), width, patch, patch, pad=0)
    b, c, h, w = x.shape
    x = transpose(g, reshape(g, x, (b, c, h * w)), (0, 2, 1))
    head_dim = g.rng.choice([d for d in (16, 32, 64, 8) if width % d == 0])
    style = AttentionStyle.draw(g, width // head_dim, head_dim, "vision")
    across = chance(g.rng, 0.35)
    for _ in range(_depth(g, size)):
        if across:
            x = binary(g, "Add", x, linear_attention(g, norm(g, x, style), style))
        else:
            y = transpose(g, norm(g, x, style), (0, 2, 1))
            y = linear(g, activation(g, linear(g, y, log_int(g.rng, 64, 512)), "gelu"), h * w)
            x = binary(g, "Add", x, transpose(g, y, (0, 2, 1)))
        x = binary(g, "Add", x, feed_forward(g, norm(g, x, style), style))
    return [linear(g, reduce(g, "ReduceMean", x, (1,), keep=False), 1000)]


def dense_stack(g: GraphBuilder, size: float) -> list[Tensor]:
    """Dense layers on a batch of vectors, with feature crosses as recommenders use them."""
    b = g.rng.choice([1, 1, 2, 4, 8, 16, 64, 128])
    x = g.input((b, log_int(g.rng, 16, 2048)))
    for _ in range(g.rng.randint(2, 6)):
        x = linear(
            g,
            x,
            round_to(
                log_int(g.rng, 32, max(64, min(8192, round(1500 * size**0.4)))),
                g.rng.choice([1, 8, 16]),
            ),
        )
        x = activation(
            g, x, g.rng.choice(["relu", "relu", "sigmoid", "tanh", "gelu", "silu", "none"])
        )
    if chance(g.rng, 0.4):
        fields, dim, vocab = g.rng.randint(4, 26), g.rng.choice([8, 16, 32, 64]), 5000
        e = gather(g, g.weight((vocab, dim), 0.5), g.input((b, fields), TensorProto.INT64, vocab))
        cross = matmul(g, e, transpose(g, e, (0, 2, 1)))
        x = concat(g, [x, flatten(g, cross)], 1)
    return [activation(g, linear(g, x, log_int(g.rng, 1, 1000)), "sigmoid")]


TOKENS: dict[str, tuple[float, Callable[[GraphBuilder, float], list[Tensor]]]] = {
    "vit": (1.6, vit),
    "swin": (1.2, swin),
    "text_encoder": (1.6, text_encoder),
    "decoder": (1.6, decoder),
    "decode_step": (0.7, decode_step),
    "encoder_decoder": (0.6, encoder_decoder),
    "speech": (1.2, speech),
    "temporal": (0.7, temporal),
    "recurrent": (0.7, recurrent),
    "mixer": (0.7, mixer),
    "dense_stack": (0.5, dense_stack),
}
