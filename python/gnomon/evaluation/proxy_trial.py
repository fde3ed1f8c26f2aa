"""The proxy gate tried on tables where the target is measured everywhere: what it would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gnomon.evaluation.adaproxy import proxy_weights
from gnomon.evaluation.dataset import Dataset
from gnomon.evaluation.encoding import codes
from gnomon.evaluation.means import means
from gnomon.evaluation.networks import aggregate
from gnomon.evaluation.pareto import front, front_share, near_front
from gnomon.evaluation.proxy import Gate, pass_gate
from gnomon.evaluation.ranking import rank_correlation

MACS = "macs"
"""An objective that every table has: multiplications and additions."""


@dataclass(frozen=True)
class Trial:
    """Networks measured on proxy and target, and their objective (more is better)."""

    codes: np.ndarray
    proxy: np.ndarray
    target: np.ndarray
    objective: np.ndarray


def trial_of(data: Dataset, proxy: str, target: str, objective: str) -> Trial:
    """The networks that both columns know; `objective` is `MACS` or a column of the table."""
    networks = data.networks(data.column(proxy).width_mult)
    known = (data.latencies(proxy), data.latencies(target))
    rows = np.flatnonzero(np.isfinite(known[0]) & np.isfinite(known[1]))
    if objective == MACS:
        values = aggregate(networks, 1)["flops"].to_numpy() / 2
    else:
        values = data.latencies(objective)
    return Trial(codes(networks)[rows], known[0][rows], known[1][rows], values[rows])


def run_trial(trial: Trial, gate: Gate, seeds: Sequence[int], layers: int = 1) -> dict[str, Any]:
    """Means over random orders of measuring; `spread` holds deviation, least and most.

    `layers` of the ranking's fronts are measured on the target; 1 is the Pareto set itself.
    """
    if len(trial.proxy) < gate.probe:
        raise ValueError(
            f"proxy and target share {len(trial.proxy)} networks, expected at least the probe's "
            f"{gate.probe}"
        )
    terms = trial.codes * proxy_weights(trial.codes, trial.proxy)
    runs = [_run(trial, terms, gate, seed, layers) for seed in seeds]
    return {
        "n": len(trial.proxy),
        "seeds": len(runs),
        "spearman_raw": rank_correlation(trial.proxy, trial.target),
        "front_true": len(front(trial.target, trial.objective)),
        **means(runs, runs[0]),
    }


def _run(trial: Trial, terms: np.ndarray, gate: Gate, seed: int, layers: int) -> dict[str, Any]:
    order = np.random.default_rng(seed).permutation(len(trial.proxy))
    verdict = pass_gate(gate, trial.proxy, terms, order, trial.target)
    rest = order[verdict.samples :]
    found = near_front(verdict.ranking, trial.objective, layers)
    left = found[front(trial.target[found], trial.objective[found])]
    return {
        "opened": verdict.opened,
        "adapted": verdict.adapted,
        "samples": verdict.samples,
        "spearman_probe": verdict.raw,
        "spearman_tested": verdict.tested,
        "spearman": rank_correlation(verdict.ranking[rest], trial.target[rest]),
        "front": len(found),
        "front_left": len(left),
        "measured": verdict.samples + len(np.setdiff1d(found, order[: verdict.samples])),
        "hypervolume": front_share(left, trial.target, trial.objective),
    }
