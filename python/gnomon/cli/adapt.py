"""`gnomon adapt`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from gnomon.cli.output import (
    BadInput,
    device_argument,
    device_description,
    model_folder,
    print_table,
    progress,
    write_json,
)
from gnomon.cli.process import DimOption, ShapeOption, sizes_of
from gnomon.sizes import Sizes


def adapt(
    bundle: Annotated[str, typer.Argument(help="folder or name of a bundle")],
    out: Annotated[Path, typer.Option(help="folder of the adapted bundle")],
    measurements: Annotated[
        Path | None, typer.Option(help="CSV: model,latency_ms, or with batch")
    ] = None,
    profile: Annotated[
        list[Path] | None,
        typer.Option(help="profile of kernels: a folder of `gnomon profile`, or a file; again"),
    ] = None,
    model: Annotated[
        list[Path] | None, typer.Option(help="the ONNX file of each --profile FILE of a network")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="kernel rules of the profiled runtime, else found")
    ] = None,
    device: Annotated[str | None, typer.Option(help="what was measured: as for predict")] = None,
    shape: ShapeOption = None,
    dim: DimOption = None,
    json_out: Annotated[str | None, typer.Option("--json", help="file, or - for stdout")] = None,
    quiet: Annotated[bool, typer.Option("-q")] = False,
) -> None:
    """Bring a bundle to another machine from a few end-to-end measurements, or from profiles.

    A column `batch` of the measurements is the size of that dimension. With --device, and for
    GPUs always, the result serves this one device.

    Example: gnomon adapt ort-cpu-1t-f32 --measurements mine.csv --out here
    """
    if (measurements is None) == (not profile):
        raise BadInput("expected either --measurements M.csv or --profile FILE")
    if profile:
        from gnomon.cli.adapt_profile import Profiles, adapt_profile

        if shape or dim:
            raise BadInput("--shape and --dim: a profile is of the sizes that its network has")
        given = Profiles(profile, model or [], rules)
        adapt_profile(model_folder(bundle), device, given, out, quiet, json_out)
        return
    if model or rules:
        raise BadInput("--model and --rules go with --profile")
    _adapt_measured(bundle, measurements, out, device, sizes_of(shape, dim), json_out, quiet)


def _adapt_measured(
    bundle: str,
    measurements: Path,
    out: Path,
    device: str | None,
    sizes: Sizes,
    json_out: str | None,
    quiet: bool,
) -> None:
    from gnomon.learning.adapt import adapted_description, choose, sample_of
    from gnomon.learning.bundle import copy_bundle, read_bundle
    from gnomon.learning.measurements import predict_table

    folder = model_folder(bundle)
    try:
        argument = device_argument(device, folder)
        rows, failed = predict_table(measurements, folder, argument, sizes)
    except ValueError as error:
        raise BadInput(str(error)) from error
    for line in failed:
        progress.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    if not rows:
        raise BadInput(f"{measurements}: expected at least one predictable network, found none")

    description = read_bundle(folder)
    network = description["network"]
    fitted, residuals = choose(
        [sample_of(prediction, latency_ms, network) for _, latency_ms, prediction in rows]
    )
    before = np.array([np.log(ms / p.latency_ms) for _, ms, p in rows])
    adapted = adapted_description(description, fitted, residuals)
    adapted["name"] = out.name
    adapted["provenance"]["adapted"] = {
        "from": description["name"],
        "measurements": len(rows),
        "common_offset_log": fitted.common,
        "spread": fitted.spread,
    }
    if device or description.get("form") == "utilisation":
        adapted["device"] = device_description(device, folder)
        adapted["calibrated_for"] = adapted["device"]["name"]
    copy_bundle(folder, out, adapted)

    report = {
        "schema": 1,
        "device": adapted["device"]["name"],
        "networks": len(rows),
        "failed": failed,
        "before": _errors(before),
        "after_cross_validated": _errors(residuals),
        "common_factor": float(np.exp(fitted.common)),
        "kind_factors": {kind: float(np.exp(value)) for kind, value in fitted.kinds.items()},
    }
    if not quiet and json_out != "-":
        print_table(
            f"{out.name}: {len(rows)} measurements, common factor {report['common_factor']:.3f}",
            ["error", "median", "worst"],
            [
                ["before", *_percent(report["before"])],
                ["after, cross-validated", *_percent(report["after_cross_validated"])],
            ],
        )
    write_json(json_out, report)


def _errors(residuals: np.ndarray) -> dict[str, float]:
    relative = np.abs(np.expm1(-residuals))
    return {"median_ape": float(np.median(relative)), "worst_ape": float(np.max(relative))}


def _percent(errors: dict[str, float]) -> list[str]:
    return [f"{errors['median_ape']:.1%}", f"{errors['worst_ape']:.1%}"]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(adapt)
