"""Makes a look-up table of blocks from measurements of whole networks.

The additive model splits a network's latency into a constant, kernels and cells of blocks; summed
up by block they are a table in the sense of Once-for-All, which `gnomon predict` and `gnomon
search` take as a bundle.  A key names the sizes of its block, so one entry serves every resolution.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize

from gnomon.evaluation.conformal import bounds
from gnomon.evaluation.models.additive import AdditiveColumns, AdditiveFit, fit_additive
from gnomon.evaluation.task import Measured, Networks
from gnomon.learning.fit import CONFIDENCES
from gnomon.learning.metrics import summary

LEAST = 0.1
"""No block costs less than this share of what its work does at the fit's nonnegative prices."""
LOOSE = 0.3
"""Relative standard deviation of entries that no measurement can tell from others."""
SCALES = 2
"""Of the additive model, chosen by the held-out errors that the intervals come from."""


@dataclass(frozen=True)
class BlockTable:
    """What every block of some networks costs, and how right that is."""

    latency_ms: np.ndarray
    """(blocks,): by the networks' `block_keys`."""
    seen: np.ndarray
    """(blocks,), int: how many of the measured networks have the block."""
    raised: int
    """Entries that had to be held at their least."""
    errors: dict[str, float | int | None]
    """Of the additive model, each measured network predicted without itself."""
    interval_log: dict[str, list[float]]
    fit: AdditiveFit
    """The same model before it became a table."""


def tabulate(networks: Networks, batch: int, measured: Measured) -> BlockTable:
    """Fits the measured networks; the others say which blocks there are besides."""
    if networks.blocks is None:
        raise ValueError(
            f"the space {networks.space!r} has no keys of blocks (gnomon.block), so no tables"
        )
    if len(measured) < 2:
        raise ValueError(f"expected at least two measured networks, found {len(measured)}")
    model = AdditiveColumns(networks, batch, by_resolution=False)
    fit = fit_additive(model, measured.rows, measured.latency_ms)
    residuals = np.log(measured.latency_ms / fit.held_out_ms)
    residuals *= np.sqrt(len(residuals) / max(1, len(residuals) - SCALES))
    usual = networks.block_kernels @ fit.costs
    blocks = networks.blocks[measured.rows]
    precision = _precision(blocks / measured.latency_ms[:, None], residuals, usual)
    found, raised = _raised(_split(networks, fit, usual), LEAST * usual, precision)
    return BlockTable(
        found,
        np.asarray((blocks > 0).sum(axis=0)).reshape(-1),
        raised,
        summary(measured.latency_ms, fit.held_out_ms),
        {f"{c:g}": list(bounds(residuals, c)) for c in CONFIDENCES},
        fit,
    )


def _split(networks: Networks, fit: AdditiveFit, usual: np.ndarray) -> np.ndarray:
    """(blocks,): milliseconds of blocks that add up to a network, constant and all."""
    constant, kernels, cells = fit.parts()
    column = [fit.model.cell_of[0, block] for block in range(len(usual))]
    found = networks.block_kernels @ kernels + cells[column]
    return found + constant * _shares(networks.blocks, usual)


def _shares(blocks: Any, usual: np.ndarray) -> np.ndarray:
    """(blocks,): shares that add up to 1 in every network; the least ones, by what is usual.

    They fall on what all networks have one of: the first layer, the last.
    """
    parts = blocks.multiply(usual[None]).tocsr()
    gram = (parts.T @ parts).toarray()
    ridge = 1e-9 * np.trace(gram) * np.eye(len(gram))
    one = np.asarray(parts.sum(axis=0)).reshape(-1)
    return usual * scipy.linalg.solve(gram + ridge, one, assume_a="pos")


def _precision(parts: Any, residuals: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """(blocks, blocks): how strongly measurements, and prices at last, hold to entries."""
    noise = max(1e-5, float(np.sqrt(np.mean(residuals**2))))
    loose = LOOSE * np.maximum(usual, 1e-3 * usual.mean())
    return (parts.T @ parts).toarray() / noise**2 + np.diag(loose**-2.0)


def _raised(values: np.ndarray, least: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, int]:
    """The nearest values of at least `least`, and how many are held there.

    Near is what the measurements hardly notice: the minimum of (x - values)' precision
    (x - values), by its dual over the bounds that matter (nonnegative least squares).
    """
    covariance = np.linalg.inv(precision)
    held, found = np.flatnonzero(values < least), values
    while len(held):
        corner = np.linalg.cholesky(covariance[np.ix_(held, held)])
        short = scipy.linalg.solve_triangular(corner, (least - values)[held], lower=True)
        push, _ = scipy.optimize.nnls(corner.T, short, maxiter=100 * len(held))
        found = values + covariance[:, held] @ push
        below = np.setdiff1d(np.flatnonzero(found < least), held)
        if not len(below):
            break
        held = np.union1d(held, below)
    return np.maximum(found, least), int((found <= least * (1 + 1e-9)).sum())


def combined(archs: list[dict[str, Any]], alike: bool) -> list[dict[str, Any]]:
    """Architectures that have all blocks of these, if the values of lists combine freely.

    Every combination, the same at all places of a list that know it; if all places are `alike`,
    what one knows all do.  Depths stay at their greatest: deep networks have the blocks of all
    others, and use the places where kernel sizes and ratios are 0.
    """
    ranges = {}
    for field in sorted(archs[0].keys() - {"r"}):
        values = [a[field] if isinstance(a[field], list) else [a[field]] for a in archs]
        unused = {0} if field in ("ks", "e") else set()
        places = [sorted(set(place) - unused) for place in zip(*values, strict=True)]
        if field == "d":
            places = [place[-1:] for place in places]
        elif alike:
            places = [sorted(set().union(*places))] * len(places)
        ranges[field] = [place or [0] for place in places]
    counts = [range(max(len(place) for place in places)) for places in ranges.values()]
    found = []
    for indices in itertools.product(*counts):
        arch = dict(archs[0])
        for (field, places), index in zip(ranges.items(), indices, strict=True):
            picked = [place[index % len(place)] for place in places]
            arch[field] = picked if isinstance(arch[field], list) else picked[0]
        found.append(arch)
    return found


def different(choices: np.ndarray) -> list[int]:
    """Rows of (n, decisions) that together have every option of every decision that is there."""
    seen: set[tuple[int, int]] = set()
    rows = []
    for row, options in enumerate(choices.tolist()):
        new = set(enumerate(options)) - seen
        if new:
            seen |= new
            rows.append(row)
    return rows


def at_sizes(archs: list[dict[str, Any]], sizes: list[int]) -> list[dict[str, Any]]:
    """The same architectures at every image size; as they are where there are no sizes."""
    return [{**arch, "r": size} for size in sizes for arch in archs] if sizes else archs
