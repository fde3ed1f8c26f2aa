"""`gnomon search`: the best networks of a space under latency budgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.network import WidthOption
from gnomon.cli.output import (
    ROOT,
    BadInput,
    bundle_folder,
    device_argument,
    read_json,
    write_json,
    write_text,
)
from gnomon.cli.process import JsonOption, QuietOption, say
from gnomon.cli.search_output import front_csv, front_picture, show

SHIPPED_ACCURACY = {"ofa-mbv3": ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"}
COUNTS = ("macs", "params")
PEAK_MEMORY = "peak-memory"
METRICS = ("latency", *COUNTS, PEAK_MEMORY)


def search(
    space: Annotated[str, typer.Argument(help="A name of `gnomon spaces`, or a JSON file.")],
    bundle: Annotated[str | None, typer.Option(help="Folder or name of a bundle.")] = None,
    device: Annotated[
        list[str] | None, typer.Option(help="Name or file of a device; again for another.")
    ] = None,
    max_latency_ms: Annotated[
        str | None,
        typer.Option(metavar="X[,Y...]", help="Budgets; every one is answered, on all devices."),
    ] = None,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="How sure the budget must be kept.")
    ] = 0.9,
    metric: Annotated[str, typer.Option(help="What to report besides the objective.")] = "latency",
    accuracy: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|macs|params",
            help="What to be as good as possible in; FILE: .json or .onnx.",
        ),
    ] = None,
    stand_in: Annotated[
        Path | None,
        typer.Option(help="With an accuracy network: values per option that are near it."),
    ] = None,
    algorithm: Annotated[
        str,
        typer.Option(
            help="exact, candidates, evolution, random or exhaustive; with an accuracy network "
            "exact stands for the better of evolution and candidates."
        ),
    ] = "exact",
    evaluations: Annotated[
        int, typer.Option(min=1, help="Most networks to evaluate for a budget, if not exact.")
    ] = 100_000,
    resolutions: Annotated[
        str | None, typer.Option(help="Comma-separated; without it: all of the space.")
    ] = None,
    width_mult: WidthOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of draws, and of exported weights.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    front: Annotated[Path | None, typer.Option(help="The whole front as JSON.")] = None,
    csv_out: Annotated[Path | None, typer.Option("--csv", help="The front as CSV.")] = None,
    plot: Annotated[Path | None, typer.Option(help="A picture of the front: .svg.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="The network found, as .onnx; NAME-Xms.onnx for several.")
    ] = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Find the networks of a space that are best within a predicted latency.

    The budget is kept by the upper bound of the prediction. Exit status 1: no network keeps a
    budget; then the least reachable is said.

    Example: gnomon search ofa-mbv3 --max-latency-ms 10,15 --front front.json --export found.onnx
    """
    budgets = numbers(max_latency_ms, "--max-latency-ms", float)
    if any(not 0 < budget < 1e9 for budget in budgets):
        raise BadInput(f"--max-latency-ms {max_latency_ms}: expected times above 0")
    if plot and plot.suffix != ".svg":
        raise BadInput(f"--plot {plot}: expected a name that ends in .svg")
    folder = bundle_folder(bundle)
    check_metrics(metric, folder.name)
    objective, model = judge(space, accuracy)
    if stand_in is None and model and is_network(model):
        stand_in = SHIPPED_ACCURACY.get(space)
    exports = export_paths(export, budgets)
    report = run(
        space=space,
        bundle=str(folder),
        devices=[device_argument(name, folder) for name in device or []],
        budgets_us=[budget * 1e3 for budget in budgets],
        confidence=confidence,
        algorithm=algorithm,
        objective=objective,
        accuracy=str(model) if model else "",
        stand_in=str(stand_in) if stand_in else "",
        evaluations=evaluations,
        resolutions=numbers(resolutions, "--resolutions", int),
        width_mult=width_mult or 0.0,
        seed=seed,
        jobs=jobs,
        exports=[str(path) for path in exports],
        peak_memory=PEAK_MEMORY in metric.split(","),
    )
    say(
        f"{space}: {report['kernels']} different kernels costed, {len(report['front']['points'])} "
        f"networks on the front, {report['seconds']:.2f} s; judged by {model or objective}",
        quiet,
    )
    if front:
        write_json(str(front), report["front"])
    if csv_out:
        write_text(csv_out, front_csv(report["front"]))
    if plot:
        write_text(plot, front_picture(report))
    if not quiet and json_out != "-":
        show(report, confidence)
    write_json(json_out, {"schema": 1, **report})
    if any(answer["best"] is None for answer in report["answers"]):
        raise typer.Exit(1)


def numbers(text: str | None, option: str, kind: type) -> list[Any]:
    """The numbers of a comma-separated list."""
    try:
        return [kind(part) for part in text.split(",")] if text else []
    except ValueError as error:
        raise BadInput(f"{option} {text}: expected numbers between commas") from error


def check_metrics(text: str, bundle: str) -> None:
    """Refuses metrics that nothing predicts."""
    for name in text.split(","):
        if name not in METRICS:
            raise BadInput(
                f"--metric: the bundle '{bundle}' has no '{name}': expected some of "
                + ", ".join(METRICS)
            )


def judge(space: str, accuracy: str | None) -> tuple[str, Path | None]:
    """The metric to be as good as possible in, and the file that it is of."""
    if accuracy in COUNTS:
        return accuracy, None
    path = Path(accuracy) if accuracy else SHIPPED_ACCURACY.get(space)
    if path is None:
        return "macs", None
    if not path.is_file():
        raise BadInput(f"--accuracy {path}: expected a file, or one of {', '.join(COUNTS)}")
    return "", path


def is_network(model: Path) -> bool:
    """Whether an accuracy model is a network, no sum of values."""
    if model.suffix == ".onnx":
        return True
    content = read_json(model)
    return isinstance(content, dict) and content.get("kind") == "mlp"


def export_paths(export: Path | None, budgets: list[float]) -> list[Path]:
    """A file for each budget."""
    if export is None:
        return []
    if not budgets:
        raise BadInput("--export: expected --max-latency-ms, too")
    export.parent.mkdir(parents=True, exist_ok=True)
    if len(budgets) == 1:
        return [export]
    return [export.with_name(f"{export.stem}-{b:g}ms{export.suffix}") for b in budgets]


def run(**request: Any) -> dict[str, Any]:
    """What the native library answers."""
    from gnomon import _native

    try:
        return json.loads(_native.search(**request))
    except RuntimeError as error:
        raise BadInput(str(error)) from error


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(search)
