"""`gnomon train` on tables of operators that were measured on GPUs."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from gnomon.cli.output import RUNTIMES, BadInput, print_table, read_json
from gnomon.cli.process import say


def train_operators(
    folder: Path,
    out: Path,
    specs_and_rules: tuple[Path, Path | None],
    train_on: str,
    seed_and_jobs: tuple[int, int],
    about: dict[str, str],
    quiet: bool,
) -> dict[str, Any]:
    """Trains a bundle of the form `utilisation` (docs/bundles.md); returns its description."""
    from gnomon.evaluation.data.specs import find_spec, read_specs
    from gnomon.evaluation.operators.bundle import Sources, train_bundle
    from gnomon.evaluation.operators.forest import Settings
    from gnomon.evaluation.operators.tables import gpus_of, read_folder

    (specs, rules), (seed, jobs) = specs_and_rules, seed_and_jobs
    rules = rules or RUNTIMES / "pytorch-eager.json"
    provenance = {
        "command": f"gnomon train --specs {specs.name} --train-on {train_on} --seed {seed}",
        "trainer": f"xgboost {version('xgboost-cpu')}",
        **about,
    }
    try:
        tables, sheets = read_folder(folder), read_specs(specs)
        gpus = [name.strip() for name in train_on.split(",") if name.strip()] or gpus_of(tables)
        for gpu in gpus:
            find_spec(sheets, gpu)
            if gpu not in gpus_of(tables):
                raise ValueError(f"{folder}: no rows of '{gpu}'")
        if len(gpus) < 3:
            raise ValueError(f"--train-on: expected at least 3 GPUs, found {len(gpus)}")
        sources = Sources(tables, sheets, gpus, rules, read_json(rules))
        description = train_bundle(sources, out, Settings(seed=seed), jobs, provenance, _say(quiet))
    except ValueError as error:
        raise BadInput(str(error)) from error
    if not quiet:
        _show(description)
    return description


def _say(quiet: bool):
    return lambda text: say(text, quiet)


def _show(description: dict[str, Any]) -> None:
    print_table(
        f"bundle {description['name']}: each GPU predicted by models that never saw it",
        ["kind", "rows", "mean error", "in 90 %"],
        [
            [
                kind,
                str(model["training"]["rows"]),
                f"{model['errors']['mape']:.1%}",
                _share(model["errors"]["coverage90"]),
            ]
            for kind, model in description["kinds"].items()
            if model["errors"]
        ],
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
