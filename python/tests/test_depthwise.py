"""Depthwise convolutions of the GPU bundle: a rate that whole networks tell, and its forest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xgboost

from gnomon.cli import output
from gnomon.evaluation.data.networks import form_networks
from gnomon.evaluation.operators import depthwise
from gnomon.evaluation.operators.catalogue import OPERATORS, function
from gnomon.evaluation.task import Networks
from gnomon.learning.bundle import read_bundle
from gnomon.predictor import predict

BUNDLE = output.MODELS / "gpu-pytorch-f32"
RULES = output.RUNTIMES / "pytorch-eager.json"
SHEET = {"fp32_tflops": 10.0, "mem_bw_gbps": 500.0, "cuda_cores": 4096.0, "sms": 32.0}


@pytest.fixture(scope="module")
def networks() -> Networks:
    """OFA-MobileNetV3 with kernels, ratios, depths and resolutions drawn."""
    draw = np.random.default_rng(5)
    drawn = [
        {
            "ks": draw.choice([3, 5, 7], 20).tolist(),
            "e": draw.choice([3, 4, 6], 20).tolist(),
            "d": draw.choice([2, 3, 4], 5).tolist(),
            "r": int(draw.choice([160, 192, 224])),
        }
        for _ in range(120)
    ]
    return form_networks("ofa-mbv3", drawn, 1.0, RULES, 1)


@pytest.mark.parametrize("rate", [2.0, 6.0])
def test_the_rate_is_found_beside_other_work(networks: Networks, rate: float) -> None:
    work = depthwise.work_by_kind(networks, 64, SHEET)
    prices = {name: 1.3 if name.endswith("traffic") else 2.0 for name in work}
    prices["constant"] = 1.0
    prices[f"{depthwise.KIND}.compute"] = SHEET["cuda_cores"] / SHEET["sms"] / rate
    latency_ms = work.to_numpy() @ np.array([prices[name] for name in work])
    noise = np.exp(np.random.default_rng(0).normal(0.0, 0.01, len(work)))
    found = depthwise.rate_of(networks, latency_ms * noise, 64, SHEET)
    assert found == pytest.approx(rate, rel=0.1)


def test_work_that_costs_nothing_has_no_rate(networks: Networks) -> None:
    work = depthwise.work_by_kind(networks, 64, SHEET)
    latency_ms = work["conv_pointwise.compute"].to_numpy() + 1.0
    assert np.isnan(depthwise.rate_of(networks, latency_ms, 64, SHEET))


def test_the_forest_stands_for_the_formula() -> None:
    member = read_bundle(BUNDLE)["kinds"][depthwise.KIND]
    booster = xgboost.Booster()
    booster.load_model(BUNDLE / member["model"])
    draw = np.random.default_rng(1)
    intensity, cores = np.exp(draw.uniform(-6, 4, 500)), draw.choice([64.0, 128.0], 500)
    x = np.stack([intensity, cores], axis=1)
    found = booster.inplace_predict(x.astype(np.float32)) + member["log_offset"]
    assert np.abs(found - depthwise.log_slowdown(intensity, cores)).mean() < 0.02
    assert member["training"]["macs_per_clock"] == depthwise.RATE
    for confidence, ends in read_bundle(BUNDLE)["kinds"]["conv"]["interval_log"].items():
        wide = member["interval_log"][confidence]
        assert wide[0] < ends[0] and wide[1] > ends[1]


@pytest.mark.parametrize("device", ["v100-pcie-32gb", "titanxp", "h100-sxm5-80gb"])
def test_larger_windows_take_longer(device: str, tmp_path: Path) -> None:
    spec = json.loads((output.DEVICES / f"{device}.json").read_text())
    clock = spec["peak_flops"]["f32"] / 2.0 / spec["cores"]
    latencies = []
    for kernel in (3, 5, 7):
        file = tmp_path / f"{kernel}.mlir"
        sizes = (64, 240, kernel, 56, 1, kernel // 2)
        file.write_text(function("f", OPERATORS["dwconv"].operation(*sizes)))
        (found,) = predict(str(file), BUNDLE, str(output.DEVICES / f"{device}.json")).report[
            "kernels"
        ]
        assert found["kind"] == depthwise.KIND and found["source"] == "extrapolated"
        latencies.append(found["latency_us"])
    added = 64 * 240 * 56 * 56 * (49 - 25) / (spec["sm_count"] * clock * depthwise.RATE) * 1e6
    assert latencies[2] - latencies[1] == pytest.approx(added, rel=0.15)
    assert latencies[0] < latencies[1]
