"""Kernels as waves of tiles over a GPU's multiprocessors, after NeuSight (ASPLOS 2025, section 4).

A kernel's result is cut into tiles of one size, each multiprocessor computes a tile at a time, and
a wave is one tile for every one of them.  NeuSight takes the tile from the nearest kernel that was
profiled.  Ours: tables of latencies know no tiles, so a matrix product's tile is the one of four
that a round number of efficiency each makes fastest; rows of softmax and of norms are one tile
each, as there; everything else has tiles of 512 results, a block of PyTorch's vectorised kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.operators.parts import TILED_KINDS
from gnomon.evaluation.operators.rows import Kernels

SIDES = ((128, 128, 0.8), (128, 64, 0.8), (64, 64, 0.65), (32, 32, 0.4))
"""Rows, columns and share of the peak of a product's tiles (as `gnomon/Cost/TiledProduct.h`)."""
ELEMENTS = 512.0
ROW_KINDS = ("softmax", "normalization")
FLOAT = 4.0


@dataclass(frozen=True)
class Tiles:
    """n kernels as tiles."""

    flops: np.ndarray
    """(n,): operations of a tile."""
    bytes: np.ndarray
    """(n,): what a tile reads and writes."""
    count: np.ndarray
    """(n,): tiles of the kernel."""
    traffic: np.ndarray
    """(n,): bytes of the kernel, each counted once."""

    def waves(self, numbers: dict[str, float]) -> np.ndarray:
        """(n,): whole waves on a GPU with this data sheet."""
        return np.ceil(self.count / numbers["sms"])

    def times(self, numbers: dict[str, float]) -> np.ndarray:
        """(n, 4): log2 of microseconds: of a tile's operations and bytes at the peak and the
        bandwidth of one multiprocessor, and of all waves' likewise."""
        sms, waves = numbers["sms"], self.waves(numbers)
        compute = self.flops / (numbers["fp32_tflops"] * 1e6 / sms)
        traffic = self.bytes / (numbers["mem_bw_gbps"] * 1e3 / sms)
        return np.log2(np.stack([compute, traffic, waves * compute, waves * traffic], axis=1))

    def published_ratios(self, numbers: dict[str, float]) -> np.ndarray:
        """(n, 4): NeuSight's: the first two of `times`, and the waves' bytes over the memory
        and the cache of one multiprocessor."""
        whole = self.waves(numbers) * self.bytes * numbers["sms"]
        sizes = (numbers["ram_gb"] * 2**30, numbers["l2_mb"] * 2**20)
        held = np.log2(np.stack([whole / size for size in sizes], axis=1))
        return np.concatenate([self.times(numbers)[:, :2], held], axis=1)

    def roofline_us(self, numbers: dict[str, float]) -> np.ndarray:
        """(n,): of whole waves, all tiles full."""
        intensity = self.count * self.flops / self.traffic
        peak, bandwidth = numbers["fp32_tflops"] * 1e6, numbers["mem_bw_gbps"] * 1e3
        rate = np.minimum(peak, intensity * bandwidth)
        return self.waves(numbers) * self.flops * numbers["sms"] / rate


def tiles_of(kernels: Kernels, numbers: dict[str, float]) -> Tiles:
    """Kernels of one kind on a GPU; no kernel has less than an operation and a tile."""
    from gnomon import _native

    names = _native.feature_names()

    def column(name: str) -> np.ndarray:
        return np.maximum(kernels.features[:, names.index(name)], 1.0)

    traffic = column("bytes")
    if kernels.kind in TILED_KINDS:
        return _product(kernels.kind, column, numbers["sms"], traffic)
    if kernels.kind in ROW_KINDS:
        count = column("outer_size")
    else:
        count = np.ceil(column("elements") / ELEMENTS)
    return Tiles(column("flops") / count, traffic / count, count, traffic)


def _product(
    kind: str, column: Callable[[str], np.ndarray], sms: float, traffic: np.ndarray
) -> Tiles:
    """The fastest tile of `SIDES`.  A convolution has the pixels of all images as rows."""
    batch, rows = column("gemm_batch"), column("gemm_m")
    columns, length = column("gemm_n"), column("gemm_k")
    if kind == "conv":
        rows, batch = rows * column("batch"), column("groups")
    counts, times = [], []
    for height, width, efficiency in SIDES:
        count = batch * np.ceil(rows / height) * np.ceil(columns / width)
        counts.append(count)
        times.append(np.ceil(count / sms) * height * width / efficiency)
    best = np.argmin(times, axis=0)
    height, width, _ = np.array(SIDES)[best].T
    count = np.choose(best, counts)
    flops = 2.0 * height * width * length
    return Tiles(flops, FLOAT * (height * length + length * width + height * width), count, traffic)
