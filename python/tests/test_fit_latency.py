"""`gnomon fit-latency`: a column becomes a file, which answers for networks in files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gnomon import _native
from gnomon.accuracy import ofa
from gnomon.learning.dense import dense_network

PUBLIC_DATA = "GNOMON_PUBLIC_DATA"
ROWS = 80


def table_of(networks: ofa.Networks) -> pd.DataFrame:
    """The networks and a latency that is a sum over blocks and the image."""
    columns = {f"ks{b}": np.array(ofa.KERNELS)[networks.kernels[:, b]] for b in range(ofa.BLOCKS)}
    columns |= {f"e{b}": np.array(ofa.RATIOS)[networks.ratios[:, b]] for b in range(ofa.BLOCKS)}
    columns |= {f"d{s}": np.array(ofa.DEPTHS)[networks.depths[:, s]] for s in range(ofa.STAGES)}
    blocks = (networks.kernels + networks.ratios + 1) * networks.active()
    latency = (5 + blocks.sum(axis=1)) * (networks.resolutions / 224) ** 2
    return pd.DataFrame({**columns, "r": networks.resolutions, "phone": latency})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    networks = ofa.draw(ROWS, np.random.default_rng(1), ofa.TRAINED_RESOLUTIONS)
    table_of(networks).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "columns.csv").write_text(
        "file,column,device,batch,space,width_mult\nt.csv,phone,,1,ofa-mbv3,1.0\n"
    )
    return tmp_path


def fitted(gnomon, folder: Path, *more: object) -> int:
    arguments = ("--columns", folder / "columns.csv", "--column", "phone")
    out = ("--out", folder / "phone.json", "-q")
    return gnomon("fit-latency", folder / "t.csv", *arguments, *out, *more)


def architecture(row: pd.Series) -> dict:
    """Slots that the depth leaves out are zeros, as `gnomon recognize` says it."""
    depth = [int(row[f"d{s}"]) for s in range(ofa.STAGES)]

    def slots(name: str) -> list[int]:
        return [int(row[f"{name}{b}"]) if b % 4 < depth[b // 4] else 0 for b in range(ofa.BLOCKS)]

    return {"ks": slots("ks"), "e": slots("e"), "d": depth, "r": int(row["r"])}


def test_a_network_in_a_file_gets_the_answer_of_its_row(gnomon, folder: Path) -> None:
    report = folder / "report.json"
    assert fitted(gnomon, folder, "--train-rows", "0:60", "--json", report) == 0
    content = json.loads((folder / "phone.json").read_text())
    assert json.loads(report.read_text())["errors"]["n"] == 20
    assert (content["metric"], content["unit"], content["sense"]) == ("latency", "ms", "minimize")
    assert (content["provenance"]["rows"], content["provenance"]["table"]) == (60, "t.csv")
    row = pd.read_csv(folder / "t.csv").iloc[70]
    net, out = str(folder / "net.onnx"), folder / "out.json"
    _native.network("ofa-mbv3", json.dumps(architecture(row)), net, int(row["r"]))
    assert gnomon("recognize", net, "--model", folder / "phone.json", "--json", out, "-q") == 0
    found = json.loads(out.read_text())
    assert found["architecture"] == architecture(row)
    networks = ofa.draw(ROWS, np.random.default_rng(1), ofa.TRAINED_RESOLUTIONS)
    (expected,) = dense_network(content["network"])(ofa.ofa_code(networks)[70:71])
    answer = found["answer"]
    assert (answer["model"], answer["metric"], answer["unit"]) == ("phone", "latency", "ms")
    assert answer["value"] == pytest.approx(expected, rel=2e-6)


def test_equal_bytes_for_equal_seeds(gnomon, folder: Path) -> None:
    texts = []
    for seed in (3, 3, 4):
        assert fitted(gnomon, folder, "--seed", seed) == 0
        texts.append((folder / "phone.json").read_bytes())
    assert texts[0] == texts[1] != texts[2]


def test_what_does_not_fit_is_said(gnomon, folder: Path, capsys) -> None:
    assert fitted(gnomon, folder, "--train-rows", "0:30") == 2
    assert "expected at least 40 rows to train on, found 30" in capsys.readouterr().err
    assert fitted(gnomon, folder) == 0
    net = str(folder / "net.onnx")
    _native.network("mbv2", "max", net)
    model = ("--model", folder / "phone.json")
    assert gnomon("recognize", net, *model, "-q") == 1
    assert "in none of the spaces" in capsys.readouterr().err
    assert gnomon("recognize", net, *model, "--space", "mbv2") == 2
    assert "phone.json: is about ofa-mbv3, expected mbv2" in capsys.readouterr().err
    _native.network("ofa-mbv3", "min", net, 160, 1.2)
    assert gnomon("recognize", net, *model) == 2
    assert "of width 1.0, found one of width 1.2" in capsys.readouterr().err


@pytest.mark.skipif(
    PUBLIC_DATA not in os.environ,
    reason=f"needs the public tables: set {PUBLIC_DATA} to their folder",
)
@pytest.mark.parametrize(
    ("column", "published"), [("rtx2080ti_ms", 0.386), ("p40_ms", 1.18), ("note10_lut_ms", 0.353)]
)
def test_the_published_errors_are_reached(
    gnomon, tmp_path: Path, column: str, published: float
) -> None:
    """The paper's "RMSE" is a mean absolute error: sqrt(error^2 + 1e-6), row by row."""
    data = Path(os.environ[PUBLIC_DATA])
    out = tmp_path / "out.json"
    where = ("--columns", data / "columns.csv", "--column", column, "--train-rows", "0:7000")
    table = data / "ofa_mbv3_end_to_end.csv.gz"
    files = ("--out", tmp_path / "model.json", "--json", out, "-q")
    assert gnomon("fit-latency", table, *where, *files) == 0
    errors = json.loads(out.read_text())["errors"]
    assert errors["n"] == 1500
    assert errors["mae_ms"] <= published
