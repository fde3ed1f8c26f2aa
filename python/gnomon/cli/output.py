"""What the commands share: errors, JSON results, tables, paths of shipped data."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "data" / "models"
DEVICES = ROOT / "data" / "devices"
RUNTIMES = ROOT / "data" / "runtimes"
DEFAULT_BUNDLE = "ort-cpu-1t-f32"

progress = Console(stderr=True)
"""Progress and remarks go to standard error; standard output holds results only."""

results = Console()


class BadInput(Exception):
    """Bad use or bad input: exit status 2 and one line that says what was expected."""


def bundle_folder(name_or_path: str | None) -> Path:
    """The folder of a bundle given by path or by a name of `gnomon bundles`."""
    wanted = name_or_path or DEFAULT_BUNDLE
    for folder in (Path(wanted), MODELS / wanted):
        if (folder / "bundle.json").is_file():
            return folder
    known = sorted(path.parent.name for path in MODELS.glob("*/bundle.json"))
    raise BadInput(
        f"no bundle '{wanted}': expected a folder with bundle.json or one of {', '.join(known)}"
    )


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(target: str | None, value: Any) -> None:
    """Writes the JSON of ``--json FILE``; ``-`` is standard output, None is nowhere."""
    if target is None:
        return
    text = json.dumps(value, indent=1) + "\n"
    if target == "-":
        print(text, end="")
    else:
        write_text(Path(target), text)


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; numbers are formatted by the caller."""
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(header):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    results.print(table)
