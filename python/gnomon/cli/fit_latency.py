"""`gnomon fit-latency`: the published latency network of a device, as a model file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gnomon.cli.judging import rules_file
from gnomon.cli.latency_model import numbers_in
from gnomon.cli.network import WidthOption
from gnomon.cli.output import (
    BadInput,
    bundle_folder,
    device_argument,
    print_table,
    write_json,
    write_text,
)
from gnomon.cli.process import JsonOption, QuietOption, SeedOption

if TYPE_CHECKING:
    from gnomon.evaluation.task import Measured, Networks

FEWEST_ROWS = 40
"""A twentieth of them judges; fewer say nothing."""

TRAINED_SHARE = 0.8
"""Of networks drawn for a bundle (latency-aware DNAS, from memory); the others are scored."""


def fit_latency(
    out: Annotated[Path, typer.Option(help="model file to write (.json)")],
    table: Annotated[
        Path | None, typer.Argument(help="CSV: architecture columns, latency columns in ms")
    ] = None,
    column: Annotated[str, typer.Option(help="column of the table to learn")] = "",
    space: Annotated[str, typer.Option(help="search space (else as the columns file says)")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="CSV: file,column,device,batch,space,width_mult")
    ] = None,
    train_rows: Annotated[str | None, typer.Option(help="FROM:TO, TO not included")] = None,
    source: Annotated[str, typer.Option(help="where the table comes from, licence too")] = "",
    bundle: Annotated[
        str | None, typer.Option(help="instead of a table: the bundle that says latencies")
    ] = None,
    device: Annotated[str | None, typer.Option(help="of the bundle's devices")] = None,
    networks: Annotated[
        int, typer.Option(min=FEWEST_ROWS * 5 // 4, help="drawn for the bundle, four fifths train")
    ] = 10_000,
    resolutions: Annotated[
        str | None, typer.Option(help="of networks drawn; without it: all of the space")
    ] = None,
    width_mult: WidthOption = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="instead of the recipe's")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="processors")] = 1,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Train the network of arXiv 2101.00732 on a device, in its recipe for it.

    Latencies are those of a table's column, or what a bundle says of networks drawn at random. The
    file says what the network reads; `gnomon recognize NET.onnx --model FILE` asks it, and `gnomon
    search SPACE --algorithm la-dnas --latency-model FILE` follows its gradients. Networks that are
    not trained on are scored.

    Example: gnomon fit-latency --bundle ort-cpu-1t-f32 --space ofa-mbv3 --out cpu.json
    """
    if (table is None) == (bundle is None):
        raise BadInput("expected either a table with --column, or --bundle")
    try:
        if table is not None:
            file = _of_table((table, space, columns, jobs), column, train_rows, epochs, seed)
            file["provenance"] |= {"table": table.name, "source": source}
        else:
            drawn = (space, bundle, device, networks, resolutions, width_mult)
            file = _of_bundle(drawn, epochs, seed)
    except ValueError as error:
        raise BadInput(str(error)) from error
    write_text(out, json.dumps(file, indent=1) + "\n")
    if not quiet and json_out != "-":
        _show(out, file)
    report = {"file": str(out), "errors": file["errors"], "provenance": file["provenance"]}
    write_json(json_out, {"schema": 1, **report})


def _of_table(
    where: tuple, column: str, train_rows: str | None, epochs: int | None, seed: int
) -> dict[str, Any]:
    from gnomon.evaluation.data.dataset import open_dataset, split_of
    from gnomon.evaluation.data.tables import Columns

    table, space, columns, jobs = where
    if not column:
        raise ValueError("expected --column, a column of the table")
    described = Columns(columns, None)
    data = open_dataset([table], space, described, [column], rules_file("pytorch-eager"), jobs)
    split, about = split_of(data, train_rows, None), data.column(column)
    samples = data.measured(column, split.train)
    if len(samples) < FEWEST_ROWS:
        raise ValueError(
            f"{table}: expected at least {FEWEST_ROWS} rows to train on, found {len(samples)}"
        )
    rest = data.measured(column, split.test)
    held_out = rest if train_rows is not None and len(rest) > 0 else None
    file = _fit(data.networks(about.width_mult), samples, held_out, epochs, seed)
    file["provenance"]["column"] = column
    return file


def _of_bundle(drawn: tuple, epochs: int | None, seed: int) -> dict[str, Any]:
    from gnomon.evaluation.data.sampled import sample
    from gnomon.evaluation.task import Measured

    space, bundle, device, count, resolutions, width_mult = drawn
    if not space:
        raise ValueError("expected --space, whose networks are drawn")
    folder = bundle_folder(bundle)
    sizes = numbers_in(resolutions)
    networks, all_rows = sample(
        space, folder, device_argument(device, folder), count, sizes, width_mult, seed
    )
    trained = round(count * TRAINED_SHARE)
    train, rest = (
        Measured(all_rows.column, all_rows.rows[part], all_rows.latency_ms[part])
        for part in (slice(trained), slice(trained, None))
    )
    file = _fit(networks, train, rest, epochs, seed)
    file["provenance"]["bundle"] = folder.name
    return file


def _fit(
    networks: Networks, samples: Measured, held_out: Measured | None, epochs: int | None, seed: int
) -> dict[str, Any]:
    from gnomon.evaluation.data.encoding import codes
    from gnomon.evaluation.models.paper_mlp import model_file, recipe_for, train_column
    from gnomon.learning.metrics import summary

    about = samples.column
    recipe = recipe_for(about)
    if epochs is not None:
        recipe = dataclasses.replace(recipe, epochs=epochs)
    trained = train_column(networks, samples, seed, recipe)
    file = model_file(trained.network, networks, about.name, about.width_mult)
    file["errors"] = None
    if held_out is not None:
        answers = trained.network(codes(networks)[held_out.rows]).astype(float)
        file["errors"] = summary(held_out.latency_ms, answers)
    file["provenance"] = {
        "device": about.device,
        "batch": about.batch,
        "rows": len(samples),
        "recipe": str(recipe),
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
    print_table("on networks not trained on", header, [row])


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fit-latency")(fit_latency)
