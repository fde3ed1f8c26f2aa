"""`gnomon evaluate network`: latency models judged on tables of measured networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.evaluate import group
from gnomon.cli.judging import counts_in, names_in, print_scores, rules_file
from gnomon.cli.output import BadInput, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption, SeedOption, say

LABELS = {"column": "column", "samples": "samples", "method": "method"}


@group.command()
def network(
    table: Annotated[Path, typer.Argument(help="CSV: architecture columns, latency columns in ms")],
    test_table: Annotated[Path | None, typer.Option(help="score the rows of this table")] = None,
    space: Annotated[str, typer.Option(help="search space (else as the columns file says)")] = "",
    columns: Annotated[
        Path | None, typer.Option(help="CSV: file,column,device,batch,space,width_mult")
    ] = None,
    specs: Annotated[Path | None, typer.Option(help="CSV of data sheets: gpu,...")] = None,
    train_on: Annotated[str, typer.Option(help="source columns: a,b,c")] = "",
    test_on: Annotated[str, typer.Option(help="columns to predict: d,e")] = "",
    leave_out: Annotated[
        str, typer.Option(help="device: every device in turn, with all its columns")
    ] = "",
    train_rows: Annotated[str | None, typer.Option(help="FROM:TO, TO not included")] = None,
    test_rows: Annotated[str | None, typer.Option(help="FROM:TO (of the test table)")] = None,
    samples: Annotated[str, typer.Option(help="rows of a test column to learn from: 0,10,all")] = (
        "0"
    ),
    seeds: Annotated[int, typer.Option(min=1, help="random choices of samples")] = 10,
    pick: Annotated[str, typer.Option(help="random, or spread over the space")] = "random",
    method: Annotated[str, typer.Option(help="one or several: table,forest")] = "auto",
    runtime: Annotated[str, typer.Option(help="rules that form kernels: name or file")] = (
        "pytorch-eager"
    ),
    jobs: Annotated[int, typer.Option(min=1, help="processors")] = 1,
    predictions: Annotated[
        Path | None, typer.Option(help="write every prediction to this CSV file")
    ] = None,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Latency models of whole networks, judged on columns that they were not fitted to.

    Example: gnomon evaluate network ofa.csv --space ofa-mbv3 --columns columns.csv
    --specs gpus.csv --train-on v100_64,titan_64 --test-on 2080ti_64 --samples 0,10 --seeds 10
    """
    from gnomon.evaluation.judge import ALL, Plan, judge

    try:
        data, tasks = _open(
            [table, *([test_table] if test_table else [])],
            space,
            (columns, specs),
            (names_in(train_on), names_in(test_on), leave_out),
            (rules_file(runtime), jobs),
        )
        plan = Plan(
            tasks,
            tuple(names_in(method)),
            counts_in(samples, {"all": ALL}),
            tuple(range(seed, seed + seeds)),
            _one_of(pick, ("random", "spread"), "--pick"),
            jobs,
            predictions is not None,
        )
        found = _judge(data, train_rows, test_rows, plan, judge, quiet)
    except ValueError as error:
        raise BadInput(str(error)) from error
    for row in found["skipped"]:
        say(f"{row['column']}, {row['samples']} samples, {row['method']}: {row['reason']}", quiet)
    if not found["rows"]:
        raise BadInput(f"nothing could be predicted: {found['skipped'][0]['reason']}")
    kept = found.pop("predictions")
    if predictions is not None:
        write_text(predictions, kept.to_csv(index=False))
    if not quiet and json_out != "-":
        print_scores(found["rows"], LABELS)
    write_json(json_out, {"schema": 1, **found})


def _judge(data: Any, train: str | None, test: str | None, plan: Any, judge: Any, quiet: bool):
    from gnomon.evaluation.data.dataset import split_of
    from gnomon.evaluation.methods import find_method

    for name in plan.methods:
        find_method(name)
    return judge(data, split_of(data, train, test), plan, lambda text: say(text, quiet))


def _open(paths: list[Path], space: str, about: tuple, wanted: tuple, forming: tuple):
    """The dataset, and the test columns with their sources."""
    from gnomon.evaluation.data.dataset import open_dataset
    from gnomon.evaluation.data.specs import read_specs
    from gnomon.evaluation.data.tables import Columns
    from gnomon.evaluation.data.tasks import tasks_of

    columns, specs = about
    train_on, test_on, leave_out = wanted
    if leave_out:
        _one_of(leave_out, ("device",), "--leave-out")
    elif not test_on:
        raise ValueError("expected --test-on with the columns to predict, or --leave-out device")
    described = Columns(columns, None if specs is None else read_specs(specs))
    data = open_dataset(paths, space, described, [*train_on, *test_on], *forming)
    return data, tasks_of(data, train_on, test_on, bool(leave_out))


def _one_of(value: str, known: tuple[str, ...], option: str) -> str:
    if value not in known:
        raise ValueError(f"{option} {value}: expected {' or '.join(known)}")
    return value
