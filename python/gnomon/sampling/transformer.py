"""Attention and feed-forward blocks over (batch, length, width) tensors, spelt as PyTorch's
exporters spell them.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from onnx import TensorProto

from .activations import TRANSFORMER_ACTIVATIONS, activation, layer_norm, lp_normalise, rms_norm
from .draw import chance, pick
from .graph import GraphBuilder, Tensor
from .primitives import (
    binary,
    concat,
    linear,
    matmul,
    reshape,
    slice_axis,
    softmax,
    split,
    squeeze,
    transpose,
    unsqueeze,
)


@dataclass(frozen=True)
class AttentionStyle:
    """What the layers of one transformer have in common."""

    heads: int
    head_dim: int
    kv_heads: int
    projection: str
    scaling: str
    mask: str
    rotary: bool
    rms: bool
    bias: bool
    post_norm: bool
    fused_norm: bool
    key_first: bool
    safe: bool
    native: bool
    act: str
    mlp: str
    ratio: float

    @property
    def merges_transposes(self) -> bool:
        """Whether consecutive transposes of the keys appear as one."""
        separate = self.projection == "separate" and self.kv_heads == self.heads
        return self.key_first and separate and not self.rotary and not self.native

    @staticmethod
    def draw(g: GraphBuilder, heads: int, head_dim: int, kind: str) -> "AttentionStyle":
        rng = g.rng
        llama = kind == "llama"
        kv = (
            rng.choice([d for d in (1, 2, 4, heads) if heads % d == 0])
            if llama and chance(rng, 0.6)
            else heads
        )
        masks = {
            "vision": {"none": 1.0},
            "encoder": {"add": 0.7, "none": 0.3},
            "llama": {"where": 0.3, "add": 0.7},
        }
        mask = pick(rng, masks.get(kind, {"where": 0.6, "add": 0.4}))
        separate = {"separate": 0.75, "fused_split": 0.25}
        projection = pick(
            rng,
            {"fused_gather": 0.6, "separate": 0.2, "fused_split": 0.2}
            if kind == "vision"
            else separate,
        )
        return AttentionStyle(
            heads,
            head_dim,
            kv,
            "separate" if kv != heads else projection,
            rng.choice(["div", "mul", "both", "query"]),
            mask,
            llama or chance(rng, 0.08),
            llama or (kind == "decoder" and chance(rng, 0.15)),
            not llama and chance(rng, 0.9),
            kind == "encoder" and chance(rng, 0.7),
            chance(rng, 0.75),
            chance(rng, 0.6),
            chance(rng, 0.12),
            chance(rng, 0.7),
            "silu" if llama else pick(rng, TRANSFORMER_ACTIVATIONS),
            pick(rng, {"glu": 0.95, "mlp": 0.05} if llama else {"glu": 0.1, "mlp": 0.9}),
            rng.choice([2.0, 2.667, 3.0, 3.5, 4.0, 4.0, 4.0]),
        )


def norm(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> Tensor:
    """The style's normalisation over the last axis."""
    return rms_norm(g, x) if style.rms else layer_norm(g, x, style.fused_norm)


