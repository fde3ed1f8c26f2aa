"""`gnomon devices`: what is shipped to predict for."""

from __future__ import annotations

from typing import Any

import typer

from gnomon.cli.output import DEVICES, MODELS, print_table, read_json, write_json
from gnomon.cli.process import JsonOption, QuietOption
from gnomon.names import same_name


def _bundles() -> dict[str, dict[str, Any]]:
    """The shipped bundles that know kernels, by name."""
    found = {path.parent.name: read_json(path) for path in sorted(MODELS.glob("*/bundle.json"))}
    return {name: bundle for name, bundle in found.items() if bundle.get("kind") != "table"}


def _covered(spec: dict[str, Any], bundles: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Bundles that learned from the device, and those that know others of its kind."""
    result: dict[str, list[str]] = {"learned": [], "generalises": []}
    for name, bundle in bundles.items():
        own = bundle["device"]
        learned = bundle.get("devices") or [own["name"]]
        if any(same_name(spec["name"], device) for device in learned):
            result["learned"].append(name)
        elif bundle.get("form") == "utilisation" and spec.get("kind", "cpu") == own.get("kind"):
            result["generalises"].append(name)
    return result


def _cover(bundles: dict[str, list[str]]) -> str:
    unseen = [f"{name} (unseen)" for name in bundles["generalises"]]
    return ", ".join([*bundles["learned"], *unseen]) or "none"


def devices(json_out: JsonOption = None, quiet: QuietOption = False) -> None:
    """List the shipped device specs: peaks, bandwidth, cores, which bundles know them, sources.

    A bundle that learned from other devices of the kind is marked as unseen. Names may be cut
    short where that is clear: --device v100.

    Example: gnomon devices --json -
    """
    bundles = _bundles()
    found = [read_json(path) for path in sorted(DEVICES.glob("*.json"))]
    found = [{**spec, "bundles": _covered(spec, bundles)} for spec in found]
    if not quiet and json_out != "-":
        print_table(
            "devices",
            ["device", "kind", "f32 GFLOP/s", "GB/s", "cores", "bundles", "source"],
            [
                [
                    spec["name"],
                    spec.get("kind", "cpu"),
                    f"{spec['peak_flops']['f32'] / 1e9:.0f}",
                    f"{spec['memory_bandwidth_bytes_per_s'] / 1e9:.1f}",
                    f"{spec.get('cores') or spec.get('sm_count') or 'unknown'}",
                    _cover(spec["bundles"]),
                    spec.get("description", ""),
                ]
                for spec in found
            ],
        )
    write_json(json_out, {"schema": 1, "devices": found})


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(devices)
