"""`gnomon table`: look-up tables of a space's blocks from any bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import (
    DEVICES,
    BadInput,
    bundle_folder,
    device_argument,
    device_name,
    progress,
    read_json,
    write_text,
)
from gnomon.cli.process import QuietOption


def table(
    space: Annotated[str, typer.Argument(help="A space whose blocks have keys (gnomon spaces).")],
    out: Annotated[
        Path,
        typer.Option(help="A folder for one table a resolution, or a .yaml file for one."),
    ],
    bundle: Annotated[str | None, typer.Option(help="Folder or name of a bundle.")] = None,
    device: Annotated[str | None, typer.Option(help="Device to predict for.")] = None,
    resolutions: Annotated[
        str | None, typer.Option(help="Comma-separated; without it: all of the space.")
    ] = None,
    width_mult: Annotated[float, typer.Option(min=0, help="0: the space's default.")] = 0.0,
    samples: Annotated[
        int, typer.Option(min=1, help="Networks that every entry is the mean of, at least.")
    ] = 5,
    quiet: QuietOption = False,
) -> None:
    """Write what each block of a space adds to a network's latency, as Once-for-All's tables.

    An entry is the mean over random networks of the block's share of the predicted latency;
    OFA's tools read the files, and a folder of them is a table bundle.

    Example: gnomon table ofa-mbv3 --resolutions 192,224 --out tables
    """
    wanted = parse_resolutions(resolutions)
    single = out.suffix in (".yaml", ".yml")
    if single and len(wanted) != 1:
        raise BadInput(f"{out}: one resolution fits into a file: give it with --resolutions")
    folder = bundle_folder(bundle)
    texts = tables(space, folder, device, wanted, width_mult, samples)
    if single:
        write_text(out, texts[wanted[0]])
    else:
        write_folder(out, space, folder, device, texts)
    if not quiet:
        entries = sum(text.count("\n") for text in texts.values())
        progress.print(f"{out}: {entries} entries for {len(texts)} resolutions")


def parse_resolutions(text: str | None) -> list[int]:
    """The numbers of a comma-separated list."""
    if text is None:
        return []
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise BadInput(f"--resolutions: expected whole numbers, found '{text}'") from error


def tables(
    space: str,
    bundle: Path,
    device: str | None,
    resolutions: list[int],
    width_mult: float,
    samples: int,
) -> dict[int, str]:
    """YAML by resolution."""
    from gnomon import _native

    device = device_argument(device, bundle)
    try:
        return _native.space_tables(
            space, str(bundle), device, resolutions, width_mult, samples=samples
        )
    except RuntimeError as error:
        raise BadInput(str(error)) from error


def device_of(bundle: Path, device: str | None) -> str:
    """Name of the device that was predicted for."""
    if device is None:
        return device_name(read_json(bundle / "bundle.json"))
    shipped = DEVICES / f"{device}.json"
    file = shipped if shipped.is_file() else Path(device)
    return read_json(file)["name"] if file.suffix == ".json" else device


def write_folder(
    out: Path, space: str, bundle: Path, device: str | None, texts: dict[int, str]
) -> None:
    """The tables under the names that OFA's tools look for, and bundle.json last."""
    files = {resolution: f"{resolution}_lookup_table.yaml" for resolution in texts}
    for resolution, text in texts.items():
        write_text(out / files[resolution], text)
    description = {
        "format": 1,
        "kind": "table",
        "name": f"{space}-{bundle.name}",
        "device": device_of(bundle, device),
        "unit": "ms",
        "space": space,
        "source": f"gnomon table {space} --bundle {bundle.name}",
        "tables": [{"file": files[r], "resolution": r} for r in texts],
    }
    write_text(out / "bundle.json", json.dumps(description, indent=1) + "\n")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(table)
