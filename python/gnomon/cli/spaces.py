"""`gnomon spaces`: what can be searched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gnomon.cli.output import BadInput, print_table, write_json
from gnomon.cli.process import JsonOption, QuietOption

CheckOption = Annotated[
    str | None, typer.Option("--check", metavar="FILE.json", help="a space of one's own")
]

SOURCES = {
    "ofa": "Once-for-All, arXiv 1908.09791",
    "compofa": "CompOFA, arXiv 2104.12642",
    "proxyless": "ProxylessNAS, arXiv 1812.00332",
    "fbnet": "FBNet, arXiv 1812.03443",
    "mbv2": "MobileNetV2, arXiv 1801.04381",
    "nasbench201": "NAS-Bench-201, arXiv 2001.00326",
    "tunas": "after TuNAS, arXiv 2008.06120",
}
"""Where the families of spaces were published, by the first part of their names."""


def spaces(
    check: CheckOption = None, json_out: JsonOption = None, quiet: QuietOption = False
) -> None:
    """List the search spaces: how many networks, decisions, input sizes, widths.

    With --check: what the file of a space describes, or what is wrong with it.

    Example: gnomon spaces --check mine.json
    """
    from gnomon import _native

    if check is not None:
        _check(check, json_out, quiet)
        return
    found = json.loads(_native.spaces())
    for space in found:
        space["source"] = SOURCES[space["name"].partition("-")[0]]
    if not quiet and json_out != "-":
        print_table(
            "spaces (networks of one resolution)",
            ["space", "networks", "decisions", "resolutions", "widths", "what it is", "source"],
            [
                [
                    space["name"],
                    short_count(int(space["networks"])),
                    str(space["decisions"]),
                    short_range(space["resolutions"]),
                    ", ".join(f"{width:g}" for width in space["width_mults"]),
                    space["description"],
                    space["source"],
                ]
                for space in found
            ],
        )
    write_json(json_out, {"schema": 1, "spaces": found})


def _check(path: str, json_out: str | None, quiet: bool) -> None:
    from gnomon import _native

    try:
        space = json.loads(_native.check_space(path))
    except RuntimeError as error:
        raise BadInput(str(error)) from error
    if not quiet and json_out != "-":
        sizes = ", ".join(map(str, space["resolutions"]))
        print_table(
            f"{space['name']}: {space['networks']} networks at each resolution of {sizes}",
            ["decision", "options", "asked"],
            [
                [decision["name"], ", ".join(decision["options"]), _asked(decision)]
                for decision in space["decisions"]
            ],
        )
    write_json(json_out, space)


def _asked(decision: dict[str, Any]) -> str:
    if "parent" not in decision:
        return "always"
    return f"{decision['parent']} = {' or '.join(decision['parent_options'])}"


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
