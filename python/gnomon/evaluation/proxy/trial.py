"""The proxy gate tried on tables where the target is measured everywhere: what it would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gnomon.evaluation.data.dataset import Dataset
from gnomon.evaluation.data.encoding import codes
from gnomon.evaluation.data.networks import aggregate
from gnomon.evaluation.means import means
from gnomon.evaluation.proxy.gate import Candidates, Gate, pass_gate
from gnomon.evaluation.proxy.pareto import front, front_share, near_front
from gnomon.evaluation.ranking import rank_correlation

MACS = "macs"
"""An objective that every table has: multiplications and additions."""


@dataclass(frozen=True)
class Trial:
    """Networks measured on proxy and target."""

    candidates: Candidates
    target: np.ndarray


def trial_of(data: Dataset, proxy: str, target: str, objective: str) -> Trial:
    """The networks that both columns know; `objective` is `MACS` or a column of the table."""
    known = (data.latencies(proxy), data.latencies(target))
    rows = np.flatnonzero(np.isfinite(known[0]) & np.isfinite(known[1]))
    return Trial(candidates_of(data, proxy, objective, rows), known[1][rows])


def candidates_of(data: Dataset, proxy: str, objective: str, rows: np.ndarray) -> Candidates:
    """Rows of a table that the proxy's column knows."""
    networks = data.networks(data.column(proxy).width_mult)
    if objective == MACS:
        values = aggregate(networks, 1)["flops"].to_numpy() / 2
    else:
        values = data.latencies(objective)
    return Candidates(data.latencies(proxy)[rows], values[rows], codes(networks)[rows])


def run_trial(trial: Trial, gate: Gate, seeds: Sequence[int], layers: int = 1) -> dict[str, Any]:
    """Means over random orders of measuring; `spread` holds deviation, least and most.

    `layers` of the ranking's fronts are measured on the target; 1 is the Pareto set itself.
    """
    known = trial.candidates
    if len(known.proxy) < gate.probe:
        raise ValueError(
            f"proxy and target share {len(known.proxy)} networks, expected at least the probe's "
            f"{gate.probe}"
        )
    runs = [_run(trial, gate, seed, layers) for seed in seeds]
    return {
        "n": len(known.proxy),
        "seeds": len(runs),
        "spearman_raw": rank_correlation(known.proxy, trial.target),
        "front_true": len(front(trial.target, known.objective)),
        **means(runs, runs[0]),
    }


def _run(trial: Trial, gate: Gate, seed: int, layers: int) -> dict[str, Any]:
    known, target = trial.candidates, trial.target
    order = np.random.default_rng(seed).permutation(len(target))
    verdict = pass_gate(gate, known.proxy, known.terms, order, target)
    rest = order[verdict.samples :]
    found = near_front(verdict.ranking, known.objective, layers)
    left = found[front(target[found], known.objective[found])]
    return {
        "opened": verdict.opened,
        "adapted": verdict.adapted,
        "samples": verdict.samples,
        "spearman_probe": verdict.raw,
        "spearman_tested": verdict.tested,
        "spearman": rank_correlation(verdict.ranking[rest], target[rest]),
        "front": len(found),
        "front_left": len(left),
        "measured": verdict.samples + len(np.setdiff1d(found, order[: verdict.samples])),
        "hypervolume": front_share(left, target, known.objective),
    }
