"""`gnomon predict`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gnomon.cli.output import (
    BadInput,
    bundle_folder,
    device_argument,
    print_table,
    progress,
    write_json,
    write_text,
)
from gnomon.cli.process import DimOption, ShapeOption, sizes_of

if TYPE_CHECKING:
    from gnomon.predictor import Prediction


def _csv(predictions: list[Prediction]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", "latency_ms", "low_ms", "high_ms", "covered_time"])
    for p in predictions:
        numbers = (p.latency_ms, p.low_ms, p.high_ms, p.covered_time)
        writer.writerow([p.model, *(f"{value:.6g}" for value in numbers)])
    return text.getvalue()


def _show(prediction: Prediction, dearest: int) -> None:
    network = prediction.report["network"]
    print_table(
        f"{prediction.model}: {prediction.latency_ms:.3f} ms {_interval(prediction)}, "
        f"{prediction.covered_time:.1%} of the time from learned models or tables",
        ["source", "operations", "latency µs"],
        [
            [name, f"{source['ops']}", f"{source['latency_us']:.1f}"]
            for name, source in network["sources"].items()
            if source["ops"]
        ],
    )
    for operator, (count, reason) in sorted(_not_predicted(prediction).items()):
        print(f"not predicted: {operator} ({count} kernels): {reason}")
    kernels = sorted(prediction.report["kernels"], key=lambda k: -k["latency_us"])[:dearest]
    if not kernels:
        return
    print_table(
        "dearest kernels",
        ["kernel", "kind", "source", "latency µs"],
        [[k["name"], k["kind"], k["source"], f"{k['latency_us']:.1f}"] for k in kernels],
    )


def _interval(prediction: Prediction) -> str:
    if not prediction.report["network"]["confidence"]:
        return "(no interval known)"
    return f"[{prediction.low_ms:.3f}, {prediction.high_ms:.3f}]"


def _not_predicted(prediction: Prediction) -> dict[str, tuple[int, str]]:
    """Operators that no learned model answers for: how many kernels, and why the first."""
    found: dict[str, tuple[int, str]] = {}
    for kernel in prediction.report["kernels"]:
        if reason := kernel.get("reason"):
            count, first = found.get(kernel["op"], (0, reason))
            found[kernel["op"]] = (count + 1, first)
    return found


def predict(
    nets: Annotated[list[str], typer.Argument(help=".onnx or .mlir files")],
    bundle: Annotated[str | None, typer.Option(help="folder or name of a bundle")] = None,
    device: Annotated[
        str | None, typer.Option(help="name or file of a device spec, or SPECS.csv:GPU")
    ] = None,
    shape: ShapeOption = None,
    dim: DimOption = None,
    confidence: Annotated[
        float | None,
        typer.Option(min=0.5, max=0.99, help="of intervals; 0.9, if the bundle has any"),
    ] = None,
    csv_out: Annotated[Path | None, typer.Option("--csv", help="one row a network")] = None,
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    top: Annotated[int, typer.Option(min=0, help="dearest kernels shown")] = 5,
    quiet: Annotated[bool, typer.Option("-q", help="no tables")] = False,
) -> None:
    """Predict the latency of networks without running them.

    Dimensions of inputs that have no size count as 1, as in `gnomon measure`.

    Example: gnomon predict resnet50.onnx --bundle ort-cpu-1t-f32
    """
    from gnomon import predictor

    folder = bundle_folder(bundle)
    spec = device_argument(device, folder)
    sizes = sizes_of(shape, dim)
    predictions, failed = [], []
    for net in nets:
        try:
            predictions.append(predictor.predict(net, folder, spec, confidence or 0.0, sizes))
        except RuntimeError as error:
            failed.append({"model": net, "reason": str(error)})
            text = str(error) if str(error).startswith(net) else f"{net}: {error}"
            progress.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    if not quiet and json_out != "-":
        for prediction in predictions:
            _show(prediction, top)
    if csv_out:
        write_text(csv_out, _csv(predictions))
    networks = [{"model": p.model, **p.report} for p in predictions]
    write_json(json_out, {"schema": 1, "networks": networks, "failed": failed})
    if failed:
        raise BadInput(f"{len(failed)} of {len(nets)} networks could not be predicted")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(predict)
