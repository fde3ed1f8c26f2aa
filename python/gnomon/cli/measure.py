"""`gnomon measure`: networks in ONNX Runtime on this machine."""

from __future__ import annotations

import csv
import io
import platform
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import onnxruntime as ort
import typer

from gnomon.cli.output import BadInput, progress, write_json, write_text
from gnomon.cli.process import (
    DimOption,
    JsonOption,
    PinOption,
    QuietOption,
    SeedOption,
    ShapeOption,
    ThreadsOption,
    pin_to,
    say,
    sizes_of,
)
from gnomon.cli.target import DeviceOption, target_of, warm
from gnomon.measuring.network import Network
from gnomon.measuring.rounds import Measured, Protocol, differences
from gnomon.measuring.rounds import measure as measure_rounds
from gnomon.sizes import Sizes


def _rows(results: list[Measured], protocol: Protocol) -> list[dict[str, object]]:
    target = protocol.target
    settings = {
        "threads": protocol.threads,
        "runtime": f"onnxruntime-{ort.__version__}",
        "machine": platform.machine(),
        "statistic": "minimum",
        "device": target.device or target.name,
        "provider_options": ";".join(f"{k}={v}" for k, v in sorted(target.options.items())),
    }
    return [
        {"model": m.name, **m.row(), "batch": m.batch, **settings}
        for m in results
        if m.minima and m.error is None
    ]


def _write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _load(nets: list[str], sizes: Sizes) -> tuple[list[Network], dict[str, str]]:
    networks, errors = [], {}
    for name in nets:
        try:
            networks.append(Network(name, sizes))
        except ValueError as error:
            errors[name] = str(error).removeprefix(f"{name}: ")
    return networks, errors


def measure(
    nets: Annotated[list[str], typer.Argument(metavar="NET...", help="ONNX files.")],
    out: Annotated[
        Path, typer.Option("--out", help="CSV: model,latency_ms, dispersion, settings.")
    ],
    repeats: Annotated[
        int,
        typer.Option(
            "--repeats", min=1, help="Separated rounds; the value is the minimum over all."
        ),
    ] = 6,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.0, help="Time of runs of one network in one round.")
    ] = 0.6,
    shape: ShapeOption = None,
    dim: DimOption = None,
    device: DeviceOption = "cpu",
    threads: ThreadsOption = 1,
    seed: SeedOption = 1,
    pin: PinOption = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Measure networks in interleaved rounds and say how well the rounds agree.

    Every round visits all networks in random order with a fresh session each; the
    value is the minimum over all rounds. The last line states the protocol's own error: how far
    the minima of two interleaved halves of the rounds lie apart.

    Example: gnomon measure resnet50.onnx bert.onnx --dim batch=1 --out measured.csv --pin 0
    """
    pin_to(pin)
    sizes = sizes_of(shape, dim)
    networks, errors = _load(nets, sizes)
    target = target_of(device)
    protocol = Protocol(threads, repeats, seconds, seed=seed, target=target)
    warm(target, partial(say, quiet=quiet))

    def after_round(number: int, results: list[Measured]) -> None:
        _write_csv(out, _rows(results, protocol))
        say(f"round {number} of {repeats} done", quiet)

    results = measure_rounds(networks, protocol, after_round) if networks else []
    errors |= {m.name: m.error for m in results if m.error}
    _answer(results, protocol, errors, out, json_out)


def _run_to_run(results: list[Measured]) -> dict[str, float] | None:
    apart = differences([m for m in results if m.error is None])
    if len(apart) < 2:
        return {"median": apart[0], "p90": apart[0], "max": apart[0]} if apart else None
    return {
        "median": median(apart),
        "p90": quantiles(apart, n=10, method="inclusive")[8],
        "max": apart[-1],
    }


def _answer(
    results: list[Measured],
    protocol: Protocol,
    errors: dict[str, str],
    out: Path,
    json_out: str | None,
) -> None:
    rows, disagreement = _rows(results, protocol), _run_to_run(results)
    write_json(
        json_out, {"schema": 1, "rows": rows, "errors": errors, "half_to_half_error": disagreement}
    )
    if json_out != "-":
        for row in rows:
            print(f"{row['latency_ms']:12.4f} ms  {row['model']}")
        if disagreement:
            print(
                "run-to-run (half against half): "
                + ", ".join(f"{k} {100 * v:.2f} %" for k, v in disagreement.items())
            )
    for name, reason in errors.items():
        progress.print(
            f"{name}: {reason}", style="red", markup=False, highlight=False, soft_wrap=True
        )
    if errors:
        raise BadInput(f"{len(errors)} of {len(errors) + len(rows)} networks could not be measured")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(measure)
