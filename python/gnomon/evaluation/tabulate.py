"""Makes a look-up table of blocks from measurements of whole networks.

The additive model splits a network's latency into kernels and cells; summed up by block they are
a table in the sense of Once-for-All, which `gnomon predict` and `gnomon search` take as a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.additive import AdditiveColumns, AdditiveFit, fit_additive
from gnomon.evaluation.conformal import bounds
from gnomon.evaluation.task import Measured, Networks
from gnomon.learning.fit import CONFIDENCES
from gnomon.learning.metrics import summary


@dataclass(frozen=True)
class BlockTable:
    """Milliseconds of every block by resolution (0: one size), and how right they are."""

    latency_ms: dict[int, dict[str, float]]
    seen: dict[int, dict[str, int]]
    """How many of the measured networks have the block."""
    errors: dict[str, float | int | None]
    """Each measured network predicted without itself."""
    interval_log: dict[str, list[float]]
    raised: int
    """Blocks that came out below nothing and count 0."""


def tabulate(networks: Networks, batch: int, measured: Measured) -> BlockTable:
    """Fits the measured networks; tables for every resolution that any network has.

    The networks that were not measured say which blocks there are.
    """
    if networks.blocks is None:
        raise ValueError(f"the space {networks.space!r} has no keys of blocks, so no tables")
    model = AdditiveColumns(networks, batch)
    fit = fit_additive(model, measured.rows, measured.latency_ms)
    latency, seen, raised = {}, {}, 0
    for side in sorted(set(networks.resolution.tolist())):
        values, below = _table_of(networks, model, fit, side)
        own = measured.rows[networks.resolution[measured.rows] == side]
        counts = np.asarray((networks.blocks[own] > 0).sum(axis=0)).reshape(-1)
        latency[side] = {networks.block_keys[b]: value for b, value in values.items()}
        seen[side] = {networks.block_keys[b]: int(counts[b]) for b in values}
        raised += below
    residuals = np.log(measured.latency_ms / fit.held_out_ms)
    interval = {f"{c:g}": list(bounds(residuals, c)) for c in CONFIDENCES}
    errors = summary(measured.latency_ms, fit.held_out_ms)
    return BlockTable(latency, seen, errors, interval, raised)


def _table_of(
    networks: Networks, model: AdditiveColumns, fit: AdditiveFit, side: int
) -> tuple[dict[int, float], int]:
    """Milliseconds by block at one resolution, and how many had to be raised to 0.

    Blocks that all networks have cannot be told from the constant or from one another: together
    they cost what they cost, and share it as their kernels would.
    """
    constant, kernels, cells = fit.parts()
    there = networks.blocks[networks.resolution == side]
    totals = np.asarray(there.sum(axis=0)).reshape(-1)
    blocks = np.flatnonzero(totals)
    price = networks.block_kernels @ kernels
    value = {int(b): float(price[b] + cells[model.cell_of[side, int(b)]]) for b in blocks}
    everywhere = np.asarray((there == 1).sum(axis=0)).reshape(-1) == there.shape[0]
    shared = [b for b in value if everywhere[b]]
    if not shared:
        raise ValueError(f"no block is in all networks of resolution {side}")
    whole = max(0.0, constant + sum(value[b] for b in shared))
    usual = networks.block_kernels @ fit.costs
    share = {b: float(usual[b]) for b in shared}
    for b in shared:
        value[b] = whole * share[b] / sum(share.values())
    below = sum(v < 0 for v in value.values())
    return {b: max(0.0, v) for b, v in value.items()}, below
