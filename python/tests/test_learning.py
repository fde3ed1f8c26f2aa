"""Fitting, calibration, adaptation and metrics on made-up measurements."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gnomon.learning import adapt, bundle, fit, metrics, network, profiles
from gnomon.predictor import Prediction


def rows(count: int = 600, noise: float = 0.02) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "flops": rng.lognormal(15, 2, count),
            "bytes": rng.lognormal(12, 1, count),
            "kernel": rng.integers(1, 7, count).astype(float),
            "kind": "conv",
            "network": [f"n{i // 20}" for i in range(count)],
        }
    )
    table["roofline_us"] = table.flops / 1e5 + table.bytes / 2e4
    factor = (1 + 0.3 * table.kernel) * np.exp(rng.normal(0, noise, count))
    table["measured_us"] = table.roofline_us * factor
    table["share"] = 0.05
    return table


def test_fit_learns_the_ratio_to_the_roofline():
    models = fit.fit_kinds(rows(), ["flops", "bytes", "kernel"], fit.Settings(trees=100))
    _, model = models["conv"]
    assert model.errors["median_ape"] < 0.06
    low, high = model.intervals["0.9"]
    assert low < 0 < high


def test_fit_is_deterministic():
    def trees(jobs: int) -> bytes:
        settings = fit.Settings(trees=20, jobs=jobs)
        models = fit.fit_kinds(rows(), ["flops", "bytes", "kernel"], settings)
        return bytes(models["conv"][1].booster.save_raw("ubj"))

    assert trees(1) == trees(2)


def test_too_few_rows_make_no_model():
    assert fit.fit_kinds(rows(fit.MIN_ROWS - 1), ["flops"], fit.Settings()) == {}


def test_folds_never_split_a_network():
    table = rows()
    folds = fit.fold_of(table["network"], seed=3)
    assert pd.Series(folds).groupby(table["network"]).nunique().max() == 1


def test_conformal_quantiles_hold_their_level():
    rng = np.random.default_rng(1)
    low, high = fit.quantiles(rng.normal(size=2000))["0.9"]
    fresh = rng.normal(size=20000)
    assert abs(np.mean((low <= fresh) & (fresh <= high)) - 0.9) < 0.02


def record(nodes: list[dict], end_to_end_us: float = 100.0) -> profiles.Record:
    return profiles.Record("r", "family", Path("r.onnx"), end_to_end_us, nodes)


def node(name: str, op_type: str, outputs: list[str], time_us: float) -> dict:
    fields = {"name": name, "op_type": op_type, "inputs": ["x"], "outputs": outputs}
    return {**fields, "time_us": time_us}


def test_join_meets_at_the_tensors_of_the_file():
    kinds = ["layout", "conv", "layout", "elementwise"]
    outputs = [["x"], ["y"], ["y"], ["gone"]]
    kernels = pd.DataFrame(
        {"kind": kinds, "name": ["", "Conv_0", "", "Relu_0"], "outputs": outputs}
    )
    kernels["tensors"] = [[], ["y"], [], ["gone"]]
    timed = record(
        [
            node("ReorderInput", "ReorderInput", ["r0"], 1.0),
            node("y_nchwc", "Conv", ["r1"], 2.0),
            node("ReorderOutput", "ReorderOutput", ["y"], 3.0),
        ]
    )
    joined = profiles.join(kernels, timed)
    assert joined["measured_us"].tolist()[:3] == [1.0, 2.0, 3.0]
    assert np.isnan(joined["measured_us"].iloc[3])


def test_join_finds_made_up_names_through_neighbours():
    kernels = pd.DataFrame(
        {
            "kind": ["conv", "elementwise", "conv"],
            "op": ["Conv", "Gelu", "Conv"],
            "name": ["a", "g", "b"],
            "outputs": [["x"], ["y"], ["z"]],
            "inputs": [["in"], ["x"], ["y"]],
        }
    )
    kernels["tensors"] = kernels["outputs"]
    nodes = [
        {**node("z_nchwc", "Conv", ["r2"], 3.0), "inputs": ["r1"]},
        {**node("Gelu", "Gelu", ["r1"], 2.0), "inputs": ["r0"]},
        {**node("x_nchwc", "Conv", ["r0"], 1.0), "inputs": ["in"]},
    ]
    joined = profiles.join(kernels, record(nodes))
    assert joined["measured_us"].tolist() == [1.0, 2.0, 3.0]


def test_join_takes_the_operator_that_a_name_means():
    kernels = pd.DataFrame(
        {
            "kind": ["movement", "movement"],
            "op": ["Split", "Transpose"],
            "name": ["split", "turn"],
            "outputs": [["q", "k"], ["q"]],
            "tensors": [["q", "k"], []],
            "inputs": [["x"], ["q"]],
        }
    )
    nodes = [node("split", "Split", ["split", "split_1"], 5.0), node("t", "Transpose", ["q"], 7.0)]
    assert profiles.join(kernels, record(nodes))["measured_us"].tolist() == [5.0, 7.0]


def test_overheads_are_recovered():
    rng = np.random.default_rng(3)
    records = []
    for _ in range(60):
        work, views = rng.lognormal(2.5, 1, rng.integers(5, 60)), int(rng.integers(0, 80))
        nodes = [node(f"n{i}", "Relu", [f"n{i}"], t + 2.5) for i, t in enumerate(work)]
        nodes += [node(f"v{i}", "Reshape", [f"v{i}"], 4.0) for i in range(views)]
        records.append(record(nodes, 1.03 * work.sum() + 0.4 * views + 5.0))
    found = network.fit_overheads(records)
    assert found.profile_us == pytest.approx(2.5, abs=0.05)
    assert found.per_view_us == pytest.approx(0.4, abs=0.02)
    assert found.constant_us == pytest.approx(5.0, abs=0.3)


def kernel_times(count: int = 200) -> network.KernelTimes:
    rng = np.random.default_rng(2)
    networks = np.repeat(np.arange(count), rng.integers(10, 200, count))
    view = rng.random(len(networks)) < 0.3
    latency_us = np.where(view, 0.0, rng.lognormal(3, 1, len(networks)))
    return network.KernelTimes(networks, latency_us, np.ones(len(networks)), view)


def test_network_term_keeps_the_overheads_and_finds_the_rest():
    kernels = kernel_times()
    sums = np.bincount(kernels.network, kernels.latency_us)
    counts, views = (np.bincount(kernels.network, w) for w in (~kernels.view, kernels.view))
    truth = 1.02 * sums - 0.2 * counts + 0.7 * views + 20
    kinds = np.zeros(len(kernels.network), int)
    overheads = network.Overheads(2.0, 0.7, 20.0)
    term, offsets = network.fit_network_term(kernels, kinds, truth, overheads)
    assert term.per_view_us == 0.7
    assert term.per_kernel_us == pytest.approx(-0.2, abs=1e-2)
    assert np.exp(term.scale_log + offsets[0]) == pytest.approx(1.02, abs=1e-3)
    assert term.latency_us(kernels, 200) == pytest.approx(truth, rel=1e-2)


def test_network_term_finds_kinds_that_cost_more_than_profiles_show():
    kernels = kernel_times()
    kinds = np.random.default_rng(7).integers(0, 3, len(kernels.network))
    factors = np.array([1.0, 1.1, 0.95])
    truth = np.bincount(kernels.network, kernels.latency_us * factors[kinds])
    overheads = network.Overheads(2.0, 0.0, 0.0)
    term, offsets = network.fit_network_term(kernels, kinds, truth, overheads)
    assert np.exp(term.scale_log + offsets) == pytest.approx(factors, abs=5e-3)
    moved = network.with_offsets(kernels, kinds, offsets)
    assert term.latency_us(moved, 200) == pytest.approx(truth, rel=1e-2)


def test_kernel_times_are_scaled_to_the_end_to_end_time():
    overheads = network.Overheads(2.0, 0.5, 5.0)
    nodes = [node("a", "Relu", ["a"], 42.0), node("v", "Reshape", ["v"], 3.0)]
    nodes.append(node("b", "Relu", ["b"], 62.0))
    assert network.unprofiled_factor(record(nodes, 110.5), overheads) == pytest.approx(1.05)
    assert network.unprofiled_factor(record(nodes, 500.0), overheads) == 1.15
    assert network.unprofiled_factor(record(nodes, 20.0), overheads) == 0.93
    assert network.unprofiled_factor(record(nodes[1:2], 20.0), overheads) == 1.0


def test_small_kernels_give_back_at_most_half():
    term = network.NetworkTerm(0.0, -0.5, 0.25, 5.0)
    kernels = network.KernelTimes(
        network=np.array([0, 0, 1, 1]),
        latency_us=np.array([100.0, 0.0, 0.6, 0.0]),
        runs=np.array([40.0, 8.0, 1.0, 1.0]),
        view=np.array([False, True, False, True]),
    )
    assert term.latency_us(kernels, 2).tolist() == [87.0, 5.55]


def test_shares_are_whole_nanoseconds():
    term = network.NetworkTerm(0.0, 0.0004, 0.0, 0.0)
    thousand = np.zeros(1000)
    kernels = network.KernelTimes(thousand.astype(int), thousand + 1.0, thousand + 1, thousand > 0)
    assert term.smooth_us(kernels, 1)[0] == pytest.approx(1000.4)
    assert term.latency_us(kernels, 1).tolist() == [1000.0]


NETWORK = {"scale_log": 0.02, "per_kernel_us": -0.5, "per_view_us": 0.25, "constant_us": 5.0}


def prediction() -> Prediction:
    def kernel(kind: str, latency_us: float, source: str, runs: int = 1) -> dict:
        return {"kind": kind, "latency_us": latency_us, "source": source, "runs": runs}

    kernels = [
        kernel("conv", 1000.0, "predicted"),
        kernel("conv", 0.5, "roofline"),
        kernel("gemm", 40.0, "extrapolated", runs=4),
        kernel("free", 0.0, "free"),
        kernel("other", 0.0, "unsupported"),
    ]
    return Prediction("net", 1.0, 0.9, 1.0, 1.0, {"kernels": kernels})


def test_samples_take_the_network_as_predicted():
    scale = np.exp(0.02)
    sample = adapt.sample_of(prediction(), 2.0, NETWORK)
    parts = [scale * 1000 - 0.5, 0.5 * scale * 0.5, scale * 40 - 4 * 0.5, 0.25, 5.0]
    assert sample.predicted_us({}, 0.0) == pytest.approx(sum(parts))
    assert sample.predicted_us({}, 0.1) == pytest.approx(np.exp(0.1) * sum(parts))
    faster = sample.predicted_us({"conv": -0.1}, 0.0)
    assert faster == pytest.approx(np.exp(-0.1) * scale * 1000 - 0.5 + sum(parts[1:]))
    assert sample.measured_us == 2000.0


def samples(count: int, conv: float, gemm: float) -> list[adapt.Sample]:
    def kind(time: float) -> adapt.Kind:
        return adapt.Kind(np.array([time]), np.zeros(1))

    draws = np.random.default_rng(4).lognormal(8, 1, (count, 2))
    return [
        adapt.Sample({"conv": kind(a), "gemm": kind(b)}, 0.0, conv * a + gemm * b) for a, b in draws
    ]


def test_adapt_finds_one_factor_from_one_measurement():
    fitted, _ = adapt.choose(samples(1, 1.5, 1.5))
    assert np.exp(fitted.common) == pytest.approx(1.5, rel=0.02)


def test_adapt_finds_factors_per_kind_from_ten():
    fitted, residuals = adapt.choose(samples(10, 1.5, 1.1))
    assert np.exp(fitted.kinds["conv"]) == pytest.approx(1.5, rel=0.03)
    assert np.exp(fitted.kinds["gemm"]) == pytest.approx(1.1, rel=0.03)
    assert np.max(np.abs(residuals)) < 0.05


def test_intervals_follow_the_residuals_with_inertia():
    trained = {"0.8": [-0.1, 0.1], "0.9": [-0.2, 0.2]}
    mean = 0.1 / -np.log(1 - 0.8)
    assert adapt.interval_scale(trained, np.array([])) == 1.0
    assert adapt.interval_scale(trained, np.full(10, mean)) == pytest.approx(1.0)
    assert adapt.interval_scale(trained, np.full(10, 3 * mean)) == pytest.approx(2.0)
    assert 0.5 <= adapt.interval_scale(trained, np.zeros(10)) < 0.51
    assert adapt.interval_scale(trained, np.zeros(1)) > 0.9


def test_metrics_of_a_perfect_prediction():
    truth = np.array([1.0, 2.0, 4.0])
    result = metrics.summary(truth, truth, truth * 0.9, truth * 1.1)
    assert result["mape"] == 0 and result["spearman"] == pytest.approx(1)
    assert result["coverage90"] == 1


def test_bundle_is_replaced_whole_and_holds_no_nan(tmp_path):
    folder = tmp_path / "b"
    bundle.write_bundle(folder, {"a": float("nan")}, {"x.ubj": b"1"})
    bundle.write_bundle(folder, {"a": float("nan")}, {"y.ubj": b"2"})
    assert json.loads((folder / "bundle.json").read_text()) == {"a": None}
    assert sorted(p.name for p in folder.iterdir()) == ["bundle.json", "y.ubj"]
    assert [p.name for p in tmp_path.iterdir()] == ["b"]
