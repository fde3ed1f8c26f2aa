"""Single kernels of operators that few networks use but whole families depend on."""

from collections.abc import Callable
from math import prod, sqrt

import numpy as np
from onnx import TensorProto

from .draw import batch, chance, channels, log_int, pick
from .graph import GraphBuilder, Tensor
from .primitives import gather, matmul
from .transformer import AttentionStyle, attend

Outputs = list[Tensor]


def recurrent_layer(
    g: GraphBuilder, x: Tensor, kind: str, hidden: int, directions: int
) -> list[Tensor]:
    """LSTM, GRU or RNN over (length, batch, width); outputs as the operator has them."""
    n, b, width = x.shape
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    std = 1 / sqrt(hidden)
    inputs: list[Tensor | None] = [
        x,
        g.weight((directions, gates * hidden, width), std),
        g.weight((directions, gates * hidden, hidden), std),
        g.weight((directions, 2 * gates * hidden), 0.1),
        None,
        g.weight((directions, b, hidden), 0.1),
    ]
    if kind == "LSTM":
        inputs.append(g.weight((directions, b, hidden), 0.1))
    attributes: dict[str, object] = {
        "hidden_size": hidden,
        "direction": "bidirectional" if directions == 2 else "forward",
    }
    if kind == "GRU":
        attributes["linear_before_reset"] = 1
    work = 2.0 * n * b * directions * gates * hidden * (width + hidden)
    shapes = [(n, directions, b, hidden), (directions, b, hidden)]
    shapes += [(directions, b, hidden)] if kind == "LSTM" else []
    return g.ops(kind, inputs, shapes, flops=work, **attributes)


def state_width(g: GraphBuilder, low: float, high: float) -> int:
    """Width of a recurrent state: mostly a number that networks have, at times any."""
    usual = [n for n in USUAL_WIDTHS if low <= n <= high]
    if usual and chance(g.rng, 0.6):
        return g.rng.choice(usual)
    return channels(g.rng, low, high)


USUAL_WIDTHS = (32, 48, 64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768)


def recurrent(g: GraphBuilder) -> Outputs:
    """One recurrent layer."""
    kind = g.rng.choice(["LSTM", "LSTM", "LSTM", "GRU", "GRU", "GRU", "RNN"])
    hidden, n = state_width(g, 8, 768), log_int(g.rng, 1 if chance(g.rng, 0.3) else 16, 250)
    b = pick(g.rng, {1: 0.4, 2: 0.25, 4: 0.2, 8: 0.15})
    n = max(1, min(n, round(1.5e9 / (16 * b * hidden * hidden))))
    width = hidden * g.rng.choice([1, 1, 2]) if chance(g.rng, 0.4) else channels(g.rng, 4, 768)
    x = g.input((n, b, width))
    return recurrent_layer(g, x, kind, hidden, g.rng.choice([1, 1, 2]))[:1]


def native_attention(g: GraphBuilder) -> Outputs:
    """The Attention operator of opset 23, else its chain, with fewer key heads at times."""
    h, n, d = log_int(g.rng, 1, 16), log_int(g.rng, 1, 600), g.rng.choice([16, 32, 48, 64, 80, 128])
    m = n if chance(g.rng, 0.7) else log_int(g.rng, 8, 1000)
    style = AttentionStyle.draw(g, h, d, g.rng.choice(["llama", "encoder", "decoder"]))
    style = AttentionStyle(**{**style.__dict__, "native": True})
    b, kv = batch(g.rng), style.kv_heads
    q, k, v = g.input((b, h, n, d)), g.input((b, kv, m, d)), g.input((b, kv, m, d))
    return [attend(g, q, k, v, style)]


def einsum(g: GraphBuilder) -> Outputs:
    """Contractions and outer products."""
    b, h = log_int(g.rng, 1, 8), log_int(g.rng, 1, 12)
    n, m, d = log_int(g.rng, 4, 256), log_int(g.rng, 4, 256), g.rng.choice([16, 32, 64])
    work = 2.0 * b * h * n * m * d
    if g.opset < 12:
        return [matmul(g, g.input((b, h, n, d)), g.input((b, h, d, m)))]
    form = g.rng.choice(["bnhd,bmhd->bhnm", "bhnd,bhmd->bhnm", "bnd,md->bnm"])
    if form == "bnd,md->bnm":
        operands = [g.input((b * h, n, d)), g.weight((m, d), 0.1)]
        return [g.op("Einsum", operands, (b * h, n, m), flops=work, equation=form)]
    first = form.startswith("bnhd")
    q, k = ((b, n, h, d), (b, m, h, d)) if first else ((b, h, n, d), (b, h, m, d))
    operands = [g.input(q), g.input(k)]
    return [g.op("Einsum", operands, (b, h, n, m), flops=work, equation=form)]


