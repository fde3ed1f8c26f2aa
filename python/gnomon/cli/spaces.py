"""`gnomon spaces`: what can be searched."""

from __future__ import annotations

import json
from collections.abc import Sequence

import typer

from gnomon.cli.output import print_table, write_json
from gnomon.cli.process import JsonOption, QuietOption


def spaces(json_out: JsonOption = None, quiet: QuietOption = False) -> None:
    """List the search spaces: how many networks, decisions, input sizes, widths.

    Example: gnomon spaces --json -
    """
    from gnomon import _native

    found = json.loads(_native.spaces())
    if not quiet and json_out != "-":
        print_table(
            "spaces (networks of one resolution)",
            ["space", "networks", "decisions", "resolutions", "widths", "what it is"],
            [
                [
                    space["name"],
                    short_count(int(space["networks"])),
                    str(space["decisions"]),
                    short_range(space["resolutions"]),
                    ", ".join(f"{width:g}" for width in space["width_mults"]),
                    space["description"],
                ]
                for space in found
            ],
        )
    write_json(json_out, {"schema": 1, "spaces": found})


def short_count(count: int) -> str:
    """A count for people: whole up to a million."""
    return str(count) if count < 1_000_000 else f"{count:.3g}"


def short_range(sizes: Sequence[int]) -> str:
    """Sizes for people: all of a few, else first, last and how many."""
    if len(sizes) <= 5:
        return ", ".join(map(str, sizes))
    return f"{sizes[0]}..{sizes[-1]} ({len(sizes)})"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(spaces)
