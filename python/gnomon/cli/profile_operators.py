"""`gnomon profile --operators`: single operators as rows of operator tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from gnomon.cli.output import BadInput, write_json
from gnomon.cli.target import target_of, warm
from gnomon.measuring import cuda
from gnomon.measuring.machine import processor_name
from gnomon.profiling.operate import OnnxOperators, OperatorPlan, Operators, measure_operators
from gnomon.profiling.operator_samples import CPU_LIMITS, GPU_LIMITS
from gnomon.profiling.operator_torch import TorchOperators, load
from gnomon.profiling.operators import TABLES

RUNTIMES = ("onnxruntime", "pytorch")
OperatorsOption = Annotated[
    str | None,
    typer.Option(
        "--operators",
        metavar="NAME,...",
        help="Measure single operators into <op>.csv instead of networks; `all` for every table.",
    ),
]
RuntimeOption = Annotated[
    str, typer.Option("--runtime", help=f"What runs operators: {' or '.join(RUNTIMES)}.")
]


def check_operators_alone(networks: dict[str, object]) -> None:
    """Refuses options of sampled networks."""
    for name, value in networks.items():
        if value:
            raise BadInput(f"--operators measures no networks: it does not go with {name}")


def operator_runtime(runtime: str, device: str, threads: int) -> Operators:
    """What --runtime and --device name; BadInput says what is missing."""
    if runtime not in RUNTIMES:
        raise BadInput(f"--runtime: expected {' or '.join(RUNTIMES)}, found '{runtime}'")
    if runtime == "onnxruntime":
        return OnnxOperators(target_of(device), threads)
    try:
        number = cuda.device_number(device)
        return TorchOperators(load(number), number)
    except ValueError as error:
        raise BadInput(str(error)) from error


def operator_plan(
    names: str, runtime: Operators, gpu: str | None, seed: int, rounds: int, seconds: float
) -> OperatorPlan:
    """The plan of the command line."""
    ops = tuple(TABLES) if names == "all" else tuple(dict.fromkeys(names.split(",")))
    for op in ops:
        if op not in TABLES:
            raise BadInput(f"--operators: no table '{op}': expected all or of {', '.join(TABLES)}")
    on_cpu = runtime.settings()["provider"] == "cpu"
    return OperatorPlan(
        ops=ops,
        gpu=gpu or str(runtime.settings().get("gpu") or processor_name()),
        limits=CPU_LIMITS if on_cpu else GPU_LIMITS,
        seed=seed,
        rounds=rounds,
        seconds=seconds,
    )


def run_operators(
    out: Path,
    plan: OperatorPlan,
    runtime: Operators,
    minutes: float,
    limit: int | None,
    json_out: str | None,
    say: Callable[[str], None],
) -> None:
    """Measures and says what the tables hold."""
    if isinstance(runtime, OnnxOperators):
        warm(runtime.target, say)
    sizes = measure_operators(out, plan, runtime, minutes, say, limit)
    write_json(json_out, {"schema": 1, "folder": str(out), "gpu": plan.gpu, "tables": sizes})
    if json_out != "-":
        tables = ", ".join(f"{op}.csv ({count} rows)" for op, count in sorted(sizes.items()))
        print(f"{out}: {tables or 'no rows'}")
