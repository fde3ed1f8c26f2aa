"""`gnomon probe`: this machine as a device spec."""

from typing import Annotated

import typer

from gnomon.cli.output import write_json
from gnomon.cli.process import JsonOption, PinOption, QuietOption, ThreadsOption, pin_to, say
from gnomon.measuring.probing import device_spec


def probe(
    name: Annotated[str, typer.Option("--name", help="Name of the device.")] = "this-cpu",
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.01, help="Time of each of the short measurements.")
    ] = 0.6,
    threads: ThreadsOption = 1,
    pin: PinOption = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Measure this CPU in a few seconds: peak arithmetic, bandwidth, caches, launch overhead.

    Example: gnomon probe --name my-cpu --json data/devices/my-cpu.json
    """
    pin_to(pin)
    say(f"measuring {threads} thread(s), then all cores", quiet)
    spec = device_spec(name, threads, seconds)
    write_json(json_out or "-", spec)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(probe)
