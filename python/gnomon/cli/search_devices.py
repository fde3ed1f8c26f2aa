"""`gnomon search --per-device`: a network for each device, with blocks in common."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import typer

from gnomon.cli.output import BadInput, print_table, write_json
from gnomon.cli.process import say


def per_device_request(
    asked: bool,
    share: int | None,
    max_loss: float | None,
    budgets: list[float],
    export: Path | None,
    others: dict[str, Any],
) -> dict[str, str]:
    """What the native library is asked; ``others`` are options by name that do not go with it."""
    if not asked:
        if share is not None or max_loss is not None:
            raise BadInput("expected --share and --max-loss only together with --per-device")
        return {}
    for option, given in others.items():
        if given:
            raise BadInput(f"{option}: not with --per-device")
    if not budgets:
        raise BadInput("--per-device: expected --max-latency-ms, one for each device or for all")
    if max_loss is not None and not (math.isfinite(max_loss) and max_loss >= 0):
        raise BadInput(f"--max-loss: expected a number of at least 0, found {max_loss}")
    if export and share is None and max_loss is None:
        raise BadInput(
            "--export with --per-device: expected --share or --max-loss, which pick the networks"
        )
    return {"per_device": json.dumps({"share": share, "max_loss": max_loss})}


def finish(report: dict[str, Any], json_out: str | None, quiet: bool, judge: str) -> None:
    """Says and writes what was found for each device."""
    found = report["per_device"]
    say(f"{report['kernels']} kernels or blocks, {report['seconds']:.2f} s; by {judge}", quiet)
    if not quiet and json_out != "-":
        show_devices(found)
    write_json(json_out, {"schema": 1, **report})
    if is_unmet(found):
        raise typer.Exit(1)


def show_devices(found: dict[str, Any]) -> None:
    """The trade-off, and what was picked of it."""
    if not found["points"]:
        show_reachable(found)
        return
    objective, devices = found["objective"], list(found["devices"])
    budgets = ", ".join(
        f"{device} within {entry['max_latency_us'] / 1e3:g} ms"
        for device, entry in found["devices"].items()
    )
    print_table(
        f"{found['space']}: a network each for {budgets}; of {len(found['blocks'])} blocks so "
        f"many in common, and the {objective} given up for it",
        ["", "in common", *(f"{d}: {objective}" for d in devices), "given up", "of these", "gap"],
        [trade_row(found, index, devices) for index in range(len(found["points"]))],
    )
    if not found["complete"]:
        print("not everything was proven: more blocks may be common than in the last row")
    show_picked(found)


def trade_row(found: dict[str, Any], index: int, devices: list[str]) -> list[str]:
    """The cells of a point of the trade-off."""
    point = found["points"][index]
    networks = [point["networks"][device] for device in devices]
    counts = found["objective"] in ("macs", "params")
    return [
        "picked" if index == found["picked"] else "",
        str(point["common"]),
        *(number(network[found["objective"]], counts) for network in networks),
        number(point["loss"], counts),
        " + ".join(number(network["loss"], counts) for network in networks),
        number(point["gap"], counts) if point["gap"] else "0",
    ]


def number(value: float, counts: bool) -> str:
    """A metric for people: millions of counts, else five digits."""
    return f"{value / 1e6:.3f} M" if counts else f"{value:.5f}"


def show_picked(found: dict[str, Any]) -> None:
    """The options of the networks that were picked, and their files."""
    if found["picked"] is None:
        if "share" in found:
            print(f"no networks have {found['share']} blocks in common")
        return
    point = found["points"][found["picked"]]
    networks, devices = point["networks"], list(found["devices"])
    decisions = dict.fromkeys(name for d in devices for name in networks[d]["selection"])
    rows = [
        [
            name,
            *(networks[device]["selection"].get(name, "-") for device in devices),
            "" if name in point["differing"] or name not in found["blocks"] else "common",
        ]
        for name in decisions
    ]
    latencies = [f"{device}: {networks[device]['latency_us'] / 1e3:.3f} ms" for device in devices]
    print_table("the networks picked", ["decision", *latencies, ""], rows)
    for device in devices:
        if "exported" in networks[device]:
            print(f"written: {networks[device]['exported']['file']}")


def show_reachable(found: dict[str, Any]) -> None:
    """Devices whose budget nothing keeps, and the least there."""
    for device, point in found["reachable"].items():
        budget = found["devices"][device]["max_latency_us"] / 1e3
        print(
            f"no network keeps {budget:g} ms on {device}: "
            f"the least is a bound of {point['high_us'] / 1e3:.3f} ms (predicted "
            f"{point['latency_us'] / 1e3:.3f} ms): {json.dumps(point['architecture'])}"
        )
    if not found["reachable"]:
        print("no network keeps all limits on every device")


def is_unmet(found: dict[str, Any]) -> bool:
    """Whether there is nothing, or not what was asked for."""
    return not found["points"] or ("share" in found and found["picked"] is None)
