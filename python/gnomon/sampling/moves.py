"""Single kernels that only move data."""

from collections.abc import Callable
from itertools import permutations

from onnx import TensorProto

from .draw import batch, chance, channels, log_int
from .graph import GraphBuilder, Tensor
from .primitives import concat, gather, pad, slice_axis, split, transpose

Outputs = list[Tensor]


def move(g: GraphBuilder, x: Tensor) -> Outputs:
    """One of transpose, concat, split, slice, pad, tile, expand, gather, scatter of `x`."""
    kind = g.rng.choice(
        ["transpose"] * 3
        + ["concat", "split", "slice", "pad", "tile", "expand", "gather", "depth", "scatter"]
    )
    axis = g.rng.randrange(len(x.shape))
    return _MOVES[kind](g, x, axis)


def _heads_first(g: GraphBuilder) -> Tensor:
    """Queries, keys and values of an attention in one tensor, brought into one of the orders that
    exporters choose: five dimensions, the batch often one.
    """
    b, n, h, d = batch(g.rng), log_int(g.rng, 8, 1200), log_int(g.rng, 1, 16), log_int(g.rng, 8, 96)
    three = g.rng.choice([1, 2, 3, 3])
    x = g.input((b, n, three, h, d))
    return transpose(g, x, g.rng.choice([(2, 0, 3, 1, 4), (2, 0, 3, 4, 1), (0, 2, 3, 4, 1)]))


def _transposed(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    if chance(g.rng, 0.45):
        return [_heads_first(g)]
    return [transpose(g, x, g.rng.choice(list(permutations(range(len(x.shape))))[1:]))]


def _joined(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    return [concat(g, [x] + [g.input(x.shape) for _ in range(g.rng.randint(1, 4))], axis)]


def _parted(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    n = x.shape[axis]
    first = g.rng.randint(1, n - 1) if n > 1 else n
    return split(g, x, (first, n - first) if n > first else (n,), axis)


def _sliced(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    n = x.shape[axis]
    start = g.rng.randrange(max(1, n // 2))
    return [slice_axis(g, x, axis, start, n, g.rng.choice([1, 1, 2]))]


def _padded(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    amounts = tuple(
        g.rng.choice([0, 1, 2, 3]) if i >= len(x.shape) - 2 else 0 for i in range(len(x.shape))
    )
    safe = all(a < n for a, n in zip(amounts, x.shape, strict=False))
    return [
        pad(
            g,
            x,
            amounts,
            amounts,
            g.rng.choice(["constant", "reflect", "edge"]) if safe else "constant",
        )
    ]


def _tiled(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    repeats = tuple(g.rng.choice([1, 2, 3]) if i == axis else 1 for i in range(len(x.shape)))
    return [
        g.op(
            "Tile",
            [x, g.const(repeats)],
            tuple(a * b for a, b in zip(x.shape, repeats, strict=False)),
        )
    ]


def _expanded(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    small = g.input(tuple(1 if i == axis else n for i, n in enumerate(x.shape)))
    return [g.op("Expand", [small, g.const(x.shape)], x.shape)]


def _gathered(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    return [gather(g, x, g.input((log_int(g.rng, 1, 64),), TensorProto.INT64, x.shape[axis]), axis)]


def _deep(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    r, c, side = g.rng.choice([2, 2, 4]), channels(g.rng, 1, 64), log_int(g.rng, 4, 64)
    if chance(g.rng, 0.5):
        return [
            g.op(
                "SpaceToDepth",
                [g.input((1, c, r * side, r * side))],
                (1, c * r * r, side, side),
                blocksize=r,
            )
        ]
    return [
        g.op(
            "DepthToSpace",
            [g.input((1, c * r * r, side, side))],
            (1, c, r * side, r * side),
            blocksize=r,
            mode=g.rng.choice(["CRD", "DCR"]),
        )
    ]


def _scattered(g: GraphBuilder, x: Tensor, axis: int) -> Outputs:
    rows = g.input((log_int(g.rng, 1, 64), 1), TensorProto.INT64, x.shape[0])
    updates = g.input((rows.shape[0], *x.shape[1:]))
    if chance(g.rng, 0.5):
        return [g.op("ScatterND", [x, rows, updates])]
    return [g.op("GatherND", [x, rows], updates.shape)]


_MOVES: dict[str, Callable[[GraphBuilder, Tensor, int], Outputs]] = {
    "transpose": _transposed,
    "concat": _joined,
    "split": _parted,
    "slice": _sliced,
    "pad": _padded,
    "tile": _tiled,
    "expand": _expanded,
    "gather": _gathered,
    "depth": _deep,
    "scatter": _scattered,
}
