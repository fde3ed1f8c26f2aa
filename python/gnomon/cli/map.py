"""`gnomon map`: the fastest accelerator for networks on an FPGA."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.output import (
    DEVICES,
    ROOT,
    RUNTIMES,
    BadInput,
    print_table,
    read_json,
    write_json,
)
from gnomon.cli.process import JsonOption, QuietOption, say

FPGAS = ROOT / "data" / "fpga"
RULES = RUNTIMES / "pytorch-eager.json"
DEVICE = DEVICES / "epyc-zen4-1t.json"
"""Nothing of a device enters the layers; forming kernels asks for one."""
VALUES = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"


def map_(
    target: Annotated[
        str, typer.Argument(metavar="NET|SPACE", help=".onnx or .mlir file, or a space of OFA's")
    ],
    fpga: Annotated[str, typer.Option(help="a name of data/fpga, or a JSON file")],
    bits: Annotated[
        str | None, typer.Option(help="word lengths of weights and activations [8; spaces: 4,8]")
    ] = None,
    pipelined: Annotated[
        bool, typer.Option("--pipelined", help="engines work on several images at once")
    ] = False,
    algorithm: Annotated[str, typer.Option(help="search that chooses: ilp, exact, ...")] = "ilp",
    resolutions: Annotated[str, typer.Option(help="of a space's networks")] = "128,160,192,224",
    accuracy: Annotated[Path, typer.Option(help="additive accuracy model of a space")] = VALUES,
    loss: Annotated[
        list[str] | None,
        typer.Option(metavar="BITS=LOSS", help="accuracy that a word length costs"),
    ] = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Choose the engines of an FPGA accelerator that run a network fastest, by an integer program.

    For a space, every type of block is stacked to networks, and the front of latency and accuracy
    is kept (docs/fpga.md).

    Example: gnomon map resnet50.onnx --fpga zu3eg --bits 8
    """
    from gnomon.accelerators import NotMapped

    device = fpga_file(fpga)
    is_file = target.endswith((".onnx", ".mlir"))
    widths = numbers("--bits", bits or ("8" if is_file else "4,8"))
    if not is_file and (pipelined or algorithm != "ilp"):
        raise BadInput("--pipelined and --algorithm: expected an .onnx or .mlir file, not a space")
    try:
        if is_file:
            report = map_file(target, device, widths, pipelined, algorithm)
        else:
            sizes = numbers("--resolutions", resolutions)
            report = map_space(target, device, widths, sizes, read_json(accuracy), losses(loss))
    except NotMapped as error:
        raise BadInput(str(error)) from error
    if not quiet and json_out != "-":
        (show_file if is_file else show_fronts)(report)
    write_json(json_out, report)
    if any(mapping["engines"] is None for mapping in report.get("mappings", [])):
        raise typer.Exit(1)


def map_file(
    path: str, device: Path, widths: list[int], pipelined: bool, algorithm: str
) -> dict[str, Any]:
    """A network at every word length."""
    from gnomon.accelerators import map_layers, read_layers

    layers = read_layers(path, RULES, DEVICE)
    mappings = [
        {"bits": width, **map_layers(layers, device, width, pipelined, algorithm)}
        for width in widths
    ]
    others = {"kernels": layers.others, "macs": layers.other_macs}
    return {"schema": 1, "model": path, "mappings": mappings, "others": others}


def fpga_file(name_or_path: str) -> Path:
    """The file of an FPGA given by path or by name."""
    for path in (Path(name_or_path), FPGAS / f"{name_or_path}.json"):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in FPGAS.glob("*.json")))
    raise BadInput(f"--fpga {name_or_path}: expected a JSON file or one of {known}")


