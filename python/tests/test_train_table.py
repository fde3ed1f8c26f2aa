"""`gnomon train TABLE.csv`: from whole networks to tables of blocks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from gnomon import _native
from gnomon.evaluation.data.networks import form_networks
from gnomon.evaluation.models.tabulate import _shares
from gnomon.evaluation.task import Networks

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"


def architectures(count: int) -> list[dict[str, object]]:
    """OFA-MobileNetV3 networks at two resolutions."""
    rng = np.random.default_rng(3)
    return [
        {
            "ks": rng.choice([3, 5, 7], 20).tolist(),
            "e": rng.choice([3, 4, 6], 20).tolist(),
            "d": rng.choice([2, 3, 4], 5).tolist(),
            "r": int(rng.choice([160, 192])),
        }
        for _ in range(count)
    ]


def write_table(path: Path, archs: list[dict[str, object]], latency: np.ndarray) -> Path:
    rows = [
        {
            **{f"{field}{i}": v for field in ("ks", "e", "d") for i, v in enumerate(arch[field])},
            "r": arch["r"],
            "phone_ms": ms,
        }
        for arch, ms in zip(archs, latency, strict=True)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def costs_of_blocks(networks: Networks) -> np.ndarray:
    """A device on which every block costs what it likes, its size in view."""
    flops = networks.block_kernels @ networks.kernels["flops"].fillna(0).to_numpy()
    like = [0.7 + 0.7 * (zlib.crc32(key.encode()) / 2**32) for key in networks.block_keys]
    return flops / 2e7 * np.array(like) + 0.05


def sums_of_blocks(archs: list[dict[str, object]]) -> np.ndarray:
    networks = form_networks("ofa-mbv3", archs, 1.0, RULES, 1)
    return networks.blocks @ costs_of_blocks(networks)


def predict(bundle: Path, archs: list[dict[str, object]]) -> np.ndarray:
    texts = [json.dumps(arch) for arch in archs]
    return np.array(_native.table_latencies("ofa-mbv3", str(bundle), texts, 1.0))


def entries_of(bundle: Path) -> dict[str, float]:
    return pd.read_csv(bundle / "blocks.csv", index_col="key")["mean_ms"].to_dict()


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 500 networks, and the bundle of the first 400 beside it."""
    place = tmp_path_factory.mktemp("phone")
    archs = architectures(500)
    write_table(place / "t.csv", archs, sums_of_blocks(archs))
    arguments = ["--space", "ofa-mbv3", "--column", "phone_ms", "--rows", "0:400"]
    train = ["train", place / "t.csv", *arguments, "--out", place / "phone"]
    train += ["--made-on", "2026-01-01", "--source", "made up, CC0", "--json", place / "r.json"]
    subprocess.run(
        [sys.executable, "-m", "gnomon", *train, "-q"],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "2"},
    )
    return place


def test_a_table_of_blocks_says_what_networks_cost(phone: Path) -> None:
    archs = architectures(500)
    truth = sums_of_blocks(archs)[400:]
    error = np.abs(predict(phone / "phone", archs[400:]) / truth - 1)
    assert error.mean() < 0.002
    bundle = json.loads((phone / "phone" / "bundle.json").read_text())
    assert bundle["errors"]["networks"] == 100
    assert bundle["errors"]["mape"] == pytest.approx(error.mean(), abs=1e-6)
    assert bundle["provenance"]["source"] == "made up, CC0"
    low, high = bundle["interval_log"]["0.9"]
    assert low < 0 < high
    held_out = json.loads((phone / "r.json").read_text())["held_out"]
    assert held_out["table"]["mape"] < held_out["model"]["mape"] + 1e-4


def test_entries_are_those_that_networks_were_made_of(phone: Path) -> None:
    archs = architectures(500)
    networks = form_networks("ofa-mbv3", archs, 1.0, RULES, 1)
    truth = dict(zip(networks.block_keys, costs_of_blocks(networks), strict=True))
    found = entries_of(phone / "phone")
    usual = [key for key in truth if key.startswith("expanded") and "idskip:1" in key]
    error = [found[key] / truth[key] - 1 for key in usual]
    assert np.abs(error).mean() < 0.03
    assert min(found.values()) > 0


