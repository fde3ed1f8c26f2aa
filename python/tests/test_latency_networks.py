"""The published latency network, its fine-tuning and AdaProxy as methods of an evaluation."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from gnomon import _native
from gnomon.accuracy import ofa
from gnomon.evaluation.data.encoding import as_data, codes
from gnomon.evaluation.data.networks import aggregate, form_networks
from gnomon.evaluation.methods import find_method
from gnomon.evaluation.models import paper_mlp, refitting
from gnomon.evaluation.models.paper_mlp import (
    CHOSEN,
    PHONE,
    General,
    at_device,
    model_file,
    recipe_for,
    train_column,
)
from gnomon.evaluation.task import CannotPredict, Column, Measured, Networks, Pool
from gnomon.learning.dense import Recipe

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"
COUNT = 150


def formed(space: str, architectures: list[dict]) -> Networks:
    return form_networks(space, architectures, None, RULES, 1)


def draw(count: int, resolutions: tuple[int, ...]) -> tuple[list[dict], ofa.Networks]:
    """Random OFA-MobileNetV3 networks, as JSON and as arrays."""
    drawn = ofa.draw(count, np.random.default_rng(7), resolutions)
    architectures = [
        {
            "ks": [ofa.KERNELS[k] for k in drawn.kernels[i]],
            "e": [ofa.RATIOS[e] for e in drawn.ratios[i]],
            "d": [ofa.DEPTHS[d] for d in drawn.depths[i]],
            "r": int(drawn.resolutions[i]),
        }
        for i in range(count)
    ]
    return architectures, drawn


@pytest.fixture(scope="module")
def networks() -> Networks:
    return formed("ofa-mbv3", draw(COUNT, (160, 192, 224))[0])


def speed(networks: Networks, tflops: float) -> np.ndarray:
    """(n,): ms that are work over speed, and a launch a kernel."""
    work = aggregate(networks, 64)
    return (work["flops"] / tflops / 1e9 + 0.01 * work["launches"]).to_numpy()


def column(name: str, tflops: float, **more: object) -> Column:
    numbers = {"cuda_cores": 500 * tflops, "ram_gb": 16.0, "mem_bw_gbps": 50 * tflops}
    return Column(name, 64, "ofa-mbv3", 1.0, name, numbers, **more)


@pytest.fixture(scope="module")
def pool(networks: Networks) -> Pool:
    rows = np.arange(COUNT)
    sources = [
        Measured(column(name, tflops), rows, speed(networks, tflops))
        for name, tflops in (("slow", 6.0), ("fast", 14.0))
    ]
    noise = np.random.default_rng(3).permutation(sources[0].latency_ms)
    shuffled = Measured(Column("shuffled", 64, "ofa-mbv3"), rows, noise)
    return Pool(networks, (shuffled, *sources), column("target", 9.0))


def measured(pool: Pool, rows: np.ndarray) -> Measured:
    return Measured(pool.target, rows, speed(pool.networks, 9.0)[rows])


NONE = np.arange(0)


def test_codes_are_those_of_the_accuracy_networks(networks: Networks) -> None:
    drawn = draw(COUNT, (160, 192, 224))[1]
    assert codes(networks).shape == (COUNT, 128)
    assert np.array_equal(codes(networks), ofa.ofa_code(drawn))
    architectures, drawn = draw(20, (160, 164, 204))
    fine = codes(formed("ofa-mbv3", architectures))
    assert fine.shape == (20, 145)
    assert np.array_equal(fine[:, :120], ofa.ofa_code(drawn)[:, :120])
    assert np.array_equal(fine[:, 120:].argmax(axis=1) * 4 + 128, drawn.resolutions)


def test_other_spaces_are_coded_by_their_options() -> None:
    cells = ["|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"] * 2
    found = codes(formed("nasbench201", [{"arch": cell} for cell in cells]))
    assert found.shape == (2, 30)
    assert found.sum(axis=1).tolist() == [6, 6]
    blocks = formed("fbnet", [{"blocks": [8, *[i % 8] * 21]} for i in range(3)])
    assert codes(blocks).sum(axis=1).tolist() == [22, 22, 22]


@pytest.mark.parametrize("space", ["ofa-mbv3", "nasbench201"])
def test_the_code_as_data_is_the_code(space: str, networks: Networks) -> None:
    if space != "ofa-mbv3":
        cells = ["|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"]
        networks = formed(space, [{"arch": cell} for cell in cells])
    additions = as_data(networks)
    rows = np.zeros_like(codes(networks))
    for i in range(len(networks)):
        picked = dict(zip(networks.names, networks.choices[i], strict=True))
        for decision, name in enumerate(networks.names):
            if picked[name] >= 0:
                option = networks.options[decision][picked[name]]
                for place, value in additions.get(name, {}).get(option, []):
                    rows[i, place] += value
        for place, value in additions.get("resolution", {}).get(str(networks.resolution[i]), []):
            rows[i, place] += value
    assert np.array_equal(rows, codes(networks))


def test_cpp_answers_the_same(tmp_path: Path, pool: Pool) -> None:
    network = train_column(pool.networks, pool.sources[1], 0).network
    path = tmp_path / "latency.json"
    path.write_text(json.dumps(model_file(network, pool.networks, "slow")))
    rows = codes(pool.networks)
    answers = np.array(_native.dense_network(str(path), rows.reshape(-1).tolist()))
    # In units of the answers, which are single precision: 1e-6 of them.
    assert np.abs(answers / network(rows) - 1).max() < 1e-6


def test_cpp_answers_for_a_device_that_the_network_was_told_of(tmp_path: Path, pool: Pool) -> None:
    general = General.fit(pool, 0)
    network = at_device(general, pool.target)
    assert network.weights[0].shape[1] == 128
    path = tmp_path / "latency.json"
    path.write_text(json.dumps(model_file(network, pool.networks, "target")))
    rows = codes(pool.networks)
    answers = np.array(_native.dense_network(str(path), rows.reshape(-1).tolist()))
    expected = general(pool.networks, np.arange(COUNT), pool.target)
    assert np.abs(answers / expected - 1).max() < 1e-5


def test_raw_numbers_of_devices_keep_a_network_from_learning(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As published: thousands of cores beside bits; standardised ones do not hurt."""
    monkeypatch.setattr(paper_mlp, "GENERAL", Recipe(0.003, 1e-4, 0.9, 30))
    source = pool.sources[1]

    def error(standardise: bool) -> float:
        general = General.fit(pool, 0, standardise)
        answers = general(pool.networks, source.rows, source.column)
        return float(np.abs(answers / source.latency_ms - 1).mean())

    assert error(standardise=True) < 0.15
    assert error(standardise=False) > 2 * error(standardise=True)


