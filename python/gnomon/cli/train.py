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


def _json_file(path: Path, what: str) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadInput(f"{path}: expected {what}: {error}") from error


def train(
    folder: Annotated[
        Path, typer.Argument(help="folder of `gnomon profile`, or of tables OPERATOR.csv[.gz]")
    ],
    out: Annotated[Path, typer.Option(help="folder of the bundle")],
    device: Annotated[Path, typer.Option(help="device spec, as `gnomon probe` prints it")] = DEVICES
    / "epyc-zen4-1t.json",
    rules: Annotated[
        Path | None, typer.Option(help="kernel formation rules (else the runtime's of the data)")
    ] = None,
    specs: Annotated[
        Path | None, typer.Option(help="operator tables: CSV of the GPUs' data sheets")
    ] = None,
    train_on: Annotated[str, typer.Option(help="operator tables: GPUs a,b,c (else all)")] = "",
    source: Annotated[
        str, typer.Option(help="operator tables: where they are from, and their licence")
    ] = "",
    trees: Annotated[int, typer.Option(min=1)] = 155,
    depth: Annotated[int, typer.Option(min=1, max=12)] = 6,
    seed: int = 0,
    jobs: Annotated[int, typer.Option(min=1)] = 2,
    made_on: Annotated[str, typer.Option(help="date for the provenance")] = "",
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    quiet: Annotated[bool, typer.Option("-q")] = False,
) -> None:
    """Train a bundle from profiles, or from operators measured on GPUs: a forest per kernel kind.

    Example: gnomon train profiles --device cpu.json --out data/models/mine
    """
    if specs is not None:
        from gnomon.cli.train_operators import train_operators

        description = train_operators(
            folder,
            out,
            (specs, rules),
            train_on,
            (seed, jobs),
            {"date": made_on or date.today().isoformat(), "measured_with": source or "unknown"},
            quiet or json_out == "-",
        )
        write_json(json_out, description)
        return
    if any(folder.glob("*.csv")) or any(folder.glob("*.csv.gz")):
        raise BadInput(f"{folder}: tables of operators need --specs, the GPUs' data sheets")
    from gnomon.learning.fit import Settings
    from gnomon.learning.train import train as run

    provenance = {
        "command": f"gnomon train --trees {trees} --depth {depth} --seed {seed}",
        "date": made_on or date.today().isoformat(),
        "measured_with": "gnomon profile",
        "runtime_version": version("onnxruntime"),
        "trainer": f"xgboost {version('xgboost-cpu')}",
    }
    settings = Settings(trees=trees, depth=depth, seed=seed, jobs=jobs)
    try:
        description = run(
            folder,
            out,
            _json_file(rules or RUNTIMES / "onnxruntime-cpu.json", "kernel formation rules"),
            _json_file(device, "a device spec"),
            settings,
            provenance,
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    if not quiet and json_out != "-":
        _show(description)
    write_json(json_out, description)


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
