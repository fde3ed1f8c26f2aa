"""`gnomon profile`: samples networks and kernels and measures them."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from gnomon.cli.output import BadInput, model_folder, write_json
from gnomon.cli.process import (
    JsonOption,
    PinOption,
    QuietOption,
    SeedOption,
    ThreadsOption,
    pin_to,
    say,
)
from gnomon.cli.profile_from import (
    FormatOption,
    FromOption,
    GpuOption,
    Import,
    LatencyOption,
    ModelOption,
    OptimisedOption,
    check_alone,
    run_import,
)
from gnomon.cli.profile_operators import (
    OperatorsOption,
    RuntimeOption,
    check_operators_alone,
    operator_plan,
    operator_runtime,
    run_operators,
)
from gnomon.cli.target import DeviceOption, target_of, warm
from gnomon.profiling.adaptive import adaptive_samples, centres
from gnomon.profiling.collect import Plan, Stream, collect
from gnomon.profiling.readers.source import Unreadable
from gnomon.sampling.sample import families


def profile(
    out: Annotated[Path, typer.Option("--out", help="Profile folder; run again and it goes on.")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.0, help="Time to spend.")] = 60.0,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Stop after this many new records.")
    ] = None,
    rounds: Annotated[
        int, typer.Option("--rounds", min=1, help="Separated visits to each network.")
    ] = 6,
    batch: Annotated[
        int, typer.Option("--batch", min=1, help="Networks whose rounds are interleaved.")
    ] = 40,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.0, help="Bound of the timed runs of one visit.")
    ] = 0.3,
    family: Annotated[
        list[str] | None, typer.Option("--family", help="Only these families.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option("--bundle", help="Bundle whose errors steer --adaptive.")
    ] = None,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="Sample near what the bundle predicts worst.")
    ] = False,
    device: DeviceOption = "cpu",
    operators: OperatorsOption = None,
    runtime: RuntimeOption = "onnxruntime",
    threads: ThreadsOption = 1,
    seed: SeedOption = 1,
    pin: PinOption = None,
    json_out: JsonOption = None,
    quiet: QuietOption = False,
    files: FromOption = None,
    format: FormatOption = None,
    model: ModelOption = None,
    optimised: OptimisedOption = None,
    gpu: GpuOption = None,
    latency_ms: LatencyOption = None,
) -> None:
    """Measure sampled networks, kernel by kernel, or operators; or read another tool's profile.

    A finished visit is never lost: interrupt it at any moment and run it again.

    Example: gnomon profile --out profiles/here --minutes 60 --pin 0
    """
    given = Import(files or [], format, model, optimised, gpu, latency_ms)
    networks = {"--adaptive": adaptive, "--family": family, "--bundle": bundle}
    check_alone(given, {**networks, "--operators": operators})
    if given.files:
        return run_import(out, given, json_out, quiet)
    say_line = partial(say, quiet=quiet)
    pin_to(pin)
    if operators is not None:
        check_operators_alone(networks)
        chosen = operator_runtime(runtime, device, threads)
        ops = operator_plan(operators, chosen, gpu, seed, rounds, seconds)
        return run_operators(out, ops, chosen, minutes, limit, json_out, say_line)
    if runtime != "onnxruntime":
        raise BadInput(f"--runtime {runtime} measures operators: expected --operators beside it")
    wrong = sorted(set(family or ()) - set(families()))
    if wrong:
        raise BadInput(f"no family '{wrong[0]}': expected one of {', '.join(families())}")
    plan = Plan(
        seed=seed,
        threads=threads,
        rounds=rounds,
        batch=batch,
        seconds=seconds,
        only=tuple(family or ()),
    )
    target = target_of(device)
    stream = _near_errors(out, bundle, seed, quiet) if adaptive else None
    warm(target, say_line)
    count = _collect(out, plan, minutes, say_line, limit, stream, target)
    write_json(json_out, {"schema": 1, "folder": str(out), "records": count})
    if json_out != "-":
        print(f"{out}: {count} records")


def _collect(out: Path, *arguments: Any) -> int:
    try:
        return collect(out, *arguments)
    except Unreadable as error:
        raise BadInput(
            f"{out}: {error}; this build of the runtime measures operators (--operators all) and "
            "whole networks (gnomon measure)"
        ) from error


def _near_errors(out: Path, bundle: str | None, seed: int, quiet: bool) -> Stream:
    from gnomon import predictor

    chosen = model_folder(bundle)
    found = centres(out, lambda path: 1e3 * predictor.predict(path, chosen).latency_ms, seed)
    for centre in found[:5]:
        say(f"{centre.origin} ({centre.family}) is off by {centre.error:.1%}", quiet)
    try:
        return adaptive_samples(found, seed)
    except ValueError as error:
        raise BadInput(f"{out}: {error}") from error


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(profile)
