"""`gnomon devices`: what is shipped to predict for."""

from __future__ import annotations

import typer

from gnomon.cli.output import DEVICES, print_table, read_json, write_json
from gnomon.cli.process import JsonOption, QuietOption


def devices(json_out: JsonOption = None, quiet: QuietOption = False) -> None:
    """List the shipped device specs: peaks, bandwidth, cores, where the numbers come from.

    Example: gnomon devices --json -
    """
    found = [read_json(path) for path in sorted(DEVICES.glob("*.json"))]
    if not quiet and json_out != "-":
        print_table(
            "devices",
            ["device", "kind", "f32 GFLOP/s", "GB/s", "cores", "source"],
            [
                [
                    spec["name"],
                    spec.get("kind", "cpu"),
                    f"{spec['peak_flops']['f32'] / 1e9:.0f}",
                    f"{spec['memory_bandwidth_bytes_per_s'] / 1e9:.1f}",
                    f"{spec.get('cores') or spec.get('sm_count') or 'unknown'}",
                    spec.get("description", ""),
                ]
                for spec in found
            ],
        )
    write_json(json_out, {"schema": 1, "devices": found})


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(devices)
