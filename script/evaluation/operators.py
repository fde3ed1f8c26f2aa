"""Operators of GPUs left out."""

from __future__ import annotations

import csv
import gzip
from statistics import fmean

from evaluation.session import WORK, Session


def bar4(session: Session) -> None:
    """Operators of each GPU from the data sheets and operators of the others.

    The bars are half of what NeuSight (ASPLOS 2025) reports out of its distribution; elementwise is
    the mean over eleven operators.
    """
    gpus = "P4,P100,V100,T4,A100-40,A100-80"
    peers = ("forests", "roofline", "mlp", "neusight", "trees")
    rows = session.gnomon(
        "bar4",
        "operator",
        session.data / "gpu_ops_fp32",
        *("--specs", session.data / "gpu_specs.csv", "--train-on", gpus, "--jobs", session.jobs),
        *("--samples", "0,10", "--seeds", 10, "--method", ",".join(("utilisation", *peers))),
        *("--own-share", 0.5),
    )
    limits = {"matmul": 0.069, "gemm": 0.070, "elementwise": 0.097, "softmax": 0.070}
    limits |= {"normalization": 0.28, "conv": 0.15}

    def mean(value: str, **wanted: object) -> float:
        found = [row[value] for row in rows if wanted.items() <= row.items()]
        return fmean(found)

    for kind, limit in limits.items():
        own = {"kind": kind, "method": "utilisation"}
        session.check("bar4", f"{kind} MAPE", mean("mape", **own, samples=0), limit)
        for gpu in dict.fromkeys(row["column"] for row in rows if row["kind"] == kind):
            value = mean("mape", **own, samples=0, column=gpu)
            session.check("bar4", f"{kind} MAPE of {gpu}", value)
        session.check("bar4", f"{kind} MAPE, 10 rows", mean("mape", **own, samples=10))
        for peer in peers:
            value = mean("mape", kind=kind, method=peer, samples=0)
            session.check("bar4", f"{kind} MAPE, {peer}", value)
        floor = mean("mape", kind=kind, method="own")
        session.check("bar4", f"{kind} MAPE, half of its own rows known", floor)
    for kind, value in launch_known(session, gpus).items():
        session.check("bar4", f"{kind} MAPE, launch known", value)
    for samples in (0, 10):
        value = mean("coverage90", method="utilisation", samples=samples)
        session.check(
            "bar4", f"inside of 90 % intervals, {samples} rows, at least", value, 0.86, False
        )
        session.check("bar4", f"inside of 90 % intervals, {samples} rows, at most", value, 0.94)


def launch_known(session: Session, gpus: str) -> dict[str, float]:
    """A diagnosis: bar 4 by kind where the host is known: its floor of tanh, cheapest to launch."""
    times: dict[str, list[float]] = {}
    with gzip.open(session.data / "gpu_ops_fp32" / "tanh.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            times.setdefault(row["gpu"], []).append(float(row["latency_ms"]) * 1e3)
    floor_us = {gpu: sorted(own)[len(own) // 100] for gpu, own in times.items()}
    with (session.data / "gpu_specs.csv").open() as file:
        sheets = list(csv.DictReader(file))
    for row in sheets:
        words = set(row["gpu"].removesuffix("GB").split("-"))
        row["launch_overhead_us"] = next(
            (us for gpu, us in floor_us.items() if set(gpu.split("-")) <= words), ""
        )
    known = WORK / "specs-launch.csv"
    with known.open("w", newline="") as file:
        writer = csv.DictWriter(file, sheets[0])
        writer.writeheader()
        writer.writerows(sheets)
    rows = session.gnomon(
        "bar4-launch",
        "operator",
        session.data / "gpu_ops_fp32",
        *("--specs", known, "--train-on", gpus, "--jobs", session.jobs),
        *("--samples", "0", "--method", "utilisation"),
    )
    return {
        kind: fmean(row["mape"] for row in rows if row["kind"] == kind)
        for kind in dict.fromkeys(row["kind"] for row in rows)
    }
