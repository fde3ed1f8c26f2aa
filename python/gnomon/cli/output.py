"""What the commands share: errors, JSON results, tables, paths of shipped data."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gnomon.names import meant

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "data" / "models"
DEVICES = ROOT / "data" / "devices"
RUNTIMES = ROOT / "data" / "runtimes"
DEFAULT_BUNDLE = "ort-cpu-1t-f32"

progress = Console(stderr=True)
"""Progress and remarks go to standard error; standard output holds results only."""

UNLIMITED = 10_000
"""Columns of a standard output that is no terminal: files and pipes lose nothing."""


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


def model_folder(name_or_path: str | None) -> Path:
    """The folder of a bundle that knows kernels: no tables of blocks."""
    folder = bundle_folder(name_or_path)
    if read_json(folder / "bundle.json").get("kind") == "table":
        raise BadInput(
            f"bundle '{folder.name}' has tables of blocks; expected one that knows kernels"
        )
    return folder


def device_argument(name_or_path: str | None, bundle: Path) -> str | None:
    """A device for the native library: a name of `gnomon devices`, or the beginning of one,
    becomes its file, a row of a table of data sheets (SPECS.csv:GPU) a temporary one.

    The name of the bundle's own device, and names that it may know, are left to it.
    """
    if name_or_path is None or name_or_path.endswith(".json"):
        return name_or_path
    if ".csv:" in name_or_path:
        return _row_of_table(name_or_path)
    own = device_name(read_json(bundle / "bundle.json"))
    if name_or_path == own or (bundle / "devices" / f"{name_or_path}.json").is_file():
        return name_or_path
    found = meant(name_or_path, sorted(path.stem for path in DEVICES.glob("*.json")))
    if len(found) > 1:
        raise BadInput(
            f"device '{name_or_path}' may be {', '.join(found)}; expected the name of one of them"
        )
    return str(DEVICES / f"{found[0]}.json") if found else name_or_path


def _row_of_table(argument: str) -> str:
    """The device spec of TABLE.csv:NAME as a file that is gone when the process ends."""
    from gnomon.evaluation.data.specs import device_spec, find_spec, read_specs

    table, _, wanted = argument.rpartition(":")
    try:
        specs = read_specs(Path(table))
        name = find_spec(specs, wanted)
    except ValueError as error:
        raise BadInput(str(error)) from error
    folder = Path(tempfile.mkdtemp(prefix="gnomon-device-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "device.json"
    path.write_text(json.dumps(device_spec(name, specs[name])))
    return str(path)


def device_name(description: dict[str, Any]) -> str:
    """The device that a bundle is of: its specification's name, or that of a table's device."""
    device = description.get("device", description.get("name", ""))
    return device["name"] if isinstance(device, dict) else device


def device_description(name_or_path: str | None, bundle: Path) -> dict[str, Any]:
    """The device spec that `device_argument` and the bundle mean by a name or path."""
    own = read_json(bundle / "bundle.json")["device"]
    argument = device_argument(name_or_path, bundle)
    if argument is None or argument == own.get("name"):
        return own
    for path in (Path(argument), bundle / "devices" / f"{argument}.json"):
        if path.suffix == ".json" and path.is_file():
            return read_json(path)
    raise BadInput(f"no device '{name_or_path}': expected a name of `gnomon devices` or a file")


def read_json(path: Path) -> Any:
    """The contents of a JSON file, or BadInput with its name."""
    try:
        return json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: expected JSON: {error}") from error


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


def short_names(paths: Sequence[str]) -> list[str]:
    """Paths for people: without the folder that all of them share."""
    folders = {os.path.dirname(path) for path in paths}
    if "" in folders or len({os.path.isabs(path) for path in paths}) > 1:
        return list(paths)
    common = os.path.commonpath(folders) if folders else ""
    return [os.path.relpath(path, common) for path in paths]


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; numbers are formatted by the caller.

    In a narrow terminal texts are cut short, numbers never are.
    """
    results = Console()
    if not results.is_terminal:
        results.width = UNLIMITED
    results.print(Text(title, style="italic"), soft_wrap=True)
    table = Table()
    for index, column in enumerate(header):
        numbers = all(row[index][:1] in "+-0123456789" for row in rows)
        table.add_column(
            column,
            justify="right" if numbers else "left",
            overflow="ellipsis",
            no_wrap=numbers,
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    results.print(table)
