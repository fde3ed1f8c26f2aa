"""`gnomon adapt --profile`: a bundle of utilisations for one GPU, from profiles of it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gnomon.cli.output import (
    RUNTIMES,
    BadInput,
    device_description,
    print_table,
    read_json,
    write_json,
)
from gnomon.cli.process import say
from gnomon.evaluation.operators.tables import Table, read_folder
from gnomon.learning.bundle import read_bundle
from gnomon.learning.profiles import Found, read_records
from gnomon.names import same_name
from gnomon.profiling.imported import import_record, load_network
from gnomon.profiling.operators import Row
from gnomon.profiling.readers import read
from gnomon.profiling.readers.reading import Reading

RULES = {"cuda": "onnxruntime-cuda", "tensorrt": "tensorrt"}
"""Rules by the provider of a profile, where they are not the bundle's."""


@dataclass(frozen=True)
class Profiles:
    """What `--profile`, and the options beside it, say."""

    paths: list[Path]
    models: list[Path]
    rules: Path | None


def adapt_profile(
    folder: Path, device: str | None, given: Profiles, out: Path, quiet: bool, json_out: str | None
) -> None:
    """Reads the profiles, fits, writes the adapted bundle and says its errors."""
    from gnomon.learning.adapt_profiles import Source, fit_profiles

    description = read_bundle(folder)
    if description.get("form") != "utilisation":
        raise BadInput(
            f"--profile: bundle '{description['name']}' knows one machine; expected one of GPUs "
            "(form 'utilisation'), or --measurements"
        )
    if device is None:
        raise BadInput("--profile: expected --device NAME, the GPU that was profiled")
    spec = device_description(device, folder)
    with tempfile.TemporaryDirectory(prefix="gnomon-profiles-") as work:
        try:
            found = _collect(given, spec["name"], Path(work))
            source = Source(folder, description, spec, _rules(given, found))
            report = fit_profiles(source, found, out, Path(work))
        except (RuntimeError, ValueError) as error:
            raise BadInput(str(error).splitlines()[0]) from error
    for note in report["notes"]:
        say(f"note: {note}", quiet)
    if not quiet and json_out != "-":
        _show(out.name, report)
    write_json(json_out, report)


def _collect(given: Profiles, device: str, work: Path) -> Found:
    """Folders of `gnomon profile`, or files of other tools with a --model a network."""
    found, models, rows = Found([], [], []), list(given.models), []
    for path in given.paths:
        if path.is_dir():
            if (path / "records").is_dir():
                found.records += read_records(path)
            if any(path.glob("*.csv")) or any(path.glob("*.csv.gz")):
                found.tables += read_folder(path).values()
            elif not (path / "records").is_dir():
                raise BadInput(f"{path}: expected records/ or tables of `gnomon profile`")
            continue
        reading = _reading(path, device)
        found.notes += [note for note in reading.notes if note not in found.notes]
        if reading.network is None:
            rows += reading.rows
        elif not models:
            raise BadInput(f"{path}: a profile of a network; expected a --model NET.onnx for each")
        else:
            network = load_network(models.pop(0), None, reading.network.provider)
            import_record(work, reading, [path], network, {}, None)
    if models:
        raise BadInput(f"--model {models[0]}: no profile of a network is left for it")
    if (work / "records").is_dir():
        found.records += read_records(work)
    for record in found.records:
        _check_device(f"the profile {record.id}", record.gpu, device)
    found.tables += _tables(rows)
    found.tables = [_of_device(table, device) for table in found.tables]
    if not found.records and not any(len(table) for table in found.tables):
        raise BadInput(f"{given.paths[0]}: expected kernels with times, found none")
    return found


def _reading(path: Path, device: str) -> Reading:
    """The file; what does not name its device is of the one that is adapted to."""
    try:
        return read([path])
    except ValueError:
        return read([path], None, device)


def _tables(rows: list[Row]) -> Iterable[Table]:
    for op in sorted({row.op for row in rows}):
        own = [row for row in rows if row.op == op]
        sizes = np.array([row.dims for row in own], dtype=np.int64)
        times = np.array([1e3 * row.latency_ms for row in own])
        yield Table(op, np.array([row.gpu for row in own]), sizes, times)


def _of_device(table: Table, device: str) -> Table:
    """The rows of the device; a table that has none of it was measured on another."""
    rows = np.array([is_device(str(gpu), device) for gpu in table.gpu], dtype=bool)
    if len(table) and not rows.any():
        _check_device(f"the profile of {table.operator}", str(table.gpu[0]), device)
    return Table(table.operator, table.gpu[rows], table.sizes[rows], table.latency_us[rows])


def _check_device(what: str, gpu: str, device: str) -> None:
    if gpu and not is_device(gpu, device):
        raise BadInput(f"{what} is of '{gpu}', expected the device '{device}'")


def is_device(gpu: str, device: str) -> bool:
    """Whether a driver's name (`NVIDIA A100-SXM4-40GB`) may mean a device (`a100-pcie-40gb`): its
    number is in it.
    """
    number = next((w for w in re.findall(r"[a-z0-9]+", device.lower()) if re.search(r"\d", w)), "")
    plain = "".join(re.findall(r"[a-z0-9]+", gpu.lower()))
    return same_name(gpu, device) or bool(number and number in plain)


def _rules(given: Profiles, found: Found) -> dict[str, Any] | None:
    """The rules of the runtime that was profiled; None: those of the bundle."""
    if given.rules is not None:
        return read_json(given.rules)
    providers = {record.provider for record in found.records}
    if len(providers) > 1:
        raise BadInput(f"expected profiles of one runtime, found {', '.join(sorted(providers))}")
    name = RULES.get(next(iter(providers), ""))
    path = RUNTIMES / f"{name}.json"
    return read_json(path) if name and path.is_file() else None


def _show(name: str, report: dict[str, Any]) -> None:
    launch = report["launch_overhead_us"]
    print_table(
        f"{name}: {report['kernels']} different kernels of {report['networks']} networks on "
        f"{report['device']}; {report['corrected']}",
        ["error", "kernels, median", "time misplaced", "sums of kernels"],
        [
            [label, *(f"{value:.1%}" for value in errors.values())]
            for label, errors in (
                ("before", report["before"]),
                (f"after, left out {report['left_out']}", report["after_cross_validated"]),
            )
            if errors
        ],
    )
    print_table(
        f"launch {launch['before']:.1f} us before, {launch['after']:.1f} us after; "
        f"{report['per_kernel_us']:.1f} us between kernels",
        ["kind", "kernels", "takes times", "launch takes times"],
        [
            [kind, str(k["kernels"]), f"{k['factor']:.3f}", f"{k['launch_factor']:.3f}"]
            for kind, k in report["kinds"].items()
            if k["kernels"]
        ],
    )
