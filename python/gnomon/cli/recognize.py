"""`gnomon recognize`: which network of which space a file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.output import BadInput, write_json
from gnomon.cli.process import DimOption, QuietOption, ShapeOption, say, sizes_of
from gnomon.sizes import Sizes


def answer(
    net: str, space: str | None = None, sizes: Sizes | None = None, model: Path | None = None
) -> dict[str, Any]:
    """The report of the native library; its problem becomes BadInput."""
    from gnomon import _native

    sizes = sizes or Sizes()
    shapes = {name: list(shape) for name, shape in sizes.shapes.items()}
    file = None if model is None else str(model)
    try:
        report = json.loads(_native.recognize(net, space, shapes, sizes.dims, file))
    except RuntimeError as error:
        raise BadInput(str(error)) from error
    if model is not None:
        check_width(model, report)
    return report


def check_width(model: Path, report: dict[str, Any]) -> None:
    """BadInput where the model is about networks of another width."""
    known, found = json.loads(model.read_text()).get("width_mult"), report.get("width_mult")
    if known is not None and found is not None and known != found:
        raise BadInput(f"{model}: is about networks of width {known}, found one of width {found}")


def recognize(
    net: Annotated[str, typer.Argument(help=".onnx or .mlir file")],
    space: Annotated[str | None, typer.Option(help="compare with this space alone")] = None,
    model: Annotated[
        Path | None, typer.Option(help="model file of kind mlp: what it says of the network")
    ] = None,
    shape: ShapeOption = None,
    dim: DimOption = None,
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    quiet: QuietOption = False,
) -> None:
    """Say which space and which architecture a network is.

    The answer is JSON on standard output: the architecture is what `gnomon network` takes as
    --arch. Weights, normalization (there or folded) and how exporters spell activations do not
    matter. Where a network lies in several spaces the smallest comes first, the others follow
    under "also". If no space has it, the exit status is 1 and "nearest" says how far each came.

    With --model, "answer" is what a network of codes (docs/accuracy-models.md) says of it, such as
    one that `gnomon fit-latency` trained.

    Example: gnomon recognize mobilenet_v2.onnx
    """
    report = {"model": net} | answer(net, space, sizes_of(shape, dim), model)
    write_json(json_out, report)
    if not quiet and json_out != "-":
        write_json("-", report)
    if report["space"] is None:
        for miss in report["nearest"]:
            say(miss["message"])
        say(f"{net}: in none of the spaces")
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(recognize)
