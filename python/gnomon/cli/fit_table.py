"""`gnomon fit-table`: look-up tables of blocks from measurements of whole networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.evaluate_network import rules_file
from gnomon.cli.output import BadInput, print_table, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption
from gnomon.cli.table import parse_resolutions


def fit_table(
    table: Annotated[Path, typer.Argument(help="CSV: architecture columns, latency columns in ms")],
    column: Annotated[str, typer.Option(help="the measured column")],
    out: Annotated[Path, typer.Option(help="folder of the bundle")],
    space: Annotated[str, typer.Option(help="search space (else as the columns file says)")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="CSV: file,column,device,batch,space,width_mult")
    ] = None,
    rows: Annotated[str | None, typer.Option(help="FROM:TO, TO not included; else all")] = None,
    resolutions: Annotated[
        str | None, typer.Option(help="tables to write: 160,176; else those of the rows")
    ] = None,
    source: Annotated[str, typer.Option(help="where the measurements come from, licence too")] = "",
    runtime: Annotated[str, typer.Option(help="rules that form kernels: name or file")] = (
        "pytorch-eager"
    ),
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Make a bundle of block tables from latencies of whole networks: fifty are enough to begin.

    Example: gnomon fit-table p40.csv --space ofa-mbv3 --column p40_ms --out p40
    """
    try:
        description, texts, report = _fit(
            table,
            column,
            space,
            columns,
            (rows, parse_resolutions(resolutions)),
            rules_file(runtime),
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    description["name"] = out.name
    description["provenance"]["source"] = source or table.name
    for name, text in texts.items():
        write_text(out / name, text)
    write_text(out / "bundle.json", json.dumps(description, indent=1) + "\n")
    if not quiet and json_out != "-":
        _show(out, report)
    write_json(json_out, {"schema": 1, **report})


def _fit(
    path: Path,
    column: str,
    space: str,
    columns: Path | None,
    which: tuple[str | None, list[int]],
    rules: Path,
) -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
    from gnomon.evaluation.dataset import open_dataset, rows_of
    from gnomon.evaluation.tables import Columns
    from gnomon.evaluation.tabulate import tabulate

    rows, resolutions = which
    data = open_dataset([path], space, Columns(columns, None), [column], rules, jobs=1)
    n, about = len(data), data.column(column)
    if resolutions:  # the same networks at sizes that nobody measured
        data.archs = [*data.archs, *({**a, "r": r} for r in resolutions for a in data.archs[:n])]
    data.latency_of[column] = data.latencies(column)[:n]
    measured = data.measured(column, rows_of(rows or ":", n, "--rows"))
    if len(measured) < 2:
        raise ValueError(f"{path}: expected at least two rows, found {len(measured)}")
    found = tabulate(data.networks(about.width_mult), about.batch, measured)
    texts = {
        _file(side): _yaml(entries, found.seen[side])
        for side, entries in found.latency_ms.items()
        if not resolutions or side in resolutions
    }
    described = {
        "format": 1,
        "kind": "table",
        "name": "",
        "device": about.device or column,
        "unit": "ms",
        "space": data.space,
        "batch": about.batch,
        "width_mult": about.width_mult,
        "tables": [
            {"file": _file(side), **({"resolution": side} if side else {})}
            for side in found.latency_ms
            if not resolutions or side in resolutions
        ],
        "interval_log": found.interval_log,
        "errors": {k: found.errors[k] for k in ("n", "mae_ms", "mape", "worst_ape")},
        "provenance": {"command": f"gnomon fit-table --column {column}", "rows": len(measured)},
    }
    report = {"column": column, "held_out": found.errors, "blocks_raised_to_0": found.raised}
    return described, texts, report


def _file(side: int) -> str:
    return f"{side}_lookup_table.yaml" if side else "lookup_table.yaml"


def _yaml(entries: dict[str, float], seen: dict[str, int]) -> str:
    return "".join(
        f"{key}: {{count: {seen[key]}, mean: {value:.12f}, std: 0.0}}\n"
        for key, value in sorted(entries.items())
    )


def _show(out: Path, report: dict[str, Any]) -> None:
    errors = report["held_out"]
    print_table(
        f"{out}: fitted to {errors['n']} networks, each predicted without itself",
        ["MAE ms", "MAPE", "worst", "within 5 %", "Spearman"],
        [
            [
                f"{errors['mae_ms']:.4g}",
                f"{errors['mape']:.2%}",
                f"{errors['worst_ape']:.1%}",
                f"{errors['within5']:.1%}",
                "-" if errors["spearman"] is None else f"{errors['spearman']:.4f}",
            ]
        ],
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fit-table")(fit_table)
