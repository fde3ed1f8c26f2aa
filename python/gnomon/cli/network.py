"""`gnomon network`: one network of a space as an ONNX file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, bundle_folder, device_argument, print_table, write_json
from gnomon.cli.process import JsonOption, QuietOption

WidthOption = Annotated[
    float | None,
    typer.Option("--width-mult", min=0.01, help="Multiplier of channels, of spaces that have it."),
]


def network(
    space: Annotated[str, typer.Argument(help="A name of `gnomon spaces`, or a JSON file.")],
    out: Annotated[Path, typer.Option("--out", help="The ONNX file to write.")],
    arch: Annotated[
        str | None, typer.Option("--arch", metavar="JSON", help="Or @FILE with the JSON.")
    ] = None,
    smallest: Annotated[bool, typer.Option("--min", help="Every decision's first option.")] = False,
    largest: Annotated[bool, typer.Option("--max", help="Every decision's last option.")] = False,
    drawn: Annotated[bool, typer.Option("--random", help="Drawn with --seed.")] = False,
    resolution: Annotated[int | None, typer.Option(min=1, help="Size of the image.")] = None,
    width_mult: WidthOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of --random, and of the weights.")] = 0,
    bundle: Annotated[
        str | None, typer.Option(help="Predict with it, and write the estimates into the file.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="Device to predict for.")] = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write one network of a search space as a runnable ONNX file with random weights.

    Example: gnomon network ofa-mbv3 --max --resolution 224 --out big.onnx
    """
    from gnomon import _native

    which = pick(arch, smallest, largest, drawn)
    if device and not bundle:
        raise BadInput("--device: expected --bundle, too")
    folder = bundle_folder(bundle) if bundle else None
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        text = _native.network(
            space,
            which,
            str(out),
            resolution=resolution or 0,
            width_mult=width_mult or 0.0,
            seed=seed,
            bundle=str(folder) if folder else "",
            device=device_argument(device, folder) or "" if folder else "",
        )
    except RuntimeError as error:
        raise BadInput(str(error)) from error
    report = json.loads(text)
    if not quiet and json_out != "-":
        show(report, out)
    write_json(json_out, {"schema": 1, "file": str(out), **report})


def pick(arch: str | None, smallest: bool, largest: bool, drawn: bool) -> str:
    """What the native library is asked for: min, max, random or an architecture."""
    choices = [
        arch and architecture_text(arch),
        smallest and "min",
        largest and "max",
        drawn and "random",
    ]
    said = [choice for choice in choices if choice]
    if len(said) != 1:
        raise BadInput(f"expected one of --arch, --min, --max and --random, found {len(said)}")
    return said[0]


def architecture_text(arch: str) -> str:
    """The JSON of --arch, out of a file if it is @FILE."""
    text = Path(arch[1:]).read_text() if arch.startswith("@") else arch
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"--arch: expected JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput(f"--arch: expected a JSON object, found {text}")
    return text


def show(report: dict, out: Path) -> None:
    """What the network is and, with a bundle, how long it takes."""
    header = ["M MACs", "M params", "layers"]
    row = [
        f"{report['macs'] / 1e6:.3f}",
        f"{report['params'] / 1e6:.4f}",
        str(report["layers"]),
    ]
    if "latency_us" in report:
        header += ["predicted ms", "90 % interval"]
        row += [
            f"{report['latency_us'] / 1e3:.3f}",
            f"{report['low_us'] / 1e3:.3f}..{report['high_us'] / 1e3:.3f}",
        ]
    print_table(f"{out}: {report['space']} {json.dumps(report['architecture'])}", header, [row])


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(network)
