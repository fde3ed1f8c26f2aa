"""Judges methods on operators of GPUs that they were not fitted to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gnomon.evaluation.means import METRICS, means
from gnomon.evaluation.operators.adapt import NOISE_LOG
from gnomon.evaluation.operators.choice import Witness, train_witnesses
from gnomon.evaluation.operators.experts import Floored, floored
from gnomon.evaluation.operators.forest import Settings
from gnomon.evaluation.operators.intervals import bounds, noise_of, residuals
from gnomon.evaluation.operators.methods import (
    Guess,
    Method,
    RawTrees,
    Roofline,
    Utilisation,
    blind,
)
from gnomon.evaluation.operators.neusight import DenseUtilisation, NeuSight
from gnomon.evaluation.operators.parts import Part, parts_of
from gnomon.evaluation.operators.tables import Table
from gnomon.learning.metrics import summary

METHODS = ("utilisation", "forests", "roofline", "mlp", "neusight", "trees")
PEERS = ("mlp", "neusight", "trees")
"""Without intervals: refitting them for that takes minutes."""


@dataclass(frozen=True)
class Plan:
    """What is asked for."""

    tasks: tuple[tuple[str, tuple[str, ...]], ...]
    """Test GPUs, each with its source GPUs."""
    samples: tuple[int, ...]
    seeds: tuple[int, ...]
    methods: tuple[str, ...]
    settings: Settings
    jobs: int = 1


def leave_one_out(train: list[str], test: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every test GPU with the training GPUs that are not it."""
    return tuple((gpu, tuple(name for name in train if name != gpu)) for gpu in test)


class Judge:
    """Tables, and what was trained from them so far."""

    def __init__(
        self,
        train: dict[str, Table],
        test: dict[str, Table],
        specs: dict[str, dict[str, float]],
        rules: Path,
        plan: Plan,
    ) -> None:
        sources = sorted({gpu for _, names in plan.tasks for gpu in names})
        self.plan = plan
        self.sources: dict[tuple[str, str], Floored] = {
            key: floored(part) for key, part in parts_of(train, specs, sources, rules).items()
        }
        self.targets = parts_of(test, specs, [gpu for gpu, _ in plan.tasks], rules)
        self.witnesses: dict[tuple[str, str], Witness] = {}

    def rows(self, say: Callable[[str], None]) -> list[dict[str, Any]]:
        """One for every test GPU, operator, sample count and method."""
        if {"utilisation", "forests"} & set(self.plan.methods):
            self.witnesses = train_witnesses(self.sources, self.plan.settings, self.plan.jobs)
            say(f"{len(self.witnesses)} forests trained")
        rows = []
        for gpu, sources in self.plan.tasks:
            for method in self.plan.methods:
                rows += list(self._judge(gpu, sources, method))
                say(f"{gpu}: {method} judged")
        return rows

    def fit(self, name: str, gpus: tuple[str, ...]) -> Method:
        """A method that knows these GPUs; `rows` has trained what it needs."""
        sources = {key: part for key, part in self.sources.items() if key[1] in gpus}
        if name in ("utilisation", "forests"):
            return Utilisation(sources, self.witnesses, may_recall=name == "utilisation")
        if name == "roofline":
            return Roofline(sources)
        if name == "mlp":
            return DenseUtilisation(sources, self.plan.settings.seed)
        if name == "neusight":
            return NeuSight(sources, self.plan.settings.seed)
        return RawTrees(sources, self.plan.settings.most_rows, self.plan.settings.seed)

    def _judge(self, gpu: str, sources: tuple[str, ...], name: str) -> Iterator[dict[str, Any]]:
        method = self.fit(name, sources)
        left_out = {} if name in PEERS else self.left_out_methods(name, sources)
        trained = {operator for operator, source in self.sources if source in sources}
        for (operator, target), part in sorted(self.targets.items()):
            if target != gpu or operator not in trained:
                continue
            guess = method.guess(blind(part))
            noise = noise_of(self._residuals(left_out, operator, 0, NOISE_LOG))
            for count in self.plan.samples:
                if count >= len(part):
                    continue
                known = self._residuals(left_out, operator, count, noise)
                limits = bounds(known) if len(known) > 1 else None
                runs = [
                    _score(part, guess, Draw(count, seed, noise), limits)
                    for seed in (self.plan.seeds if count else self.plan.seeds[:1])
                ]
                yield {
                    "column": gpu,
                    "operator": operator,
                    "kind": part.kind,
                    "samples": count,
                    "method": name,
                    "sources": [s for s in sources if (operator, s) in self.sources],
                    "seeds": len(runs),
                    "n": runs[0]["n"],
                    **means(runs, METRICS),
                }

    def left_out_methods(self, name: str, gpus: tuple[str, ...]) -> dict[str, Method]:
        """For every source GPU the method as the other sources make it."""
        return {
            gpu: self.fit(name, tuple(other for other in gpus if other != gpu))
            for gpu in gpus
            if len(gpus) > 2
        }

    def _residuals(
        self, left_out: dict[str, Method], operator: str, samples: int, noise_log: float
    ) -> list[np.ndarray]:
        """Of every source GPU by the method that does not know it."""
        found = []
        for gpu, method in left_out.items():
            source = self.sources.get((operator, gpu))
            others = any((operator, other) in self.sources for other in left_out if other != gpu)
            if source is not None and others and len(source.part) > 2 * samples:
                seed = self.plan.settings.seed
                found.append(residuals(method, source.part, samples, seed, noise_log))
        return found


@dataclass(frozen=True)
class Draw:
    """Which rows are samples, and how noisy they are taken to be."""

    samples: int
    seed: int
    noise_log: float


def _score(
    part: Part, guess: Guess, draw: Draw, limits: tuple[float, float] | None
) -> dict[str, Any]:
    """Scores one draw; rows of the same sizes as a sample are left out."""
    chosen = np.random.default_rng(draw.seed).permutation(len(part))[: draw.samples]
    correction = guess.correction(chosen, part.latency_us[chosen], draw.noise_log)
    same = (part.sizes[:, None, :] == part.sizes[None, chosen, :]).all(axis=2).any(axis=1)
    rest = np.flatnonzero(~same)
    predicted = guess.corrected_us(correction)[rest] / 1e3
    low, high = (None, None) if limits is None else predicted * np.exp(np.array(limits))[:, None]
    return summary(part.latency_us[rest] / 1e3, predicted, low, high)