def test_every_resolution_has_its_blocks(gnomon, phone: Path, tmp_path: Path) -> None:
    """Measured were 160 and 192; the search asks for all 25."""
    asked = ["search", "ofa-mbv3", "--bundle", phone / "phone", "--max-latency-ms", "60"]
    assert not gnomon(*asked, "--json", tmp_path / "r.json", "-q")
    assert json.loads((tmp_path / "r.json").read_text())["answers"][0]["best"]
    archs = [{**arch, "r": r} for arch in architectures(20) for r in (128, 160, 176, 224)]
    found = predict(phone / "phone", archs).reshape(-1, 4)
    assert np.all(np.diff(found, axis=1) > 0)
    truth = sums_of_blocks(archs).reshape(-1, 4)
    assert np.corrcoef(found[:, 2], truth[:, 2])[0, 1] > 0.9


def test_equal_bytes_each_time(gnomon, phone: Path, tmp_path: Path) -> None:
    arguments = ["--space", "ofa-mbv3", "--column", "phone_ms", "--rows", "0:400"]
    arguments += ["--made-on", "2026-01-01", "--source", "made up, CC0", "-q"]
    assert not gnomon("train", phone / "t.csv", *arguments, "--out", tmp_path / "phone")
    for name in ("blocks.csv", "bundle.json"):
        assert (tmp_path / "phone" / name).read_bytes() == (phone / "phone" / name).read_bytes()


def test_no_entry_is_below_its_least_though_measurements_say_so(gnomon, tmp_path: Path) -> None:
    """Half of all kernels of size 7 give time back; their blocks are held, others lean on them."""
    archs = architectures(200)
    truth = sums_of_blocks(archs)
    sevens = np.array([sum(k == 7 for k in arch["ks"]) for arch in archs])
    table = write_table(tmp_path / "t.csv", archs, 2 * truth.max() - truth - 3 * sevens)
    out, report = tmp_path / "odd", tmp_path / "r.json"
    arguments = ("--space", "ofa-mbv3", "--column", "phone_ms", "--out", out, "--json", report)
    assert not gnomon("train", table, *arguments, "-q")
    assert min(entries_of(out).values()) > 0
    report = json.loads(report.read_text())
    assert report["blocks_held"] > 0
    assert report["held_out"] is None


def test_shares_of_the_constant_add_up_to_it() -> None:
    """Two stems, one of them in each network; three blocks; a head."""
    blocks = scipy.sparse.csr_matrix(
        [[1, 0, 2, 0, 1, 1], [0, 1, 0, 1, 1, 1], [1, 0, 0, 3, 0, 1]], dtype=float
    )
    usual = np.array([2.0, 3.0, 1.0, 1.0, 1.0, 0.1])
    assert blocks @ _shares(blocks, usual) == pytest.approx(np.ones(3), abs=1e-6)


def tied_architectures(count: int) -> list[dict[str, object]]:
    """CompOFA networks: a stage's depth says its ratios."""
    found = []
    for depths in np.random.default_rng(5).choice([2, 3, 4], (count, 5)).tolist():
        ratios = [({2: 3, 3: 4, 4: 6}[d] if i < d else 0) for d in depths for i in range(4)]
        sizes = [k if e else 0 for k, e in zip(np.repeat([3, 5, 3, 3, 5], 4), ratios, strict=True)]
        found.append({"ks": [int(k) for k in sizes], "e": ratios, "d": depths, "r": 160})
    return found


