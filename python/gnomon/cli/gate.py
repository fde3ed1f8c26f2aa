"""`gnomon gate`: a search result of one device for another one, by a few measurements."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gnomon.cli.judging import rules_file
from gnomon.cli.output import BadInput, print_table, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption, SeedOption

if TYPE_CHECKING:
    import numpy as np

    from gnomon.evaluation.proxy.files import Offer
    from gnomon.evaluation.proxy.gate import Gate, Progress

OF_TABLES = "of tables"
"""Heading of options in --help."""


def gate(
    proxy: Annotated[
        Path, typer.Argument(help="what was found for the proxy: FRONT.json, or a table (CSV)")
    ],
    measured: Annotated[
        list[Path] | None, typer.Option(help="CSV model,latency_ms of the target; may be repeated")
    ] = None,
    wanted: Annotated[
        Path | None, typer.Option("--next", help="write the networks to measure next to this CSV")
    ] = None,
    export: Annotated[Path | None, typer.Option(help="and as ONNX files into this folder")] = None,
    out: Annotated[Path | None, typer.Option(help="write the target's front, once known")] = None,
    device: Annotated[str, typer.Option(help="the target's name, for the front")] = "measured",
    threshold: Annotated[float, typer.Option(help="rank correlation that is enough")] = 0.9,
    probe: Annotated[int, typer.Option(help="networks measured first")] = 25,
    step: Annotated[int, typer.Option(help="networks measured more at a time")] = 10,
    budget: Annotated[int, typer.Option(help="networks measured for the gate at most")] = 100,
    layers: Annotated[
        int, typer.Option(min=1, help="fronts to measure: the Pareto set, and those behind it")
    ] = 1,
    points: Annotated[
        int, typer.Option(min=1, help="networks of these to measure at most, spread over them")
    ] = 50,
    column: Annotated[
        str, typer.Option(help="the proxy's latencies", rich_help_panel=OF_TABLES)
    ] = "",
    objective: Annotated[
        str,
        typer.Option(help="macs, or a column of which more is better", rich_help_panel=OF_TABLES),
    ] = "macs",
    space: Annotated[
        str, typer.Option(help="else as the columns file says", rich_help_panel=OF_TABLES)
    ] = "",
    columns: Annotated[
        Path | None,
        typer.Option(
            help="CSV: file,column,device,batch,space,width_mult", rich_help_panel=OF_TABLES
        ),
    ] = None,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Serve a device with the search result of another one: says which networks to measure next.

    Measures nothing itself. Run it, measure what it asks for, run it again with all measurements,
    until it is done; it keeps nothing in between. Exit status 1: the budget is spent, and no
    ranking is good enough.

    Example: gnomon gate front.json --next next.csv --export nets

    Example: gnomon gate front.json --measured m1.csv --measured m2.csv --out mine.json
    """
    from gnomon.evaluation.proxy.files import read_measured
    from gnomon.evaluation.proxy.gate import Gate, proceed

    try:
        asked = Gate(threshold, probe, step, budget)
        offer = _offer(proxy, (column, objective, space, columns))
        latency, known = read_measured(measured or [], offer.names)
        order = offer.order(known, seed)
        progress = proceed(asked, offer.candidates, order, latency, layers, points)
        model = _export(offer, progress, export)
    except ValueError as error:
        raise BadInput(str(error)) from error
    if wanted is not None:
        write_text(wanted, _wanted_csv(offer, progress, model))
    if out is not None and not len(progress.wanted):
        write_json(str(out), _front(offer, progress, latency, device, seed))
    if not quiet and json_out != "-":
        _show(asked, progress, latency, wanted)
    write_json(json_out, {"schema": 1, **_report(asked, offer, progress, latency)})
    if progress.decided and not progress.verdict.opened:
        raise typer.Exit(1)


def _offer(path: Path, of_table: tuple[str, str, str, Path | None]) -> Offer:
    from gnomon.evaluation.data.dataset import open_dataset
    from gnomon.evaluation.data.tables import Columns
    from gnomon.evaluation.proxy.files import offer_of_front, offer_of_table
    from gnomon.evaluation.proxy.trial import MACS

    column, objective, space, columns = of_table
    rules = rules_file("pytorch-eager")  # codes and MACs are the same under any rules
    if path.suffix == ".json":
        if of_table != ("", MACS, "", None):
            raise ValueError(f"{path}: options of tables mean nothing beside a front")
        return offer_of_front(path, rules)
    if not column:
        raise ValueError(f"{path}: expected --column with the proxy's latencies")
    data = open_dataset([path], space, Columns(columns, None), [column], rules, 1)
    if objective != MACS:
        data.tables[0].latencies(objective)  # raises, and says which columns there are
    return offer_of_table(data, column, objective)