def test_the_published_choices_belong_to_their_devices() -> None:
    assert recipe_for(Column("a", device="P40")) is CHOSEN["P40"]
    assert recipe_for(Column("note10")) is PHONE


@pytest.mark.parametrize(
    ("method", "samples", "error"),
    [
        ("mlp", 120, 0.1),
        ("mlp", 0, 0.3),
        ("refit", 40, 0.2),
        ("refit_ridge", 40, 0.1),
        ("adaproxy", 40, 0.05),
        ("adaproxy_error", 40, 0.05),
        ("adaproxy_error", 3, 0.1),
    ],
)
def test_methods_predict_what_they_did_not_see(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, method: str, samples: int, error: float
) -> None:
    # The published ones are for thousands of rows; with few they move too little, or too much.
    monkeypatch.setattr(paper_mlp, "GENERAL", Recipe(0.003, 1e-4, 0.9, 60))
    monkeypatch.setattr(refitting, "REFIT", Recipe(0.003, 1e-4, 0.5, 400))
    rows = np.arange(120, COUNT)
    fitted = find_method(method).fit(pool)
    found = fitted.predict(measured(pool, np.arange(samples)), rows, 1)
    truth = speed(pool.networks, 9.0)[rows]
    assert np.abs(found.latency_ms / truth - 1).mean() < error
    again = find_method(method).fit(pool).predict(measured(pool, np.arange(samples)), rows, 1)
    assert np.array_equal(found.latency_ms, again.latency_ms)
    assert np.all(found.low_ms <= found.high_ms)
    inside = (found.low_ms <= truth) & (truth <= found.high_ms)
    assert np.mean(inside) >= 0.6  # of 30 rows


@pytest.mark.parametrize("method", ["refit", "refit_ridge"])
def test_intervals_of_a_last_layer_hold_what_they_promise(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Where measurements have 10 % of noise: about nine in ten, and no wider than that takes."""
    monkeypatch.setattr(refitting, "REFIT", Recipe(0.003, 1e-4, 0.5, 100))
    truth = speed(pool.networks, 9.0)
    fitted, inside, width = find_method(method).fit(pool), [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        noisy = truth * np.exp(rng.normal(0, 0.1, COUNT))
        seen, rest = np.split(rng.permutation(COUNT), [60])
        found = fitted.predict(Measured(pool.target, seen, noisy[seen]), rest, seed)
        inside.append(np.mean((found.low_ms <= noisy[rest]) & (noisy[rest] <= found.high_ms)))
        width.append(np.log(found.high_ms / found.low_ms).mean())
    assert 0.84 <= np.mean(inside) <= 0.97
    assert np.mean(width) < 0.6


def test_a_device_never_seen_has_an_interval_of_devices_left_out(pool: Pool) -> None:
    """Each source device is predicted by a network that never saw it; far off, so wide."""
    residuals = paper_mlp.left_out_residuals(pool, 0)
    assert [len(device) for device in residuals] == [COUNT, COUNT]
    rest = Pool(pool.networks, pool.sources[:2], pool.target)
    with pytest.raises(CannotPredict, match="found 1"):
        find_method("mlp").fit(rest).predict(measured(pool, NONE), np.arange(3), 0)


@pytest.mark.parametrize("method", ["refit_ridge", "adaproxy"])
def test_the_source_is_the_one_that_ranks_alike(pool: Pool, method: str) -> None:
    found = find_method(method).fit(pool).predict(measured(pool, np.arange(20)), NONE, 0)
    assert found.chosen.startswith(("slow", "fast"))


@pytest.mark.parametrize("method", ["refit", "refit_ridge", "adaproxy", "adaproxy_error"])
def test_too_few_samples_are_said(pool: Pool, method: str) -> None:
    with pytest.raises(CannotPredict, match="at least 3 of the samples, found 3 sources and 2"):
        find_method(method).fit(pool).predict(measured(pool, np.arange(2)), NONE, 0)


def test_what_the_general_network_lacks_is_said(pool: Pool) -> None:
    target = dataclasses.replace(pool.target, numbers=None)
    nothing = measured(pool, NONE)
    with pytest.raises(CannotPredict, match="target: mlp without samples needs the device's data"):
        find_method("mlp").fit(Pool(pool.networks, pool.sources, target)).predict(nothing, NONE, 0)
    target = dataclasses.replace(pool.target, batch=1)
    with pytest.raises(CannotPredict, match="2 devices with data sheets at batch 1, found 0"):
        find_method("mlp").fit(Pool(pool.networks, pool.sources, target)).predict(nothing, NONE, 0)
