"""What the commands share that judge or learn from tables: lists, rules, a table of scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gnomon.cli.output import RUNTIMES, BadInput, print_table

SCORES = ["n", "MAE ms", "RMSE ms", "MAPE", "worst seed", "within 5 %", "within 10 %"]
SCORES += ["Spearman", "Kendall", "in 90 %"]


def names_in(text: str) -> list[str]:
    """The names of a list with commas, each once."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def counts_in(text: str, words: dict[str, int]) -> tuple[int, ...]:
    """What --samples asks for, each once: numbers, or words that mean one."""
    counts = []
    for part in (part.strip() for part in text.split(",")):
        if part not in words and not part.isdecimal():
            expected = " or ".join(["a number", *words])
            raise ValueError(f"--samples {text}: found {part!r}, expected {expected}")
        counts.append(words[part] if part in words else int(part))
    return tuple(dict.fromkeys(counts))


def rules_file(name: str) -> Path:
    """The rules of a runtime, by name or as a file."""
    for path in (Path(name), RUNTIMES / f"{name}.json"):
        if path.is_file():
            return path
    known = ", ".join(sorted(path.stem for path in RUNTIMES.glob("*.json")))
    raise BadInput(f"--runtime {name}: expected a file of rules or one of {known}")


def print_scores(rows: list[dict[str, Any]], labels: dict[str, str]) -> None:
    """A line a row: what it is about (`labels`: its members, and their headings), its scores."""
    print_table(
        "predicted against measured, means over seeds",
        [*labels.values(), *SCORES],
        [[*(str(row[name]) for name in labels), *_scores(row)] for row in rows],
    )


def _scores(row: dict[str, Any]) -> list[str]:
    worst = row["spread"].get("mape", {"max": row["mape"]})["max"]
    return [
        str(row["n"]),
        f"{row['mae_ms']:.4g}",
        f"{row['rmse_ms']:.4g}",
        f"{row['mape']:.2%}",
        f"{worst:.2%}",
        f"{row['within5']:.1%}",
        f"{row['within10']:.1%}",
        *("-" if row[name] is None else f"{row[name]:.4f}" for name in ("spearman", "kendall")),
        "-" if row["coverage90"] is None else f"{row['coverage90']:.1%}",
    ]
