"""`gnomon search`: the best networks of a space under latency budgets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from gnomon.cli.front_changes import front_changes, show_changes
from gnomon.cli.latency_model import latency_request
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
from gnomon.cli.search_devices import finish, per_device_request
from gnomon.cli.search_options import (
    AccuracyOption,
    AlgorithmOption,
    BitsOption,
    BudgetsOption,
    BundlesOption,
    ConfidenceOption,
    ConstraintOption,
    CsvOption,
    DevicesObjectiveOption,
    DevicesOption,
    EnergyOption,
    EvaluationsOption,
    ExplainOption,
    ExportOption,
    FpgaOption,
    FrontFromOption,
    FrontOption,
    JobsOption,
    KeepOption,
    LatencyModelOption,
    LossOption,
    MaxEnergyOption,
    MaxFileOption,
    MaxLossOption,
    MaxMacsOption,
    MaxMemoryOption,
    MaxParamsOption,
    MetricOption,
    ObjectiveOption,
    PerDeviceOption,
    PlotOption,
    ProxyOption,
    ResolutionsOption,
    SeedOption,
    ShareOption,
    SpaceArgument,
    StandInOption,
    SureOption,
)
from gnomon.cli.search_output import front_csv, front_picture, show
from gnomon.cli.search_wishes import (
    ENERGY,
    FILE_SIZE,
    PEAK_MEMORY,
    Limits,
    devices_request,
    metrics_request,
    start_request,
)

SHIPPED_ACCURACY = {"ofa-mbv3": ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"}
COUNTS = ("macs", "params")
METRICS = ("latency", *COUNTS, PEAK_MEMORY, FILE_SIZE, ENERGY)


def search(
    ctx: typer.Context,
    space: SpaceArgument,
    bundle: BundlesOption = None,
    device: DevicesOption = None,
    max_latency_ms: BudgetsOption = None,
    confidence: ConfidenceOption = None,
    sure: SureOption = None,
    max_macs: MaxMacsOption = None,
    max_params: MaxParamsOption = None,
    max_memory: MaxMemoryOption = None,
    max_file: MaxFileOption = None,
    max_energy: MaxEnergyOption = None,
    energy: EnergyOption = None,
    devices_objective: DevicesObjectiveOption = None,
    per_device: PerDeviceOption = False,
    share: ShareOption = None,
    max_loss: MaxLossOption = None,
    metric: MetricOption = "latency",
    accuracy: AccuracyOption = None,
    stand_in: StandInOption = None,
    algorithm: AlgorithmOption = "exact",
    proxy: ProxyOption = None,
    latency_model: LatencyModelOption = None,
    fpga: FpgaOption = None,
    bits: BitsOption = None,
    loss: LossOption = None,
    evaluations: EvaluationsOption = 100_000,
    objective: ObjectiveOption = "hard",
    constraint: ConstraintOption = "repair",
    keep: KeepOption = None,
    resolutions: ResolutionsOption = None,
    width_mult: WidthOption = None,
    seed: SeedOption = 0,
    jobs: JobsOption = 1,
    front: FrontOption = None,
    csv_out: CsvOption = None,
    plot: PlotOption = None,
    export: ExportOption = None,
    explain: ExplainOption = False,
    front_from: FrontFromOption = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Find the networks of a space that are best within a predicted latency.

    The budget is kept by the upper bound of the prediction, or with the probability --sure. Exit
    status 1: no network keeps a budget; then the least reachable is said.

    Example: gnomon search ofa-mbv3 --max-latency-ms 10,15 --front front.json --export found.onnx
    """
    if plot and plot.suffix != ".svg":
        raise BadInput(f"--plot {plot}: expected a name that ends in .svg")
    if algorithm == "hao":
        from gnomon.cli.search_fpga import search_fpga

        search_fpga(ctx)
        return
    if fpga or bits or loss:
        raise BadInput("--fpga, --bits and --loss: expected --algorithm hao")
    budgets = budgets_ms(max_latency_ms)
    check_metrics(metric)
    check_proxy(algorithm, proxy, budgets)
    judged_by, model = judge(space, accuracy)
    stand_in = stand_in_of(space, model, stand_in)
    limits = Limits(max_macs, max_params, max_memory, max_file, max_energy)
    old, start = start_request(front_from)
    each = per_device_request(
        *(per_device, share, max_loss, budgets, export),
        {"--front": front, "--csv": csv_out, "--plot": plot, "--explain": explain, "--sure": sure}
        | {"--front-from": front_from, "--devices-objective": devices_objective, "--keep": keep}
        | {"--proxy": proxy, "--latency-model": latency_model},
    )
    report = run(
        space=space,
        **places(bundle or [None], device or [], proxy),
        budgets_us=[budget * 1e3 for budget in budgets],
        confidence=confidence or 0.0,
        sure=sure or 0.0,
        algorithm=algorithm,
        **weighing(judged_by, objective, constraint),
        accuracy=str(model) if model else "",
        stand_in=str(stand_in) if stand_in else "",
        evaluations=evaluations,
        resolutions=numbers(resolutions, "--resolutions", int),
        width_mult=width_mult or 0.0,
        seed=seed,
        jobs=jobs,
        exports=[str(path) for path in export_paths(export, budgets[:1] if each else budgets)],
        keep=keep or 0,
        explain=explain,
        **metrics_request(metric.split(","), limits, energy),
        **devices_request(devices_objective, max(len(bundle or [""]), len(device or [])), sure),
        **start,
        **latency_request(latency_model, space, width_mult, budgets),
        **each,
    )
    if each:
        finish(report, json_out, quiet, str(model or judged_by))
        return
    if old is not None:
        report["changes"] = front_changes(old, report["front"])
    say(
        f"{space}: {report['kernels']} different kernels or blocks costed, "
        f"{len(report['front']['points'])} networks on the front, {report['seconds']:.2f} s; "
        f"judged by {model or judged_by}",
        quiet,
    )
    write_front(report, front, csv_out, plot)
    if not quiet and json_out != "-":
        show(report)
        if old is not None:
            show_changes(report["changes"], report["front"])
    write_json(json_out, {"schema": 1, **report})
    unmet = "least" in report["front"]
    if unmet or any(answer["best"] is None for answer in report["answers"]):
        raise typer.Exit(1)


