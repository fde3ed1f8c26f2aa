"""`gnomon topology`: NN-Degree and NN-Mass of a network."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from gnomon.cli.output import BadInput, print_table, write_json
from gnomon.cli.process import DimOption, JsonOption, QuietOption, ShapeOption, say, sizes_of

COLUMNS = ("points", "layers", "width", "skips", "skip_channels", "degree", "density", "mass")


def topology(
    net: Annotated[str, typer.Argument(help=".onnx or .mlir file")],
    shape: ShapeOption = None,
    dim: DimOption = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Say how the layers of a network are connected: NN-Degree and NN-Mass, cell by cell.

    A cell is the layers between two changes of resolution; skips are operands of Add and Concat
    that pass layers by (docs/topology.md).

    Example: gnomon topology resnet50.onnx
    """
    from gnomon import _native

    sizes = sizes_of(shape, dim)
    shapes = {name: list(known) for name, known in sizes.shapes.items()}
    try:
        report = json.loads(_native.topology(net, shapes, sizes.dims))
    except RuntimeError as error:
        raise BadInput(str(error)) from error
    if not quiet and json_out != "-":
        say(f"{net}: NN-Degree {report['nn_degree']:.3f}, NN-Mass {report['nn_mass']:.3f}")
        rows = [[cell_text(cell[column]) for column in COLUMNS] for cell in report["cells"]]
        print_table("cells", [column.replace("_", " ") for column in COLUMNS], rows)
    write_json(json_out, {"schema": 1, "model": net, **report})


def cell_text(value: Any) -> str:
    """A count, or a number to three places."""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(topology)
