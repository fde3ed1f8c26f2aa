"""`gnomon train`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, write_json
from gnomon.cli.train_operators import train_operators
from gnomon.cli.train_profiles import train_profiles
from gnomon.cli.train_table import TableOptions, train_table

TABLES = "of tables of whole networks"
"""Heading of options in --help."""

COMMON = frozenset({"measured", "out", "made_on", "json_out", "quiet"})
OF_PROFILES = frozenset({"device", "rules", "trees", "depth", "seed", "jobs"})
OF_OPERATORS = frozenset({"specs", "rules", "train_on", "source", "seed", "jobs"})
OF_NETWORKS = frozenset({"column", "space", "columns", "rows", "runtime", "specs", "source"})
"""Options that mean something, by what is trained on."""


def _refuse_others(context: typer.Context, known: frozenset[str], what: str) -> None:
    """Bad use, where the command line has an option that would be passed over in silence."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in context.params
        if context.get_parameter_source(name).name == "COMMANDLINE" and name not in known | COMMON
    ]
    if given:
        verb = "means" if len(given) == 1 else "mean"
        folder = context.params["measured"]
        raise BadInput(f"{folder}: {', '.join(given)} {verb} nothing beside {what}")


def train(
    context: typer.Context,
    measured: Annotated[
        Path,
        typer.Argument(
            help="folder of `gnomon profile` or of tables OPERATOR.csv[.gz], or CSV of networks"
        ),
    ],
    out: Annotated[Path, typer.Option(help="folder of the bundle")],
    device: Annotated[
        Path | None,
        typer.Option(
            help="profiles: device spec, as `gnomon probe` prints it (else the shipped CPU's)"
        ),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="kernel formation rules (else the runtime's of the data)")
    ] = None,
    specs: Annotated[Path | None, typer.Option(help="tables: CSV of the GPUs' data sheets")] = None,
    train_on: Annotated[str, typer.Option(help="operator tables: GPUs a,b,c (else all)")] = "",
    source: Annotated[
        str, typer.Option(help="tables: where they are from, and their licence")
    ] = "",
    trees: Annotated[int, typer.Option(min=1, help="profiles: trees a forest")] = 155,
    depth: Annotated[int, typer.Option(min=1, max=12, help="profiles: of a tree")] = 6,
    seed: Annotated[int, typer.Option(help="profiles, operator tables")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="profiles, operator tables: processors")] = 2,
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
    made_on, silent = made_on or date.today().isoformat(), quiet or json_out == "-"
    if measured.is_file():
        _refuse_others(context, OF_NETWORKS, "a table of networks")
        options = TableOptions(column, space, columns, rows, runtime)
        result = train_table(measured, out, options, (specs, source), made_on, silent)
    elif specs is not None:
        _refuse_others(context, OF_OPERATORS, "tables of operators")
        about = {"date": made_on, "measured_with": source or "unknown"}
        result = train_operators(
            measured, out, (specs, rules), train_on, (seed, jobs), about, silent
        )
    elif any(measured.glob("*.csv")) or any(measured.glob("*.csv.gz")):
        raise BadInput(f"{measured}: tables of operators need --specs, the GPUs' data sheets")
    else:
        _refuse_others(context, OF_PROFILES, "a folder of profiles")
        numbers = {"trees": trees, "depth": depth, "seed": seed, "jobs": jobs}
        result = train_profiles(measured, out, (rules, device), numbers, made_on, silent)
    write_json(json_out, result)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(train)
