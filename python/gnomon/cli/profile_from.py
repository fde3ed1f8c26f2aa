"""`gnomon profile --from`: training rows from profiles that other tools wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, write_json
from gnomon.cli.process import say
from gnomon.profiling.imported import import_record, load_network
from gnomon.profiling.operators import merge_rows
from gnomon.profiling.readers import READERS, read
from gnomon.profiling.readers.reading import Reading

PANEL = "Profiles from elsewhere"
FromOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--from",
        metavar="FILE",
        rich_help_panel=PANEL,
        help=f"A profile of {', '.join(READERS)}; nothing is measured. May be given again.",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", rich_help_panel=PANEL, help="Its format, else found by content."),
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", rich_help_panel=PANEL, help="The ONNX file that was profiled."),
]
OptimisedOption = Annotated[
    Path | None,
    typer.Option(
        "--optimised", rich_help_panel=PANEL, help="The graph that ONNX Runtime saved of it."
    ),
]
GpuOption = Annotated[
    str | None,
    typer.Option("--gpu", rich_help_panel=PANEL, help="Name of the device in operator rows."),
]
LatencyOption = Annotated[
    float | None,
    typer.Option(
        "--latency-ms", rich_help_panel=PANEL, help="End-to-end time measured without a profile."
    ),
]


@dataclass(frozen=True)
class Import:
    """What `--from` and the options beside it say."""

    files: list[Path]
    format: str | None = None
    model: Path | None = None
    optimised: Path | None = None
    gpu: str | None = None
    latency_ms: float | None = None


def run_import(out: Path, given: Import, json_out: str | None, quiet: bool) -> None:
    """Reads the files and writes a record or operator rows into the folder."""
    if given.latency_ms is not None and not given.latency_ms > 0:
        raise BadInput(f"--latency-ms: expected positive milliseconds, found {given.latency_ms}")
    try:
        reading = read(given.files, given.format, given.gpu)
        written = _record(out, given, reading) if reading.network else _rows(out, given, reading)
    except ValueError as error:
        raise BadInput(str(error)) from error
    left_out = dict(sorted(reading.left_out.items(), key=lambda e: (-e[1], e[0])))
    report = {
        "schema": 1,
        "folder": str(out),
        "format": reading.format,
        "entries": reading.events,
        "left_out": left_out,
        "notes": reading.notes,
        **written,
    }
    for note in reading.notes:
        say(f"note: {note}", quiet)
    for reason, count in left_out.items():
        say(f"left out: {count} {reason}", quiet)
    write_json(json_out, report)
    if json_out != "-":
        print(_summary(out, report))


def _record(out: Path, given: Import, reading: Reading) -> dict:
    times = reading.network
    assert times is not None
    if given.model is None:
        raise BadInput(
            f"{given.files[0]}: a profile of {reading.format} names nodes of a network: "
            "expected --model NET.onnx"
        )
    network = load_network(given.model, given.optimised, times.provider)
    if network.remark:
        reading.notes.append(network.remark)
    settings = {"gpu": given.gpu} if given.gpu else {}
    record = import_record(out, reading, given.files, network, settings, given.latency_ms)
    lost = [node for node in record["nodes"] if not node["outputs"]]
    reading.left_out.update(
        f"nodes that the network does not have: {node['op_type'] or node['name']}" for node in lost
    )
    joined_us = sum(n["time_us"] for n in record["nodes"] if n["outputs"])
    return {
        "record": record["id"],
        "nodes": len(record["nodes"]),
        "unjoined": len(lost),
        "time_joined": joined_us / record["sum_us"] if record["sum_us"] else 0.0,
        "end_to_end_us": record["end_to_end_us"],
    }


def _rows(out: Path, given: Import, reading: Reading) -> dict:
    if given.model is not None:
        raise BadInput(
            f"--model: a profile of {reading.format} has operators, not the nodes of a network"
        )
    if not reading.rows:
        reasons = ", ".join(f"{n} {reason}" for reason, n in reading.left_out.most_common(3))
        raise BadInput(
            f"{given.files[0]}: expected operators with a table, found none of "
            f"{reading.events} entries ({reasons or 'no entries'})"
        )
    return {"rows": len(reading.rows), "tables": merge_rows(out, reading.rows)}


def _summary(out: Path, report: dict) -> str:
    lost = sum(report["left_out"].values())
    if "record" in report:
        return (
            f"{out}: record {report['record']}: {report['nodes']} nodes, {report['unjoined']} not "
            f"in the network, {report['time_joined']:.1%} of the time joined"
        )
    tables = ", ".join(f"{op}.csv ({count} rows)" for op, count in report["tables"].items())
    return f"{out}: {report['rows']} rows of {report['entries']} entries, {lost} left out: {tables}"


def check_alone(given: Import, measuring: dict[str, object]) -> None:
    """Refuses options that mean nothing together."""
    if not given.files:
        beside = {
            "--format": given.format,
            "--model": given.model,
            "--optimised": given.optimised,
            "--latency-ms": given.latency_ms,
        }
        for name, value in beside.items():
            if value is not None:
                raise BadInput(f"{name} goes with --from FILE")
    for name, value in measuring.items():
        if given.files and value:
            raise BadInput(f"--from reads a file and measures nothing: it does not go with {name}")
