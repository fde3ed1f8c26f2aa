"""The options of `gnomon search`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SpaceArgument = Annotated[str, typer.Argument(help="A name of `gnomon spaces`, or a JSON file.")]
BundlesOption = Annotated[
    list[str] | None,
    typer.Option(help="Folder or name of a bundle; again for another one with its device."),
]
DevicesOption = Annotated[
    list[str] | None,
    typer.Option(help="Name or file of a device; again for another, or one for each bundle."),
]
BudgetsOption = Annotated[
    str | None,
    typer.Option(metavar="X[,Y...]", help="Budgets; every one is answered, on all devices."),
]
ConfidenceOption = Annotated[
    float | None,
    typer.Option(
        min=0.5,
        max=0.99,
        help="How sure bounds are; without it 0.9, or whatever a bundle without intervals knows.",
    ),
]
SureOption = Annotated[
    float | None,
    typer.Option(
        min=0.5,
        max=0.999,
        help="Keep budgets with at least this probability on each device, by the errors that the "
        "bundle knows of, instead of by the bound.",
    ),
]
MaxMacsOption = Annotated[float | None, typer.Option(help="Most multiply-accumulates.")]
MaxParamsOption = Annotated[float | None, typer.Option(help="Most parameters.")]
MaxMemoryOption = Annotated[
    float | None, typer.Option("--max-peak-memory", help="Most bytes of live activations.")
]
MaxFileOption = Annotated[
    float | None, typer.Option("--max-file-size", help="Most bytes of weights in the file.")
]
MaxEnergyOption = Annotated[
    float | None, typer.Option("--max-energy-mj", help="Most energy by --energy-bundle.")
]
EnergyOption = Annotated[
    str | None, typer.Option("--energy-bundle", help="Tables of blocks whose unit is mJ.")
]
DevicesObjectiveOption = Annotated[
    str | None,
    typer.Option(
        metavar="max|weighted=A,B",
        help="Several devices as one: the slowest, or a weighted sum; else each for itself.",
    ),
]
PerDeviceOption = Annotated[
    bool,
    typer.Option(
        "--per-device",
        help="A network for each device with blocks in common; then --max-latency-ms has a "
        "budget for each, or one for all.",
    ),
]
ShareOption = Annotated[
    int | None,
    typer.Option(min=0, help="With --per-device: pick networks with so many blocks in common."),
]
MaxLossOption = Annotated[
    float | None,
    typer.Option(
        help="With --per-device: the most of the objective that each network may be worse than "
        "the best for its device; the most blocks in common are picked."
    ),
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Say what each decision's second-best option costs.")
]
FrontFromOption = Annotated[
    Path | None,
    typer.Option(
        help="Begin with the networks of a front found before, and say what changed since."
    ),
]
MetricOption = Annotated[str, typer.Option(help="What to report besides the objective.")]
AccuracyOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|macs|params",
        help="What to be as good as possible in; FILE: .json or .onnx.",
    ),
]
StandInOption = Annotated[
    Path | None,
    typer.Option(help="With an accuracy network: values per option that are near it."),
]
AlgorithmOption = Annotated[
    str,
    typer.Option(
        help="exact, ilp, candidates, evolution, two-stage, netadapt, netadapt-v2, fp-nas, parsec, "
        "flash, gradient, la-dnas, one-proxy, hao, random or exhaustive; with an accuracy network "
        "exact stands for the better of evolution and candidates."
    ),
]
ProxyOption = Annotated[
    str | None,
    typer.Option(
        metavar="BUNDLE",
        help="With one-proxy: the bundle of the device to search on; --bundle stands for "
        "measuring, and is asked about few networks.",
    ),
]
LatencyModelOption = Annotated[
    Path | None,
    typer.Option(
        help="With la-dnas: the file of a latency network (`gnomon fit-latency`) whose gradients "
        "it follows; budgets are kept by the bundle."
    ),
]
FpgaOption = Annotated[
    str | None,
    typer.Option(help="With hao: a name of data/fpga or a JSON file; takes the place of bundles."),
]
BitsOption = Annotated[
    str | None,
    typer.Option(metavar="N[,M...]", help="With hao: word lengths of the accelerator; 4,8."),
]
LossOption = Annotated[
    list[str] | None,
    typer.Option(metavar="BITS=LOSS", help="With hao: what a word length costs of the objective."),
]
EvaluationsOption = Annotated[
    int, typer.Option(min=1, help="Most networks to evaluate for a budget, if not exact.")
]
ResolutionsOption = Annotated[
    str | None, typer.Option(help="Comma-separated; without it: all of the space.")
]
ObjectiveOption = Annotated[
    str,
    typer.Option(
        metavar="hard|mnasnet|mnasnet-hard|mul-log|add-linear|flash-quotient",
        help="hard keeps budgets; the others weigh them, with an algorithm that weighs networks; "
        "flash-quotient keeps them and divides by latency and energy.",
    ),
]
ConstraintOption = Annotated[
    str,
    typer.Option(
        metavar="repair|reject",
        help="What evolution, two-stage and random do with draws that stay over a budget.",
    ),
]
KeepOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Search only among the N options of each choice with the most capacity (MACs) a "
        "latency on the device.",
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Of draws, and of exported weights.")]
JobsOption = Annotated[int, typer.Option(min=1, help="Threads.")]
FrontOption = Annotated[Path | None, typer.Option(help="The whole front as JSON.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", help="The front as CSV.")]
PlotOption = Annotated[Path | None, typer.Option(help="A picture of the front: .svg.")]
ExportOption = Annotated[
    Path | None, typer.Option(help="The network found, as .onnx; NAME-Xms.onnx for several.")
]
