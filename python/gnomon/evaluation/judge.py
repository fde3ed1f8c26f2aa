"""Judges methods on columns of a dataset: fits, predicts, scores, and takes means over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gnomon.evaluation.data.dataset import Dataset, Split, without_equals
from gnomon.evaluation.data.sampling import coordinates, pick_random, pick_spread
from gnomon.evaluation.means import METRICS, means
from gnomon.evaluation.methods import find_method
from gnomon.evaluation.task import (
    CannotPredict,
    Column,
    Fitted,
    Measured,
    Networks,
    Pool,
    Prediction,
)
from gnomon.learning.metrics import summary

ALL = -1
"""A sample count: every row of the training part."""


@dataclass(frozen=True)
class Plan:
    """What is asked of one dataset."""

    tasks: tuple[tuple[str, tuple[str, ...]], ...]
    """Test columns, each with its source columns."""
    methods: tuple[str, ...]
    samples: tuple[int, ...]
    seeds: tuple[int, ...]
    pick: str
    jobs: int = 1
    keep: bool = False
    """Every prediction, too."""


@dataclass(frozen=True)
class Case:
    """One method on one test column."""

    method: str
    target: str
    sources: tuple[str, ...]


def judge(data: Dataset, split: Split, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """{"rows": one a (column, samples, method), "skipped": what cannot be predicted}.

    If the plan says so, "predictions" is a table of all of them, else it is None.

    The same for any number of jobs: every case is computed for itself, by one thread.
    """
    cases = [
        Case(method, target, sources) for target, sources in plan.tasks for method in plan.methods
    ]
    for name in dict.fromkeys(name for case in cases for name in (case.target, *case.sources)):
        data.latencies(name)
        data.column(name)
    for case in cases:  # formed once, before threads ask for them
        data.networks(data.column(case.target).width_mult)

    def run(case: Case) -> list[dict[str, Any]]:
        rows = _judge_case(data, split, plan, case)
        say(f"{case.target}: {case.method} judged")
        return rows

    with threadpool_limits(1), ThreadPoolExecutor(max(1, plan.jobs)) as pool:
        rows = [row for found in pool.map(run, cases) for row in found]
    kept = [table for row in rows for table in row.pop("predictions", ())]
    return {
        "rows": [row for row in rows if "reason" not in row],
        "skipped": [row for row in rows if "reason" in row],
        "predictions": pd.concat(kept) if kept else None,
    }


def _judge_case(data: Dataset, split: Split, plan: Plan, case: Case) -> list[dict[str, Any]]:
    target = data.column(case.target)
    networks = data.networks(target.width_mult)
    sources = tuple(data.measured(name, split.train) for name in case.sources)
    known = np.unique(np.concatenate([split.train[:0], *(s.rows for s in sources)]))
    rows: list[dict[str, Any]] = []
    fitted: Fitted | None = None
    for count in plan.samples:
        head = _head(case, target, count, sources)
        try:
            if fitted is None:
                fitted = find_method(case.method).fit(Pool(networks, sources, target))
            runs = [
                _run(data, split, networks, fitted, case.target, samples, seed)
                for samples, seed in _draws(data, split, networks, plan, case.target, count)
            ]
        except CannotPredict as error:
            rows.append({**head, "reason": str(error)})
            continue
        rows.append({**head, "pick": plan.pick if count > 0 else None, **_mean(runs)})
        scored = runs[0]["predictions"]["row"]
        rows[-1]["measured_elsewhere"] = float(np.mean(np.isin(scored, known)))
        if plan.keep:
            rows[-1]["predictions"] = [_labelled(run["predictions"], head) for run in runs]
    return rows


def _labelled(predictions: pd.DataFrame, head: dict[str, Any]) -> pd.DataFrame:
    labels = {name: head[name] for name in ("column", "samples", "method")}
    return pd.concat([pd.DataFrame(labels, index=predictions.index), predictions], axis=1)


def _head(case: Case, target: Column, count: int, sources: tuple[Measured, ...]) -> dict[str, Any]:
    return {
        "column": case.target,
        "device": target.device,
        "batch": target.batch,
        "samples": "all" if count == ALL else count,
        "method": case.method,
        "sources": [source.column.name for source in sources],
    }


def _candidates(data: Dataset, split: Split, target: str) -> np.ndarray:
    """Rows that samples may be chosen from: of the test part where the training part lacks them."""
    there = np.isfinite(data.latencies(target))
    rows = split.train[there[split.train]]
    return rows if len(rows) else split.test[there[split.test]]


def _draws(
    data: Dataset, split: Split, networks: Networks, plan: Plan, target: str, count: int
) -> list[tuple[np.ndarray, int]]:
    """The rows sampled in each run, and the run's seed."""
    candidates = _candidates(data, split, target)
    if count == ALL:
        return [(candidates, plan.seeds[0])]
    if count == 0:
        return [(candidates[:0], plan.seeds[0])]
    if count > len(candidates):
        raise ValueError(
            f"{count} samples of {target!r} are asked for, and the training part has "
            f"{len(candidates)}"
        )
    if plan.pick == "spread":
        most = max(k for k in plan.samples if k <= len(candidates))
        key = (target, most)
        if key not in data.picks:
            data.picks[key] = pick_spread(coordinates(networks), candidates, most)
        return [(np.sort(data.picks[key][:count]), plan.seeds[0])]
    return [(pick_random(candidates, count, seed), seed) for seed in plan.seeds]


def _run(
    data: Dataset,
    split: Split,
    networks: Networks,
    fitted: Fitted,
    target: str,
    samples: np.ndarray,
    seed: int,
) -> dict[str, Any]:
    latency = data.latencies(target)
    test = split.test[np.isfinite(latency[split.test])]
    test = without_equals(networks, test, samples)
    if not len(test):
        raise ValueError(
            f"no row of {target!r} is left to score: expected test rows besides the "
            f"{len(samples)} that are sampled (--train-rows, --test-rows)"
        )
    found = fitted.predict(data.measured(target, samples), test, seed)
    scores = summary(latency[test], found.latency_ms, found.low_ms, found.high_ms)
    far = found.extrapolated
    return {
        **scores,
        "extrapolated": None if far is None else float(np.mean(far)),
        "chosen": found.chosen,
        "predictions": _predictions(test, latency[test], found, seed),
    }


def _predictions(rows: np.ndarray, truth: np.ndarray, found: Prediction, seed: int) -> pd.DataFrame:
    """One line a network; what the method does not say is empty."""
    said = {
        "predicted": found.latency_ms,
        "low": found.low_ms,
        "high": found.high_ms,
        "extrapolated": found.extrapolated,
    }
    known = {name: values for name, values in said.items() if values is not None}
    columns = ["seed", "row", "measured", *said]
    return pd.DataFrame({"seed": seed, "row": rows, "measured": truth, **known}, columns=columns)


def _mean(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means over runs, and what was chosen in any of them."""
    return {
        "seeds": len(runs),
        "n": runs[0]["n"],
        **means(runs, (*METRICS, "extrapolated")),
        "chosen": sorted({run["chosen"] for run in runs if run["chosen"]}),
    }