def numbers(option: str, text: str) -> list[int]:
    """Whole numbers between commas."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise BadInput(f"{option} {text}: expected whole numbers with commas") from error


def losses(texts: list[str] | None) -> dict[int, float]:
    """By word length what it costs in accuracy."""
    found = {}
    for text in texts or []:
        try:
            width, value = text.split("=")
            found[int(width)] = float(value)
        except ValueError as error:
            raise BadInput(f"--loss {text}: expected BITS=LOSS, as in 4=0.02") from error
    return found


def map_space(
    space: str,
    device: Path,
    widths: list[int],
    sizes: list[int],
    model: dict[str, Any],
    known: dict[int, float],
) -> dict[str, Any]:
    """All stacks of a space at all word lengths, and their fronts.

    Where the loss of a word length is not known, its networks have a front of their own: with
    the accuracy of the network that is not quantised.
    """
    from gnomon.accelerators import NotMapped, form, map_layers, pareto, stacks, value_of

    start = time.perf_counter()
    networks = stacks(space, sizes)
    if model.get("kind") != "additive" or model.get("space") != space:
        raise NotMapped(f"--accuracy: expected an additive model of {space}")
    points: dict[str, list[dict[str, Any]]] = {}
    impossible = 0
    formed = form(space, networks, RULES)
    for network, (layers, chosen) in zip(networks, formed, strict=True):
        value = value_of(model, chosen)
        for width in widths:
            mapping = map_layers(layers, device, width)
            if mapping["engines"] is None:
                impossible += 1
                continue
            point = {
                "architecture": network,
                "bits": width,
                "accuracy": value - known.get(width, 0.0),
                **mapping,
            }
            group = "all" if set(widths) <= set(known) else f"{width} bits"
            points.setdefault(group, []).append(point)
    return {
        "schema": 1,
        "space": space,
        "fpga": device.stem,
        "programs": len(networks) * len(widths),
        "impossible": impossible,
        "seconds": time.perf_counter() - start,
        "losses": {str(width): value for width, value in known.items()},
        "fronts": {group: pareto(found) for group, found in points.items()},
    }


def engine_text(engine: dict[str, Any]) -> str:
    """Channels in, channels out and taps in parallel."""
    return f"{engine['channels_in']} x {engine['channels_out']} x {engine['taps']}"


def show_file(report: dict[str, Any]) -> None:
    """The mappings of a network, and what has no engine."""
    for mapping in report["mappings"]:
        show(report["model"], mapping)
    others = report["others"]
    if others["kernels"]:
        left = ", ".join(f"{n} {kind}" for kind, n in sorted(others["kernels"].items()))
        say(f"without an engine: {left}; {others['macs']:.0f} multiply-adds among them")


def show(target: str, report: dict[str, Any]) -> None:
    """A mapping: a row an engine, and what is used."""
    title = f"{target} on {report['fpga']}, {report['bits']} bits: "
    there = report["available"]
    if report["engines"] is None:
        least = report["least"]
        needs = ", ".join(f"{least[name]} of {there[name]} {name}" for name in there)
        print(f"{title}no accelerator fits; at least needed, each alone: {needs}")
        return
    title += f"{report['latency_ms']:.3f} ms, {report['frames_per_s']:.1f} frames/s"
    rows = [
        [
            engine["engine"],
            str(engine["layers"]),
            engine_text(engine),
            engine["multipliers"],
            *(str(engine["used"][name]) for name in there),
            str(engine["cycles"]),
        ]
        for engine in report["engines"]
    ]
    used = [f"{report['used'][name]}/{there[name]}" for name in there]
    rows.append(["all", "", "", "", *used, ""])
    header = ["engine", "layers", "in x out x taps", "multipliers", *there, "cycles"]
    print_table(title, header, rows)


def show_fronts(report: dict[str, Any]) -> None:
    """The fronts of a space."""
    for group, front in report["fronts"].items():
        rows = [
            [
                f"{point['latency_ms']:.3f}",
                f"{point['frames_per_s']:.1f}",
                f"{point['accuracy']:.4f}",
                str(point["bits"]),
                *(f"{point['architecture'][name][0]}" for name in ("ks", "e", "d")),
                str(point["architecture"]["r"]),
            ]
            for point in front
        ]
        header = ["latency ms", "frames/s", "accuracy", "bits", "kernel", "expansion", "depth", "r"]
        print_table(f"{report['space']} on {report['fpga']}, {group}", header, rows)
    say(
        f"{report['programs']} integer programs, {report['impossible']} without an answer, "
        f"{report['seconds']:.1f} s"
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("map")(map_)
