"""`gnomon compare`: searches side by side, how far from the proven optimum each ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from gnomon.cli.judging import names_in
from gnomon.cli.network import WidthOption
from gnomon.cli.output import BadInput, print_table, read_json, write_json
from gnomon.cli.process import JsonOption, QuietOption, say
from gnomon.cli.search import (
    SHIPPED_ACCURACY,
    is_network,
    judge,
    numbers,
    own_stand_in,
    places,
    run,
    weighing,
)
from gnomon.cli.search_options import (
    AccuracyOption,
    BundlesOption,
    ConfidenceOption,
    ConstraintOption,
    DevicesOption,
    JobsOption,
    ObjectiveOption,
    ProxyOption,
    ResolutionsOption,
    SpaceArgument,
    StandInOption,
)

ALGORITHMS = "evolution,two-stage,netadapt,netadapt-v2,fp-nas,flash,gradient,la-dnas,random"

ONE_PROXY = "one-proxy"

NamesOption = Annotated[str, typer.Option(metavar="NAME[,NAME...]", help="As for `search`.")]
BudgetsOption = Annotated[
    str, typer.Option("--budgets-ms", metavar="X[,Y...]", help="Every one is answered.")
]
SeedsOption = Annotated[int, typer.Option(min=1, help="Runs of each algorithm: seeds 0, 1, ...")]
EvaluationsOption = Annotated[
    int, typer.Option(min=1, help="Most networks that a run may evaluate for a budget.")
]
KeepOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Every algorithm once more among the N options of each choice with the most capacity "
        "(MACs) a latency on the device.",
    ),
]


def compare(
    space: SpaceArgument,
    budgets_ms: BudgetsOption,
    algorithms: NamesOption = ALGORITHMS,
    seeds: SeedsOption = 10,
    evaluations: EvaluationsOption = 50_000,
    bundle: BundlesOption = None,
    device: DevicesOption = None,
    confidence: ConfidenceOption = None,
    accuracy: AccuracyOption = None,
    stand_in: StandInOption = None,
    proxy: ProxyOption = None,
    keep: KeepOption = None,
    objective: ObjectiveOption = "hard",
    constraint: ConstraintOption = "repair",
    resolutions: ResolutionsOption = None,
    width_mult: WidthOption = None,
    jobs: JobsOption = 1,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Hold searches against the exact optimum at equal budgets and evaluations.

    The gap of a run is what its network lacks to the optimum under the budget; where an accuracy
    network judges, to the bound that is proven. It is that of the whole space also for the rows of
    --keep. Networks over the budget, which trade-offs may find, have no gap, and are not counted
    as found. Exit status 1: an algorithm refused the problem; its row says why.

    Example: gnomon compare ofa-mbv3 --budgets-ms 6,8,10 --algorithms evolution,fp-nas
    """
    budgets = numbers(budgets_ms, "--budgets-ms", float)
    if not budgets or any(not 0 < budget < 1e9 for budget in budgets):
        raise BadInput(f"--budgets-ms {budgets_ms}: expected times above 0 between commas")
    names = checked(algorithms, proxy)
    metric, model = judge(space, accuracy)
    judged = model is not None and is_network(model)
    if stand_in is None and judged:
        stand_in = own_stand_in(model) or SHIPPED_ACCURACY.get(space)
    request = {
        "space": space,
        **places(bundle or [None], device or []),
        "budgets_us": [budget * 1e3 for budget in budgets],
        "confidence": confidence or 0.0,
        "accuracy": str(model) if model else "",
        "stand_in": str(stand_in) if stand_in else "",
        "evaluations": evaluations,
        "resolutions": numbers(resolutions, "--resolutions", int),
        "width_mult": width_mult or 0.0,
        "jobs": jobs,
    }
    by_proxy = places(bundle or [None], device or [], proxy) if proxy else {}
    proof = {"algorithm": "exact", "objective": metric, "seed": 0}
    reference = run(**proof, exports=[], peak_memory=False, **request)
    request |= weighing(metric, objective, constraint)
    bounds = list(proven(reference, sense_of(model)))
    rows = []
    for name, kept in [(name, kept) for name in names for kept in ([0, keep] if keep else [0])]:
        say(f"{label(name, kept)}: {seeds} runs of {len(budgets)} budgets", quiet)
        asked = request | {"algorithm": name, "keep": kept}
        asked |= by_proxy if name == ONE_PROXY else {}
        rows.append(row_of(asked, bounds, seeds, sense_of(model)))
    front = reference["front"]
    report = {
        "schema": 1,
        **{key: front[key] for key in ("space", "device", "bundle", "confidence", "objective")},
        "evaluations": evaluations,
        "seeds": seeds,
        "budgets": bounds,
        "algorithms": rows,
    }
    if not quiet and json_out != "-":
        show(report, judged)
    write_json(json_out, report)
    refused = [f"{label_of(row)}: {row['refused']}" for row in rows if "refused" in row]
    if refused:
        print("\n".join(refused), file=sys.stderr)
        raise typer.Exit(1)


