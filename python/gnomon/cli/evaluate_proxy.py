"""`gnomon evaluate proxy`: when a search result for one device serves others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.evaluate import group
from gnomon.cli.judging import names_in, rules_file
from gnomon.cli.output import BadInput, print_table, write_json
from gnomon.cli.process import JsonOption, QuietOption, SeedOption

HEADER = ["column", "n", "raw", "probe", "opened", "adapted", "samples", "tested", "rank"]
HEADER += ["front", "left", "hypervolume", "worst seed"]


@group.command()
def proxy(
    table: Annotated[Path, typer.Argument(help="CSV: architecture columns, latency columns in ms")],
    proxy: Annotated[str, typer.Option(help="column of the device that was searched for")],
    target: Annotated[str, typer.Option(help="columns of the devices to serve: a,b")],
    objective: Annotated[
        str, typer.Option(help="macs, or a column of which more is better")
    ] = "macs",
    space: Annotated[str, typer.Option(help="search space (else as the columns file says)")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="CSV: file,column,device,batch,space,width_mult")
    ] = None,
    threshold: Annotated[float, typer.Option(help="rank correlation that is enough")] = 0.9,
    probe: Annotated[int, typer.Option(help="networks measured first")] = 25,
    step: Annotated[int, typer.Option(help="networks measured more at a time")] = 10,
    budget: Annotated[int, typer.Option(help="networks measured at most")] = 100,
    layers: Annotated[
        int, typer.Option(min=1, help="fronts to measure: the Pareto set, and those behind it")
    ] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="random orders of measuring")] = 10,
    runtime: Annotated[str, typer.Option(help="rules that form kernels: name or file")] = (
        "pytorch-eager"
    ),
    jobs: Annotated[int, typer.Option(min=1, help="processors")] = 1,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Try the proxy gate: is a proxy's ranking kept, what does adapting it cost, what is lost.

    Example: gnomon evaluate proxy fbnet.csv --space fbnet --proxy pixel3 --target raspi4,fpga
    """
    try:
        rows = _rows(
            (table, space, columns, rules_file(runtime), jobs),
            (proxy, names_in(target), objective),
            (threshold, probe, step, budget),
            (range(seed, seed + seeds), layers),
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    if not quiet and json_out != "-":
        _show(proxy, rows)
    write_json(json_out, {"schema": 1, "rows": rows})


def _rows(where: tuple, asked: tuple, numbers: tuple, runs: tuple) -> list[dict[str, Any]]:
    """One row a target."""
    from gnomon.evaluation.data.dataset import open_dataset
    from gnomon.evaluation.data.tables import Columns
    from gnomon.evaluation.proxy.gate import Gate
    from gnomon.evaluation.proxy.trial import MACS, run_trial, trial_of

    table, space, columns, rules, jobs = where
    proxy, targets, objective = asked
    gate = Gate(*numbers)
    if not targets:
        raise ValueError("expected --target with the columns of devices to serve")
    data = open_dataset([table], space, Columns(columns, None), [proxy, *targets], rules, jobs)
    if objective != MACS:
        data.tables[0].latencies(objective)  # raises, and says which columns there are
    rows = []
    for name in targets:
        trial = trial_of(data, proxy, name, objective)
        found = run_trial(trial, gate, *runs)
        rows.append({"column": name, "proxy": proxy, "objective": objective, **found})
    return rows


def _show(proxy: str, rows: list[dict[str, Any]]) -> None:
    print_table(
        f"{proxy} as proxy, means over seeds",
        HEADER,
        [
            [
                row["column"],
                str(row["n"]),
                f"{row['spearman_raw']:.3f}",
                f"{row['spearman_probe']:.3f}",
                f"{row['opened']:.0%}",
                f"{row['adapted']:.0%}",
                f"{row['samples']:.1f}",
                f"{row['spearman_tested']:.3f}",
                f"{row['spearman']:.3f}",
                f"{row['front']:.1f}",
                f"{row['front_left']:.1f}",
                f"{row['hypervolume']:.4f}",
                f"{row['spread'].get('hypervolume', {'min': row['hypervolume']})['min']:.4f}",
            ]
            for row in rows
        ],
    )
