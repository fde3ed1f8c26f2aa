"""Few samples: which method, how many, and what all rows of a device would give."""

from __future__ import annotations

import csv
from collections import Counter
from math import log
from statistics import fmean, median

from evaluation.session import WORK, Session

COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)
SEEDS = 4
PEERS = ("scale", "affine", "nearest", "adaproxy")
"""What `bayes` is not to be worse than; `refit`, which trains networks, has fewer columns."""

Scores = dict[tuple[str, int, str], float]
"""By method, samples and column."""


def scores_of(rows: list[dict], value: str = "mape") -> Scores:
    return {(row["method"], row["samples"], row["column"]): row[value] for row in rows}


def mean_over(scores: Scores, method: str, samples: int) -> float | None:
    """Over all columns; None where the method needs more samples."""
    found = [value for (m, k, _), value in scores.items() if (m, k) == (method, samples)]
    return fmean(found) if found else None


def by_samples(session: Session) -> None:
    """GPUs left out, by number of samples: is `bayes` ever worse than the best of the others?"""
    methods = ("bayes", *PEERS, "ridge")
    rows = session.network(
        "by-samples",
        "ofa_mbv3_latency_ms.csv.gz",
        *("--space", "ofa-mbv3", "--leave-out", "device"),
        *("--train-rows", "0:4000", "--test-rows", "4000:5000", "--seeds", SEEDS),
        *("--samples", ",".join(map(str, COUNTS)), "--method", ",".join(methods)),
    )
    _compare(session, rows, COUNTS, methods, PEERS)
    gpus = "titan_rtx_64,v100_64,2080ti_64,titan_xp_64"
    rows = session.network(
        "by-samples-refit",
        "ofa_mbv3_latency_ms.csv.gz",
        *("--space", "ofa-mbv3", "--leave-out", "device", "--train-on", gpus, "--test-on", gpus),
        *("--train-rows", "0:4000", "--test-rows", "4000:5000", "--seeds", 2),
        *("--samples", "3,10,30,100", "--method", "bayes,refit,refit_ridge"),
    )
    learned = ("refit", "refit_ridge")
    _compare(session, rows, (3, 10, 30, 100), ("bayes", *learned), learned)


def _compare(
    session: Session,
    rows: list[dict],
    counts: tuple[int, ...],
    methods: tuple[str, ...],
    peers: tuple[str, ...],
) -> None:
    """Means over columns, and the column where `bayes` is farthest behind the best peer."""
    scores = scores_of(rows)
    columns = list(dict.fromkeys(row["column"] for row in rows))
    for samples in counts:
        means = {m: mean_over(scores, m, samples) for m in methods}
        best = min(means[m] for m in peers if means[m] is not None)
        for method, mean in means.items():
            if mean is not None:
                limit = best if method == "bayes" else None
                what = f"{method} {samples} samples, mean of {len(columns)} MAPE"
                session.check("by_samples", what, mean, limit)
        behind = {
            column: scores["bayes", samples, column]
            - min(scores[m, samples, column] for m in peers if (m, samples, column) in scores)
            for column in columns
        }
        worst = max(columns, key=behind.__getitem__)
        what = f"bayes {samples} samples, behind the best at worst ({worst})"
        session.check("by_samples", what, behind[worst])
        ahead = sum(value <= 0 for value in behind.values())
        session.check("by_samples", f"bayes {samples} samples, columns where best", ahead)


def in_device(session: Session) -> None:
    """What 4,000 rows of the device itself leave: the noise that nothing gets below."""
    part = ("--train-rows", "0:4000", "--test-rows", "4000:5000", "--samples", "all")
    methods = ("--method", "table,forest")
    tables = {
        "ofa_mbv3": ("mape", "2080ti_64,titan_rtx_1"),
        "fbnet": ("spearman", "essential_ph_1,pixel2,samsung_a50,samsung_s7,1080ti_1"),
        "nasbench201": ("spearman", "pixel3"),
    }
    for space, (value, columns) in tables.items():
        rows = session.network(
            f"in-device-{space}",
            f"{space}_latency_ms.csv.gz",
            *("--test-on", columns, *part, *methods),
        )
        for row in rows:
            what = f"{space} {row['column']} {row['method']}, 4,000 own rows"
            session.check("in_device", f"{what}, {value}", row[value])
            session.check("in_device", f"{what}, in 90 %", row["coverage90"])


STRETCHES = ((4000, 5200), (5200, 8000), (8000, 8500))
"""Rows of the RTX 2080 Ti in the order of the file."""


def drift(session: Session) -> None:
    """Stretches of one series of measurements, under a model of the rows before them."""
    kept = WORK / "drift.csv"
    session.network(
        "drift",
        "ofa_mbv3_end_to_end.csv.gz",
        *("--test-on", "rtx2080ti_ms", "--train-rows", "0:4000", "--samples", "all"),
        *("--method", "table", "--predictions", kept),
    )
    with kept.open() as file:
        rows = list(csv.DictReader(file))
    for begin, end in STRETCHES:
        off = [
            log(float(row["measured"]) / float(row["predicted"]))
            for row in rows
            if begin <= int(row["row"]) < end
        ]
        what = f"RTX 2080 Ti, rows {begin} to {end}, measured over predicted"
        session.check("drift", f"{what}, median of logarithms", median(off))
        middle = median(abs(value - median(off)) for value in off)
        session.check("drift", f"{what}, median distance from it", middle)


AUTO = {
    "ofa_mbv3": ("--space", "ofa-mbv3"),
    "nasbench201": (
        *("--space", "nasbench201"),
        *("--test-on", "samsung_a50,silver_4114,titan_rtx_32,1080ti_256,2080ti_1"),
    ),
    "fbnet": (
        *("--space", "fbnet"),
        *("--test-on", "fpga,raspi4,pixel3,gold_6240,2080ti_32,titanx_1"),
    ),
}
"""Tables, and columns of them."""
SINGLE = ("bayes", "nearest", "affine", "scale", "adaproxy", "ridge", "table", "forest")


def auto(session: Session) -> None:
    """What `auto` picks on devices left out, and what it loses to the best single method."""
    for space, about in AUTO.items():
        rows = session.network(
            f"auto-{space}",
            f"{space}_latency_ms.csv.gz",
            *(*about, "--leave-out", "device", "--seeds", 2),
            *("--train-rows", "0:4000", "--test-rows", "4000:5000"),
            *("--samples", "10,100", "--method", ",".join(("auto", *SINGLE))),
        )
        scores = scores_of(rows)
        for samples in (10, 100):
            of_auto = {c: v for (m, k, c), v in scores.items() if (m, k) == ("auto", samples)}
            means = {m: mean_over(scores, m, samples) for m in SINGLE}
            best = min((m for m in SINGLE if means[m] is not None), key=means.__getitem__)
            what = f"{space} {samples} samples"
            session.check(
                "auto", f"{what}, auto, mean of {len(of_auto)} MAPE", fmean(of_auto.values())
            )
            session.check("auto", f"{what}, best single ({best})", means[best])
            known = [
                min(scores[m, samples, c] for m in SINGLE if (m, samples, c) in scores)
                for c in of_auto
            ]
            session.check("auto", f"{what}, the best of each column", fmean(known))
            picked = Counter(
                text.replace(":", ",").split(",")[0]
                for row in rows
                if (row["method"], row["samples"]) == ("auto", samples)
                for text in row["chosen"]
            )
            for name, count in picked.most_common():
                session.check("auto", f"{what}, picks {name}, share", count / picked.total())
