"""`gnomon fit-degree`: accuracy from NN-Degree, fitted to a few trained networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from scipy.stats import spearmanr

from gnomon.accuracy import degree
from gnomon.cli.fit_accuracy import layout
from gnomon.cli.output import BadInput, print_table, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption, SeedOption
from gnomon.evaluation.data.tables import Table, architectures, read_table

FIELDS = {"schema": 1, "metric": "accuracy", "unit": "fraction", "sense": "maximize"}
PREDICTORS = {
    "nn_degree": "NN-Degree",
    "nn_mass": "NN-Mass",
    "macs": "MACs",
    "params": "parameters",
}


def fit_degree(
    table: Annotated[
        Path, typer.Argument(help="CSV: architecture columns of the space, and accuracies")
    ],
    space: Annotated[str, typer.Option(help="A name of `gnomon spaces`, or a JSON file.")],
    column: Annotated[str, typer.Option(help="column of accuracies, fractions or percent")],
    out: Annotated[Path, typer.Option(help="model file to write (.json); beside it its stand-in")],
    samples: Annotated[int, typer.Option(min=degree.FEWEST, help="rows to fit to")] = 25,
    drawn: Annotated[
        int, typer.Option(min=100, help="networks to fit the stand-in to, their NN-Degree only")
    ] = 2000,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fit theta(g) = 1 / (a + exp(b / g + c)), FLASH's model of accuracy, to a few rows of a table.

    The rows that are not fitted to say how well the model, NN-Mass, MACs and parameters rank them.
    `gnomon search --accuracy OUT` takes the file; OUT-additive.json stands in for it.

    Example: gnomon fit-degree top1.csv --space nasbench201 --column cifar100 --out degree.json
    """
    try:
        networks, truth = rows_of(read_table(table), space, column)
        report = fit(networks, truth, samples, seed)
        others = degree.topologies(space, [], draw=drawn, seed=seed)
        tables, apart = degree.stand_in(report["model"], others)
    except ValueError as error:
        raise BadInput(str(error)) from error
    about = {"space": name_of(space), "provenance": {"table": table.name, "column": column}}
    fitted = report.pop("model")
    model = {"a": fitted.a, "b": fitted.b, "c": fitted.c, "least_degree": fitted.least}
    near = out.with_name(f"{out.stem}-additive.json")
    report |= {
        **model,
        "samples": samples,
        "stand_in_mae": float(np.abs(apart).mean()),
        "stand_in_max": float(np.abs(apart).max()),
    }
    file = {**FIELDS, "kind": "nn-degree", "name": out.stem, **about, **model}
    write_text(out, layout({**file, "stand_in": near.name, "errors": report["held_out"]}))
    write_text(
        near, layout({**FIELDS, "kind": "additive", "name": near.stem, **about, "tables": tables})
    )
    if not quiet and json_out != "-":
        show(report)
    write_json(json_out, {"schema": 1, "file": str(out), **report})


def name_of(space: str) -> str:
    """The name of a space that may be a file."""
    if not space.endswith(".json"):
        return space
    return str(json.loads(Path(space).read_text()).get("name", ""))


def rows_of(table: Table, space: str, column: str) -> tuple[list[dict[str, Any]], np.ndarray]:
    """What the native library says of every row's network, and (n,) accuracies as fractions."""
    if column not in table.cells:
        known = ", ".join(table.cells.columns)
        raise ValueError(f"{table.path}: no column {column!r}: expected one of {known}")
    truth = table.accuracies(column)
    if space.endswith(".json"):
        names = [d["name"] for d in degree.topologies(space, [])["decisions"]]
        named = [name for name in names if name in table.cells]
        rows = table.cells[named].rename(columns={"resolution": "r"}).to_dict("records")
    else:
        rows = architectures(table)
    return degree.topologies(space, rows)["networks"], truth


def fit(
    networks: list[dict[str, Any]], truth: np.ndarray, samples: int, seed: int
) -> dict[str, Any]:
    """The model, and how it does on the rows that it was not fitted to."""
    if samples + 3 > len(networks):
        raise ValueError(f"expected at least {samples + 3} rows, found {len(networks)}")
    order = np.random.default_rng(seed).permutation(len(networks))
    used, rest = order[:samples], order[samples:]
    columns = {name: degree.column(networks, name) for name in PREDICTORS}
    degrees = columns["nn_degree"]
    if not (degrees > 0).all():
        raise ValueError(f"row {int(np.argmin(degrees))}: the network has no NN-Degree")
    model = degree.fit_degree(degrees[used], truth[used])
    apart = np.abs(model(degrees[rest]) - truth[rest])
    ranks = {
        name: float(spearmanr(of[rest], truth[rest]).statistic) for name, of in columns.items()
    }
    return {
        "model": model,
        "held_out": {
            "networks": len(rest),
            "mae": float(apart.mean()),
            "mae_of_the_mean": float(np.abs(truth[used].mean() - truth[rest]).mean()),
            "spearman": ranks,
        },
    }


def show(report: dict[str, Any]) -> None:
    """The model and how it ranks."""
    held_out = report["held_out"]
    print_table(
        f"1 / ({report['a']:.5g} + exp({report['b']:.5g} / g {report['c']:+.5g})): mean error "
        f"{100 * held_out['mae']:.2f} points on {held_out['networks']} networks "
        f"({100 * held_out['mae_of_the_mean']:.2f} by the mean); stand-in within "
        f"{100 * report['stand_in_max']:.2f} points",
        ["predictor", "Spearman"],
        [[PREDICTORS[name], f"{rank:.3f}"] for name, rank in held_out["spearman"].items()],
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fit-degree")(fit_degree)
