"""`gnomon map`: the fastest accelerator for networks on an FPGA."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.output import RUNTIMES, BadInput, print_table, write_json
from gnomon.cli.process import JsonOption, QuietOption, say
from gnomon.cli.search import judge, numbers, stand_in_of
from gnomon.cli.search_fpga import fpga_file, losses, run_fpga, summary
from gnomon.cli.search_fpga import show as show_space

RULES = RUNTIMES / "pytorch-eager.json"
"""What PyTorch's modules compute are the layers: nothing is fused."""


def map_(
    target: Annotated[
        str, typer.Argument(metavar="NET|SPACE", help=".onnx or .mlir file, or a space")
    ],
    fpga: Annotated[str, typer.Option(help="a name of data/fpga, or a JSON file")],
    bits: Annotated[
        str | None, typer.Option(help="word lengths of weights and activations [8; spaces: 4,8]")
    ] = None,
    pipelined: Annotated[
        bool, typer.Option("--pipelined", help="engines work on several images at once")
    ] = False,
    algorithm: Annotated[str, typer.Option(help="search that chooses: ilp, exact, ...")] = "ilp",
    resolutions: Annotated[
        str | None, typer.Option(help="of a space's networks [all that it has]")
    ] = None,
    accuracy: Annotated[
        str | None, typer.Option(metavar="FILE|macs|params", help="what judges a space's networks")
    ] = None,
    loss: Annotated[
        list[str] | None,
        typer.Option(metavar="BITS=LOSS", help="accuracy that a word length costs"),
    ] = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Choose the engines of an FPGA accelerator that run a network fastest, by an integer program.

    For a space it is `gnomon search --algorithm hao` without budgets: the front of latency and
    accuracy (docs/fpga.md).

    Example: gnomon map resnet50.onnx --fpga zu3eg --bits 8
    """
    device = fpga_file(fpga)
    is_file = target.endswith((".onnx", ".mlir"))
    widths = numbers(bits or ("8" if is_file else "4,8"), "--bits", int)
    if not is_file:
        if pipelined or algorithm != "ilp":
            raise BadInput(
                "--pipelined and --algorithm: expected an .onnx or .mlir file, not a space"
            )
        sizes = numbers(resolutions, "--resolutions", int)
        report = map_space(target, device, widths, sizes, accuracy, loss)
        say(summary(report), quiet)
        if not quiet and json_out != "-":
            show_space(report)
        write_json(json_out, {"schema": 1, **report})
        if not report["front"]["points"]:
            raise typer.Exit(1)
        return
    if resolutions or accuracy or loss:
        raise BadInput("--resolutions, --accuracy and --loss: expected a space, not a file")
    report = map_file(target, device, widths, pipelined, algorithm)
    if not quiet and json_out != "-":
        show_file(report)
    write_json(json_out, report)
    if any(mapping["engines"] is None for mapping in report["mappings"]):
        raise typer.Exit(1)


def map_file(
    path: str, fpga: Path, widths: list[int], pipelined: bool, algorithm: str
) -> dict[str, Any]:
    """A network at every word length."""
    from gnomon import _native

    try:
        report = _native.map_fpga(
            *(path, RULES.read_text(), fpga.read_text(), str(fpga), widths, pipelined, algorithm)
        )
    except RuntimeError as error:
        raise BadInput(str(error)) from error
    return {"schema": 1, "model": path, **json.loads(report)}


def map_space(
    space: str, device: Path, widths: list[int], sizes: list[int], judge_by: str | None, loss: Any
) -> dict[str, Any]:
    """Networks of a space and accelerators for them, as `gnomon search --algorithm hao` has it."""
    objective, accuracy = judge(space, judge_by)
    return run_fpga(
        space,
        device,
        widths,
        losses(loss, widths),
        objective=f"{objective}:hard",
        accuracy=str(accuracy) if accuracy else "",
        stand_in=str(stand_in_of(space, accuracy, None) or ""),
        resolutions=sizes,
    )


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


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("map")(map_)
