"""Latency models of whole networks: inside one device, and on devices left out."""

from __future__ import annotations

from evaluation.session import Session, coverage


def bar1(session: Session) -> None:
    """In-device models of end-to-end measurements; the published network beside them."""
    table = "ofa_mbv3_end_to_end.csv.gz"
    limits = {"rtx2080ti_ms": 0.32, "p40_ms": 0.20, "note10_lut_ms": 0.06}
    published = {"rtx2080ti_ms": 0.386, "p40_ms": 1.18, "note10_lut_ms": 0.353}
    rows = session.network(
        "bar1",
        table,
        *("--test-on", ",".join(limits), "--train-rows", "0:7000", "--test-rows", "7000:8500"),
        *("--samples", "all", "--method", "table,forest,mlp,ridge"),
    )
    for column, limit in limits.items():
        found = {row["method"]: row["mae_ms"] for row in rows if row["column"] == column}
        best = min(("table", "forest"), key=found.get)
        session.check("bar1", f"{column} {best} MAE ms", found[best], limit)
        session.check("bar1", f"{column} mlp MAE ms (published)", found["mlp"], published[column])
    rows = session.network(
        "bar1-few",
        table,
        *("--test-on", "p40_ms", "--train-rows", "0:7000", "--test-rows", "7000:8500"),
        *("--samples", "50,700", "--seeds", 10, "--method", "table,forest"),
    )
    for samples, limit in ((50, 0.02), (700, 0.01)):
        mape = min(row["mape"] for row in rows if row["samples"] == samples)
        session.check("bar1", f"p40_ms {samples} rows MAPE", mape, limit)


def bar2(session: Session) -> None:
    """GPUs left out in turn: from data sheets alone, and with a few samples.

    Limits of ten samples: a line in logarithms over a forest on raw numbers (the prototype).
    """
    rows = session.network(
        "bar2",
        "ofa_mbv3_latency_ms.csv.gz",
        *("--space", "ofa-mbv3", "--leave-out", "device"),
        *("--train-rows", "0:4000", "--test-rows", "4000:5000"),
        *("--samples", "0,10", "--seeds", 10, "--method", "bayes"),
    )
    found = {(row["column"], row["samples"]): row for row in rows}
    prototype = {"titan_rtx_64": 0.017, "v100_64": 0.021, "2080ti_64": 0.035, "titan_xp_64": 0.04}
    for column, limit in prototype.items():
        session.check("bar2", f"{column} zero-shot MAPE", found[column, 0]["mape"], 0.1)
        session.check("bar2", f"{column} 10 samples MAPE", found[column, 10]["mape"], limit)
    mean = sum(found[column, 10]["mape"] for column in prototype) / len(prototype)
    session.check("bar2", "mean of the four, 10 samples MAPE", mean, 0.022)
    for batch in (32, 1):
        for column in (f"{name.rsplit('_', 1)[0]}_{batch}" for name in prototype):
            for samples in (0, 10):
                row = found[column, samples]
                session.check("bar2", f"{column} {samples} samples MAPE", row["mape"])
                session.check("bar2", f"{column} {samples} samples rank", row["spearman"])
    coverage(session, "bar2", rows)


NOISY = ("essential_ph", "samsung_", "pixel2")
"""Phones whose latencies are whole milliseconds: their noise bounds any rank correlation."""


def bar3(session: Session) -> None:
    """Devices of two spaces left out in turn, ten and twenty samples: do networks rank right?"""
    for space in ("nasbench201", "fbnet"):
        rows = session.network(
            f"bar3-{space}",
            f"{space}_latency_ms.csv.gz",
            *("--space", space, "--leave-out", "device", "--train-rows", "0:4000"),
            *("--samples", "10,20", "--seeds", 10, "--method", "bayes,ridge,flops"),
        )
        rank = {(r["method"], r["samples"], r["column"]): r["spearman"] for r in rows}
        columns = list(dict.fromkeys(row["column"] for row in rows))
        quiet = [name for name in columns if not name.startswith(NOISY)]
        for samples, limit in ((10, 0.96), (20, 0.97)):
            for method in ("bayes", "ridge", "flops"):
                mean = sum(rank[method, samples, name] for name in quiet) / len(quiet)
                what = f"{space} {method} {samples} samples, mean rank of {len(quiet)}"
                session.check("bar3", what, mean, limit if method == "bayes" else None, False)
            gain = [rank["bayes", samples, c] - (rank["ridge", samples, c] or 0) for c in columns]
            what = f"{space} {samples} samples, least gain over ridge"
            session.check("bar3", what, min(gain), 0.0, most=False)
            for name in columns:
                if name not in quiet:
                    what = f"{space} {name} (whole ms) {samples} samples, rank"
                    session.check("bar3", what, rank["bayes", samples, name])
        coverage(session, "bar3", [row for row in rows if row["method"] == "bayes"])


def fine_tuning(session: Session) -> None:
    """The last layer of the phone's network on 700 rows of each GPU, against the published ones."""
    rows = session.network(
        "fine-tuning",
        "ofa_mbv3_end_to_end.csv.gz",
        *("--train-on", "note10_lut_ms", "--test-on", "rtx2080ti_ms,p40_ms"),
        *("--train-rows", "0:7000", "--test-rows", "7000:8500", "--samples", "700"),
        *("--seeds", 3, "--method", "refit,refit_ridge"),
    )
    published = {"rtx2080ti_ms": 0.7128, "p40_ms": 1.61}
    for row in rows:
        what = f"{row['column']} {row['method']} MAE ms (published)"
        session.check("fine_tuning", what, row["mae_ms"], published[row["column"]])
