"""Options and effects that the measuring commands share: processor affinity, threads, seed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, progress

JsonOption = Annotated[str | None, typer.Option("--json", help="file, or - for stdout")]
SeedOption = Annotated[int, typer.Option("--seed", help="seed of every random choice")]
QuietOption = Annotated[bool, typer.Option("-q", help="no progress")]
PinOption = Annotated[
    int | None, typer.Option("--pin", metavar="CPU", help="run on this processor only")
]
ThreadsOption = Annotated[int, typer.Option("--threads", min=1, help="threads of the runtime")]


def say(message: str, quiet: bool = False) -> None:
    """A line of progress on standard error."""
    if not quiet:
        progress.print(message, markup=False, highlight=False, soft_wrap=True)


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
