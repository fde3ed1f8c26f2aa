"""`gnomon search --algorithm hao`: networks of a space and FPGA accelerators for them.

Source: HAO (Dong et al., FCCM 2021); lib/Accelerator/Hao.cpp says what of it is ours.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import typer

from gnomon.cli.output import ROOT, BadInput, print_table, write_json
from gnomon.cli.process import say
from gnomon.cli.search import (
    budgets_ms,
    export_paths,
    judge,
    numbers,
    run,
    stand_in_of,
    write_front,
)
from gnomon.cli.search_output import number, show_blocks, show_least
from gnomon.cli.search_wishes import ENERGY, FILE_SIZE, Limits, metrics_request

FPGAS = ROOT / "data" / "fpga"
MEANT = {
    *("space", "algorithm", "fpga", "bits", "loss", "max_latency_ms", "accuracy", "stand_in"),
    *("evaluations", "resolutions", "width_mult", "seed", "jobs", "front", "csv_out", "plot"),
    *("export", "json_out", "quiet", "metric", "max_macs", "max_params", "max_file"),
    *("max_energy", "energy"),
}
"""Parameters of `gnomon search` that mean something to HAO."""
METRICS = ("latency", "macs", "params", FILE_SIZE, ENERGY)
SHOWN = 12


def search_fpga(ctx: typer.Context) -> None:
    """Answers `gnomon search --algorithm hao` from the parameters of its context."""
    refuse_others(ctx)
    asked = ctx.params
    if asked["fpga"] is None:
        raise BadInput("--algorithm hao: expected --fpga, too: a JSON file or " + known_fpgas())
    budgets = budgets_ms(asked["max_latency_ms"])
    metrics = asked["metric"].split(",")
    if not set(metrics) <= set(METRICS):
        raise BadInput(f"--metric: HAO knows some of {', '.join(METRICS)}, not {asked['metric']}")
    limits = Limits(
        asked["max_macs"], asked["max_params"], None, asked["max_file"], asked["max_energy"]
    )
    widths = numbers(asked["bits"] or "4,8", "--bits", int)
    known = losses(asked["loss"], widths)
    objective, model = judge(asked["space"], asked["accuracy"])
    report = run_fpga(
        asked["space"],
        fpga_file(asked["fpga"]),
        widths,
        known,
        budgets_us=[budget * 1e3 for budget in budgets],
        objective=f"{objective}:hard",
        accuracy=str(model) if model else "",
        stand_in=str(stand_in_of(asked["space"], model, asked["stand_in"]) or ""),
        evaluations=asked["evaluations"],
        resolutions=numbers(asked["resolutions"], "--resolutions", int),
        width_mult=asked["width_mult"] or 0.0,
        seed=asked["seed"],
        jobs=asked["jobs"],
        exports=exports(asked["export"], budgets, widths, known),
        **metrics_request(metrics, limits, asked["energy"]),
    )
    say(f"{summary(report)}; judged by {model or objective}", asked["quiet"])
    write_front(report, asked["front"], asked["csv_out"], asked["plot"])
    if not asked["quiet"] and asked["json_out"] != "-":
        show(report)
    write_json(asked["json_out"], {"schema": 1, **report})
    found = report["front"]["points"]
    if not found or any(answer["best"] is None for answer in report["answers"]):
        raise typer.Exit(1)


def refuse_others(ctx: typer.Context) -> None:
    """Refuses options that say nothing about accelerators: nothing is left unread."""
    for parameter in ctx.command.params:
        name = parameter.name or ""
        source = ctx.get_parameter_source(name)
        given = source is not None and source.name == "COMMANDLINE"
        if given and name not in MEANT and not (name == "objective" and ctx.params[name] == "hard"):
            raise BadInput(
                f"{parameter.opts[0]}: means nothing to --algorithm hao, which makes accelerators "
                "for --fpga instead of asking a bundle"
            )


def run_fpga(
    space: str, fpga: Path, widths: list[int], known: dict[int, float], **request: Any
) -> dict[str, Any]:
    """What HAO finds in a space for an FPGA: front and answers."""
    return run(
        space=space,
        bundles=[],
        devices=[],
        algorithm="hao",
        fpga_json=fpga.read_text(),
        fpga_name=str(fpga),
        bits=widths,
        losses=known,
        **{"budgets_us": [], **request},
    )


def fpga_file(name_or_path: str) -> Path:
    """The file of an FPGA given by path or by name."""
    for path in (Path(name_or_path), FPGAS / f"{name_or_path}.json"):
        if path.is_file():
            return path
    raise BadInput(f"--fpga {name_or_path}: expected a JSON file or one of {known_fpgas()}")


def known_fpgas() -> str:
    """Names of the shipped ones."""
    return ", ".join(sorted(path.stem for path in FPGAS.glob("*.json")))


def losses(texts: list[str] | None, widths: list[int]) -> dict[int, float]:
    """By word length what it costs of the objective."""
    found = {}
    for text in texts or []:
        try:
            width, value = text.split("=")
            found[int(width)] = float(value)
        except ValueError as error:
            raise BadInput(f"--loss {text}: expected BITS=LOSS, as in 4=0.02") from error
        if not math.isfinite(found[int(width)]):
            raise BadInput(f"--loss {text}: expected BITS=LOSS with a finite loss")
        if int(width) not in widths:
            raise BadInput(f"--loss {text}: {width} is none of --bits")
    return found


def exports(
    export: Path | None, budgets: list[float], widths: list[int], known: dict[int, float]
) -> list[str]:
    """A file for each budget; where word lengths have answers of their own one for each of them."""
    paths = export_paths(export, budgets)
    if len(widths) == 1 or set(widths) <= set(known):
        return [str(path) for path in paths]
    return [str(p.with_name(f"{p.stem}-{w}bit{p.suffix}")) for p in paths for w in widths]


def summary(report: dict[str, Any]) -> str:
    """How much work it was."""
    front = report["front"]
    proof = ": all networks" if front["exact_gap"] == 0 else ""
    return (
        f"{front['space']}: {front['evaluations']} integer programs, {front['impossible']} without "
        f"an answer, {len(front['points'])} networks on the front{proof}, {report['seconds']:.2f} s"
    )


def show(report: dict[str, Any]) -> None:
    """A row for each answer, or a dozen of the front."""
    front, answers = report["front"], report["answers"]
    if "least" in front:
        show_least(front)
    if "least_resources" in front:
        least, there = front["least_resources"], front["available"]
        needs = ", ".join(f"{least[name]} of {there[name]} {name}" for name in there)
        print(f"no accelerator fits; at least needed, each alone: {needs}")
    if not front["points"]:
        return
    if not answers:
        show_fronts(front)
        return
    title = f"{front['space']} on {front['device']}: best {front['objective']} within budgets"
    met = [answer for answer in answers if answer["best"]]
    if met:
        rows = [
            [f"{a['max_latency_us'] / 1e3:g}", *cells(a["best"], front["objective"])] for a in met
        ]
        print_table(title, ["budget ms", *header(front)], rows)
        for bits in dict.fromkeys(answer["best"]["bits"] for answer in met):
            show_blocks([answer for answer in met if answer["best"]["bits"] == bits])
    for answer in answers:
        if answer["best"] is None:
            show_unmet(answer)
        elif "exported" in answer:
            print(f"written: {answer['exported']['file']}")


def show_unmet(answer: dict[str, Any]) -> None:
    """The fastest network there is."""
    budget = f"{answer['max_latency_us'] / 1e3:g} ms"
    at = f" at {answer['bits']} bits" if "bits" in answer else ""
    for device, point in answer.get("reachable", {}).items():
        print(
            f"no network found keeps {budget}{at}: the fastest on {device} takes "
            f"{point['latency_us'] / 1e3:.3f} ms"
        )


def header(front: dict[str, Any]) -> list[str]:
    """Of what `cells` says."""
    return ["ms", "frames/s", front["objective"], "bits", *front["available"], "engines"]


def cells(point: dict[str, Any], objective: str) -> list[str]:
    """A network and its accelerator; engines as channels in x out x taps."""
    engines = ", ".join(
        f"{e['engine']} {e['channels_in']}x{e['channels_out']}x{e['taps']} {e['multipliers']}"
        for e in point["engines"]
    )
    return [
        f"{point['latency_us'] / 1e3:.3f}",
        f"{point['frames_per_s']:.1f}",
        number(point[objective]),
        str(point["bits"]),
        *(str(value) for value in point["used"].values()),
        engines,
    ]


def show_fronts(front: dict[str, Any]) -> None:
    """A dozen networks of the front; of each word length where losses are not known."""
    points = front["points"]
    groups = [points]
    if not front["merged"]:
        groups = [[p for p in points if p["bits"] == bits] for bits in front["bits"]]
    for group in filter(None, groups):
        step = max(1, -(-(len(group) - 1) // (SHOWN - 1)))
        shown = [*group[:-1:step], group[-1]]
        at = "" if front["merged"] else f" at {group[0]['bits']} bits"
        print_table(
            f"{front['space']} on {front['device']}{at}: {len(shown)} of {len(group)} networks "
            f"that no other beats in latency and {front['objective']}",
            header(front),
            [cells(point, front["objective"]) for point in shown],
        )
