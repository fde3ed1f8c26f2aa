"""`gnomon recognize`: which network of which space a file is."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from gnomon.cli.output import BadInput, write_json
from gnomon.cli.process import DimOption, QuietOption, ShapeOption, say, sizes_of
from gnomon.sizes import Sizes


def answer(net: str, space: str | None = None, sizes: Sizes | None = None) -> dict[str, Any]:
    """The report of the native library; its problem becomes BadInput."""
    from gnomon import _native

    sizes = sizes or Sizes()
    shapes = {name: list(shape) for name, shape in sizes.shapes.items()}
    try:
        return json.loads(_native.recognize(net, space, shapes, sizes.dims))
    except RuntimeError as error:
        raise BadInput(str(error)) from error


def recognize(
    net: Annotated[str, typer.Argument(help=".onnx or .mlir file")],
    space: Annotated[str | None, typer.Option(help="compare with this space alone")] = None,
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

    Example: gnomon recognize mobilenet_v2.onnx
    """
    report = {"model": net} | answer(net, space, sizes_of(shape, dim))
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
