"""`gnomon predict`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import (
    BadInput,
    bundle_folder,
    print_table,
    progress,
    write_json,
    write_text,
)


def _csv(predictions: list) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", "latency_ms", "low_ms", "high_ms", "covered_time"])
    for p in predictions:
        numbers = (p.latency_ms, p.low_ms, p.high_ms, p.covered_time)
        writer.writerow([p.model, *(f"{value:.6g}" for value in numbers)])
    return text.getvalue()


def _show(prediction, dearest: int) -> None:
    network = prediction.report["network"]
    print_table(
        f"{prediction.model}: {prediction.latency_ms:.3f} ms "
        f"[{prediction.low_ms:.3f}, {prediction.high_ms:.3f}], "
        f"{prediction.covered_time:.1%} of the time from learned models",
        ["source", "operations", "latency µs"],
        [
            [name, f"{source['ops']}", f"{source['latency_us']:.1f}"]
            for name, source in network["sources"].items()
            if source["ops"]
        ],
    )
    kernels = sorted(prediction.report["kernels"], key=lambda k: -k["latency_us"])[:dearest]
    print_table(
        "dearest kernels",
        ["kernel", "kind", "source", "latency µs"],
        [[k["name"], k["kind"], k["source"], f"{k['latency_us']:.1f}"] for k in kernels],
    )


def predict(
    nets: Annotated[list[str], typer.Argument(help=".onnx or .mlir files")],
    bundle: Annotated[str | None, typer.Option(help="folder or name of a bundle")] = None,
    device: Annotated[str | None, typer.Option(help="name or file of a device spec")] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.99)] = 0.9,
    csv_out: Annotated[Path | None, typer.Option("--csv", help="one row a network")] = None,
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    top: Annotated[int, typer.Option(min=0, help="dearest kernels shown")] = 5,
    quiet: Annotated[bool, typer.Option("-q", help="no tables")] = False,
) -> None:
    """Predict the latency of networks without running them.

    Example: gnomon predict resnet50.onnx --bundle ort-cpu-1t-f32
    """
    from gnomon import predictor

    folder = bundle_folder(bundle)
    predictions, failed = [], []
    for net in nets:
        try:
            predictions.append(predictor.predict(net, folder, device, confidence))
        except RuntimeError as error:
            failed.append(net)
            progress.print(f"{net}: {error}", style="red", markup=False, highlight=False)
    if not quiet and json_out != "-":
        for prediction in predictions:
            _show(prediction, top)
    if csv_out:
        write_text(csv_out, _csv(predictions))
    write_json(
        json_out, {"schema": 1, "networks": [{"model": p.model, **p.report} for p in predictions]}
    )
    if failed:
        raise BadInput(f"{len(failed)} of {len(nets)} networks could not be predicted")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(predict)
