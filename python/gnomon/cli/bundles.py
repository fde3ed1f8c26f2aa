"""`gnomon bundles`: what is shipped to predict with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gnomon.cli.output import MODELS, device_name, print_table, read_json, write_json
from gnomon.cli.process import JsonOption, QuietOption


def _entry(folder: Path) -> dict[str, Any]:
    """What a bundle is for, its size, where it comes from and its held-out errors."""
    description = read_json(folder / "bundle.json")
    device = device_name(description)
    entry = {
        "name": folder.name,
        "folder": str(folder),
        "bytes": sum(file.stat().st_size for file in folder.iterdir()),
        "device": device,
        "devices": description.get("devices", [device]),
        "provenance": description.get("provenance", {}),
        "errors": description.get("errors", {}),
    }
    if description.get("kind") == "table":
        return entry | {"space": description.get("space"), "batch": description.get("batch")}
    runtime = description["runtime"]
    return entry | {
        "dtype": description.get("dtype"),
        "runtime": {key: runtime.get(key) for key in ("name", "version", "provider", "threads")},
        "kinds": sorted(description["kinds"]),
    }


def bundles(json_out: JsonOption = None, quiet: QuietOption = False) -> None:
    """List the shipped bundles: runtime, device, size, source, held-out errors.

    Example: gnomon bundles --json -
    """
    found = [_entry(path.parent) for path in sorted(MODELS.glob("*/bundle.json"))]
    if not quiet and json_out != "-":
        print_table(
            "bundles",
            ["bundle", "of", "devices", "MB", "trained", "networks", "median error"],
            [_row(entry) for entry in found],
        )
    write_json(json_out, {"schema": 1, "bundles": found})


def _row(entry: dict[str, Any]) -> list[str]:
    errors = entry["errors"]
    median = errors.get("median_ape")
    return [
        entry["name"],
        _what(entry),
        ", ".join(entry["devices"]),
        f"{entry['bytes'] / 1e6:.1f}",
        entry["provenance"].get("date", "unknown"),
        str(errors.get("networks", "none")),
        "unknown" if median is None else f"{median:.1%}",
    ]


def _what(entry: dict[str, Any]) -> str:
    """What a bundle knows: blocks of a space, or kernels in a runtime."""
    if "kinds" not in entry:
        batch = "" if entry["batch"] is None else f" at batch {entry['batch']}"
        return f"blocks of {entry['space'] or 'a space'}{batch}"
    runtime = entry["runtime"]
    threads = "" if runtime["threads"] is None else f"{runtime['threads']} threads, "
    where = f"{runtime['name']} {runtime['version']}, {threads}{entry['dtype']}"
    return f"{len(entry['kinds'])} kinds of kernels, {where}"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(bundles)
