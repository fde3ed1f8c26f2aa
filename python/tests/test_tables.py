"""Look-up tables: networks costed by them, and tables made from other bundles."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import sys
from pathlib import Path

import pytest

from gnomon import _native, cli

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
PUBLIC_DATA = "GNOMON_PUBLIC_DATA"
MINIMUM = {"ks": [3] * 20, "e": [3] * 20, "d": [2] * 5, "r": 160}


def write_bundle(folder: Path, tables: list[dict[str, object]], unit: str = "ms") -> Path:
    """A bundle of tables that lie beside bundle.json already."""
    folder.mkdir(exist_ok=True)
    bundle = {"format": 1, "kind": "table", "name": "t", "unit": unit, "tables": tables}
    (folder / "bundle.json").write_text(json.dumps(bundle))
    return folder


def latencies(bundle: Path, architectures: list[dict[str, object]], width: float) -> list[float]:
    """Milliseconds of OFA-MobileNetV3 networks."""
    texts = [json.dumps(architecture) for architecture in architectures]
    return _native.table_latencies("ofa-mbv3", str(bundle), texts, width)


def table(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Runs `gnomon table` in this process; returns its exit status."""
    monkeypatch.setattr(sys, "argv", ["gnomon", "table", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code or 0


def read_yaml(path: Path) -> dict[str, dict[str, float]]:
    """The entries of a table: flow mappings of three decimal numbers, one a line."""
    line = re.compile(r"(\S+): \{count: (\d+), mean: (\d+\.\d+), std: (\d+\.\d+)\}")
    entries = {}
    for text in path.read_text().splitlines():
        match = line.fullmatch(text)
        assert match, text
        key, count, mean, std = match.groups()
        entries[key] = {"count": int(count), "mean": float(mean), "std": float(std)}
    return entries


def test_a_table_made_here_says_what_a_network_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "made"
    arguments = ("--bundle", TOY, "--resolutions", "160", "--samples", 2, "--out", out, "-q")
    assert table(monkeypatch, "ofa-mbv3", *arguments) == 0
    entries = read_yaml(out / "160_lookup_table.yaml")
    assert all(entry["count"] >= 2 for entry in entries.values())
    assert "Conv-input:160x160x3-output:80x80x16" in entries
    # The bundle made of it answers; a network's sum is what its keys say.
    (answer,) = latencies(out, [MINIMUM], 1.0)
    assert 0 < answer < sum(e["mean"] for e in entries.values())
    again = tmp_path / "again"
    assert table(monkeypatch, "ofa-mbv3", *arguments[:-2], again, "-q") == 0
    for name in ("160_lookup_table.yaml", "bundle.json"):
        assert (out / name).read_bytes() == (again / name).read_bytes()


def test_a_table_says_what_its_bundle_predicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No kernel of OFA-MobileNetV3 reaches over the border of a block."""
    bundle = ROOT / "data" / "models" / "ort-cpu-1t-f32"
    arguments = ("--bundle", bundle, "--resolutions", "160", "--samples", 2, "-q")
    assert table(monkeypatch, "ofa-mbv3", *arguments, "--out", tmp_path / "t") == 0
    found = _native.search("ofa-mbv3", [str(bundle)], [], [], objective="macs", resolutions=[160])
    points = json.loads(found)["front"]["points"]
    sums = latencies(tmp_path / "t", [point["architecture"] for point in points], 1.0)
    assert sums == pytest.approx([point["latency_us"] / 1e3 for point in points], rel=1e-12)


def test_sums_are_those_of_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "160.yaml"
    arguments = ("--bundle", TOY, "--resolutions", "160", "--samples", 1, "--out", out, "-q")
    assert table(monkeypatch, "ofa-mbv3", *arguments) == 0
    # Convolutions, pool and linear layer cost 1, blocks 10, blocks with a shortcut 100.
    rows = ["resolution,key,mean_us"]
    for key in read_yaml(out):
        cost = 100 if "idskip:1" in key else 10 if key.startswith("expanded") else 1
        rows.append(f"160,{key},{cost}")
    folder = tmp_path / "bundle"
    write_bundle(folder, [{"file": "t.csv"}])
    (folder / "t.csv").write_text("\n".join(rows))
    deep = {**MINIMUM, "d": [4, 2, 2, 2, 3]}
    assert latencies(folder, [MINIMUM, deep], 1.0) == pytest.approx([0.655, 0.955], abs=1e-12)


def test_a_missing_entry_is_named(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", [{"file": "t.json", "resolution": 176}])
    (folder / "t.json").write_text('{"Conv-input:1x1x1-output:1x1x1": 1}')
    with pytest.raises(RuntimeError, match="bundle 't': no entry 'Conv-input:160x160x3-output"):
        latencies(folder, [MINIMUM], 1.0)
    with pytest.raises(RuntimeError, match="for resolution 160; its tables are for 176"):
        latencies(folder, [MINIMUM], 1.0)


def test_bad_use_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert table(monkeypatch, "none", "--bundle", TOY, "--out", tmp_path / "o") == 2
    assert "no space 'none': expected one of" in capsys.readouterr().err
    out = tmp_path / "two.yaml"
    arguments = ("--bundle", TOY, "--resolutions", "160,176", "--out", out)
    assert table(monkeypatch, "ofa-mbv3", *arguments) == 2
    assert "one resolution fits into a file" in capsys.readouterr().err


def note10_keys(arch: dict[str, object]) -> list[str]:
    """The keys of an OFA-MobileNetV3 of width 1.2, written down a second time."""
    size = arch["r"] // 2
    channels = 24
    keys = [f"Conv-input:{arch['r']}x{arch['r']}x3-output:{size}x{size}x24"]

    def block(out: int, expand: int, kernel: int, stride: int, se: int, hs: int) -> None:
        nonlocal size, channels
        small = -(-size // stride)
        skip = int(stride == 1 and channels == out)
        keys.append(
            f"expanded_conv-input:{size}x{size}x{channels}-output:{small}x{small}x{out}"
            f"-expand:{channels * expand}-kernel:{kernel}-stride:{stride}"
            f"-idskip:{skip}-se:{se}-hs:{hs}"
        )
        size, channels = small, out

    block(24, 1, 3, 1, 0, 0)
    stages = [(32, 2, 0, 0), (48, 2, 1, 0), (96, 2, 0, 1), (136, 1, 1, 1), (192, 2, 1, 1)]
    for stage, (out, stride, se, hs) in enumerate(stages):
        for slot in range(arch["d"][stage]):
            index = 4 * stage + slot
            block(out, arch["e"][index], arch["ks"][index], 1 if slot else stride, se, hs)
    keys.append(f"Conv_1-input:{size}x{size}x192-output:{size}x{size}x1152")
    keys.append(f"AvgPool2D-input:{size}x{size}x1152-output:1x1x1152")
    return [*keys, "Conv_2-input:1x1x1152-output:1x1x1536", "Logits-input:1x1x1536-output:1000"]


@pytest.mark.skipif(
    PUBLIC_DATA not in os.environ,
    reason=f"needs the public Note10 tables: set {PUBLIC_DATA} to their folder",
)
def test_the_public_note10_sums(tmp_path: Path) -> None:
    data = Path(os.environ[PUBLIC_DATA])
    with gzip.open(data / "ofa_mbv3_end_to_end.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8500
    architectures = [
        {
            **{
                name: [int(row[f"{name}{i}"]) for i in range(n)]
                for name, n in (("ks", 20), ("e", 20), ("d", 5))
            },
            "r": int(row["r"]),
        }
        for row in rows
    ]
    folder = write_bundle(tmp_path / "note10", [{"file": "note10.csv"}])
    with gzip.open(data / "note10_lut_w1.2.csv.gz", "rt") as file:
        (folder / "note10.csv").write_text(file.read())
    sums = latencies(folder, architectures, 1.2)
    with gzip.open(data / "note10_lut_w1.2.csv.gz", "rt") as file:
        means = {
            (int(row["resolution"]), row["key"]): float(row["mean_ms"])
            for row in csv.DictReader(file)
        }
    own = [sum(means[arch["r"], key] for key in note10_keys(arch)) for arch in architectures]
    assert max(abs(s - o) for s, o in zip(sums, own, strict=True)) <= 1e-9
    # The published sums are given to six digits behind the point.
    apart = [abs(s - float(row["note10_lut_ms"])) for s, row in zip(sums, rows, strict=True)]
    assert max(apart) <= 0.5e-6 + 1e-9
