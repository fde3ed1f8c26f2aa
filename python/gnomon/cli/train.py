"""`gnomon train`."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import (
    DEVICES,
    RUNTIMES,
    BadInput,
    print_table,
    write_json,
)
from gnomon.cli.train_table import TableOptions, train_table

TABLES = "of tables of whole networks"
"""Heading of options in --help."""


def _json_file(path: Path, what: str) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadInput(f"{path}: expected {what}: {error}") from error


def train(
    measured: Annotated[
        Path,
        typer.Argument(
            help="folder of `gnomon profile` or of tables OPERATOR.csv[.gz], or CSV of networks"
        ),
    ],
    out: Annotated[Path, typer.Option(help="folder of the bundle")],
    device: Annotated[
        Path | None,
        typer.Option(help="device spec, as `gnomon probe` prints it (else the shipped CPU's)"),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="kernel formation rules (else the runtime's of the data)")
    ] = None,
    specs: Annotated[Path | None, typer.Option(help="tables: CSV of the GPUs' data sheets")] = None,
    train_on: Annotated[str, typer.Option(help="operator tables: GPUs a,b,c (else all)")] = "",
    source: Annotated[
        str, typer.Option(help="tables: where they are from, and their licence")
    ] = "",
    trees: Annotated[int, typer.Option(min=1)] = 155,
    depth: Annotated[int, typer.Option(min=1, max=12)] = 6,
    seed: int = 0,
    jobs: Annotated[int, typer.Option(min=1)] = 2,
    made_on: Annotated[str, typer.Option(help="date for the provenance")] = "",
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    column: Annotated[
        str | None, typer.Option(help="the measured column", rich_help_panel=TABLES)
    ] = None,
    space: Annotated[
        str, typer.Option(help="else as the columns file says", rich_help_panel=TABLES)
    ] = "",
    columns: Annotated[
        Path | None,
        typer.Option(help="CSV: file,column,device,batch,space,width_mult", rich_help_panel=TABLES),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(help="FROM:TO to learn from, TO not included", rich_help_panel=TABLES),
    ] = None,
    runtime: Annotated[
        str, typer.Option(help="rules that form kernels: name or file", rich_help_panel=TABLES)
    ] = "pytorch-eager",
    quiet: Annotated[bool, typer.Option("-q")] = False,
) -> None:
    """Train a bundle: from profiles, or from operators measured on GPUs, a forest per kernel kind;
    from a CSV table of latencies of whole networks a look-up table of blocks.

    Example: gnomon train profiles --device cpu.json --out data/models/mine

    Example: gnomon train p40.csv --space ofa-mbv3 --column p40_ms --out data/models/mine-p40
    """
    made_on = made_on or date.today().isoformat()
    options = TableOptions(column, space, columns, rows, runtime)
    if measured.is_file():
        if device or rules or train_on:
            raise BadInput(f"{measured}: --device, --rules, --train-on mean nothing beside a table")
        train_table(measured, out, options, (specs, source), made_on, json_out, quiet)
        return
    if options.given():
        raise BadInput(f"{measured}: {options.given()[0]} means nothing beside a folder")
    if specs is not None:
        from gnomon.cli.train_operators import train_operators

        description = train_operators(
            measured,
            out,
            (specs, rules),
            train_on,
            (seed, jobs),
            {"date": made_on, "measured_with": source or "unknown"},
            quiet or json_out == "-",
        )
        write_json(json_out, description)
        return
    if any(measured.glob("*.csv")) or any(measured.glob("*.csv.gz")):
        raise BadInput(f"{measured}: tables of operators need --specs, the GPUs' data sheets")
    description = _from_profiles(
        measured,
        out,
        (rules or RUNTIMES / "onnxruntime-cpu.json", device or DEVICES / "epyc-zen4-1t.json"),
        {"trees": trees, "depth": depth, "seed": seed, "jobs": jobs},
        made_on,
    )
    if not quiet and json_out != "-":
        _show(description)
    write_json(json_out, description)


def _from_profiles(
    folder: Path, out: Path, files: tuple[Path, Path], numbers: dict[str, int], made_on: str
) -> dict:
    from gnomon.learning.fit import Settings
    from gnomon.learning.train import train as run

    rules, device = files
    command = " ".join(f"--{name} {numbers[name]}" for name in ("trees", "depth", "seed"))
    provenance = {
        "command": f"gnomon train {command}",
        "date": made_on,
        "measured_with": "gnomon profile",
        "runtime_version": version("onnxruntime"),
        "trainer": f"xgboost {version('xgboost-cpu')}",
    }
    try:
        return run(
            folder,
            out,
            _json_file(rules, "kernel formation rules"),
            _json_file(device, "a device spec"),
            Settings(**numbers),
            provenance,
        )
    except ValueError as error:
        raise BadInput(str(error)) from error


def _show(description: dict) -> None:
    print_table(
        f"bundle {description['name']}: held-out kernels by kind",
        ["kind", "kernels", "networks", "median error", "90 % of errors below"],
        [
            [
                kind,
                str(model["training"]["rows"]),
                str(model["training"]["networks"]),
                f"{model['errors']['median_ape']:.1%}",
                f"{model['errors']['p90_ape']:.1%}",
            ]
            for kind, model in description["kinds"].items()
        ],
    )
    errors = description["errors"]
    print_table(
        "networks, each predicted by models that never saw it",
        ["networks", "median error", "within 5 %", "within 10 %"],
        [
            [
                str(errors["networks"]),
                f"{errors['median_ape']:.1%}",
                f"{errors['within5']:.1%}",
                f"{errors['within10']:.1%}",
            ]
        ],
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(train)
