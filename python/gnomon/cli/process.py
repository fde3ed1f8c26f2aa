"""Options and effects that commands share: sizes of inputs, processor affinity, threads, seed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, progress
from gnomon.sizes import Sizes, parse_sizes

JsonOption = Annotated[str | None, typer.Option("--json", help="file, or - for stdout")]
SeedOption = Annotated[int, typer.Option("--seed", help="seed of every random choice")]
QuietOption = Annotated[bool, typer.Option("-q", help="no progress")]
PinOption = Annotated[
    int | None, typer.Option("--pin", metavar="CPU", help="run on this processor only")
]
ShapeOption = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="INPUT=1x3x224x224", help="Shape of an input."),
]
DimOption = Annotated[
    list[str] | None,
    typer.Option(
        "--dim",
        metavar="NAME=4",
        help="Size of a named dimension (else 1); batch also replaces a fixed batch of 1.",
    ),
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="threads of the runtime")]


def say(message: str, quiet: bool = False) -> None:
    """A line of progress on standard error."""
    if not quiet:
        progress.print(message, markup=False, highlight=False, soft_wrap=True)


def sizes_of(shape: list[str] | None, dim: list[str] | None) -> Sizes:
    """What --shape and --dim say."""
    try:
        return parse_sizes(shape or [], dim or [])
    except ValueError as error:
        raise BadInput(str(error)) from error


def pin_to(cpu: int | None) -> None:
    """Restricts the process to one processor."""
    if cpu is None:
        return
    if not hasattr(os, "sched_setaffinity"):
        raise BadInput("--pin: this system cannot set the affinity of a process")
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:
        allowed = ", ".join(str(n) for n in sorted(os.sched_getaffinity(0)))
        raise BadInput(f"--pin {cpu}: expected one of the processors {allowed}") from error
