"""`gnomon bundles`: what is shipped to predict with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from gnomon.cli.output import MODELS, print_table, read_json, write_json
from gnomon.cli.process import JsonOption, QuietOption


def _entry(folder: Path) -> dict[str, Any]:
    """What a bundle is for, its size, where it comes from and its held-out errors."""
    description = read_json(folder / "bundle.json")
    runtime = description["runtime"]
    return {
        "name": folder.name,
        "folder": str(folder),
        "bytes": sum(file.stat().st_size for file in folder.iterdir()),
        "device": description["device"]["name"],
        "devices": description.get("devices", [description["device"]["name"]]),
        "dtype": description.get("dtype"),
        "runtime": {key: runtime.get(key) for key in ("name", "version", "provider", "threads")},
        "kinds": sorted(description["kinds"]),
        "provenance": description.get("provenance", {}),
        "errors": description.get("errors", {}),
    }


def bundles(json_out: JsonOption = None, quiet: QuietOption = False) -> None:
    """List the shipped bundles: runtime, device, size, source, held-out errors.

    Example: gnomon bundles --json -
    """
    found = [_entry(path.parent) for path in sorted(MODELS.glob("*/bundle.json"))]
    if not quiet and json_out != "-":
        print_table(
            "bundles",
            ["bundle", "runtime", "devices", "MB", "kinds", "trained", "networks", "median error"],
            [_row(entry) for entry in found],
        )
    write_json(json_out, {"schema": 1, "bundles": found})


def _row(entry: dict[str, Any]) -> list[str]:
    runtime, errors = entry["runtime"], entry["errors"]
    median = errors.get("median_ape")
    return [
        entry["name"],
        f"{runtime['name']} {runtime['version']}, {_threads(runtime)}{entry['dtype']}",
        ", ".join(entry["devices"]),
        f"{entry['bytes'] / 1e6:.1f}",
        str(len(entry["kinds"])),
        entry["provenance"].get("date", "unknown"),
        str(errors.get("networks", "none")),
        "unknown" if median is None else f"{median:.1%}",
    ]


def _threads(runtime: dict[str, Any]) -> str:
    return "" if runtime["threads"] is None else f"{runtime['threads']} threads, "


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(bundles)