def budgets_ms(text: str | None) -> list[float]:
    """The budgets, in milliseconds."""
    budgets = numbers(text, "--max-latency-ms", float)
    if any(not 0 < budget < 1e9 for budget in budgets):
        raise BadInput(f"--max-latency-ms {text}: expected times above 0")
    return budgets


def check_proxy(algorithm: str, proxy: str | None, budgets: list[float]) -> None:
    """Refuses a proxy that nothing uses, and a search by proxy without one or without budgets."""
    if (algorithm == "one-proxy") != (proxy is not None):
        raise BadInput("expected --proxy together with --algorithm one-proxy, and only with it")
    if proxy is not None and not budgets:
        raise BadInput("--algorithm one-proxy: expected --max-latency-ms, too")


def places(
    bundles: Sequence[str | None], devices: Sequence[str], proxy: str | None = None
) -> dict[str, Any]:
    """Folders of the bundles, and the devices to ask them about; a proxy is the last."""
    folders = [bundle_folder(bundle) for bundle in bundles]
    each = folders if len(folders) == len(devices) else folders[:1] * len(devices)
    names = [device_argument(one, folder) for one, folder in zip(devices, each, strict=True)]
    if proxy is not None:
        folders = [*(each or folders), bundle_folder(proxy)]
        names = [*(names or [""] * (len(folders) - 1)), ""]
    return {
        "bundles": [str(folder) for folder in folders],
        "devices": names,
        "has_proxy": proxy is not None,
    }


def write_front(
    report: dict[str, Any], front: Path | None, csv_out: Path | None, plot: Path | None
) -> None:
    """Writes the files about the front that were asked for."""
    if front:
        write_json(str(front), report["front"])
    if csv_out:
        write_text(csv_out, front_csv(report["front"]))
    if plot:
        write_text(plot, front_picture(report))


def numbers(text: str | None, option: str, kind: type) -> list[Any]:
    """The numbers of a comma-separated list."""
    try:
        return [kind(part) for part in text.split(",")] if text else []
    except ValueError as error:
        raise BadInput(f"{option} {text}: expected numbers between commas") from error


def check_metrics(text: str) -> None:
    """Refuses metrics that nothing predicts."""
    for name in text.split(","):
        if name not in METRICS:
            raise BadInput(
                f"--metric: a bundle has no '{name}': expected some of " + ", ".join(METRICS)
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


def weighing(metric: str, form: str, constraint: str) -> dict[str, Any]:
    """How budgets enter, as the native library is told."""
    if constraint not in ("repair", "reject"):
        raise BadInput(f"--constraint {constraint}: expected repair or reject")
    return {"objective": f"{metric}:{form}", "reject": constraint == "reject"}


def is_network(model: Path) -> bool:
    """Whether an accuracy model judges whole networks, and is no sum of values."""
    if model.suffix == ".onnx":
        return True
    content = read_json(model)
    return isinstance(content, dict) and content.get("kind") in ("mlp", "nn-degree")


def stand_in_of(space: str, model: Path | None, given: Path | None) -> Path | None:
    """The values per option that stand in for an accuracy network; None where nothing has to."""
    if given is None and model and is_network(model):
        return own_stand_in(model) or SHIPPED_ACCURACY.get(space)
    return given


def own_stand_in(model: Path) -> Path | None:
    """The file of values per option that an accuracy model names beside itself."""
    content = None if model.suffix == ".onnx" else read_json(model)
    name = content.get("stand_in") if isinstance(content, dict) else None
    if not isinstance(name, str):
        return None
    path = model.with_name(name)
    if not path.is_file():
        raise BadInput(f"{model}: its stand-in {path} is not there; name one with --stand-in")
    return path


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
