"""Four layers of the public Note10 table: the searches that prove, against all 6,561 choices."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC_DATA = "GNOMON_PUBLIC_DATA"
OPT = Path(os.environ.get("GNOMON_BUILD_DIR", "build/release")) / "bin" / "gnomon-opt"
VALUES = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"
BLOCK = re.compile(
    r"expanded_conv-input:(\d+x\d+x(\d+))-output:\1-expand:(\d+)-kernel:(\d)-stride:1-idskip:1-.*"
)
LAYERS = {"20x20x48": "stage2", "10x10x96": "stage3", "10x10x136": "stage4", "5x5x192": "stage5"}
"""At an image of 160 pixels: the inner blocks of four stages, by what they read."""

pytestmark = pytest.mark.skipif(
    PUBLIC_DATA not in os.environ, reason=f"{PUBLIC_DATA} does not say where the public data is"
)

Layers = dict[str, dict[str, tuple[str, int, float]]]
"""Decision -> option -> key, nanoseconds, value."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The public table of 160 pixels as a bundle."""
    folder = tmp_path / "note10"
    folder.mkdir()
    with gzip.open(Path(os.environ[PUBLIC_DATA]) / "note10_lut_w1.2.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["resolution"] == "160"]
    lines = [f"{row['key']},{row['mean_ms']}" for row in rows]
    (folder / "t.csv").write_text("\n".join(["key,mean_ms", *lines, ""]))
    description = {"format": 1, "kind": "table", "name": "note10", "device": "note10"}
    tables = [{"file": "t.csv"}]
    (folder / "bundle.json").write_text(json.dumps({**description, "unit": "ms", "tables": tables}))
    return folder


@pytest.fixture
def layers(table: Path) -> Layers:
    """Four layers with the nine options of a block each, by the second block of their stage."""
    content = json.loads(VALUES.read_text())
    values = {
        tuple(one["decisions"]): one["values"]
        for one in content["tables"]
        if len(one["decisions"]) == 1
    }
    found: Layers = {}
    with (table / "t.csv").open() as file:
        for row in csv.DictReader(file):
            match = BLOCK.fullmatch(row["key"])
            if not match or match[1] not in LAYERS:
                continue
            decision = f"{LAYERS[match[1]]}_block1"
            option = f"k{match[4]}e{int(match[3]) // int(match[2])}"
            ns = round(float(row["mean_ms"]) * 1e6)
            value = values[(decision,)][option]
            found.setdefault(decision, {})[option] = (row["key"], ns, value)
    return found


def supernet(layers: Layers) -> str:
    """A module of four choices, whose options carry the keys of the table."""
    tensor = "tensor<1x16x10x10xf32>"
    lines = [f'gnomon.decision @{n} ["' + '", "'.join(o) + '"]' for n, o in layers.items()]
    lines.append(f"func.func @network(%0: {tensor}) -> {tensor} {{")
    for number, (name, options) in enumerate(layers.items()):
        lines.append(f"  %{number + 1} = gnomon.choice @{name} (%{number} : {tensor}) -> {tensor}")
        for option, (key, _, _) in options.items():
            lines += [
                f'  "{option}" (%x: {tensor}) {{',
                f'    %y = "onnx.Relu"(%x) {{gnomon.block = "{key}"}} : ({tensor}) -> {tensor}',
                f"    gnomon.yield %y : {tensor}",
                "  }",
            ]
    return "\n".join([*lines, f"  return %{len(layers)} : {tensor}", "}"])


def test_the_choice_under_a_budget_equals_all_choices(tmp_path, table, layers):
    assert [len(options) for options in layers.values()] == [9] * 4
    module, values = tmp_path / "cut.mlir", tmp_path / "values.json"
    module.write_text(supernet(layers))
    tables = [
        {
            "decisions": [name],
            "values": {option: value for option, (_, _, value) in options.items()},
        }
        for name, options in layers.items()
    ]
    head = {"schema": 1, "kind": "additive", "name": "cut", "space": "cut", "metric": "accuracy"}
    values.write_text(
        json.dumps({**head, "unit": "fraction", "sense": "maximize", "tables": tables})
    )
    networks = [
        (sum(ns for _, ns, _ in network), sum(value for _, _, value in network))
        for network in itertools.product(*(options.values() for options in layers.values()))
    ]
    least, most = min(networks)[0], max(networks)[0]
    for share in (0.0, 0.1, 0.3, 0.5, 0.9, 1.0):
        budget_us = (least + share * (most - least)) / 1e3
        best = max(value for ns, value in networks if ns <= budget_us * 1e3)
        for algorithm in ("exact", "ilp"):
            options = f"algorithm={algorithm} bundle={table} accuracy={values} output-file=-"
            command = [
                *(OPT, module, "-o", os.devnull),
                f"--gnomon-search-architecture={options} max-latency-us={budget_us}",
            ]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            points = json.loads(text)["points"]
            answer = max(p["accuracy"] for p in points if p["latency_us"] <= budget_us)
            assert answer == pytest.approx(best, abs=1e-9)
