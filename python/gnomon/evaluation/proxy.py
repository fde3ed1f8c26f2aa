"""One proxy device for many (arXiv 2111.01203): when its search result holds elsewhere.

A few networks are measured on the target.  If the proxy ranks them alike (Spearman's rank
correlation at least .9) the proxy's Pareto set is used as it is.  If not, the proxy is
adapted to the samples (AdaProxy), its ranking is tested on samples held out, and more are
measured until it is good enough or the budget is spent.  The networks of the set are then
measured on the target, and those that others beat are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnomon.evaluation.adaproxy import adapt_by_error
from gnomon.evaluation.ranking import rank_correlation

FOLDS = 5
"""Samples are held out in turn to test an adapted proxy."""


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
    """Networks measured."""
    raw: float
    """Rank correlation of the proxy as it is with the probe."""
    tested: float
    """That of the ranking that is used, on samples that it was not fitted to."""
    adapted: bool
    ranking: np.ndarray
    """(n,): latencies that rank the networks; the proxy's own, or ms of the target."""


def pass_gate(
    gate: Gate, proxy: np.ndarray, terms: np.ndarray, order: np.ndarray, measure: np.ndarray
) -> Verdict:
    """Runs the loop.

    `proxy` (n,): the proxy's latencies; `terms` (n, inputs): codes times the weights of the
    linear proxy; `order`: networks in the order in which they would be measured;
    `measure` (n,): the target's latencies, of which only those in `order[:samples]` are read.
    """
    probe = order[: gate.probe]
    raw = rank_correlation(proxy[probe], measure[probe])
    if raw >= gate.threshold:
        return Verdict(True, len(probe), raw, raw, False, proxy)
    spent = gate.probe
    while True:
        rows = order[:spent]
        tested = _tested(terms[rows], measure[rows])
        if tested >= gate.threshold or spent + gate.step > min(gate.budget, len(order)):
            break
        spent += gate.step
    ranking = adapt_by_error(terms[rows], measure[rows])(terms)
    return Verdict(tested >= gate.threshold, len(rows), raw, tested, True, ranking)


def _tested(terms: np.ndarray, latency: np.ndarray) -> float:
    """Mean rank correlation of adapted proxies with the samples held out of them.

    Samples come in random order; each fold is tested by itself, since proxies adapted to
    different samples need not agree on the level.
    """
    count = len(latency)
    folds = min(FOLDS, count // 3)
    if folds < 2:
        return 0.0
    alike = []
    for fold in range(folds):
        held = np.arange(count) % folds == fold
        adapted = adapt_by_error(terms[~held], latency[~held])
        alike.append(rank_correlation(adapted(terms[held]), latency[held]))
    return float(np.mean(alike))
