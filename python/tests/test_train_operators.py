"""`gnomon train` on operators of made-up GPUs: what the bundle says, the compiler says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost

from gnomon import _native
from gnomon.evaluation.data.specs import read_specs
from gnomon.evaluation.operators.catalogue import OPERATORS, function
from gnomon.evaluation.operators.rows import device_json
from gnomon.predictor import predict

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"
SHIPPED = ROOT / "data" / "models" / "gpu-pytorch-f32"
GPUS = {"GA": (20, 200, 5), "GB": (56, 700, 9), "GC": (108, 1500, 19)}
NEW = "GN,10240,160,80,3000,60,1800,50"
SIZES = {
    "relu": [(64, 64), (4096, 4096), (3, 70000)],
    "add": [(2048, 300)],
    "bmm": [(4, 100, 64, 70), (64, 512, 512, 512)],
    "linear": [(1, 64, 512, 1000), (8, 512, 768, 3072)],
    "softmax": [(1024, 777)],
    "ln": [(512, 1024)],
    "conv": [(8, 64, 64, 3, 28, 1, 1), (2, 32, 48, 5, 30, 2, 0)],
}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sheets") / "specs.csv"
    lines = ["gpu,cuda_cores,sms,ram_gb,mem_bw_gbps,fp32_tflops,boost_mhz,l2_mb"]
    lines += [f"{g},{64 * s},{s},16,{bw},{tf},1500,4" for g, (s, bw, tf) in GPUS.items()]
    path.write_text("\n".join([*lines, NEW]) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("operators")
    generator = np.random.default_rng(2)
    sizes = np.exp2(generator.uniform(2, 12, (60, 4))).astype(int)
    for operator, columns in (("relu", ["b", "h"]), ("bmm", ["b", "m", "n", "k"])):
        tables = []
        for gpu, (_, gbps, tflops) in GPUS.items():
            table = pd.DataFrame(sizes[:, : len(columns)], columns=columns)
            work = table.prod(axis=1)
            us = work * 8 / gbps / 1e3 if operator == "relu" else work * 2 / tflops / 1e6 / 0.6
            tables.append(table.assign(gpu=gpu, latency_ms=np.maximum(25, 13 + us) / 1e3))
        pd.concat(tables).to_csv(place / f"{operator}.csv", index=False)
    return place


def network_of(path: Path, operator: str, sizes: tuple[int, ...]) -> Path:
    text = function("main", OPERATORS[operator].operation(*sizes))
    path.write_text(f"module {{\n{text}}}\n")
    return path


def expected_us(bundle: Path, text: str, sheet: tuple[str, dict[str, float]], launch: float):
    """One kernel by the formula of docs/bundles.md, and XGBoost itself."""
    rows = _native.operator_rows(text, RULES.read_text())
    model = json.loads((bundle / "bundle.json").read_text())["kinds"][rows["kind"][0]]
    names = dict(enumerate(_native.feature_names()))
    operation = text.split('"onnx.')[-1].split('"')[0]
    factor = model.get("launch_factors", {}).get(operation, model["launch_factor"])
    device = device_json(*sheet, factor * launch)
    ratios = _native.device_ratios(rows["dtype"], rows["features"], device)
    values = {name: rows["features"][0, column] for column, name in names.items()}
    values |= dict(zip(_native.device_ratio_names(), ratios[0], strict=True))
    booster = xgboost.Booster(model_file=str(bundle / model["model"]))
    row = np.array([[values[name] for name in model["features"]]], dtype=np.float32)
    answer = float(booster.inplace_predict(row, predict_type="margin")[0])
    work = _native.work_us(rows["dtype"], rows["features"], device)[0]
    base = work * (values["tiled_over_work"] if model["base"] == "tiled" else 1.0)
    kernel = max(work / model["roofline_gain"], base * np.exp(model["log_offset"] + answer))
    return max(factor * launch, model["launch_share"] * factor * launch + kernel)


def agrees(bundle: Path, sheets: Path, tmp_path: Path, operators: list[str]) -> None:
    numbers = read_specs(sheets)
    for gpu, launch in (("GA", 10.0), ("GN", 40.0)):
        device = tmp_path / f"{gpu}.json"
        device.write_text(device_json(gpu, numbers[gpu], launch))
        for operator in operators:
            for sizes in SIZES[operator]:
                path = network_of(tmp_path / "net.mlir", operator, sizes)
                found = predict(str(path), bundle, str(device)).report["kernels"][0]
                wanted = expected_us(bundle, path.read_text(), (gpu, numbers[gpu]), launch)
                assert found["latency_us"] == pytest.approx(wanted, rel=1e-4, abs=2e-3)


def test_the_compiler_reads_what_training_wrote(
    gnomon, folder: Path, sheets: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "made"
    arguments = ("train", folder, "--specs", sheets, "--train-on", "GA,GB,GC", "--out", out)
    assert gnomon(*arguments, "--source", "made up", "--made-on", "2026-01-01") == 0
    assert "each GPU predicted by models that never saw it" in capsys.readouterr().out
    description = json.loads((out / "bundle.json").read_text())
    assert description["devices"] == ["ga", "gb", "gc"]
    assert description["device"]["name"] == "gc"
    assert description["provenance"]["measured_with"] == "made up"
    assert description["launch_overhead_us"] == pytest.approx(25.0)
    assert set(description["kinds"]["matmul"]["errors"]["left_out"]) == set(GPUS)
    agrees(out, sheets, tmp_path, ["relu", "bmm"])


def test_training_again_writes_the_same_bytes(
    gnomon, folder: Path, sheets: Path, tmp_path: Path
) -> None:
    for name, jobs in (("one/b", 1), ("other/b", 3)):
        arguments = ("--specs", sheets, "--out", tmp_path / name, "--made-on", "2026-01-01")
        assert gnomon("train", folder, *arguments, "--jobs", jobs, "-q") == 0
    files = sorted(path.name for path in (tmp_path / "one" / "b").iterdir())
    assert files == ["bundle.json", "elementwise.ubj", "matmul.ubj"]
    for name in files:
        one, other = tmp_path / "one" / "b" / name, tmp_path / "other" / "b" / name
        assert one.read_bytes() == other.read_bytes(), name


def test_kinds_without_measurements_borrow_and_say_so(
    gnomon, folder: Path, sheets: Path, tmp_path: Path
) -> None:
    out = tmp_path / "made"
    assert gnomon("train", folder, "--specs", sheets, "--out", out, "-q") == 0
    path = tmp_path / "net.mlir"
    path.write_text(
        "module {\nfunc.func @main(%x: tensor<8x64x32x32xf32>) -> tensor<8x64x16x16xf32> {\n"
        '%y = "onnx.MaxPool"(%x) {kernel_shape = [2, 2], strides = [2, 2]} : '
        "(tensor<8x64x32x32xf32>) -> tensor<8x64x16x16xf32>\n"
        "return %y : tensor<8x64x16x16xf32>\n}\n}\n"
    )
    kernel = predict(str(path), out).report["kernels"][0]
    assert kernel["source"] == "extrapolated" and kernel["latency_us"] >= 25.0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"--train-on": "GA,GB"}, "expected at least 3 GPUs, found 2"),
        ({"--train-on": "GA,GB,GN"}, "no rows of 'GN'"),
        ({"--specs": None}, "tables of operators need --specs"),
        ({"--trees": 9}, "--trees means nothing beside tables of operators"),
        ({"--depth": 3, "--column": "ms"}, "--depth, --column mean nothing beside tables of"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    gnomon, folder: Path, sheets: Path, tmp_path: Path, capsys, change: dict, expected: str
) -> None:
    options = {"--specs": sheets, "--out": tmp_path / "b", **change}
    flat = [part for pair in options.items() if pair[1] is not None for part in pair]
    assert gnomon("train", folder, *flat) == 2
    assert expected in capsys.readouterr().err


def test_the_shipped_bundle_is_read_as_written(sheets: Path, tmp_path: Path) -> None:
    agrees(SHIPPED, sheets, tmp_path, list(SIZES))