def _heads(
    g: GraphBuilder,
    x: Tensor,
    heads: int,
    perm: tuple[int, ...] = (0, 2, 1, 3),
    copied: bool = False,
) -> Tensor:
    b, n, c = x.shape
    split_heads = g.const((0, 0, heads, c // heads) if copied else (b, n, heads, c // heads))
    y = g.op("Reshape", [x, split_heads], (b, n, heads, c // heads))
    return transpose(g, y, perm)


def _project(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> tuple[Tensor, Tensor, Tensor]:
    b, n, _ = x.shape
    h, d = style.heads, style.head_dim
    if style.projection == "separate":
        q = _heads(g, linear(g, x, h * d, style.bias), h)
        k, v = (
            _heads(g, linear(g, x, style.kv_heads * d, style.bias), style.kv_heads) for _ in "kv"
        )
        return q, k, v
    joint = linear(g, x, 3 * h * d, style.bias)
    if style.projection == "fused_split":
        q, k, v = (_heads(g, t, h) for t in split(g, joint, (h * d,) * 3, 2))
        return q, k, v
    joint = transpose(g, reshape(g, joint, (b, n, 3, h, d)), (2, 0, 3, 1, 4))
    if chance(g.rng, 0.5):
        q, k, v = (squeeze(g, t, 0) for t in split(g, joint, (1, 1, 1), 0))
        return q, k, v
    q, k, v = (g.op("Gather", [joint, g.const(i)], joint.shape[1:], axis=0) for i in range(3))
    return q, k, v


def rotary(g: GraphBuilder, x: Tensor) -> Tensor:
    """Rotary position embedding by halves: x cos + rotate(x) sin, tables as weights."""
    n, d = x.shape[-2:]
    low, high = slice_axis(g, x, 3, 0, d // 2), slice_axis(g, x, 3, d // 2, d)
    rotated = concat(g, [g.op("Neg", [high]), low], 3)
    cos, sin = g.weight((1, 1, n, d), 0.5), g.weight((1, 1, n, d), 0.5)
    return binary(g, "Add", binary(g, "Mul", x, cos), binary(g, "Mul", rotated, sin))


def _repeat_heads(g: GraphBuilder, x: Tensor, times: int) -> Tensor:
    b, h, n, d = x.shape
    wide = g.op("Expand", [unsqueeze(g, x, 2), g.const((b, h, times, n, d))], (b, h, times, n, d))
    return reshape(g, wide, (b, h * times, n, d))


def _masked(g: GraphBuilder, scores: Tensor, style: AttentionStyle, mask: Tensor | None) -> Tensor:
    n, m = scores.shape[-2:]
    if style.mask == "add":
        return binary(g, "Add", scores, mask if mask is not None else g.weight((1, 1, n, m), 1.0))
    if style.mask == "where":
        causal = g.const(np.tril(np.ones((1, 1, n, m), bool), m - n), np.bool_)
        return g.op(
            "Where", [causal, scores, g.scalar(-1e9)], scores.shape, dtype=TensorProto.FLOAT
        )
    return scores


def _native_attention(
    g: GraphBuilder,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    style: AttentionStyle,
    mask: Tensor | None,
) -> Tensor:
    n, m = q.shape[2], k.shape[2]
    inputs: list[Tensor | None] = [q, k, v]
    if style.mask == "add":
        if mask is not None and mask.shape[2] != n:
            shape = (*mask.shape[:2], n, m)
            mask = g.op("Expand", [mask, g.const(shape)], shape)
        inputs.append(mask if mask is not None else g.weight((1, 1, n, m), 1.0))
    causal = int(style.mask == "where" and n == m)
    work = 4.0 * q.size * m
    scale = 1 / sqrt(q.shape[-1])
    return g.op("Attention", inputs, q.shape, flops=work, is_causal=causal, scale=scale)


def attend(
    g: GraphBuilder,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    style: AttentionStyle,
    mask: Tensor | None = None,
    kt: Tensor | None = None,
) -> Tensor:
    """softmax(q k^T / sqrt(d) + mask) v over (batch, heads, length, dim) tensors.

    `kt`: the keys where the exporter already transposed them.
    """
    if g.opset >= 23 and style.native:
        return _native_attention(g, q, k, v, style, mask)
    if k.shape[1] != q.shape[1]:
        times = q.shape[1] // k.shape[1]
        k, v = _repeat_heads(g, k, times), _repeat_heads(g, v, times)
    root = sqrt(q.shape[-1])
    if style.scaling == "query":
        q = binary(g, "Mul", q, g.scalar(1 / root))
    kt = kt or transpose(g, k, (0, 1, 3, 2))
    if style.scaling == "both":
        q, kt = (binary(g, "Mul", t, g.scalar(1 / sqrt(root))) for t in (q, kt))
    scores = matmul(g, q, kt)
    if style.scaling in ("div", "mul"):
        scores = binary(
            g,
            style.scaling.capitalize(),
            scores,
            g.scalar(root if style.scaling == "div" else 1 / root),
        )
    weights = softmax(g, _masked(g, scores, style, mask))
    if style.safe:
        bad = g.op("IsNaN", [weights], dtype=TensorProto.BOOL)
        weights = g.op(
            "Where", [bad, g.scalar(0.0), weights], weights.shape, dtype=TensorProto.FLOAT
        )
    return matmul(g, weights, v)


def merge(g: GraphBuilder, x: Tensor) -> Tensor:
    """(batch, heads, length, dim) back to (batch, length, width)."""
    b, h, n, d = x.shape
    return reshape(g, transpose(g, x, (0, 2, 1, 3)), (b, n, h * d))


def _attention_of_merged_transposes(
    g: GraphBuilder, x: Tensor, style: AttentionStyle, mask: Tensor | None
) -> Tensor:
    """As models with dynamic sizes are exported, which the runtime fuses into one kernel: one
    transpose takes the keys to (b, h, d, n), reshapes copy the first sizes (zeros).
    """
    h, width = style.heads, style.heads * style.head_dim
    q, k, v = (linear(g, x, width, style.bias) for _ in "qkv")
    q, v = _heads(g, q, h, copied=True), _heads(g, v, h, copied=True)
    kt = _heads(g, k, h, (0, 2, 3, 1), copied=True)
    y = attend(g, q, kt, v, style, mask, kt)
    y = transpose(g, y, (0, 2, 1, 3))
    y = g.op("Reshape", [y, g.const((0, 0, width))], (*x.shape[:2], width))
    return linear(g, y, x.shape[-1], style.bias)


def self_attention(
    g: GraphBuilder, x: Tensor, style: AttentionStyle, mask: Tensor | None = None
) -> Tensor:
    """Projection, attention, output projection."""
    if style.merges_transposes:
        return _attention_of_merged_transposes(g, x, style, mask)
    q, k, v = _project(g, x, style)
    if style.rotary:
        q, k = rotary(g, q), rotary(g, k)
    return linear(g, merge(g, attend(g, q, k, v, style, mask)), x.shape[-1], style.bias)


def cross_attention(g: GraphBuilder, x: Tensor, memory: Tensor, style: AttentionStyle) -> Tensor:
    """Queries from x, keys and values from memory."""
    width = style.heads * style.head_dim
    q = _heads(g, linear(g, x, width, style.bias), style.heads)
    k, v = (_heads(g, linear(g, memory, width, style.bias), style.heads) for _ in "kv")
    y = merge(g, attend(g, q, k, v, AttentionStyle(**{**style.__dict__, "mask": "none"})))
    return linear(g, y, x.shape[-1], style.bias)


def cached_attention(
    g: GraphBuilder, x: Tensor, style: AttentionStyle, past: int
) -> tuple[Tensor, list[Tensor]]:
    """Attention of new tokens over a key-value cache that is a graph input; also the new cache."""
    q, k, v = _project(g, x, style)
    if style.rotary:
        q, k = rotary(g, q), rotary(g, k)
    shape = (x.shape[0], style.kv_heads, past, style.head_dim)
    k, v = (concat(g, [g.input(shape), t], 2) for t in (k, v))
    y = merge(g, attend(g, q, k, v, style))
    return linear(g, y, x.shape[-1], style.bias), [k, v]


def linear_attention(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> Tensor:
    """Attention across channels with normalised queries and keys (d x d scores), or kernelised
    with ReLU.
    """
    q, k, v = _project(g, x, style)
    if chance(g.rng, 0.5):
        q, k, v = (transpose(g, t, (0, 1, 3, 2)) for t in (q, k, v))
        scores = matmul(g, lp_normalise(g, q), transpose(g, lp_normalise(g, k), (0, 1, 3, 2)))
        y = transpose(g, matmul(g, softmax(g, scores), v), (0, 1, 3, 2))
    else:
        q, k = (g.op("Relu", [t]) for t in (q, k))
        context = matmul(g, transpose(g, k, (0, 1, 3, 2)), v)
        y = binary(g, "Mul", matmul(g, q, context), g.scalar(1.0 / x.shape[1]))
    return linear(g, merge(g, y), x.shape[-1], style.bias)


def feed_forward(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> Tensor:
    """Two dense layers around an activation, or the gated form."""
    width = x.shape[-1]
    hidden = max(8, round(width * style.ratio / 8) * 8)
    if style.mlp == "mlp":
        return linear(
            g, activation(g, linear(g, x, hidden, style.bias), style.act), width, style.bias
        )
    if chance(g.rng, 0.3):
        a, b = split(g, linear(g, x, 2 * hidden, style.bias), (hidden, hidden), len(x.shape) - 1)
    else:
        a, b = linear(g, x, hidden, style.bias), linear(g, x, hidden, style.bias)
    return linear(g, binary(g, "Mul", activation(g, a, style.act), b), width, style.bias)


def layer(
    g: GraphBuilder,
    x: Tensor,
    style: AttentionStyle,
    mask: Tensor | None = None,
    memory: Tensor | None = None,
) -> Tensor:
    """One transformer layer, normalised before or after."""
    if style.post_norm:
        x = norm(g, binary(g, "Add", self_attention(g, x, style, mask), x), style)
        return norm(g, binary(g, "Add", feed_forward(g, x, style), x), style)
    x = binary(g, "Add", x, self_attention(g, norm(g, x, style), style, mask))
    if memory is not None:
        x = binary(g, "Add", x, cross_attention(g, norm(g, x, style), memory, style))
    return binary(g, "Add", x, feed_forward(g, norm(g, x, style), style))


def _roll(g: GraphBuilder, x: Tensor, shift: int) -> Tensor:
    for axis in (1, 2):
        n = x.shape[axis]
        x = concat(g, [slice_axis(g, x, axis, shift, n), slice_axis(g, x, axis, 0, shift)], axis)
    return x


def window_layer(
    g: GraphBuilder, x: Tensor, style: AttentionStyle, window: int, shifted: bool
) -> Tensor:
    """A Swin layer over (batch, height, width, channels): roll, window partition, attention with a
    bias, and back.
    """
    b, h, w, c = x.shape
    y = norm(g, x, style)
    y = _roll(g, y, window // 2) if shifted else y
    y = reshape(g, y, (b, h // window, window, w // window, window, c))
    count = b * (h // window) * (w // window)
    y = reshape(g, transpose(g, y, (0, 1, 3, 2, 4, 5)), (count, window * window, c))
    mask = g.weight((1, style.heads, window * window, window * window), 0.5)
    y = self_attention(g, y, AttentionStyle(**{**style.__dict__, "mask": "add"}), mask)
    y = reshape(g, y, (b, h // window, w // window, window, window, c))
    y = reshape(g, transpose(g, y, (0, 1, 3, 2, 4, 5)), (b, h, w, c))
    y = _roll(g, y, h - window // 2) if shifted and h == w else y
    x = binary(g, "Add", x, y)
    return binary(g, "Add", x, feed_forward(g, norm(g, x, style), style))


def einsum_attention(g: GraphBuilder, x: Tensor, style: AttentionStyle) -> Tensor:
    """Attention written with Einsum."""
    b, n, _ = x.shape
    h, d = style.heads, style.head_dim
    q, k, v = (reshape(g, linear(g, x, h * d, style.bias), (b, n, h, d)) for _ in "qkv")
    work = 2.0 * b * h * n * n * d
    scores = g.op("Einsum", [q, k], (b, h, n, n), flops=work, equation="bnhd,bmhd->bhnm")
    weights = softmax(g, binary(g, "Mul", scores, g.scalar(1 / sqrt(d))))
    y = g.op("Einsum", [weights, v], (b, n, h, d), flops=work, equation="bhnm,bmhd->bnhd")
    return linear(g, reshape(g, y, (b, n, h * d)), x.shape[-1], style.bias)
