"""Kernels of profiled networks beside what a bundle predicts for them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gnomon import _native
from gnomon.evaluation.operators.catalogue import OPERATORS, function
from gnomon.evaluation.operators.tables import Table
from gnomon.learning.adapt_kernels import LAUNCHES, Kernels
from gnomon.learning.bundle import copy_bundle
from gnomon.learning.profiles import Record, join
from gnomon.names import same_name
from gnomon.predictor import predict

COSTED = ("predicted", "extrapolated")


@dataclass(frozen=True)
class Profiled:
    """What one profile says."""

    kernels: Kernels
    """Those that the bundle has a model for."""
    unknown: dict[str, float]
    """Measured microseconds of kernels without a model, by kind."""
    lost_us: float = 0.0
    """Measured microseconds that no kernel took."""
    runs: float = 0.0
    gap_us: float = 0.0
    """How much longer the network takes from end to end than its nodes together, a run of a
    kernel; 0 where nobody measured it."""


def launch_overhead_us(description: dict[str, Any], device: dict[str, Any]) -> float:
    """What the bundle takes for a launch on the device, as `ModelBundle::admit` does."""
    if "launch_overhead_us" in device:
        return float(device["launch_overhead_us"])
    for name, value in description.get("launch_overheads_us", {}).items():
        if same_name(name, device["name"]):
            return float(value)
    return float(description["launch_overhead_us"])


class Sweep:
    """A bundle that predicts for a device at each of LAUNCHES."""

    def __init__(self, bundle: Path, devices: list[Path], rules: str) -> None:
        self.bundle, self.devices, self.rules = bundle, devices, rules

    def reports(self, path: Path) -> list[dict[str, Any]]:
        """What is predicted for a file, a report a launch."""
        return [predict(str(path), self.bundle, str(spec)).report for spec in self.devices]

    def network(self, record: Record) -> Profiled:
        """A record of `gnomon profile`."""
        features = _native.features(str(record.model), self.rules, self.devices[0].read_text())
        timed = join(pd.DataFrame(features), record)
        reports = [report["kernels"] for report in self.reports(record.model)]
        if [kernel["name"] for kernel in reports[0]] != timed["name"].tolist():
            raise ValueError(f"{record.id}: expected one function in the network")
        measured = timed["measured_us"].to_numpy(float)
        total_us = sum(node["time_us"] for node in record.nodes)
        runs = float(sum(kernel["runs"] for kernel in reports[0] if kernel["kind"] != "free"))
        gap = record.end_to_end_us - total_us
        lost = max(total_us - float(np.nansum(measured)), 0.0)
        told = abs(gap) > 1e-6 * total_us and runs > 0.0
        gap_us = gap / runs if told else 0.0
        return _profiled(record.id, reports, measured, lost_us=lost, runs=runs, gap_us=gap_us)

    def operators(self, table: Table, folder: Path) -> Profiled:
        """Rows of operators that ran alone; `folder` is for a file of them."""
        make = OPERATORS[table.operator].operation
        path = folder / f"{table.operator}.mlir"
        names = [f"op{row}" for row in range(len(table))]
        rows = zip(names, table.sizes, strict=True)
        path.write_text("".join(function(name, make(*map(int, sizes))) for name, sizes in rows))
        reports = []
        for report in self.reports(path):
            parts = report.get("functions", [report])
            reports.append([kernel for part in parts for kernel in part["kernels"]])
        if len(reports[0]) != len(table):
            raise ValueError(f"{table.operator}: expected one kernel a row by the rules")
        return _profiled(table.operator, reports, table.latency_us)


def _profiled(
    name: str, reports: list[list[dict[str, Any]]], measured_us: np.ndarray, **further: float
) -> Profiled:
    kinds = np.array([kernel["kind"] for kernel in reports[0]])
    times = np.array([[k["latency_us"] for k in kernels] for kernels in reports]).T
    known = np.array([kernel["source"] in COSTED for kernel in reports[0]])
    unknown: dict[str, float] = {}
    for kernel, us in zip(reports[0], measured_us, strict=True):
        if kernel["source"] not in (*COSTED, "free") and us > 0.0:
            unknown[kernel["kind"]] = unknown.get(kernel["kind"], 0.0) + float(us)
    kernels = Kernels(name, kinds[known], times[known], measured_us[known])
    return Profiled(kernels, unknown, **further)


@contextmanager
def sweep(bundle: Path, description: dict[str, Any], device: dict[str, Any]) -> Iterator[Sweep]:
    """The bundle of this description, which has the forests of `bundle`, on a device."""
    own_us = launch_overhead_us(description, device)
    with tempfile.TemporaryDirectory(prefix="gnomon-adapt-") as name:
        folder = Path(name)
        copy_bundle(bundle, folder / "bundle", description)
        specs = []
        for number, factor in enumerate(LAUNCHES):
            specs.append(folder / f"{number}.json")
            text = json.dumps({**device, "launch_overhead_us": own_us * float(factor)})
            specs[-1].write_text(text)
        yield Sweep(folder / "bundle", specs, json.dumps(description["runtime"]["rules"]))
