"""What a latency model may see when it is judged, and what it answers.

A method sees the measurements of other devices, the features of all networks, what is
known of the target beforehand (its data sheet, its batch) and a few samples of the
target.  The rest of the target's column stays out of reach: it is not in any object here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
import scipy.sparse


@dataclass(frozen=True)
class Column:
    """A latency column: one device at one batch."""

    name: str
    batch: int = 1
    space: str = ""
    width_mult: float | None = None
    device: str | None = None
    """Name of the device's row in the table of data sheets; None where there is none."""
    numbers: dict[str, float] | None = None
    """The data sheet: cuda_cores, sms, ram_gb, mem_bw_gbps, fp32_tflops, boost_mhz, l2_mb."""


@dataclass(frozen=True)
class Networks:
    """The n networks of a table and what their IR says of them, at batch 1.

    Widths are those of the target; sources may have been measured at another width.
    """

    space: str
    names: list[str]
    """Of the decisions."""
    choices: np.ndarray
    """(n, decisions), int: the option's index, -1 where a decision does not matter."""
    resolution: np.ndarray
    """(n,): pixels of the input's side; 0 for spaces of one size."""
    kernels: pd.DataFrame
    """(K, features): the distinct kernels of all networks, `kind` and the feature list."""
    counts: scipy.sparse.csr_matrix
    """(n, K): how often a network runs a kernel."""
    options: list[list[str]] = field(default_factory=list)
    """Of each decision."""
    block_keys: list[str] = field(default_factory=list)
    """Of blocks as look-up tables name them (`gnomon.block`), where the space has such."""
    blocks: scipy.sparse.csr_matrix | None = None
    """(n, blocks): how often a network has a block; None where the space has no keys."""
    block_kernels: scipy.sparse.csr_matrix | None = None
    """(blocks, K): how often a block runs a kernel."""

    def __len__(self) -> int:
        return len(self.choices)


@dataclass(frozen=True)
class Measured:
    """Measurements of one column: `latency_ms[i]` is that of network `rows[i]`."""

    column: Column
    rows: np.ndarray
    latency_ms: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Pool:
    """What is there before the target is measured."""

    networks: Networks
    sources: tuple[Measured, ...]
    target: Column


@dataclass(frozen=True)
class Prediction:
    """For m networks that were asked for."""

    latency_ms: np.ndarray
    """(m,)"""
    low_ms: np.ndarray | None = None
    """(m,): lower end of the 90 % interval; None where the method gives none."""
    high_ms: np.ndarray | None = None
    extrapolated: np.ndarray | None = None
    """(m,), bool: outside of what the method was trained on."""
    chosen: str = ""
    """What the method decided on the way, for people: the source, the strength of a prior."""


class Fitted(Protocol):
    """A method that has seen its pool."""

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        """The latencies of networks `rows` on the target, of which `samples` are known.

        No samples is a zero-shot prediction; a method that cannot raises `CannotPredict`.
        """
        ...


class Method(Protocol):
    """One way to predict; a module of `gnomon.evaluation.methods` offers it as `METHOD`."""

    name: str

    def fit(self, pool: Pool) -> Fitted: ...


class CannotPredict(ValueError):
    """The method needs what is not there: samples, sources or a data sheet; says which."""
