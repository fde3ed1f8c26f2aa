"""The method that predicts held-out samples best, found by cross-validation inside the samples.

With sources, the default is bayes; another method takes its place where it is clearly better:
by more than a standard error of the difference.  Nothing but the samples is looked at.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnomon.evaluation.conformal import folds_of
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Pool, Prediction

FEW = ("bayes", "nearest", "affine", "scale", "adaproxy", "ridge")
SOME = ("bayes", "adaproxy", "ridge", "table")
ALONE = ("table", "ridge")
MANY = ("table", "forest")
"""Candidates, the default first: of few samples, of SOME_SAMPLES, without sources, of many."""
FEWEST = 6
"""Samples below which nothing is compared."""
SOME_SAMPLES = 50
MANY_SAMPLES = 200
FOLDS = 5


class Auto:
    name = "auto"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedAuto(pool)


class _FittedAuto:
    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.fitted: dict[str, Fitted] = {}

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        names = self._candidates(len(samples))
        if len(samples) < FEWEST:
            return _named(names[0], self._ask(names[0], samples, rows, seed), "")
        errors = self._errors(names, samples, seed)
        if not errors:
            raise CannotPredict(f"none of {', '.join(names)} can predict from these samples")
        best = choose(errors)
        note = f", held-out error {np.mean(errors[best]):.1%}"
        return _named(best, self._ask(best, samples, rows, seed), note)

    def _candidates(self, count: int) -> tuple[str, ...]:
        if count > MANY_SAMPLES:
            return MANY
        if not self.pool.sources:
            return ALONE
        return FEW if count < SOME_SAMPLES else SOME

    def _ask(self, name: str, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        # Here and not above: the methods are modules next to this one.
        from gnomon.evaluation.methods import find_method

        if name not in self.fitted:
            self.fitted[name] = find_method(name).fit(self.pool)
        return self.fitted[name].predict(samples, rows, seed)

    def _errors(
        self, names: tuple[str, ...], samples: Measured, seed: int
    ) -> dict[str, np.ndarray]:
        """|log(measured / predicted)| of each sample that was held out, by method."""
        fold = folds_of(len(samples), FOLDS, seed)
        held_out = range(FOLDS) if len(samples) <= MANY_SAMPLES else range(1)
        found: dict[str, np.ndarray] = {}
        for name in names:
            try:
                off = [self._error(name, samples, fold == part, seed) for part in held_out]
            except CannotPredict:
                continue
            found[name] = np.concatenate(off)
        return found

    def _error(self, name: str, samples: Measured, out: np.ndarray, seed: int) -> np.ndarray:
        kept = replace(samples, rows=samples.rows[~out], latency_ms=samples.latency_ms[~out])
        found = self._ask(name, kept, samples.rows[out], seed)
        return np.abs(np.log(samples.latency_ms[out] / found.latency_ms))


def choose(errors: dict[str, np.ndarray]) -> str:
    """The first, or the best of those that are better by more than a standard error."""
    first, *others = errors
    best, least = first, float(np.mean(errors[first]))
    for name in others:
        gain = errors[first] - errors[name]
        doubt = float(np.std(gain, ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else np.inf
        if np.mean(gain) > doubt and np.mean(errors[name]) < least:
            best, least = name, float(np.mean(errors[name]))
    return best


def _named(name: str, found: Prediction, note: str) -> Prediction:
    text = f"{name}{note}" + (f": {found.chosen}" if found.chosen else "")
    return replace(found, chosen=text)


METHOD = Auto()
