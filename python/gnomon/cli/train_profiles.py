"""`gnomon train` on folders of `gnomon profile`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from gnomon.cli.output import DEVICES, RUNTIMES, BadInput, print_table, read_json


def train_profiles(
    folder: Path,
    out: Path,
    rules_and_device: tuple[Path | None, Path | None],
    numbers: dict[str, int],
    made_on: str,
    quiet: bool,
) -> dict[str, Any]:
    """Trains a forest a kernel kind; returns the bundle's description.

    `numbers`: trees, depth, seed, jobs.
    """
    from gnomon.learning.fit import Settings
    from gnomon.learning.train import train as run

    rules, device = rules_and_device
    command = " ".join(f"--{name} {numbers[name]}" for name in ("trees", "depth", "seed"))
    provenance = {
        "command": f"gnomon train {command}",
        "date": made_on,
        "measured_with": "gnomon profile",
        "runtime_version": version("onnxruntime"),
        "trainer": f"xgboost {version('xgboost-cpu')}",
    }
    try:
        description = run(
            folder,
            out,
            read_json(rules or RUNTIMES / "onnxruntime-cpu.json"),
            read_json(device or DEVICES / "epyc-zen4-1t.json"),
            Settings(**numbers),
            provenance,
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    if not quiet:
        _show(description)
    return description


def _show(description: dict[str, Any]) -> None:
    print_table(
        f"bundle {description['name']}: held-out kernels by kind",
        ["kind", "kernels", "networks", "median error", "90 % of errors below"],
        [
            [
                kind,
                str(model["training"]["rows"]),
                str(model["training"]["networks"]),
                f"{model['errors']['median_ape']:.1%}",
                f"{model['errors']['p90_ape']:.1%}",
            ]
            for kind, model in description["kinds"].items()
        ],
    )
    errors = description["errors"]
    print_table(
        "networks, each predicted by models that never saw it",
        ["networks", "median error", "within 5 %", "within 10 %"],
        [
            [
                str(errors["networks"]),
                f"{errors['median_ape']:.1%}",
                f"{errors['within5']:.1%}",
                f"{errors['within10']:.1%}",
            ]
        ],
    )