def _rows(g: GraphBuilder) -> Tensor:
    return g.input((log_int(g.rng, 4, 2000), channels(g.rng, 4, 512)))


def _gather_along_rows(g: GraphBuilder) -> Tensor:
    """Along the last axis, as relative positions of attention do."""
    h, n, m = log_int(g.rng, 1, 16), log_int(g.rng, 8, 400), log_int(g.rng, 8, 800)
    x = g.input((1, h, n, m))
    picks = g.input((1, h, n, log_int(g.rng, 4, m)), TensorProto.INT64, m)
    return g.op("GatherElements", [x, picks], picks.shape, axis=3)


def _embedding(g: GraphBuilder) -> Tensor:
    rows, width = log_int(g.rng, 16, 40000), channels(g.rng, 4, 1024)
    table = g.weight((max(2, min(rows, 8_000_000 // width)), width), 0.1)
    picks = g.input((batch(g.rng), log_int(g.rng, 1, 512)), TensorProto.INT64, table.shape[0])
    return gather(g, table, picks)


def _gather_elements(g: GraphBuilder) -> Tensor:
    x = _rows(g)
    picks = g.input((log_int(g.rng, 1, 500), x.shape[1]), TensorProto.INT64, x.shape[0])
    return g.op("GatherElements", [x, picks], picks.shape, axis=0)


def _scatter_elements(g: GraphBuilder) -> Tensor:
    x = _rows(g)
    picks = g.input((log_int(g.rng, 1, x.shape[0]), x.shape[1]), TensorProto.INT64, x.shape[0])
    return g.op("ScatterElements", [x, picks, g.input(picks.shape)], axis=0)


def _grid_sample(g: GraphBuilder) -> Tensor:
    c, h, w = channels(g.rng, 1, 128), log_int(g.rng, 8, 96), log_int(g.rng, 8, 96)
    if g.opset < 16:
        return _gather_elements(g)
    out = (log_int(g.rng, 8, 96), log_int(g.rng, 8, 96))
    grid = g.op("Tanh", [g.input((1, *out, 2))])
    mode = "bilinear" if g.opset < 20 else "linear"
    shape = (1, c, *out)
    inputs: list[Tensor | None] = [g.input((1, c, h, w)), grid]
    return g.op("GridSample", inputs, shape, flops=8.0 * prod(shape), mode=mode)


def _roi_align(g: GraphBuilder) -> Tensor:
    c, side, n = channels(g.rng, 16, 256), log_int(g.rng, 8, 64), log_int(g.rng, 1, 300)
    size = g.rng.choice([7, 7, 14])
    corners = [[g.rng.uniform(0, side / 2) for _ in "xy"] for _ in range(n)]
    spans = [[g.rng.uniform(1, side / 2) for _ in "xy"] for _ in range(n)]
    ends = [[a + b for a, b in zip(c, s, strict=True)] for c, s in zip(corners, spans, strict=True)]
    boxes = g.const([[*c, *e] for c, e in zip(corners, ends, strict=True)], np.float32)
    which = g.input((n,), TensorProto.INT64, 1)
    shape = (n, c, size, size)
    inputs: list[Tensor | None] = [g.input((1, c, side, side)), boxes, which]
    return g.op(
        "RoiAlign",
        inputs,
        shape,
        flops=30.0 * prod(shape),
        output_height=size,
        output_width=size,
        sampling_ratio=g.rng.choice([0, 2]),
        spatial_scale=1.0,
    )


def _trilu(g: GraphBuilder) -> Tensor:
    x = g.input((log_int(g.rng, 1, 16), log_int(g.rng, 16, 500), log_int(g.rng, 16, 500)))
    return g.op("Trilu", [x], upper=g.rng.choice([0, 1])) if g.opset >= 14 else g.op("Neg", [x])


def _one_hot(g: GraphBuilder) -> Tensor:
    n, depth = log_int(g.rng, 8, 2000), log_int(g.rng, 4, 500)
    index = g.input((n,), TensorProto.INT64, depth)
    values = g.const([0.0, 1.0], np.float32)
    inputs: list[Tensor | None] = [index, g.const(depth), values]
    return g.op("OneHot", inputs, (n, depth), dtype=values.dtype)


_INDEXING: tuple[Callable[[GraphBuilder], Tensor], ...] = (
    _gather_along_rows,
    _embedding,
    _gather_elements,
    _scatter_elements,
    _grid_sample,
    _roi_align,
    _trilu,
    _one_hot,
)


def indexing(g: GraphBuilder) -> Outputs:
    """One operator that reads or writes by index."""
    return [g.rng.choice(_INDEXING)(g)]
