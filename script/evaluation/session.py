"""Runs evaluations, and keeps the figures that they print."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "evaluate"


@dataclass
class Session:
    """Where the data is, and every figure so far."""

    data: Path
    jobs: int
    figures: list[dict] = field(default_factory=list)

    def run(self, *arguments: object) -> None:
        """A `gnomon` command of this tree."""
        self.python("-m", "gnomon", *arguments)

    def python(self, *arguments: object, keep: bool = False) -> str | None:
        """Runs this tree's Python; what it prints is returned if it is kept."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "python")}
        command = [str(part) for part in (ROOT / ".venv" / "bin" / "python", *arguments)]
        out = subprocess.PIPE if keep else None
        return subprocess.run(command, env=environment, check=True, text=True, stdout=out).stdout

    def gnomon(self, name: str, *arguments: object) -> list[dict]:
        """The rows of an evaluation, which are kept as NAME.json."""
        out = WORK / f"{name}.json"
        print(f"\n== {name}", flush=True)
        self.run("evaluate", *arguments, "--json", out)
        return json.loads(out.read_text())["rows"]

    def network(self, name: str, table: str, *arguments: object) -> list[dict]:
        """`gnomon evaluate network` on one of the tables."""
        about = ("--columns", self.data / "columns.csv", "--specs", self.data / "gpu_specs.csv")
        more = (*about, "--jobs", self.jobs, *arguments)
        return self.gnomon(name, "network", self.data / table, *more)

    def check(
        self, bar: str, what: str, value: float, limit: float | None = None, most: bool = True
    ) -> None:
        """Notes a figure; with a limit it is to be at most (or at least) that."""
        met = None if limit is None else bool(value <= limit if most else value >= limit)
        self.figures.append(
            {"bar": bar, "what": what, "value": value, "limit": limit, "most": most, "met": met}
        )


def coverage(session: Session, bar: str, rows: list[dict]) -> None:
    """Bar 5: nine in ten of what is measured lie inside of the intervals, over all columns."""
    for samples in dict.fromkeys(row["samples"] for row in rows):
        inside = [row["coverage90"] for row in rows if row["samples"] == samples]
        mean, what = sum(inside) / len(inside), f"{bar} {samples} samples, mean of {len(inside)}"
        session.check("bar5", f"{what}, in 90 % at least", mean, 0.86, most=False)
        session.check("bar5", f"{what}, in 90 % at most", mean, 0.94)
        session.check("bar5", f"{what}, in 90 % of the least column", min(inside))
