"""`gnomon evaluate operator`: operators of GPUs that were never measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.evaluate import group
from gnomon.cli.judging import counts_in, names_in, print_scores
from gnomon.cli.output import RUNTIMES, BadInput, write_json
from gnomon.cli.process import JsonOption, QuietOption, SeedOption, say

LABELS = {"column": "GPU", "operator": "operator", "samples": "samples", "method": "method"}


@group.command()
def operator(
    folder: Annotated[Path, typer.Argument(help="folder of OPERATOR.csv[.gz]: gpu,...,latency_ms")],
    specs: Annotated[Path, typer.Option(help="CSV of data sheets: gpu,cuda_cores,sms,...")],
    train_on: Annotated[str, typer.Option(help="source GPUs: a,b,c")],
    test_on: Annotated[
        str, typer.Option(help="GPUs to predict; without it every source GPU from the others")
    ] = "",
    test_dir: Annotated[Path | None, typer.Option(help="score the tables of this folder")] = None,
    samples: Annotated[str, typer.Option(help="measured rows a test GPU and operator: 0,10")] = "0",
    seeds: Annotated[int, typer.Option(min=1, help="random choices of samples")] = 10,
    method: Annotated[
        str, typer.Option(help="some of utilisation,forests,roofline,mlp,neusight,trees")
    ] = ("utilisation,roofline"),
    own_share: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=0.99,
            help="also train on this share of a test GPU's own rows, and score the others",
        ),
    ] = 0.0,
    runtime: Annotated[Path, typer.Option(help="rules that form kernels")] = RUNTIMES
    / "pytorch-eager.json",
    jobs: Annotated[int, typer.Option(min=1, help="processors")] = 2,
    seed: SeedOption = 0,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Operators predicted for GPUs of which only the data sheet and a few rows are known.

    Example: gnomon evaluate operator tables --specs gpus.csv --train-on P4,P100,V100,T4
    --test-on A100-40 --samples 0,10
    """
    from gnomon.evaluation.data.specs import find_spec, read_specs
    from gnomon.evaluation.operators.forest import Settings
    from gnomon.evaluation.operators.judge import METHODS, Judge, Plan, leave_one_out
    from gnomon.evaluation.operators.own import own_rows
    from gnomon.evaluation.operators.tables import read_folder

    methods = names_in(method)
    unknown = [name for name in methods if name not in METHODS]
    if unknown:
        raise BadInput(f"--method {unknown[0]}: expected some of {', '.join(METHODS)}")
    train, test = names_in(train_on), names_in(test_on) or names_in(train_on)
    try:
        sheets = read_specs(specs)
        for gpu in (*train, *test):
            find_spec(sheets, gpu)
        tables = read_folder(folder)
        scored = tables if test_dir is None else read_folder(test_dir)
        _check_gpus(train, tables, folder)
        _check_gpus(test, scored, test_dir or folder)
        plan = Plan(
            leave_one_out(train, test),
            counts_in(samples, {}),
            tuple(range(seed, seed + seeds)),
            tuple(methods),
            Settings(seed=seed),
            jobs,
        )
        judge = Judge(tables, scored, sheets, runtime, plan)
        rows = judge.rows(lambda text: say(text, quiet))
        if own_share > 0:
            rows += own_rows(judge.targets, own_share, seed, jobs)
    except ValueError as error:
        raise BadInput(str(error)) from error
    if not rows:
        raise BadInput("no operator is in the tables of both source and test GPUs")
    if not quiet and json_out != "-":
        print_scores(rows, LABELS)
    write_json(json_out, {"schema": 1, "rows": rows})


def _check_gpus(gpus: list[str], tables: dict[str, Any], folder: Path) -> None:
    known = sorted({str(gpu) for table in tables.values() for gpu in set(table.gpu)})
    if not gpus:
        raise ValueError(f"--train-on: expected some of {', '.join(known)}")
    for gpu in gpus:
        if gpu not in known:
            raise ValueError(f"{folder}: no rows of '{gpu}'; the tables have {', '.join(known)}")