def _export(offer: Offer, progress: Progress, folder: Path | None) -> dict[int, str]:
    """What the networks to measure are called; with a folder, their files."""
    from gnomon import _native

    if folder is None:
        return {row: offer.names[row] for row in progress.wanted}
    folder.mkdir(parents=True, exist_ok=True)
    files = {row: str(folder / f"{offer.names[row]}.onnx") for row in progress.wanted}
    for row, file in files.items():
        text = json.dumps(offer.points[row]["architecture"])
        try:
            _native.network(offer.space, text, file, width_mult=offer.width_mult or 0.0)
        except RuntimeError as error:
            raise ValueError(str(error)) from error
    return files


def _wanted_csv(offer: Offer, progress: Progress, model: dict[int, str]) -> str:
    """What is to be measured: latencies are to be filled in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", "latency_ms", "architecture"])
    for row in progress.wanted:
        writer.writerow([model[row], "", json.dumps(offer.points[row]["architecture"])])
    return text.getvalue()


def _front(
    offer: Offer, progress: Progress, latency: np.ndarray, device: str, seed: int
) -> dict[str, Any]:
    """As `gnomon search --front` writes one; the interval of a measurement is itself."""
    import numpy as np

    points = []
    for row in progress.front:
        us = float(latency[row]) * 1e3
        points.append(offer.points[row] | {"latency_us": us, "low_us": us, "high_us": us})
    return {
        "schema": 1,
        "space": offer.space,
        "device": device,
        "algorithm": "one-proxy",
        "objective": offer.objective,
        "seed": seed,
        "evaluations": int(np.isfinite(latency).sum()),
        "exact_gap": None,
        "points": points,
    }


def _report(asked: Gate, offer: Offer, progress: Progress, latency: np.ndarray) -> dict[str, Any]:
    import numpy as np

    verdict = progress.verdict
    tested = None
    if verdict.samples and (progress.decided or verdict.adapted):
        low, high = verdict.interval()
        tested = {"value": verdict.tested, "low": low, "high": high}
    return {
        "state": progress.state,
        "threshold": asked.threshold,
        "opened": verdict.opened,
        "adapted": verdict.adapted,
        "samples": verdict.samples,
        "measured": int(np.isfinite(latency).sum()),
        "spearman_probe": verdict.raw if tested else None,
        "spearman_tested": tested,
        "next": [
            {"model": offer.names[row], "architecture": offer.points[row]["architecture"]}
            for row in progress.wanted
        ],
        "front": [
            {"model": offer.names[row], "latency_ms": float(latency[row])} for row in progress.front
        ],
    }


def _show(asked: Gate, progress: Progress, latency: np.ndarray, wanted: Path | None) -> None:
    import numpy as np

    verdict, more = progress.verdict, len(progress.wanted)
    where = f" ({wanted})" if wanted else ""
    if progress.state == "probe":
        print(f"probe: {verdict.samples} measured, {more} to measure{where}")
        return
    low, high = verdict.interval()
    print_table(
        f"does a ranking agree with the target (rank correlation of at least {asked.threshold:g})?",
        ["ranking", "samples", "correlation", "90 % interval", "gate"],
        [
            [
                "adapted proxy, held out" if verdict.adapted else "proxy as it is",
                str(verdict.samples),
                f"{verdict.tested:.3f}",
                f"{low:.3f}..{high:.3f}",
                "opens" if verdict.opened else "shut" if progress.decided else "waits",
            ]
        ],
    )
    if progress.state == "adapt":
        print(f"gate: {more} more to measure{where}")
    elif progress.state == "front":
        print(f"front: {len(progress.chosen)} networks, {more} to measure{where}")
    else:
        known = int(np.isfinite(latency).sum())
        print(f"done: {len(progress.front)} networks that none of {known} measured ones beats")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(gate)
