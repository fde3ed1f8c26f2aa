"""One proxy device for many (arXiv 2111.01203): when its search result holds elsewhere.

A few networks are measured on the target.  If the proxy ranks them alike (Spearman's rank
correlation at least .9) the proxy's Pareto set is used as it is.  If not, the proxy is
adapted to the samples (AdaProxy), its ranking is tested on samples held out, and more are
measured until it is good enough or the budget is spent.  The networks of the set are then
measured on the target, and those that others beat are dropped.

`pass_gate` is the loop, `proceed` all of it for somebody who measures between its calls: both
start anew from the measurements there are, so that nothing has to be kept in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gnomon.evaluation.models.adaproxy import adapt_by_error, proxy_weights
from gnomon.evaluation.proxy.pareto import front, near_front
from gnomon.evaluation.ranking import rank_correlation, rank_interval

FOLDS = 5
"""Samples are held out in turn to test an adapted proxy."""
NOTHING = np.arange(0)


@dataclass(frozen=True)
class Gate:
    """How much is measured, and when a ranking is good enough."""

    threshold: float = 0.9
    probe: int = 25
    step: int = 10
    budget: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold {self.threshold}: expected more than 0 and at most 1")
        if not 3 <= self.probe <= self.budget:
            raise ValueError(
                f"a probe of {self.probe} and a budget of {self.budget} samples: "
                "expected 3 <= probe <= budget"
            )
        if self.step < 1:
            raise ValueError(f"a step of {self.step} samples: expected at least 1")


@dataclass(frozen=True)
class Verdict:
    """What the gate found out, and at what price."""

    opened: bool
    """The last ranking tested was good enough."""
    samples: int
    """Networks measured for it."""
    raw: float
    """Rank correlation of the proxy as it is with the probe."""
    tested: float
    """That of the ranking that is used, on samples that it was not fitted to."""
    adapted: bool
    ranking: np.ndarray
    """(n,): latencies that rank the networks; the proxy's own, or ms of the target."""
    folds: int = 1
    """`tested` is the mean over so many groups of samples."""
    wanted: tuple[int, ...] = ()
    """Networks whose measurements are missing; the gate waits for them, and is not opened."""

    def interval(self) -> tuple[float, float]:
        """90 % bounds of `tested`."""
        return rank_interval(self.tested, self.samples, self.folds)


def pass_gate(
    gate: Gate, proxy: np.ndarray, terms: np.ndarray, order: np.ndarray, measure: np.ndarray
) -> Verdict:
    """Runs the loop until it ends or lacks measurements.

    `proxy` (n,): the proxy's latencies; `terms` (n, inputs): codes times the weights of the
    linear proxy; `order`: networks in the order in which they would be measured;
    `measure` (n,): the target's latencies, NaN where it is not measured; only those in
    `order[:samples]` are read, so that measurements of others change nothing.
    """
    probe = order[: gate.probe]
    if missing := _missing(probe, measure):
        done = len(probe) - len(missing)
        return Verdict(False, done, 0.0, 0.0, False, proxy, wanted=missing)
    raw = rank_correlation(proxy[probe], measure[probe])
    if raw >= gate.threshold:
        return Verdict(True, len(probe), raw, raw, False, proxy)
    rows, tested, folds = probe, *_tested(terms[probe], measure[probe])
    while tested < gate.threshold and len(rows) + gate.step <= min(gate.budget, len(order)):
        more = order[: len(rows) + gate.step]
        if missing := _missing(more, measure):
            ranking = adapt_by_error(terms[rows], measure[rows])(terms)
            return Verdict(False, len(rows), raw, tested, True, ranking, folds, missing)
        rows, (tested, folds) = more, _tested(terms[more], measure[more])
    ranking = adapt_by_error(terms[rows], measure[rows])(terms)
    return Verdict(tested >= gate.threshold, len(rows), raw, tested, True, ranking, folds)


def _missing(rows: np.ndarray, measure: np.ndarray) -> tuple[int, ...]:
    return tuple(int(row) for row in rows if np.isnan(measure[row]))


def _tested(terms: np.ndarray, latency: np.ndarray) -> tuple[float, int]:
    """Mean rank correlation of adapted proxies with the samples held out of them, and the folds.

    Samples come in random order; each fold is tested by itself, since proxies adapted to
    different samples need not agree on the level.
    """
    count = len(latency)
    folds = min(FOLDS, count // 3)
    if folds < 2:
        return 0.0, 1
    alike = []
    for fold in range(folds):
        held = np.arange(count) % folds == fold
        adapted = adapt_by_error(terms[~held], latency[~held])
        alike.append(rank_correlation(adapted(terms[held]), latency[held]))
    return float(np.mean(alike)), folds


@dataclass(frozen=True)
class Candidates:
    """Networks that the proxy knows: what a search on it may choose from."""

    proxy: np.ndarray
    """(n,): the proxy's latencies, measured or predicted."""
    objective: np.ndarray
    """(n,): more is better."""
    codes: np.ndarray
    """(n, inputs), of zeros and ones."""

    @cached_property
    def terms(self) -> np.ndarray:
        """(n, inputs): codes times the weights of the linear proxy."""
        return self.codes * proxy_weights(self.codes, self.proxy)


@dataclass(frozen=True)
class Progress:
    """Where a search for the target stands."""

    verdict: Verdict
    chosen: np.ndarray
    """The front of the ranking; empty while the gate waits."""
    wanted: np.ndarray
    """To be measured next; empty once all is done."""
    front: np.ndarray
    """Networks measured that none measured beats, once all is done; by ascending latency."""

    @property
    def decided(self) -> bool:
        """The gate asks for no more."""
        return not self.verdict.wanted

    @property
    def state(self) -> str:
        """What is to be measured: probe, adapt (more samples), front; or done."""
        if not self.decided:
            return "adapt" if self.verdict.adapted else "probe"
        return "front" if len(self.wanted) else "done"


def proceed(
    gate: Gate,
    candidates: Candidates,
    order: np.ndarray,
    measure: np.ndarray,
    layers: int = 1,
    most: int | None = None,
) -> Progress:
    """What measurements so far say, and which networks to measure next.

    First those that the gate asks for; once it opens, or its budget is spent, the first
    `layers` fronts of its ranking: all of them, or `most`, spread over them by rank.
    `measure` (n,): NaN where the target is not measured.
    """
    verdict = pass_gate(gate, candidates.proxy, candidates.terms, order, measure)
    if verdict.wanted:
        return Progress(verdict, NOTHING, np.array(verdict.wanted), NOTHING)
    chosen = near_front(verdict.ranking, candidates.objective, layers)
    if most is not None and len(chosen) > most:
        ranked = chosen[np.argsort(verdict.ranking[chosen], kind="stable")]
        chosen = ranked[np.linspace(0, len(ranked) - 1, most).round().astype(int)]
    wanted = chosen[np.isnan(measure[chosen])]
    if len(wanted):
        return Progress(verdict, chosen, wanted, NOTHING)
    known = np.flatnonzero(~np.isnan(measure))
    return Progress(
        verdict, chosen, wanted, known[front(measure[known], candidates.objective[known])]
    )
