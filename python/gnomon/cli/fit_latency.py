"""`gnomon fit-latency`: the published latency network of a measured column, as a model file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.judging import rules_file
from gnomon.cli.output import BadInput, print_table, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption, SeedOption

FEWEST_ROWS = 40
"""A twentieth of them judges; fewer say nothing."""


def fit_latency(
    table: Annotated[Path, typer.Argument(help="CSV: architecture columns, latency columns in ms")],
    column: Annotated[str, typer.Option(help="column to learn")],
    out: Annotated[Path, typer.Option(help="model file to write (.json)")],
    space: Annotated[str, typer.Option(help="search space (else as the columns file says)")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="CSV: file,column,device,batch,space,width_mult")
    ] = None,
    train_rows: Annotated[str | None, typer.Option(help="FROM:TO, TO not included")] = None,
    source: Annotated[str, typer.Option(help="where the table comes from, licence too")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="processors")] = 1,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Train the network of arXiv 2101.00732 on a column, in its recipe for the device.

    The file says what the network reads; `gnomon recognize NET.onnx --model FILE` asks it. Rows
    that are not trained on are scored.

    Example: gnomon fit-latency ofa.csv --space ofa-mbv3 --column p40_ms --out p40.json
    """
    try:
        file = _fit((table, space, columns, jobs), column, train_rows, seed)
    except ValueError as error:
        raise BadInput(str(error)) from error
    file["provenance"] |= {"table": table.name, "source": source}
    write_text(out, json.dumps(file, indent=1) + "\n")
    if not quiet and json_out != "-":
        _show(out, file)
    report = {"file": str(out), "errors": file["errors"], "provenance": file["provenance"]}
    write_json(json_out, {"schema": 1, **report})


def _fit(where: tuple, column: str, train_rows: str | None, seed: int) -> dict[str, Any]:
    from gnomon.evaluation.data.dataset import open_dataset, split_of
    from gnomon.evaluation.data.encoding import codes
    from gnomon.evaluation.data.tables import Columns
    from gnomon.evaluation.models.paper_mlp import model_file, recipe_for, train_column
    from gnomon.learning.metrics import summary

    table, space, columns, jobs = where
    described = Columns(columns, None)
    data = open_dataset([table], space, described, [column], rules_file("pytorch-eager"), jobs)
    split, about = split_of(data, train_rows, None), data.column(column)
    samples = data.measured(column, split.train)
    if len(samples) < FEWEST_ROWS:
        raise ValueError(
            f"{table}: expected at least {FEWEST_ROWS} rows to train on, found {len(samples)}"
        )
    networks = data.networks(about.width_mult)
    trained = train_column(networks, samples, seed)
    file = model_file(trained.network, networks, column, about.width_mult)
    rest = data.measured(column, split.test)
    held_out = train_rows is not None and len(rest) > 0
    answers = trained.network(codes(networks)[rest.rows]).astype(float)
    file["errors"] = summary(rest.latency_ms, answers) if held_out else None
    file["provenance"] = {
        "column": column,
        "device": about.device,
        "batch": about.batch,
        "rows": len(samples),
        "recipe": str(recipe_for(about)),
        "seed": seed,
    }
    return file


def _show(out: Path, file: dict[str, Any]) -> None:
    errors = file["errors"]
    row = [out.name, str(file["provenance"]["rows"])]
    if errors is None:
        row += ["0", "-", "-", "-", "-"]
    else:
        row += [str(errors["n"]), f"{errors['mae_ms']:.4g}", f"{errors['rmse_ms']:.4g}"]
        row += [f"{errors['mape']:.2%}", f"{errors['spearman']:.4f}"]
    header = ["model", "trained on", "scored", "MAE ms", "RMSE ms", "MAPE", "Spearman"]
    print_table("on rows not trained on", header, [row])


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fit-latency")(fit_latency)
