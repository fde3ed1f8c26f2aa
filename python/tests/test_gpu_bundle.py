"""Bundles of utilisations: the compiler says what Python computes; devices; adaptation."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost

from gnomon import _native
from gnomon.cli import output
from gnomon.cli.output import BadInput, device_argument, device_description
from gnomon.learning.bundle import read_bundle, write_bundle
from gnomon.predictor import predict

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "data" / "runtimes" / "pytorch-eager.json").read_text()
DEVICES = ("v100-pcie-32gb", "t4", "h200")
COLUMNS = ["waves_64x64", "intensity_over_ridge", "tiled_over_launch", "gemm_k", "sm_ridge"]
LAUNCH_US = 6.5


def convolution(name: str, batch: int, channels: int, pixels: int) -> str:
    image = f"tensor<{batch}x{channels}x{pixels}x{pixels}xf32>"
    weight = f"tensor<{channels}x{channels}x3x3xf32>"
    return (
        f"func.func @{name}(%x: {image}) -> {image} {{\n"
        f'  %w = "onnx.Constant"() : () -> {weight}\n'
        f'  %0 = "onnx.Conv"(%x, %w) {{kernel_shape = [3, 3], pads = [1, 1, 1, 1]}}'
        f" : ({image}, {weight}) -> {image}\n  return %0 : {image}\n}}\n"
    )


def device_json(name: str) -> str:
    spec = json.loads((ROOT / "data" / "devices" / f"{name}.json").read_text())
    return json.dumps({**spec, "launch_overhead_us": LAUNCH_US})


def columns_of(rows: dict, device: str) -> np.ndarray:
    """(n, columns), float32: what the forest sees."""
    ratios = _native.device_ratios(rows["dtype"], rows["features"], device_json(device))
    ratio_names, feature_names = _native.device_ratio_names(), _native.feature_names()
    picked = [
        ratios[:, ratio_names.index(name)]
        if name in ratio_names
        else rows["features"][:, feature_names.index(name)]
        for name in COLUMNS
    ]
    return np.stack(picked, axis=1).astype(np.float32)


SIZES = [(1, 16, 56), (8, 64, 28), (32, 96, 14), (64, 256, 14), (3, 24, 112), (64, 512, 7)]


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, xgboost.Booster, dict, Path]:
    """A small bundle trained on made-up times, its forest, rows of convolutions, their file."""
    text = "".join(convolution(f"op{i}", *size) for i, size in enumerate(SIZES))
    rows = _native.operator_rows(text, RULES)
    assert rows["kind"] == ["conv"] * len(SIZES)
    x = np.concatenate([columns_of(rows, device) for device in DEVICES])
    y = 0.3 + 0.1 * np.log1p(x[:, 0]) + 0.05 * np.sin(np.arange(len(x)))
    booster = xgboost.train(
        {"max_depth": 3, "min_child_weight": 0, "nthread": 1}, xgboost.DMatrix(x, label=y), 12
    )
    description = {
        "format": 1,
        "form": "utilisation",
        "name": "tiny-gpu",
        "features": {"schema": 1, "fingerprint": "0" * 16, "names": COLUMNS},
        "device": json.loads((ROOT / "data" / "devices" / "t4.json").read_text()),
        "devices": list(DEVICES),
        "launch_overhead_us": LAUNCH_US,
        "runtime": {"name": "pytorch-eager", "version": "2.1", "rules": json.loads(RULES)},
        "kinds": {
            "conv": {
                "model": "conv.ubj",
                "features": COLUMNS,
                "log_offset": -0.125,
                "base": "tiled",
                "launch_share": 0.55,
                "roofline_gain": 4.0,
                "interval_log": {"0.9": [-0.2, 0.2]},
                "ranges": {"waves_64x64": [0.001, 1000.0]},
            }
        },
        "network": {"interval_log": {"0.9": [-0.1, 0.1]}},
        "provenance": {},
    }
    folder = tmp_path / "tiny-gpu"
    write_bundle(folder, description, {"conv.ubj": bytes(booster.save_raw("ubj"))})
    (tmp_path / "nets.mlir").write_text(text)
    return folder, booster, rows, tmp_path / "nets.mlir"


def expected_us(booster: xgboost.Booster, rows: dict, device: str) -> list[float]:
    """The form, step by step in the order in which the compiler computes."""
    answers = booster.predict(xgboost.DMatrix(columns_of(rows, device)), output_margin=True)
    work = _native.work_us(rows["dtype"], rows["features"], device_json(device))
    ratios = _native.device_ratios(rows["dtype"], rows["features"], device_json(device))
    tiled = ratios[:, _native.device_ratio_names().index("tiled_over_launch")] * LAUNCH_US
    result = []
    for answer, least, base in zip(answers, work, tiled, strict=True):
        kernel = max(float(least) / 4.0, float(base) * math.exp(-0.125 + float(answer)))
        result.append(max(LAUNCH_US, 0.55 * LAUNCH_US + kernel))
    return result


@pytest.mark.parametrize("device", DEVICES)
def test_compiler_and_python_agree(trained, device: str) -> None:
    folder, booster, rows, file = trained
    argument = device_argument(device, folder)
    report = predict(str(file), folder, argument).report
    told = [function["kernels"][0]["latency_us"] for function in report["functions"]]
    # Reports round to picoseconds.
    assert told == [round(us, 6) for us in expected_us(booster, rows, device)]
    assert report["device"] == device


def test_short_names_mean_shipped_devices(trained) -> None:
    folder = trained[0]
    assert Path(device_argument("V100", folder)).stem == "v100-pcie-32gb"
    assert device_argument("t4", folder) == "t4"
    assert device_argument("h9000", folder) == "h9000"
    assert device_description("H200", folder)["sm_count"] == 132
    assert device_description(None, folder)["name"] == "t4"
    with pytest.raises(BadInput, match="may be h100-pcie-80gb, h100-sxm5-80gb; expected the name"):
        device_argument("h100", folder)
    with pytest.raises(BadInput, match="no device 'h9000'"):
        device_description("h9000", folder)


def test_a_row_of_data_sheets_is_a_device(trained, tmp_path: Path) -> None:
    folder, booster, rows, file = trained
    header = "gpu,cuda_cores,sms,ram_gb,mem_bw_gbps,fp32_tflops,boost_mhz,l2_mb"
    (tmp_path / "specs.csv").write_text(f"{header}\nT4-16GB,2560,40,16,320,8.14,1590,4\n")
    argument = device_argument(f"{tmp_path}/specs.csv:t4-16", folder)
    report = predict(str(file), folder, argument).report
    assert report["device"] == "T4-16GB"
    first = report["functions"][0]["kernels"][0]["latency_us"]
    assert first == round(expected_us(booster, rows, "t4")[0], 6)
    with pytest.raises(BadInput, match="no data sheet of 'H9'"):
        device_argument(f"{tmp_path}/specs.csv:H9", folder)


def test_a_processor_is_no_gpu(trained) -> None:
    folder, _, _, file = trained
    processor = device_argument("epyc-zen4-1t", folder)
    with pytest.raises(RuntimeError, match="is of kind 'cpu'; bundle 'tiny-gpu' knows devices of"):
        predict(str(file), folder, processor)
    with pytest.raises(RuntimeError, match="is of kind 'gpu'"):
        predict(str(file), output.bundle_folder(None), device_argument("t4", folder))


def test_adapting_makes_the_bundle_of_one_gpu(trained, tmp_path: Path, gnomon) -> None:
    folder, booster, rows, _ = trained
    device = "h200"
    measured = []
    for i, size in enumerate(SIZES):
        (tmp_path / f"{i}.mlir").write_text(convolution("main", *size))
        latency = 1.3 * expected_us(booster, rows, device)[i] / 1e3
        measured.append({"model": f"{i}.mlir", "latency_ms": latency})
    pd.DataFrame(measured).to_csv(tmp_path / "m.csv", index=False)
    out, report = tmp_path / "mine", tmp_path / "report.json"
    arguments = ["--measurements", tmp_path / "m.csv", "--device", device, "--out", out]
    assert gnomon("adapt", folder, *arguments, "--json", report) == 0
    said = json.loads(report.read_text())
    assert said["device"] == device
    assert said["before"]["median_ape"] == pytest.approx(0.3 / 1.3, abs=1e-3)
    assert said["after_cross_validated"]["worst_ape"] < 0.01
    adapted = read_bundle(out)
    assert adapted["calibrated_for"] == device and adapted["device"]["name"] == device
    again = predict(str(tmp_path / "0.mlir"), out)
    assert again.latency_ms == pytest.approx(measured[0]["latency_ms"], rel=0.01)
    with pytest.raises(RuntimeError, match="is calibrated for 'h200' only"):
        predict(str(tmp_path / "0.mlir"), out, device_argument("v100", out))


def test_batches_of_measurements_must_be_whole(trained, tmp_path: Path, gnomon) -> None:
    folder, _, _, file = trained
    (tmp_path / "m.csv").write_text(f"model,latency_ms,batch\n{file},1.0,1.5\n")
    arguments = ["--measurements", tmp_path / "m.csv", "--out", tmp_path / "x"]
    assert gnomon("adapt", folder, *arguments) == 2
