"""`gnomon evaluate network`: latency models judged on tables of measured networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.evaluate import group
from gnomon.cli.output import RUNTIMES, BadInput, print_table, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption, SeedOption, say

HEADER = ["column", "samples", "method", "n", "MAE ms", "RMSE ms", "MAPE", "worst seed"]
HEADER += ["within 5 %", "within 10 %", "Spearman", "Kendall", "in 90 %"]


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
    from gnomon.evaluation.judge import Plan, judge

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
            _counts(samples),
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
        _show(found["rows"])
    write_json(json_out, {"schema": 1, **found})


def _judge(data: Any, train: str | None, test: str | None, plan: Any, judge: Any, quiet: bool):
    from gnomon.evaluation.dataset import split_of
    from gnomon.evaluation.methods import find_method

    for name in plan.methods:
        find_method(name)
    return judge(data, split_of(data, train, test), plan, lambda text: say(text, quiet))


def _open(paths: list[Path], space: str, about: tuple, wanted: tuple, forming: tuple):
    """The dataset, and the test columns with their sources."""
    from gnomon.evaluation.dataset import open_dataset
    from gnomon.evaluation.specs import read_specs
    from gnomon.evaluation.tables import Columns
    from gnomon.evaluation.tasks import tasks_of

    columns, specs = about
    train_on, test_on, leave_out = wanted
    if leave_out:
        _one_of(leave_out, ("device",), "--leave-out")
    elif not test_on:
        raise ValueError("expected --test-on with the columns to predict, or --leave-out device")
    described = Columns(columns, None if specs is None else read_specs(specs))
    data = open_dataset(paths, space, described, [*train_on, *test_on], *forming)
    return data, tasks_of(data, train_on, test_on, bool(leave_out))


def names_in(text: str) -> list[str]:
    """The names of a list with commas, each once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def _one_of(value: str, known: tuple[str, ...], option: str) -> str:
    if value not in known:
        raise ValueError(f"{option} {value}: expected {' or '.join(known)}")
    return value


def _counts(text: str) -> tuple[int, ...]:
    from gnomon.evaluation.judge import ALL

    counts = []
    for part in text.split(","):
        if part.strip() != "all" and not part.strip().isdecimal():
            raise ValueError(f"--samples {text}: found {part!r}, expected a number or all")
        counts.append(ALL if part.strip() == "all" else int(part))
    return tuple(dict.fromkeys(counts))


def rules_file(name: str) -> Path:
    """Rules of a runtime, by name or path."""
    """The rules of a runtime, by name or as a file."""
    for path in (Path(name), RUNTIMES / f"{name}.json"):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in RUNTIMES.glob("*.json")))
    raise BadInput(f"--runtime {name}: expected a file of rules or one of {known}")


def _show(rows: list[dict[str, Any]]) -> None:
    print_table(
        "predicted against measured, means over seeds",
        HEADER,
        [
            [
                row["column"],
                str(row["samples"]),
                row["method"],
                str(row["n"]),
                f"{row['mae_ms']:.4g}",
                f"{row['rmse_ms']:.4g}",
                f"{row['mape']:.2%}",
                f"{row['spread'].get('mape', {'max': row['mape']})['max']:.2%}",
                f"{row['within5']:.1%}",
                f"{row['within10']:.1%}",
                _digits(row["spearman"]),
                _digits(row["kendall"]),
                "-" if row["coverage90"] is None else f"{row['coverage90']:.1%}",
            ]
            for row in rows
        ],
    )


def _digits(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
