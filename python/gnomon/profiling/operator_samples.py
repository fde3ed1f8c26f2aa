"""Which operators to measure: seed, table and index fix the dimensions of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from random import Random

from ..sampling.draw import log_int
from .operators import TABLES

KERNELS = (1, 3, 3, 5, 7)
POOLS = (2, 3, 3)
RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "linear": ((1, 1), (1, 8192), (1, 65536), (1, 65536)),
    "bmm": ((1, 1024), (1, 1024), (1, 1024), (1, 1024)),
    "ln": ((1, 16384), (64, 4096)),
}
ROWS = ((1, 16384), (1, 4096))
"""Elementwise operators and softmax: rows and their length."""

ATTEMPTS = 1000


@dataclass(frozen=True)
class Limits:
    """The largest operators of a device: bytes of all tensors, multiplications and additions."""

    bytes: float
    flops: float


CPU_LIMITS = Limits(64 << 20, 4e9)
GPU_LIMITS = Limits(2 << 30, 2e12)


def _window(rng: Random, kernels: tuple[int, ...]) -> tuple[int, int, int, int]:
    kernel = rng.choice(kernels)
    return kernel, log_int(rng, max(4, kernel), 256), rng.choice((1, 1, 2)), (kernel - 1) // 2


def _draw(rng: Random, op: str) -> tuple[int, ...]:
    if op == "conv":
        channels = log_int(rng, 3, 2048), log_int(rng, 3, 2048)
        return (log_int(rng, 1, 64), *channels, *_window(rng, KERNELS))
    if op == "dwconv":
        return log_int(rng, 1, 64), log_int(rng, 3, 2048), *_window(rng, KERNELS[1:])
    if op in ("maxpool", "avgpool"):
        return log_int(rng, 1, 64), log_int(rng, 3, 2048), *_window(rng, POOLS)
    return tuple(log_int(rng, *ends) for ends in RANGES.get(op, ROWS))


def size_of(op: str, dims: tuple[int, ...]) -> tuple[float, float]:
    """Bytes of all f32 tensors, and multiplications and additions, of an operator."""
    named = dict(zip(TABLES[op], dims, strict=True))
    if op in ("linear", "bmm"):
        b, m, n, k = dims
        return 4.0 * b * (m * n + n * k + m * k), 2.0 * prod(dims)
    if "kernel" not in named:
        return 12.0 * prod(dims), 8.0 * prod(dims)
    side = (named["size"] + 2 * named["padding"] - named["kernel"]) // named["stride"] + 1
    window, inputs = named["kernel"] ** 2, named["b"] * named["c_in"]
    depth = named["c_in"] if op == "conv" else 1
    weights = window * depth * named.get("c_out", named["c_in"])
    outputs = named["b"] * named.get("c_out", named["c_in"]) * side**2
    return 4.0 * (inputs * named["size"] ** 2 + weights + outputs), 2.0 * outputs * window * depth


def sample(op: str, seed: int, index: int, limits: Limits) -> tuple[int, ...]:
    """The dimensions of a sample within the limits."""
    rng = Random(f"{seed}/{op}/{index}")
    for _ in range(ATTEMPTS):
        dims = _draw(rng, op)
        size, flops = size_of(op, dims)
        if size <= limits.bytes and flops <= limits.flops:
            return dims
    raise ValueError(f"{op}: none of {ATTEMPTS} samples is within {limits}")
