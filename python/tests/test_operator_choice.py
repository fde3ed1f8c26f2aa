"""How several GPUs' forests become the answer for another one, and what a GPU's own rows reach."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnomon.evaluation.operators.choice import Choice, Memory, choose, train_witnesses
from gnomon.evaluation.operators.experts import (
    MARGIN_LOG,
    REACH_LOG,
    Floored,
    floored,
    joined_logs,
    weights,
)
from gnomon.evaluation.operators.forest import Settings
from gnomon.evaluation.operators.methods import Utilisation, blind
from gnomon.evaluation.operators.own import own_rows, split
from gnomon.evaluation.operators.parts import Part, log_sm_ridge
from gnomon.evaluation.operators.rows import kernels_of
from gnomon.evaluation.operators.tables import Table

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"
LAUNCH_US = 10.0
GPUS = {"GA": (100, 1500, 15), "GB": (80, 900, 14), "GC": (40, 320, 8), "GD": (20, 190, 6)}
NEWER = {"GN": (140, 3500, 65), "GL": (60, 300, 30)}


def numbers(gpu: str) -> dict[str, float]:
    sms, bandwidth, peak = ({**GPUS, **NEWER})[gpu]
    sheet = {"cuda_cores": 128 * sms, "sms": sms, "ram_gb": 16, "mem_bw_gbps": bandwidth}
    return {**sheet, "fp32_tflops": peak, "boost_mhz": 1500, "l2_mb": 4}


def sizes_of(count: int = 240) -> np.ndarray:
    generator = np.random.default_rng(1)
    return np.exp2(generator.uniform(6, 12, (count, 2))).astype(np.int64)


def made_up(slope: float, of_sizes: float) -> dict[tuple[str, str], Floored]:
    """Softmax that loses `slope` a unit of `log_sm_ridge`, and something by its sizes alone."""
    sizes = sizes_of()
    noise = np.random.default_rng(2).normal(0, of_sizes, len(sizes))
    kernels = kernels_of(Table("softmax", np.full(len(sizes), "GA"), sizes, np.ones(1)), RULES)
    found = {}
    for gpu in GPUS:
        part = Part("softmax", gpu, numbers(gpu), kernels, sizes, np.ones(len(sizes)))
        lost = 0.8 + slope * log_sm_ridge(numbers(gpu)) + noise
        latency = np.maximum(LAUNCH_US, 0.55 * LAUNCH_US + part.seen(1.0).base_us * np.exp(lost))
        found["softmax", gpu] = floored(replace(part, latency_us=latency))
    return found


def witnesses_of(parts: dict[tuple[str, str], Floored]):
    return train_witnesses(parts, Settings(trees=30), 1)


def test_weights_run_from_the_mean_to_a_line() -> None:
    experts = [own.expert for own in witnesses_of(made_up(0.3, 0.0)).values()]
    known = np.array([expert.log_sm_ridge for expert in experts])
    np.testing.assert_allclose(weights(experts, known.max(), np.inf), 0.25)
    followed = weights(experts, known.max() + 0.5, 0.0)
    assert followed.sum() == pytest.approx(1.0)
    assert followed @ (2.0 + 3.0 * known) == pytest.approx(2.0 + 3.0 * (known.max() + 0.5))
    far = weights(experts, known.max() + 9.0, 0.0)
    np.testing.assert_allclose(far, weights(experts, known.max() + REACH_LOG, 0.0))


def test_answers_stay_near_what_the_experts_say() -> None:
    experts = [own.expert for own in witnesses_of(made_up(0.3, 0.0)).values()]
    logs = np.outer([3.0, 0.0, -3.0, -9.0], np.ones(2))
    found = joined_logs(experts, {**numbers("GD"), "mem_bw_gbps": 1.0}, 0.0, logs)
    assert (found >= -9.0 - MARGIN_LOG).all() and (found <= 3.0 + MARGIN_LOG).all()


def test_a_slope_over_the_boards_is_found_and_followed() -> None:
    parts = made_up(0.4, 0.0)
    choice = choose(list(parts.values()), by_gpu(parts), may_recall=True)
    assert choice.penalty == 0.25
    sources = {key: part for key, part in parts.items() if key[1] != "GD"}
    method = Utilisation(sources, witnesses_of(sources), may_recall=True)
    truth = parts["softmax", "GD"].part
    errors = []
    for chosen in (choice, Choice()):
        method.choice = {"softmax": chosen}
        errors.append(np.abs(method.guess(blind(truth)).latency_us() / truth.latency_us - 1).mean())
    assert errors[0] < 0.7 * errors[1]


def by_gpu(parts: dict[tuple[str, str], Floored]):
    return {gpu: own for (_, gpu), own in witnesses_of(parts).items()}


def test_sizes_that_others_were_measured_at_are_recalled_where_that_helps() -> None:
    parts = made_up(0.0, 0.4)
    assert choose(list(parts.values()), by_gpu(parts), may_recall=True).recalls
    assert not choose(list(parts.values()), by_gpu(parts), may_recall=False).recalls
    assert not choose(list(parts.values())[:2], dict(list(by_gpu(parts).items())[:2]), True).recalls


def test_memory_knows_the_sizes_it_was_given_and_no_others() -> None:
    parts = made_up(0.0, 0.4)
    known = parts["softmax", "GA"]
    expert = by_gpu(parts)["GA"].expert
    memory = Memory([known], expert)
    slow = known.part.latency_us > 1.3 * known.launch_us
    kernel = known.part.latency_us - 0.55 * known.launch_us
    missed = np.log(kernel / known.seen.base_us) - expert.logs(known.seen)
    assert slow.any() and not slow.all()
    np.testing.assert_allclose(memory.of(known.part), np.where(slow, missed, 0.0))
    elsewhere = replace(known.part, sizes=known.part.sizes + 10**6)
    assert not memory.of(elsewhere).any()
    assert not memory.of(replace(known.part, operator="relu")).any()


@pytest.mark.parametrize("gpu", NEWER)
def test_newer_gpus_stay_between_roofline_and_reason(gpu: str) -> None:
    parts = made_up(0.3, 0.1)
    method = Utilisation(parts, witnesses_of(parts), may_recall=True)
    asked = replace(blind(parts["softmax", "GA"].part), gpu=gpu, numbers=numbers(gpu))
    guess = method.guess(asked)
    share = guess.kernels_us / asked.seen(guess.launch_us).work_us
    assert np.isfinite(share).all() and (share >= 1 - 1e-12).all() and (share < 10).all()


def test_rows_of_equal_sizes_are_on_one_side() -> None:
    sizes = np.repeat(sizes_of(50), 3, axis=0)
    known, rest = split(sizes, 0.5, 0)
    assert len(known) + len(rest) == 150 and len(known) == 75
    assert not {*map(tuple, sizes[known])} & {*map(tuple, sizes[rest])}


def test_own_rows_reach_further_than_other_gpus() -> None:
    parts = {key: part.part for key, part in made_up(0.3, 0.02).items()}
    rows = own_rows(parts, 0.5, 0, 1)
    assert [row["column"] for row in rows] == sorted(GPUS)
    assert all(row["method"] == "own" and row["sources"] == [row["column"]] for row in rows)
    assert all(row["n"] == 120 and row["mape"] < 0.1 for row in rows)
    assert (
        own_rows({("softmax", "GA"): parts["softmax", "GA"].take(np.arange(30))}, 0.5, 0, 1) == []
    )
