"""`gnomon train TABLE.csv`: look-up tables of blocks from measurements of whole networks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gnomon.cli.judging import rules_file
from gnomon.cli.output import DEVICES, BadInput, print_table, write_text

if TYPE_CHECKING:
    from gnomon.evaluation.data.dataset import Dataset
    from gnomon.evaluation.models.tabulate import BlockTable
    from gnomon.evaluation.task import Column

FILE = "blocks.csv"


@dataclass(frozen=True)
class TableOptions:
    """What only tables of networks ask for."""

    column: str | None = None
    space: str = ""
    columns: Path | None = None
    rows: str | None = None
    runtime: str = "pytorch-eager"


def train_table(
    table: Path,
    out: Path,
    options: TableOptions,
    about: tuple[Path | None, str],
    date: str,
    quiet: bool,
) -> dict[str, Any]:
    """Writes a bundle of blocks; returns what it errs by.

    `about`: a file of data sheets, and where the table is from.
    """
    specs, source = about
    if options.column is None:
        raise BadInput(f"{table}: expected --column, the measured column to learn")
    try:
        description, text, report = _learn(table, options, specs)
    except ValueError as error:
        raise BadInput(str(error)) from error
    description["name"] = out.name
    description["provenance"] |= {"source": source or table.name, "date": date}
    write_text(out / FILE, text)
    write_text(out / "bundle.json", json.dumps(description, indent=1) + "\n")
    if not quiet:
        _show(out, report)
    return {"schema": 1, **report}


def _learn(
    path: Path, options: TableOptions, specs: Path | None
) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """bundle.json, the table's text, and the report."""
    from threadpoolctl import threadpool_limits

    from gnomon.evaluation.data.dataset import open_dataset, rows_of
    from gnomon.evaluation.data.specs import read_specs
    from gnomon.evaluation.data.tables import Columns
    from gnomon.evaluation.models.tabulate import tabulate

    column = options.column
    columns = Columns(options.columns, read_specs(specs) if specs else None)
    rules = rules_file(options.runtime)
    data = open_dataset([path], options.space, columns, [column], rules, jobs=1)
    n, about = len(data), data.column(column)
    data.latencies(column)
    rows = rows_of(options.rows or ":", n, "--rows")
    _add_blocks(data, about)
    measured = data.measured(column, rows)
    with threadpool_limits(1):  # sums in one order, so the same bytes
        found = tabulate(data.networks(about.width_mult), about.batch, measured)
    report = {
        "column": column,
        "blocks": len(found.latency_ms),
        "blocks_held": found.raised,
        "cross_validated": found.errors,
        "held_out": _held_out(data, about, rows, n, found),
    }
    description = _described(data, about, options, report)
    description["interval_log"] = found.interval_log
    networks = data.networks(about.width_mult)
    sizes = sorted({int(side) for side in networks.resolution[measured.rows] if side})
    description["provenance"]["resolutions"] = sizes
    keys = networks.block_keys
    lines = sorted(zip(keys, found.latency_ms, found.seen, strict=True))
    text = "".join(f"{key},{ms:.7g},{count}\n" for key, ms, count in lines)
    return description, "key,mean_ms,count\n" + text, report


def _add_blocks(data: Dataset, about: Column) -> None:
    """Adds networks that are not measured, so that every block of the space is in one."""
    from gnomon import _native
    from gnomon.evaluation.data.networks import BadArchitecture, form_networks
    from gnomon.evaluation.models.tabulate import at_sizes, combined, different

    known = [space for space in json.loads(_native.spaces()) if space["name"] == data.space]
    varied = "r" in data.archs[0]
    sizes = known[0]["resolutions"] if known else sorted({a["r"] for a in data.archs if varied})
    for alike in (True, False):
        added = combined(data.archs, alike)
        try:
            form_networks(data.space, added, about.width_mult, data.rules, data.jobs)
            break
        except BadArchitecture:  # the space ties places or lists together
            added = []
    if not added:
        seen = data.networks(about.width_mult)
        added = [data.archs[row] for row in different(seen.choices)]
        data.networks_at.clear()
    data.archs = [*data.archs, *at_sizes(added, sizes if varied else [])]


def _held_out(
    data: Dataset, about: Column, rows: Any, n: int, found: BlockTable
) -> dict[str, dict[str, Any]] | None:
    """Errors on rows that were not learned from: of the model, and of the table it became."""
    import numpy as np

    from gnomon.evaluation.conformal import around
    from gnomon.evaluation.data.dataset import without_equals
    from gnomon.learning.metrics import summary

    networks = data.networks(about.width_mult)
    rest = without_equals(networks, np.setdiff1d(np.arange(n), rows), rows)
    if not len(rest):
        return None
    truth = data.latencies(about.name)[rest]
    sums = networks.blocks[rest] @ found.latency_ms
    interval = around(sums, *found.interval_log["0.9"])
    return {
        "model": summary(truth, found.fit.predict(rest)),
        "table": summary(truth, sums, *interval),
    }


def _described(
    data: Dataset, about: Column, options: TableOptions, report: dict[str, Any]
) -> dict[str, Any]:
    from gnomon.evaluation.data.specs import device_spec

    held_out = report["held_out"]
    errors = held_out["table"] if held_out else report["cross_validated"]
    kept = ("mae_ms", "mape", "median_ape", "worst_ape", "within5", "spearman", "coverage90")
    rows = f" --rows {options.rows}" if options.rows else ""
    device = _device(about)
    description = {
        "format": 1,
        "kind": "table",
        "name": "",
        "description": f"{data.space} on {device}: a run of {about.batch} images",
        "device": device,
        "unit": "ms",
        "space": data.space,
        "batch": about.batch,
        "width_mult": about.width_mult,
        "tables": [{"file": FILE}],
        "errors": {
            "networks": errors["n"],
            "of": "rows not learned from" if held_out else "rows left out one by one",
            **{name: errors[name] for name in kept},
        },
        "provenance": {
            "command": f"gnomon train {data.tables[0].path.name} --column {about.name}{rows}",
            "rows": report["cross_validated"]["n"],
        },
    }
    if about.numbers:
        description["device_spec"] = device_spec(device, about.numbers)
    return description


def _device(about: Column) -> str:
    """The name in `gnomon devices` where there is one, else that of the columns file."""
    name = about.device or about.name
    return name.lower() if (DEVICES / f"{name.lower()}.json").is_file() else name


def _show(out: Path, report: dict[str, Any]) -> None:
    lines = {"additive model, each row left out": report["cross_validated"]}
    if report["held_out"]:
        lines["additive model, rows not learned from"] = report["held_out"]["model"]
        lines["the table, rows not learned from"] = report["held_out"]["table"]
    print_table(
        f"{out}: {report['blocks']} blocks, {report['blocks_held']} held at their least",
        ["of", "networks", "MAE ms", "MAPE", "worst", "within 5 %", "Spearman", "in 90 %"],
        [[name, *_cells(errors)] for name, errors in lines.items()],
    )


def _cells(errors: dict[str, Any]) -> list[str]:
    coverage, rank = errors["coverage90"], errors["spearman"]
    return [
        str(errors["n"]),
        f"{errors['mae_ms']:.4g}",
        f"{errors['mape']:.2%}",
        f"{errors['worst_ape']:.1%}",
        f"{errors['within5']:.1%}",
        "-" if rank is None else f"{rank:.4f}",
        "-" if coverage is None else f"{coverage:.1%}",
    ]
