"""Ways to predict operators of a GPU, all with one face: the utilisation model and its peers.

A method is fitted to the source GPUs' parts.  It is asked about rows of the target as a `Part`
whose latencies it must not read: `blind` takes them away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import xgboost

from gnomon.evaluation.data.specs import NUMBERS
from gnomon.evaluation.operators.adapt import Correction, correction_of
from gnomon.evaluation.operators.choice import Witness, choose
from gnomon.evaluation.operators.experts import (
    Floored,
    joined_logs,
    kernel_us,
    latency_us,
)
from gnomon.evaluation.operators.launches import Launches, take_apart
from gnomon.evaluation.operators.parts import Part, Seen


@dataclass(frozen=True)
class Guess:
    """Zero-shot, for n rows: what the kernels take, and what a launch takes."""

    kernels_us: np.ndarray
    launch_us: float

    def latency_us(self) -> np.ndarray:
        return latency_us(self.kernels_us, self.launch_us)

    def corrected_us(self, correction: Correction) -> np.ndarray:
        return correction.apply(self.kernels_us, self.launch_us)

    def correction(self, rows: np.ndarray, measured_us: np.ndarray, noise_log: float) -> Correction:
        """From samples: measurements of some of the rows."""
        return correction_of(self.kernels_us[rows], self.launch_us, measured_us, noise_log)


class Method(Protocol):
    """A fitted method."""

    def guess(self, part: Part) -> Guess:
        """For every row of a part of a GPU that it was not fitted to."""
        ...


def blind(part: Part) -> Part:
    """The part without its measurements."""
    return replace(part, latency_us=np.full(len(part), np.nan))


class Utilisation:
    """What the source GPUs know (`choice.py`), for all operators that they were measured on."""

    def __init__(
        self,
        sources: dict[tuple[str, str], Floored],
        witnesses: dict[tuple[str, str], Witness],
        may_recall: bool,
    ) -> None:
        self.launches: Launches = take_apart({key: part.launch_us for key, part in sources.items()})
        self.witnesses: dict[str, dict[str, Witness]] = {}
        gpus = {gpu for _, gpu in sources}
        for (kind, gpu), witness in sorted(witnesses.items()):
            if gpu in gpus:
                self.witnesses.setdefault(kind, {})[gpu] = witness
        self.choice = {
            kind: choose(_of_kind(sources, kind), known, may_recall)
            for kind, known in self.witnesses.items()
        }

    def guess(self, part: Part) -> Guess:
        launch = self.launches.of(part.operator, part.numbers)
        seen = part.seen(launch)
        return Guess(kernel_us(seen, self.logs(part, seen)), launch)

    def logs(self, part: Part, seen: Seen) -> np.ndarray:
        """log(1 / utilisation) of the part's kernels, (n,)."""
        choice, known = self.choice[part.kind], list(self.witnesses[part.kind].values())
        logs = np.stack([own.logs(part, seen, choice.recalls) for own in known])
        experts = [own.expert for own in known]
        return joined_logs(experts, part.numbers, choice.penalty, logs)


class Roofline:
    """The data sheet alone: no kernel but at its bound; launches as of the source GPUs."""

    def __init__(self, sources: dict[tuple[str, str], Floored]) -> None:
        self.launches = take_apart({key: part.launch_us for key, part in sources.items()})

    def guess(self, part: Part) -> Guess:
        launch = self.launches.of(part.operator, part.numbers)
        return Guess(part.seen(launch).work_us, launch)


class RawTrees:
    """Boosted trees on sizes and raw data sheets, for comparison: they cannot extrapolate."""

    TREES = 200

    def __init__(self, sources: dict[tuple[str, str], Floored], most_rows: int, seed: int) -> None:
        self.boosters = {
            operator: self._train(
                [part.part for key, part in sorted(sources.items()) if key[0] == operator],
                most_rows,
                seed,
            )
            for operator in sorted({operator for operator, _ in sources})
        }

    def _train(self, parts: Sequence[Part], most_rows: int, seed: int) -> xgboost.Booster:
        columns = np.concatenate([self._columns(part) for part in parts])
        truth = np.log(np.concatenate([part.latency_us for part in parts]))
        rows = np.random.default_rng(seed).permutation(len(truth))[:most_rows]
        parameters = {"max_depth": 7, "learning_rate": 0.1, "nthread": 1, "seed": seed}
        data = xgboost.DMatrix(columns[rows], label=truth[rows])
        return xgboost.train(parameters, data, self.TREES)

    @staticmethod
    def _columns(part: Part) -> np.ndarray:
        sheet = np.array([part.numbers[column] for column in NUMBERS])
        return np.concatenate([part.sizes, np.tile(sheet, (len(part), 1))], axis=1)

    def guess(self, part: Part) -> Guess:
        found = self.boosters[part.operator].inplace_predict(self._columns(part))
        # All of it counts as kernel, so that samples correct it as a whole.
        return Guess(np.exp(found.astype(np.float64)), 0.0)


def _of_kind(parts: dict[tuple[str, str], Floored], kind: str) -> list[Floored]:
    return [part for _, part in sorted(parts.items()) if part.part.kind == kind]
