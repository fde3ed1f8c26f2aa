"""How answers of GPUs that were measured become that of one that was not, chosen by kind.

Two things are chosen by predicting every source GPU from the others, all of which count alike: how
much the slope over the boards is shrunk, and whether sizes that a source GPU was measured at
are answered by what its forest missed there.  Libraries choose between algorithms by sizes in a
way that forests do not learn (convolutions: 13 to 20 % of a GPU's own rows), and much alike on
different GPUs.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.operators.experts import (
    Expert,
    Floored,
    joined_logs,
    kernel_us,
    latency_us,
    train_expert,
)
from gnomon.evaluation.operators.forest import LAUNCH_SHARE, Settings
from gnomon.evaluation.operators.parts import Part, Seen

PENALTIES = (np.inf, 1.0, 0.5, 0.25)
"""Of the slope over the boards: from the mean to nearly a line."""
SEEN_ABOVE = 1.3
"""Rows that take so many launches show their kernel."""


@dataclass(frozen=True)
class Choice:
    """For one kind."""

    penalty: float = np.inf
    recalls: bool = False


class Memory:
    """What a GPU's forest missed, in the logarithm of the kernel, by operator and sizes."""

    def __init__(self, parts: Sequence[Floored], expert: Expert) -> None:
        self.missed: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        for part in parts:
            rows = np.flatnonzero(part.part.latency_us > SEEN_ABOVE * part.launch_us)
            if not len(rows):
                continue
            kernel = np.maximum(part.part.latency_us - LAUNCH_SHARE * part.launch_us, 1e-3)
            missed = np.log(kernel / part.seen.base_us) - expert.logs(part.seen)
            keys = _keys(part.part.sizes[rows])
            order = np.argsort(keys, kind="stable")
            rows = rows[order]
            self.missed[part.part.operator] = keys[order], part.part.sizes[rows], missed[rows]

    def of(self, part: Part) -> np.ndarray:
        """(n,): nothing for sizes that were not measured."""
        if part.operator not in self.missed:
            return np.zeros(len(part))
        keys, sizes, missed = self.missed[part.operator]
        found = np.minimum(np.searchsorted(keys, _keys(part.sizes)), len(keys) - 1)
        return np.where((sizes[found] == part.sizes).all(axis=1), missed[found], 0.0)


def _keys(sizes: np.ndarray) -> np.ndarray:
    """(n,): a number a row of sizes (n, dimensions); different rows hardly ever share one."""
    powers = np.uint64(0x9E3779B97F4A7C15) ** np.arange(1, sizes.shape[1] + 1, dtype=np.uint64)
    return (sizes.astype(np.uint64) * powers).sum(axis=1, dtype=np.uint64)


class Witness:
    """What one source GPU knows of a kind."""

    def __init__(self, parts: Sequence[Floored], expert: Expert) -> None:
        self.expert, self.memory = expert, Memory(parts, expert)
        self._told: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}

    def logs(self, part: Part, seen: Seen, recalls: bool) -> np.ndarray:
        """log(1 / utilisation) of the part's kernels, (n,)."""
        found = self.expert.logs(seen)
        return found + self.memory.of(part) if recalls else found

    def logs_of_source(self, part: Floored, recalls: bool) -> np.ndarray:
        """The same of a source GPU; kept, since many choices are made from it."""
        key = part.part.operator, part.part.gpu
        if key not in self._told:
            self._told[key] = self.expert.logs(part.seen), self.memory.of(part.part)
        found, missed = self._told[key]
        return found + missed if recalls else found


def train_witnesses(
    parts: dict[tuple[str, str], Floored], settings: Settings, jobs: int
) -> dict[tuple[str, str], Witness]:
    """By (kind, gpu); the same for any number of jobs."""
    groups: dict[tuple[str, str], list[Floored]] = {}
    for _, part in sorted(parts.items()):
        groups.setdefault((part.part.kind, part.part.gpu), []).append(part)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        found = pool.map(
            lambda group: Witness(group, train_expert(group, settings)), groups.values()
        )
        return dict(zip(groups, found, strict=True))


def choose(parts: Sequence[Floored], witnesses: dict[str, Witness], may_recall: bool) -> Choice:
    """The choice with which GPUs are predicted best by the others.

    `parts` are of one kind; `witnesses` are that kind's by GPU.  Every GPU counts alike.
    """
    if len(witnesses) < 3:
        return Choice()
    choices = [Choice(p, r) for r in ((False, True) if may_recall else (False,)) for p in PENALTIES]
    misses: dict[str, list[list[float]]] = {}
    for part in parts:
        others = [own for gpu, own in sorted(witnesses.items()) if gpu != part.part.gpu]
        found = _misses(part, others, choices)
        misses.setdefault(part.part.gpu, []).append(found)
    means = np.mean([np.mean(found, axis=0) for found in misses.values()], axis=0)
    return choices[int(np.argmin(means))]


def _misses(part: Floored, others: list[Witness], choices: list[Choice]) -> list[float]:
    """The mean relative error of each choice."""
    experts = [own.expert for own in others]
    logs = {
        recalls: np.stack([own.logs_of_source(part, recalls) for own in others])
        for recalls in dict.fromkeys(choice.recalls for choice in choices)
    }
    found = []
    for choice in choices:
        joined = joined_logs(experts, part.part.numbers, choice.penalty, logs[choice.recalls])
        predicted = latency_us(kernel_us(part.seen, joined), part.launch_us)
        found.append(float(np.abs(predicted / part.part.latency_us - 1.0).mean()))
    return found
