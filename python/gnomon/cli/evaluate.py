"""`gnomon evaluate`: predictions against truths."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from gnomon.cli.output import (
    BadInput,
    bundle_folder,
    device_argument,
    print_table,
    progress,
    short_names,
    write_json,
)

group = typer.Typer(help="Judge predictions against measurements.", no_args_is_help=True)


@group.command()
def models(
    table: Annotated[Path, typer.Argument(help="CSV: model,latency_ms")],
    bundle: Annotated[str | None, typer.Option(help="folder or name of a bundle")] = None,
    device: Annotated[str | None, typer.Option(help="name or file of a device spec")] = None,
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    quiet: Annotated[bool, typer.Option("-q")] = False,
) -> None:
    """Predictions beside measured networks, worst first.

    Example: gnomon evaluate models measured.csv --bundle ort-cpu-1t-f32
    """
    from gnomon.learning.measurements import predict_table
    from gnomon.learning.metrics import summary

    folder = bundle_folder(bundle)
    try:
        rows, failed = predict_table(table, folder, device_argument(device, folder))
    except ValueError as error:
        raise BadInput(str(error)) from error
    for line in failed:
        progress.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    if not rows:
        raise BadInput(f"{table}: expected at least one predictable network, found none")

    rows.sort(key=lambda row: (-abs(row[2].latency_ms / row[1] - 1), row[0]))
    truth = np.array([ms for _, ms, _ in rows])
    total = summary(
        truth,
        np.array([p.latency_ms for _, _, p in rows]),
        np.array([p.low_ms for _, _, p in rows]),
        np.array([p.high_ms for _, _, p in rows]),
    )
    covered = sum(p.latency_ms * p.covered_time for _, _, p in rows)
    total["covered_time"] = covered / sum(p.latency_ms for _, _, p in rows)
    if not quiet and json_out != "-":
        _show(rows, total)
    write_json(
        json_out,
        {
            "schema": 1,
            "rows": [{"column": "latency_ms", "samples": 0, "method": "bundle", **total}],
            "failed": failed,
            "networks": [
                {
                    "model": model,
                    "measured_ms": ms,
                    "predicted_ms": p.latency_ms,
                    "low_ms": p.low_ms,
                    "high_ms": p.high_ms,
                    "covered_time": p.covered_time,
                }
                for model, ms, p in rows
            ],
        },
    )
    if failed:
        raise BadInput(f"{len(failed)} of {len(failed) + len(rows)} networks have no prediction")


def _show(rows: list, total: dict) -> None:
    names = short_names([model for model, _, _ in rows])
    print_table(
        "predicted beside measured, worst first",
        ["network", "measured ms", "predicted ms", "90 % interval", "error", "covered"],
        [
            [
                model,
                f"{ms:.3f}",
                f"{p.latency_ms:.3f}",
                f"{p.low_ms:.3f}..{p.high_ms:.3f}",
                f"{p.latency_ms / ms - 1:+.1%}",
                f"{p.covered_time:.1%}",
            ]
            for model, (_, ms, p) in zip(names, rows, strict=True)
        ],
    )
    print_table(
        "summary",
        ["n", "median error", "worst", "within 5 %", "within 10 %", "in interval", "covered time"],
        [
            [
                str(total["n"]),
                f"{total['median_ape']:.2%}",
                f"{total['worst_ape']:.1%}",
                f"{total['within5']:.1%}",
                f"{total['within10']:.1%}",
                f"{total['coverage90']:.1%}",
                f"{total['covered_time']:.1%}",
            ]
        ],
    )


def register(app: typer.Typer) -> None:
    """Adds the group."""
    app.add_typer(group, name="evaluate")
