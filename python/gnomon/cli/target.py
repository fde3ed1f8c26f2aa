"""The option `--device` of commands that measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from gnomon.cli.output import BadInput
from gnomon.measuring import cuda
from gnomon.measuring.calibration import Calibration
from gnomon.measuring.target import CPU, Target

DeviceOption = Annotated[
    str, typer.Option("--device", help="Where to measure: cpu, cuda, or cuda:1 for another GPU.")
]


def target_of(device: str) -> Target:
    """What --device names; BadInput says what is missing."""
    if device == "cpu":
        return CPU
    try:
        return cuda.find(cuda.device_number(device))
    except ValueError as error:
        raise BadInput(str(error)) from error


def warm(target: Target, say: Callable[[str], None]) -> None:
    """Brings a GPU to its working clock and says which that is."""
    if target.bound is None:
        return
    try:
        work = Calibration(target=target).run
    except Exception as error:
        raise BadInput(f"{target.device}: {str(error).splitlines()[0]}") from error
    state = cuda.warm_up(work, target.state)
    known = ", ".join(f"{name} {value:g}" for name, value in state.items())
    say(f"{target.device} is warm: {known or 'nvidia-smi does not tell its clocks'}")
