"""`gnomon fit-accuracy`: accuracy models of OFA-MobileNetV3 from its published network."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gnomon.accuracy import fit, ofa
from gnomon.accuracy.teacher import Teacher
from gnomon.cli.output import ROOT, BadInput, print_table, progress, write_json, write_text
from gnomon.cli.process import JsonOption, QuietOption

HELD_OUT = 20_000


def fit_accuracy(
    network: Annotated[
        Path, typer.Argument(help="OFA's accuracy network as an ONNX file: 128 inputs, one output.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the two files.")] = ROOT
    / "data"
    / "accuracy",
    samples: Annotated[
        int, typer.Option(min=1000, help="Networks to learn from.", metavar="N")
    ] = 400_000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    source: Annotated[str, typer.Option(help="Where the network comes from, licence too.")] = "",
    json_out: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fit values per option and a small network to what an accuracy network answers.

    Example: gnomon fit-accuracy ofa_mbv3_accuracy.onnx --out data/accuracy
    """
    teacher = open_teacher(network)
    held_out = ofa.draw(HELD_OUT, np.random.default_rng(seed + 1), ofa.TRAINED_RESOLUTIONS)
    truth = teacher.trained(held_out)

    def say(line: str) -> None:
        if not quiet:
            progress.print(line)

    say(f"values per option: least squares over {samples // 4} networks")
    additive = fit.fit_additive(teacher, samples // 4, seed)
    small = fit.fit_network(teacher, samples, seed, say)
    results = []
    for file, predict, learned in (
        (additive, fit.predict_additive, samples // 4),
        (small, fit.predict_network, samples),
    ):
        file["errors"] = fit.errors(predict(file, held_out), truth)
        file["provenance"] = provenance(network, source, learned, samples, seed)
        path = out / f"{file['name']}.json"
        write_text(path, layout(file))
        results.append({"file": str(path), "errors": file["errors"]})
    if not quiet and json_out != "-":
        show(results)
    write_json(json_out, {"schema": 1, "models": results})


def open_teacher(network: Path) -> Teacher:
    """The accuracy network, or BadInput with what is wrong with it."""
    if not network.is_file():
        raise BadInput(f"{network}: no such file")
    try:
        teacher = Teacher(network)
    except Exception as error:
        raise BadInput(
            f"{network}: expected an ONNX network of 128 inputs and one output: {error}"
        ) from error
    return teacher


def provenance(network: Path, source: str, learned: int, samples: int, seed: int) -> dict[str, Any]:
    """Where the numbers come from."""
    return {
        "command": f"gnomon fit-accuracy {network.name} --samples {samples} --seed {seed}",
        "teacher": network.name,
        "teacher_sha256": hashlib.sha256(network.read_bytes()).hexdigest(),
        "source": source,
        "networks_learned_from": learned,
        "trained_resolutions": list(ofa.TRAINED_RESOLUTIONS),
        "note": (
            "Answers rank networks; they lie about 5.9 points above measured top-1. Errors are "
            "against the teacher at the resolutions it was trained on. Resolutions between them "
            "are interpolated, those below 160 extended by a parabola and compared with nothing."
        ),
    }


def layout(file: dict[str, Any]) -> str:
    """JSON with one table or code a line: people and diffs read it."""
    lines = []
    for key, value in file.items():
        if key == "tables":
            inner = ",\n  ".join(json.dumps(row) for row in value)
            lines.append(f'"{key}": [\n  {inner}\n ]')
        elif key == "encoding":
            inner = ",\n  ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            lines.append(f'"{key}": {{\n  {inner}\n }}')
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def show(results: list[dict[str, Any]]) -> None:
    """The errors on networks not learned from."""
    rows = [
        [
            Path(result["file"]).name,
            part.replace("_", " "),
            f"{error['mae_points']:.3f}",
            f"{error['max_points']:.2f}",
            f"{error['spearman']:.4f}",
        ]
        for result in results
        for part, error in result["errors"].items()
    ]
    print_table(
        "errors against the accuracy network",
        ["model", "networks", "MAE points", "max points", "Spearman"],
        rows,
    )


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("fit-accuracy")(fit_accuracy)