def checked(text: str, proxy: str | None) -> list[str]:
    """The algorithms, all of them known, and a proxy where one needs it."""
    from gnomon import _native

    names, known = names_in(text), _native.search_algorithms()
    if "hao" in names:
        raise BadInput(
            "--algorithms: hao makes accelerators for an FPGA instead of asking the bundle that "
            "the others share: expected gnomon search --algorithm hao --fpga"
        )
    for name in names:
        if name not in known:
            expected = ", ".join(known)
            raise BadInput(f"--algorithms: no '{name}', expected one of: {expected}")
    if not names:
        raise BadInput(f"--algorithms {text}: expected names between commas")
    if (ONE_PROXY in names) != (proxy is not None):
        raise BadInput(f"expected --proxy together with {ONE_PROXY} in --algorithms, and only then")
    return names


def label(name: str, kept: int) -> str:
    """An algorithm and the space that it has."""
    return f"{name}, {kept} kept" if kept else name


def label_of(row: dict[str, Any]) -> str:
    """What a row of the report is called."""
    return label(row["algorithm"], row["keep"] or 0)


def sense_of(model: Path | None) -> int:
    """1: more of the objective is better; -1: less."""
    if model is None or model.suffix == ".onnx":
        return 1
    content = read_json(model)
    return -1 if isinstance(content, dict) and content.get("sense") == "minimize" else 1


def proven(reference: dict[str, Any], sense: int) -> Iterator[dict[str, Any]]:
    """For each budget the best network that is known and what no network passes."""
    objective = reference["front"]["objective"]
    for answer in reference["answers"]:
        ms = answer["max_latency_us"] / 1e3
        if answer["best"] is None:
            least = max(place["high_us"] for place in answer["reachable"].values()) / 1e3
            raise BadInput(
                f"--budgets-ms: no network keeps {ms:g} ms; the least that can be is {least:.4g} ms"
            )
        best = answer["best"][objective]
        # Without a number of evaluations the answer is a point of the exact front.
        gap = answer.get("gap", 0)
        bound = None if gap is None else best + sense * gap
        yield {"max_latency_us": answer["max_latency_us"], "best": best, "bound": bound}


def row_of(
    request: dict[str, Any], bounds: list[dict[str, Any]], seeds: int, sense: int
) -> dict[str, Any]:
    """All runs of an algorithm and what they come to, or why it refuses."""
    row = {"algorithm": request["algorithm"], "keep": request["keep"] or None}
    runs: list[dict[str, Any]] = []
    for seed in range(seeds):
        try:
            report = run(seed=seed, exports=[], peak_memory=False, **request)
        except BadInput as error:
            return row | {"refused": str(error), "found": 0, "runs": runs}
        for answer, known in zip(report["answers"], bounds, strict=True):
            runs.append({"seed": seed, **run_of(answer, known, report, sense)})
    gaps = [entry["gap"] for entry in runs if entry["gap"] is not None]
    counts = [entry["evaluations"] for entry in runs]
    return row | {
        "found": sum(entry["kept"] for entry in runs),
        "median_gap": median(gaps) if gaps else None,
        "worst_gap": max(gaps) if gaps else None,
        "median_evaluations": median(counts),
        "most_evaluations": max(counts),
        "runs": runs,
    }


def run_of(
    answer: dict[str, Any], known: dict[str, Any], report: dict[str, Any], sense: int
) -> dict[str, Any]:
    """What a run found under one budget."""
    value = answer["best"] and answer["best"][report["front"]["objective"]]
    kept = value is not None and answer.get("keeps_budget", True)
    gap = None
    if kept and known["bound"] is not None:
        gap = max(0.0, sense * (known["bound"] - value))
    entry = {
        "max_latency_us": answer["max_latency_us"],
        "value": value,
        "kept": kept,
        "gap": gap,
        "evaluations": answer.get("evaluations", 0),
        "drawn": answer.get("drawn", 0),
    }
    if answer.get("proxy"):
        entry["measured"] = answer["proxy"]["measured"]
    return entry


def show(report: dict[str, Any], judged: bool) -> None:
    """A row an algorithm."""
    total = report["seeds"] * len(report["budgets"])

    def text(gap: float | None) -> str:
        return "unknown" if gap is None else f"{gap:.3g}"

    to = "proven bound" if judged else "exact optimum"
    print_table(
        f"{report['objective']}: gap to the {to}, {total} runs each",
        ["algorithm", "median gap", "worst gap", "median evaluations", "found"],
        [
            [label_of(row), "refused", "", "", f"0/{total}"]
            if "refused" in row
            else [
                label_of(row),
                text(row["median_gap"]),
                text(row["worst_gap"]),
                f"{row['median_evaluations']:,.0f}",
                f"{row['found']}/{total}",
            ]
            for row in report["algorithms"]
        ],
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(compare)
