"""Methods that learn a device from other devices, on made-up devices that run real networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gnomon.evaluation.data.networks import aggregate, form_networks
from gnomon.evaluation.methods import find_method
from gnomon.evaluation.methods.auto import choose
from gnomon.evaluation.models.datasheet import zero_shot
from gnomon.evaluation.task import CannotPredict, Column, Measured, Networks, Pool, Prediction

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"
NETWORKS = 500
SEEN = np.arange(420)
ASKED = np.arange(420, NETWORKS)
FEW_SHOT = ("scale", "affine", "nearest", "bayes")

SHEETS = {
    "small": {"fp32_tflops": 4.0, "mem_bw_gbps": 200.0, "sms": 20.0},
    "middle": {"fp32_tflops": 9.0, "mem_bw_gbps": 450.0, "sms": 45.0},
    "large": {"fp32_tflops": 14.0, "mem_bw_gbps": 700.0, "sms": 70.0},
    "larger": {"fp32_tflops": 18.0, "mem_bw_gbps": 900.0, "sms": 90.0},
}


@pytest.fixture(scope="module")
def networks() -> Networks:
    rng = np.random.default_rng(3)
    architectures = [{"blocks": rng.integers(0, 9, 22).tolist()} for _ in range(NETWORKS)]
    return form_networks("fbnet", architectures, None, RULES, 1)


def made_up(networks: Networks, prices: tuple[float, float, float]) -> np.ndarray:
    """Milliseconds: so much a flop, so much a byte, so much a launch."""
    work = aggregate(networks, 1)
    return (
        prices[0] * work["flops"] / work["flops"].mean()
        + prices[1] * work["bytes"] / work["bytes"].mean()
        + prices[2] * work["launches"] / work["launches"].mean()
    ).to_numpy()


def source(name: str, latency_ms: np.ndarray, **about: object) -> Measured:
    return Measured(Column(name, **about), SEEN, latency_ms[SEEN])


@pytest.fixture(scope="module")
def phones(networks: Networks) -> list[np.ndarray]:
    """Latencies of devices without data sheets: three prices each."""
    prices = [(20, 2, 1), (5, 12, 1), (3, 4, 14), (9, 9, 2), (2, 14, 6), (16, 1, 8)]
    return [made_up(networks, price) for price in prices]


def pool_of(networks: Networks, latencies: list[np.ndarray], target: str = "target") -> Pool:
    sources = tuple(source(f"phone{i}", y) for i, y in enumerate(latencies))
    return Pool(networks, sources, Column(target))


def ask(method: str, pool: Pool, latency_ms: np.ndarray, rows: np.ndarray) -> Prediction:
    samples = Measured(pool.target, rows, latency_ms[rows])
    return find_method(method).fit(pool).predict(samples, ASKED, 0)


def error(found: Prediction, latency_ms: np.ndarray) -> float:
    return float(np.mean(np.abs(found.latency_ms / latency_ms[ASKED] - 1)))


def test_a_copy_of_a_source_at_another_speed(networks: Networks, phones: list[np.ndarray]) -> None:
    target = 3.7 * phones[1]
    pool = pool_of(networks, phones)
    assert error(ask("nearest", pool, target, np.arange(6)), target) < 0.005
    assert error(ask("bayes", pool, target, np.arange(6)), target) < 0.01
    only = pool_of(networks, phones[1:2])
    for method in FEW_SHOT:
        assert error(ask(method, only, target, np.arange(1)), target) < 0.005


def test_a_combination_of_sources(networks: Networks, phones: list[np.ndarray]) -> None:
    target = 2 * phones[0] + phones[2]
    found = ask("bayes", pool_of(networks, phones), target, np.arange(10))
    assert error(found, target) < 0.01
    assert error(found, target) < error(
        ask("nearest", pool_of(networks, phones), target, np.arange(10)), target
    )


def test_single_samples_that_are_far_off(networks: Networks, phones: list[np.ndarray]) -> None:
    target = 2 * phones[0] + phones[2]
    disturbed = target.copy()
    disturbed[3] *= 2
    found = ask("bayes", pool_of(networks, phones), disturbed, np.arange(12))
    assert error(found, target) < 0.02


@pytest.mark.parametrize("count", [1, 2, 3])
def test_noise_of_few_samples_is_not_taken_for_deviations(
    networks: Networks, phones: list[np.ndarray], count: int
) -> None:
    """About as good as one constant where the devices differ by nothing else."""
    pool, truth, off = pool_of(networks, phones[3:4]), 5 * phones[3], {"bayes": [], "scale": []}
    for seed in range(12):
        noise = np.exp(0.1 * np.random.default_rng(seed).standard_normal(NETWORKS))
        rows = np.random.default_rng(seed).permutation(SEEN)[:count]
        for method, errors in off.items():
            errors.append(error(ask(method, pool, truth * noise, rows), truth))
    assert np.mean(off["bayes"]) < 1.25 * np.mean(off["scale"])


def test_flops_take_time(networks: Networks, phones: list[np.ndarray]) -> None:
    pool = pool_of(networks, phones)
    only = made_up(networks, (3.0, 0.0, 0.0))
    found = ask("flops", pool, only, np.arange(2))
    assert error(found, only) < 1e-9
    with pytest.raises(CannotPredict, match="flops needs a sample"):
        ask("flops", pool, only, np.arange(0))


def test_samples_choose_the_nearest_source(networks: Networks, phones: list[np.ndarray]) -> None:
    found = ask("nearest", pool_of(networks, phones), phones[4] ** 1.1, np.arange(8))
    assert found.chosen == "phone4"


def test_intervals_hold_what_is_measured(networks: Networks, phones: list[np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    held = []
    for turn, target in enumerate(phones):
        noisy = [y * np.exp(0.03 * rng.standard_normal(len(y))) for y in phones]
        pool = pool_of(networks, noisy[:turn] + noisy[turn + 1 :])
        measured = target * np.exp(0.03 * rng.standard_normal(len(target)))
        found = ask("bayes", pool, measured, np.arange(10))
        held.append(np.mean((found.low_ms <= measured[ASKED]) & (measured[ASKED] <= found.high_ms)))
    assert 0.8 < np.mean(held) <= 1.0


@pytest.mark.parametrize("method", [*FEW_SHOT, "zeroshot"])
def test_without_samples_and_data_sheets(
    method: str, networks: Networks, phones: list[np.ndarray]
) -> None:
    with pytest.raises(CannotPredict, match="data sheet"):
        ask(method, pool_of(networks, phones), phones[0], np.arange(0))


@pytest.mark.parametrize("method", [*FEW_SHOT, "zeroshot"])
def test_without_sources(method: str, networks: Networks) -> None:
    with pytest.raises(CannotPredict, match="source columns"):
        find_method(method).fit(Pool(networks, (), Column("target")))


def gpu(networks: Networks, name: str, batch: int) -> np.ndarray:
    """Milliseconds by the roofline of the whole network; launches take as long everywhere."""
    sheet, work = SHEETS[name], aggregate(networks, batch)
    device = (
        2 * work["flops"] / sheet["fp32_tflops"] / 1e9 + work["bytes"] / sheet["mem_bw_gbps"] / 1e6
    )
    return np.maximum(device, 0.02 * work["launches"]).to_numpy()


def gpu_pool(networks: Networks, target: str, batch: int) -> Pool:
    sources = tuple(
        source(f"{name}_{b}", gpu(networks, name, b), batch=b, device=name, numbers=SHEETS[name])
        for name in SHEETS
        for b in (1, 64)
        if name != target
    )
    column = Column("target", batch=batch, device=target, numbers=SHEETS[target])
    return Pool(networks, sources, column)


@pytest.mark.parametrize("target", list(SHEETS))
@pytest.mark.parametrize("batch", [1, 64])
def test_a_device_by_its_data_sheet(target: str, batch: int, networks: Networks) -> None:
    found = zero_shot(gpu_pool(networks, target, batch))
    truth = gpu(networks, target, batch)
    assert np.mean(np.abs(found.latency_ms / truth - 1)) < 0.1
    assert len(found.left_out) == len(SHEETS) - 1


def test_zero_shot_sees_nothing_of_the_target(networks: Networks) -> None:
    pool = gpu_pool(networks, "large", 64)
    truth = gpu(networks, "large", 64)
    shuffled = np.random.default_rng(0).permutation(truth)
    method = find_method("zeroshot").fit(pool)
    answers = [
        method.predict(Measured(pool.target, rows, y[rows]), ASKED, 0)
        for y, rows in ((truth, np.arange(0)), (shuffled, np.arange(0)), (shuffled, np.arange(9)))
    ]
    for answer in answers[1:]:
        np.testing.assert_array_equal(answers[0].latency_ms, answer.latency_ms)
        np.testing.assert_array_equal(answers[0].low_ms, answer.low_ms)


def test_samples_improve_on_the_data_sheet(networks: Networks) -> None:
    pool = gpu_pool(networks, "small", 64)
    truth = 1.3 * gpu(networks, "small", 64)
    before = error(ask("bayes", pool, truth, np.arange(0)), truth)
    after = error(ask("bayes", pool, truth, np.arange(3)), truth)
    assert after < 0.3 * before


def test_auto_takes_what_predicts_held_out_samples_best(
    networks: Networks, phones: list[np.ndarray]
) -> None:
    own = np.random.default_rng(5).uniform(0.2, 2.0, (22, 9))
    target = 10 + own[np.arange(22), networks.choices].sum(axis=1)
    pool = pool_of(networks, phones)
    many = ask("auto", pool, target, np.arange(110))
    assert not many.chosen.startswith("bayes")
    assert "held-out error" in many.chosen
    assert error(many, target) <= error(ask("bayes", pool, target, np.arange(110)), target)
    few = ask("auto", pool, 2 * phones[0], np.arange(3))
    assert few.chosen.startswith("bayes")


def test_a_method_takes_the_place_of_the_default_only_where_clearly_better() -> None:
    default = np.array([0.1, 0.2, 0.1, 0.2, 0.1, 0.2])
    doubtful = np.array([0.0, 0.3, 0.2, 0.1, 0.0, 0.2])
    assert choose({"bayes": default, "affine": doubtful}) == "bayes"
    assert choose({"bayes": default, "affine": doubtful, "table": default / 2}) == "table"
