"""What launching an operator takes: the floor that small kernels stand on.

In eager mode the host prepares a launch while the kernel before it runs, so that a kernel takes
no less than the host needs.  The floor of an operator on a GPU is taken apart into a factor of
the operator (how much the host does for it) and the overhead of the machine.  The overhead is a
property of the host, not of the GPU, and no data sheet tells it: for a GPU that was never
measured it is the constant that would have served the measured ones best.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.data.specs import LAUNCH

FASTEST = 3
SMALL = 0.2
"""Kernels whose own time is a smaller share of the fastest rows' times show the floor."""
ENOUGH = 8
LOW = 0.2
"""Quantile of those rows' times: some small kernels (convolutions) take long all the same."""
ROUNDS = 20


def floor_us(latency_us: np.ndarray, base_us: np.ndarray) -> float:
    """The time of rows whose kernels take next to none; the fastest rows' where there are few."""
    fastest = float(np.median(np.sort(latency_us)[:FASTEST]))
    small = base_us < SMALL * fastest
    return float(np.quantile(latency_us[small], LOW)) if small.sum() >= ENOUGH else fastest


def best_constant(values: Iterable[float]) -> float:
    """The value that misses the others by the least mean share of theirs."""
    known = np.sort(np.array(list(values), dtype=float))
    misses = np.abs(known[:, None] / known[None, :] - 1.0).sum(axis=1)
    return float(known[np.argmin(misses)])


@dataclass(frozen=True)
class Launches:
    """floor(operator, gpu) is about factor[operator] * overhead_us[gpu]; the least factor is 1."""

    factor: dict[str, float]
    overhead_us: dict[str, float]

    @property
    def unseen_us(self) -> float:
        """Overhead to expect of a GPU that was not measured."""
        return best_constant(self.overhead_us.values())

    def of(self, operator: str, numbers: dict[str, float]) -> float:
        """What a launch takes on a GPU; its overhead is guessed unless its numbers hold it."""
        return self.factor[operator] * numbers.get(LAUNCH, self.unseen_us)


def take_apart(floors: dict[tuple[str, str], float]) -> Launches:
    """Factors and overheads by medians of rows and columns in turn (Tukey's median polish)."""
    operators = sorted({operator for operator, _ in floors})
    gpus = sorted({gpu for _, gpu in floors})
    table = np.full((len(operators), len(gpus)), np.nan)
    for (operator, gpu), floor in floors.items():
        table[operators.index(operator), gpus.index(gpu)] = np.log(floor)
    row, column = np.zeros(len(operators)), np.zeros(len(gpus))
    for _ in range(ROUNDS):
        row = np.nanmedian(table - column, axis=1)
        column = np.nanmedian(table - row[:, None], axis=0)
    least = row.min()
    return Launches(
        dict(zip(operators, np.exp(row - least).tolist(), strict=True)),
        dict(zip(gpus, np.exp(column + least).tolist(), strict=True)),
    )