@pytest.mark.parametrize("space", ["mbv2", "compofa"])
def test_every_block_of_other_spaces_has_an_entry(gnomon, tmp_path: Path, space: str) -> None:
    if space == "mbv2":
        widths = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
        cells = [(r, w, r * r * w / 1e3) for r in (128, 224) for w in widths]
        pd.DataFrame(cells, columns=["r", "width", "phone_ms"]).to_csv(
            tmp_path / "t.csv", index=False
        )
    else:
        archs = tied_architectures(30)
        write_table(tmp_path / "t.csv", archs, np.array([5.0 + sum(a["d"]) for a in archs]))
    out, report = tmp_path / "out", tmp_path / "r.json"
    arguments = ("--space", space, "--column", "phone_ms", "--out", out, "-q")
    assert not gnomon("train", tmp_path / "t.csv", *arguments)
    assert min(entries_of(out).values()) > 0
    asked = ("search", space, "--bundle", out, "--max-latency-ms", "1e4", "--json", report)
    assert not gnomon(*asked, "-q")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--column", "tablet_ms"), "no column 'tablet_ms'"),
        ((), "expected --column"),
        (("--column", "phone_ms", "--rows", "0:1"), "at least two measured networks, found 1"),
        (("--column", "phone_ms", "--rows", "5:90"), "0 <= FROM < TO <= 8"),
        (
            ("--column", "phone_ms", "--device", "x.json"),
            "--device means nothing beside a table of",
        ),
        (
            ("--column", "phone_ms", "--trees", "9", "--seed", "0", "--jobs", "1"),
            "--trees, --seed, --jobs mean nothing beside a table of networks",
        ),
    ],
)
def test_what_is_wrong_is_said(gnomon, tmp_path: Path, capsys, arguments, message) -> None:
    table = write_table(tmp_path / "t.csv", architectures(8), np.arange(1.0, 9.0))
    out = tmp_path / "out"
    assert gnomon("train", table, "--space", "ofa-mbv3", "--out", out, *arguments) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_space_without_keys_has_no_tables(gnomon, tmp_path: Path, capsys) -> None:
    cell = "|nor_conv_3x3~0|+|none~0|{}~1|+|skip_connect~0|none~1|nor_conv_1x1~2|"
    rows = [(cell.format(op), 1.0) for op in ("none", "skip_connect", "avg_pool_3x3")]
    pd.DataFrame(rows, columns=["arch", "ms"]).to_csv(tmp_path / "t.csv", index=False)
    arguments = ("--space", "nasbench201", "--column", "ms", "--out", tmp_path / "out")
    assert gnomon("train", tmp_path / "t.csv", *arguments) == 2
    assert "'nasbench201' has no keys of blocks" in capsys.readouterr().err


def test_options_of_tables_mean_nothing_beside_profiles(gnomon, tmp_path: Path, capsys) -> None:
    assert gnomon("train", tmp_path, "--rows", "0:5", "--out", tmp_path / "out") == 2
    assert "--rows means nothing beside a folder of profiles" in capsys.readouterr().err


SHIPPED = sorted(
    path.parent
    for path in (ROOT / "data" / "models").glob("*/bundle.json")
    if json.loads(path.read_text()).get("kind") == "table"
)


@pytest.mark.parametrize("bundle", SHIPPED, ids=lambda folder: folder.name)
def test_shipped_tables_search(gnomon, tmp_path: Path, bundle: Path) -> None:
    described = json.loads((bundle / "bundle.json").read_text())
    assert described["name"] == bundle.name
    assert sum(file.stat().st_size for file in bundle.iterdir()) < 300_000
    assert min(entries_of(bundle).values()) > 0
    assert described["errors"]["networks"] > 500
    assert "(MIT)" in described["provenance"]["source"] or "Apache-2.0" in str(described)
    net, out = tmp_path / "net.onnx", tmp_path / "r.json"
    middle = np.median(predict(bundle, architectures(20))) if "ofa" in bundle.name else 20
    asked = ["search", described["space"], "--bundle", bundle.name, "--max-latency-ms", middle]
    assert not gnomon(*asked, "--confidence", "0.9", "--export", net, "--json", out, "-q")
    best = json.loads(out.read_text())["answers"][0]["best"]
    assert not gnomon("predict", net, "--bundle", bundle.name, "--json", out, "-q")
    again = json.loads(out.read_text())["networks"][0]["network"]
    assert again["latency_us"] == pytest.approx(best["latency_us"], abs=0.03)
    assert best["latency_us"] <= best["high_us"] <= 1e3 * middle


def test_lists_hold_the_shipped_tables(gnomon, capsys) -> None:
    assert SHIPPED
    assert gnomon("bundles", "--json", "-") == 0
    listed = {b["name"]: b for b in json.loads(capsys.readouterr().out)["bundles"]}
    for bundle in SHIPPED:
        entry = listed[bundle.name]
        assert entry["batch"] >= 1
        assert 0 < entry["errors"]["median_ape"] < 0.05
