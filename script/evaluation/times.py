"""How long training takes, and asking."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from pathlib import Path

from evaluation.session import ROOT, WORK, Session

SECONDS, MICROSECONDS = 120.0, 60.0
BLOCKS = WORK / "bar7-blocks"
NAMES = {
    "PredictImportedResNet50/0": "imported ResNet-50, CPU bundle",
    "PredictImportedResNet50/1": "imported ResNet-50, GPU bundle",
    "EstimateKernelsOfResNet50/0": "kernels of ResNet-50, CPU bundle",
    "EstimateKernelsOfResNet50/1": "kernels of ResNet-50, GPU bundle",
}
"""Of BenchPass."""


def bar7(session: Session) -> None:
    """Whole processes on at most two cores; predictions of a network that is imported.

    The bar is held against processor time, which neighbours on the machine change less.
    Needs the release build of BenchPass; ResNet-50 is that of the onnx package.
    """
    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores)
    print(f"bar7: {len(cores)} cores, load {os.getloadavg()[0]:.1f}")
    for what, command in _trainings(session.data, len(cores)).items():
        wall, processor = _seconds(session, *command, "-q")
        session.check("bar7", f"{what}, s of processor time", processor, SECONDS)
        session.check("bar7", f"{what}, s by the clock", wall)
    predictions = {"a network by a table of blocks": _by_table(session), **_predictions()}
    for name, us in predictions.items():
        session.check("bar7", f"{name}, us", us, MICROSECONDS)


def _trainings(data: Path, jobs: int) -> dict[str, tuple]:
    """Commands by what they train."""
    table, rows = data / "ofa_mbv3_end_to_end.csv.gz", "0:7000"
    about, sheets = ("--columns", data / "columns.csv"), ("--specs", data / "gpu_specs.csv")
    column = (table, *about, "--column", "p40_ms")
    gpus = ("--train-on", "P4,P100,V100,T4,A100-40,A100-80", "--jobs", jobs)
    forest = ("--test-on", "p40_ms", "--train-rows", rows, "--samples", "all")
    gpu = ("--space", "ofa-mbv3", "--leave-out", "device", "--test-on", "2080ti_64")
    few = ("--train-rows", "0:4000", "--samples", "0,10", "--seeds", 1, "--method", "bayes")
    judge, ofa = ("evaluate", "network"), data / "ofa_mbv3_latency_ms.csv.gz"
    return {
        "table of blocks, 7,000 rows": ("train", *column, "--rows", rows, "--out", BLOCKS),
        "operators of six GPUs": (
            *("train", data / "gpu_ops_fp32", *sheets, *gpus, "--out", WORK / "bar7-operators"),
        ),
        "mlp, 7,000 rows": (
            *("fit-latency", *column, "--train-rows", rows, "--out", WORK / "bar7-mlp.json"),
        ),
        "forest, 7,000 rows": (*judge, table, *about, *forest, "--method", "forest"),
        "bayes, nine columns": (*judge, ofa, *about, *sheets, *gpu, *few),
    }


def _seconds(session: Session, *command: object) -> tuple[float, float]:
    """Of the process, its start and its files included: by the clock, and of all its threads."""
    print("$ gnomon", *command, flush=True)
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    session.run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begin, spent


def _by_table(session: Session) -> float:
    """Microseconds a network."""
    ask, table = ROOT / "script/evaluation/ask_table.py", "ofa_mbv3_end_to_end.csv.gz"
    return float(session.python(ask, session.data / table, "ofa-mbv3", BLOCKS, keep=True))


def _predictions() -> dict[str, float]:
    """Microseconds of BenchPass's predictions of an imported network, least of three."""
    bench = ROOT / "build" / "release" / "bin" / "BenchPass"
    if not bench.is_file():
        print(f"bar7: no {bench}: build it for the times of predictions")
        return {}
    wanted = "--benchmark_filter=PredictImported|EstimateKernels"
    options = (wanted, "--benchmark_repetitions=3")
    found = subprocess.run(
        [bench, *options, "--benchmark_format=json"], check=True, capture_output=True, cwd=ROOT
    )
    least: dict[str, float] = {}
    for row in json.loads(found.stdout)["benchmarks"]:
        if row["run_type"] == "iteration" and row["time_unit"] == "us":
            name = NAMES[row["run_name"].removeprefix("BM_")]
            least[name] = min(row["cpu_time"], least.get(name, row["cpu_time"]))
    return least
