"""`gnomon zoo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, progress


def _listing(names: list[str]) -> None:
    from gnomon.zoo import ENTRIES

    columns = "{:20} {:12} {:>5}  {:17} {:>8} {:>10}"
    print(columns.format("network", "family", "batch", "opset, spelling", "MACs, M", "weights, M"))
    for name in names:
        entry = ENTRIES[name]
        net = entry.build(weights=False)
        spelled = f"{entry.opset} {entry.spelling.value}{' dynamic' if entry.dynamic else ''}"
        sizes = f"{net.macs / 1e6:.0f}", f"{net.parameters / 1e6:.2f}"
        print(columns.format(name, entry.family, entry.batch, spelled, *sizes))


def _write(name: str, folder: Path) -> Path:
    from gnomon.zoo import ENTRIES

    path = folder / f"{name}.onnx"
    temporary = folder / f".{name}.onnx.part"
    temporary.write_bytes(ENTRIES[name].model().SerializeToString(deterministic=True))
    os.replace(temporary, path)
    return path


def zoo(
    names: Annotated[
        list[str] | None, typer.Argument(help="networks; all where none is named")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the .onnx files")] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="name the networks and their sizes")
    ] = False,
) -> None:
    """Build the held-out networks, which no training ever sees.

    Example: gnomon zoo --out heldout unet_b1 bert_b4
    """
    from gnomon.zoo import ENTRIES

    unknown = sorted(set(names or ()) - set(ENTRIES))
    if unknown:
        raise BadInput(f"no network '{unknown[0]}': expected one of {', '.join(sorted(ENTRIES))}")
    chosen = names or sorted(ENTRIES)
    if listing:
        _listing(chosen)
    if out is None:
        if not listing:
            raise BadInput("expected --out FOLDER or --list, found neither")
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        progress.print(f"{_write(name, out)}", markup=False, highlight=False)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(zoo)
