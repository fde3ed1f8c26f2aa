"""`gnomon search --sure`: budgets kept with a probability, and the errors it rests on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gnomon.learning import adapt, error_model
from gnomon.learning.error_model import KernelErrors

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
SHIPPED = ROOT / "data" / "models" / "ort-cpu-1t-f32"
ERROR = {
    "common": 0.02,
    "kinds": {
        "conv": {"together": 0.0, "alone": 0.05},
        "elementwise": {"together": 0.2, "alone": 0.1},
    },
    "quantiles": {"0.1": -1.3, "0.5": 0.0, "0.9": 1.3, "0.99": 2.6},
    "networks": 80,
}


def with_errors(folder: Path, error: dict | None = ERROR, name: str = "bundle") -> Path:
    """The toy bundle, and how its errors go together."""
    bundle = folder / name
    shutil.copytree(TOY, bundle)
    path = bundle / "bundle.json"
    description = json.loads(path.read_text())
    description["network"]["error"] = error
    path.write_text(json.dumps(description))
    return bundle


def search(gnomon, folder: Path, bundle: Path, *options: object, status: int = 0) -> dict:
    """The report of a search of OFA-MobileNetV3 at one resolution."""
    out = folder / "out.json"
    given = ["--resolutions", "128", "--bundle", bundle, *options, "--json", out, "-q"]
    assert gnomon("search", "ofa-mbv3", *given) == status
    return json.loads(out.read_text())


def test_the_network_found_keeps_its_budget_with_the_probability(gnomon, tmp_path, capsys):
    bundle = with_errors(tmp_path)
    front = search(gnomon, tmp_path, bundle)["front"]["points"]
    budget = front[len(front) // 2]["latency_us"] / 1e3
    options = ["--max-latency-ms", f"{budget:.6f}"]
    report = search(gnomon, tmp_path, bundle, *options, "--sure", 0.9)
    assert report["front"]["sure"] == 0.9
    assert report["front"]["probability_rests_on"]["toy-cpu"].startswith("80 networks held out")
    (answer,) = report["answers"]
    best = answer["best"]
    assert 0.9 <= best["probability"] < 0.95
    assert best["sure_us"] == pytest.approx(best["latency_us"] * (1 + 1.3 * best["spread"]))
    assert best["sure_us"] <= answer["max_latency_us"]
    assert 0 <= answer["gap"] < 1e-3
    # No point of the front that is as sure is better.
    sure = [p for p in report["front"]["points"] if p["sure_us"] <= answer["max_latency_us"]]
    assert best["accuracy"] >= max(point["accuracy"] for point in sure)
    assert all(point["probability"] >= 0.9 for point in sure)
    surer = search(gnomon, tmp_path, bundle, *options, "--sure", 0.97)["answers"][0]["best"]
    assert surer["latency_us"] < best["latency_us"]
    assert surer["accuracy"] <= best["accuracy"]
    capsys.readouterr()
    shown = ["--resolutions", "128", "--bundle", bundle, *options, "--sure", 0.9]
    assert gnomon("search", "ofa-mbv3", *shown) == 0
    text = capsys.readouterr().out
    assert "budget kept with a probability of 0.9" in text
    assert "80 networks held out of training" in text


def test_drawing_algorithms_are_as_sure(gnomon, tmp_path):
    bundle = with_errors(tmp_path)
    front = search(gnomon, tmp_path, bundle)["front"]["points"]
    options = ["--max-latency-ms", f"{front[-1]['latency_us'] / 1e3:.6f}", "--sure", 0.9]
    exact = search(gnomon, tmp_path, bundle, *options)["answers"][0]["best"]
    drawn = ["--algorithm", "evolution", "--evaluations", 2000]
    found = search(gnomon, tmp_path, bundle, *options, *drawn)["answers"][0]["best"]
    assert found["probability"] >= 0.9
    assert found["accuracy"] <= exact["accuracy"]


def test_intervals_alone_make_a_network_err_as_a_whole(gnomon, tmp_path):
    front = search(gnomon, tmp_path, TOY)["front"]["points"]
    assert all(point["spread"] == 1 for point in front)
    budget = front[-1]["latency_us"] * float(np.exp(0.05)) * 1.0001
    options = ["--max-latency-ms", f"{budget / 1e3:.9f}"]
    report = search(gnomon, tmp_path, TOY, *options, "--sure", 0.9)
    assert report["answers"][0]["best"]["architecture"] == front[-1]["architecture"]
    assert "intervals" in report["front"]["probability_rests_on"]["toy-cpu"]
    several = search(gnomon, tmp_path, TOY, "--max-latency-ms", "1000,2000")
    assert all(len(point["probability"]) == 2 for point in several["front"]["points"])


def test_what_is_too_sure_or_impossible_is_said(gnomon, tmp_path, capsys):
    bundle = with_errors(tmp_path)
    options = ["--resolutions", "128", "--bundle", bundle, "--max-latency-ms", "1000"]
    assert gnomon("search", "ofa-mbv3", *options, "--sure", 0.995) == 2
    assert "knows probabilities up to 0.99" in capsys.readouterr().err
    report = search(gnomon, tmp_path, bundle, "--max-latency-ms", "0.001", "--sure", 0.9, status=1)
    assert report["answers"][0]["best"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"common": -1}, "network.error.common: expected a number of at least 0"),
        ({"quantiles": {}}, "network.error.quantiles: expected at least one"),
        ({"quantiles": {"0.1": 1, "0.9": 0}}, "expected numbers that ascend"),
        ({"quantiles": {"2": 1}}, "expected a probability between 0 and 1 as name"),
        ({"kinds": {"warp": {"together": 0, "alone": 0}}}, "does not know the kernel kind"),
        ({"kinds": {"conv": {"together": 0}}}, "alone"),
    ],
)
def test_broken_error_models_are_refused(gnomon, tmp_path, capsys, change, said):
    bundle = with_errors(tmp_path, ERROR | change)
    assert gnomon("search", "mbv2", "--bundle", bundle) == 2
    assert said in capsys.readouterr().err


def made_up(networks: int, seed: int, parts: tuple[float, float, float]) -> KernelErrors:
    """Ten kernels of two kinds a network, whose errors have three known parts."""
    rng = np.random.default_rng(seed)
    common, together, alone = parts
    network, kind = np.repeat(np.arange(networks), 10), np.tile([0, 1] * 5, networks)
    share = rng.uniform(0.5, 1.5, networks * 10)
    share /= np.bincount(network, share)[network]
    relative = (
        rng.normal(0, common, networks)[network]
        + rng.normal(0, together, (networks, 2))[network, kind]
        + rng.normal(0, alone, networks * 10)
    )
    return KernelErrors(network, kind, share, relative)


def test_moments_find_the_parts_that_were_put_in():
    kernels = made_up(20000, 1, (0.04, 0.06, 0.1))
    model = error_model.fit_error_model(kernels, 20000, 2)
    assert model.common == pytest.approx(0.04, rel=0.05)
    assert model.together == pytest.approx([0.06, 0.06], rel=0.05)
    assert model.alone == pytest.approx([0.1, 0.1], rel=0.05)
    errors = np.bincount(kernels.network, kernels.share * kernels.relative)
    spread = model.spread(kernels, 20000)
    assert np.std(errors / spread) == pytest.approx(1, abs=0.03)
    assert error_model.standard_quantiles(errors / spread)["0.9"] == pytest.approx(1.28, abs=0.05)


def test_independent_errors_are_found_to_be_independent():
    model = error_model.fit_error_model(made_up(5000, 2, (0.0, 0.0, 0.1)), 5000, 2)
    assert model.common < 0.01
    assert max(model.together) < 0.015
    assert model.alone == pytest.approx([0.1, 0.1], rel=0.05)


def test_kinds_that_were_not_measured_borrow():
    kernels = made_up(500, 3, (0.04, 0.06, 0.1))
    model = error_model.fit_error_model(kernels, 500, 3)
    assert model.together[2] == pytest.approx(model.together[:2].mean(), rel=0.3)
    assert model.alone[2] == pytest.approx(model.alone[:2].mean(), rel=0.3)


def test_quantiles_ascend_and_hold_their_share():
    values = np.random.default_rng(0).standard_t(3, 999)
    quantiles = error_model.standard_quantiles(values)
    assert list(quantiles.values()) == sorted(quantiles.values())
    assert np.mean(values <= quantiles["0.9"]) == pytest.approx(0.9, abs=0.002)
    assert set(quantiles) >= {"0.01", "0.1", "0.5", "0.9", "0.99"}


def test_adapting_widens_the_quantiles_as_the_intervals():
    description = {
        "kinds": {},
        "network": {"interval_log": {"0.8": [-0.05, 0.05]}, "error": ERROR},
    }
    fitted = adapt.Offsets(0.1, {}, 0.0)
    changed = adapt.adapted_description(description, fitted, np.full(50, 0.5))["network"]
    scale = changed["interval_log"]["0.8"][1] / 0.05
    assert scale > 2
    assert changed["error"]["quantiles"]["0.9"] == pytest.approx(1.3 * scale)


def test_the_shipped_bundle_knows_how_its_errors_go_together():
    error = json.loads((SHIPPED / "bundle.json").read_text())["network"]["error"]
    assert error["networks"] > 1000
    assert 0.01 < error["common"] < 0.1
    assert error["quantiles"]["0.9"] > 1
