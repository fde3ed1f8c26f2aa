"""One operator's measurements on one GPU, as the columns that forests see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gnomon.evaluation.data.specs import find_spec
from gnomon.evaluation.operators.rows import Kernels, device_json, kernels_of
from gnomon.evaluation.operators.tables import Table

TIMES = ("intensity_over_ridge", "compute_over_launch", "traffic_over_launch")
TILED = ("tiled_over_work", "tiled_over_launch", "working_set_over_l2")
TILES = tuple(
    f"{ratio}_{tile}"
    for ratio in ("waves", "wave_fill", "tile_use")
    for tile in ("128x128", "128x64", "64x64", "32x32")
)
ALIGNMENTS = ("gemm_m_alignment", "gemm_n_alignment", "gemm_k_alignment")
PRODUCT = (*TIMES, *TILED, *TILES, "gemm_n", "gemm_k", *ALIGNMENTS)
STREAMS = ("traffic_over_launch", "working_set_over_l2", "elements_over_threads")
ROWS = (*STREAMS, "groups_over_sms", "reduced_size")
WINDOWS = (*STREAMS, "kernel_area", "stride_h", "out_h")

COLUMNS = {
    "matmul": (*PRODUCT, "gemm_batch"),
    "gemm": PRODUCT,
    "conv": (*PRODUCT, "batch", "out_h", "channels_in", "channels_out", "cin_waste_8"),
    "softmax": ROWS,
    "normalization": ROWS,
    "conv_depthwise": WINDOWS,
    "pool": WINDOWS,
    "elementwise": STREAMS,
}
"""The forest's columns by kind: device ratios, and features that are counts or shares."""

TILED_KINDS = ("matmul", "gemm", "conv")
"""Kinds that are matrix products: their time is measured in rounds of tiles."""

ROOFLINE_GAIN = {"conv": 4.0}
"""How much faster than the roofline of the counted work a kernel may be.  Winograd's F(4x4, 3x3)
multiplies 4 times less often (Lavin, Gray, CVPR 2016, section 4.1)."""


@dataclass(frozen=True)
class Seen:
    """n kernels as they look from a device."""

    columns: np.ndarray
    """(n, columns), float32."""
    work_us: np.ndarray
    """(n,): the roofline, without launch."""
    base_us: np.ndarray
    """(n,): what the forest's answer scales; the roofline, or its rounds of tiles."""
    floor_us: np.ndarray
    """(n,): no kernel is faster."""


@dataclass(frozen=True)
class Part:
    """The n rows of one operator on one GPU."""

    operator: str
    gpu: str
    numbers: dict[str, float]
    """The GPU's data sheet."""
    kernels: Kernels
    sizes: np.ndarray
    """(n, dimensions)"""
    latency_us: np.ndarray
    """(n,)"""

    def __len__(self) -> int:
        return len(self.latency_us)

    @property
    def kind(self) -> str:
        return self.kernels.kind

    def seen(self, launch_us: float) -> Seen:
        """The rows, where a launch of this operator takes so long."""
        return see(self.kernels, self.gpu, self.numbers, launch_us)

    def take(self, rows: np.ndarray) -> Part:
        return Part(
            self.operator,
            self.gpu,
            self.numbers,
            self.kernels.take(rows),
            self.sizes[rows],
            self.latency_us[rows],
        )


def see(
    kernels: Kernels,
    gpu: str,
    numbers: dict[str, float],
    launch_us: float,
    further: tuple[str, ...] = (),
) -> Seen:
    """Kernels on a GPU; `further` columns come after those of the kind."""
    from gnomon import _native

    ratios, work = kernels.of_device(device_json(gpu, numbers, launch_us))
    ratio_names, feature_names = _native.device_ratio_names(), _native.feature_names()

    def column(name: str) -> np.ndarray:
        if name in ratio_names:
            return ratios[:, ratio_names.index(name)]
        return kernels.features[:, feature_names.index(name)]

    base = work
    if kernels.kind in TILED_KINDS:
        base = work * column("tiled_over_work")
    names = (*COLUMNS[kernels.kind], *further)
    columns = np.stack([column(name) for name in names], axis=1)
    floor = work / ROOFLINE_GAIN.get(kernels.kind, 1.0)
    return Seen(columns.astype(np.float32), work, base, floor)


def log_sm_ridge(numbers: dict[str, float]) -> float:
    """Logarithm of the operations per 4 bytes at which one multiprocessor fills the memory bus.

    Boards that a low power limit slows down have few multiprocessors' worth of bandwidth.
    """
    peak, bandwidth = numbers["fp32_tflops"] * 1e12, numbers["mem_bw_gbps"] * 1e9
    return float(np.log(4.0 * peak / bandwidth / numbers["sms"]))


def parts_of(
    tables: dict[str, Table],
    specs: dict[str, dict[str, float]],
    gpus: list[str],
    rules: Path,
) -> dict[tuple[str, str], Part]:
    """Rows of the tables by (operator, gpu), of the GPUs that are asked for."""
    parts = {}
    for operator, table in tables.items():
        wanted = [gpu for gpu in gpus if np.any(table.gpu == gpu)]
        if not wanted:
            continue
        kernels = kernels_of(table, rules)
        for gpu in wanted:
            rows = np.flatnonzero(table.gpu == gpu)
            parts[operator, gpu] = Part(
                operator,
                gpu,
                specs[find_spec(specs, gpu)],
                kernels.take(rows),
                table.sizes[rows],
                table.latency_us[rows],
            )
    return parts
