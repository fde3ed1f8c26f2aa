"""Random choices shared by the samplers; every one takes its generator, so that a seed fixes a
network.
"""

import math
from random import Random
from typing import TypeVar

T = TypeVar("T")


def pick(rng: Random, weights: dict[T, float]) -> T:
    """One key, with probability in proportion to its value."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def chance(rng: Random, probability: float) -> bool:
    """True with the given probability."""
    return rng.random() < probability


def log_uniform(rng: Random, low: float, high: float) -> float:
    """A number whose logarithm is uniform between those of `low` and `high`."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def log_int(rng: Random, low: int, high: int) -> int:
    """An integer, log-uniform in [low, high]."""
    return min(high, max(low, round(log_uniform(rng, low, high))))


def round_to(value: float, multiple: int) -> int:
    """The nearest positive multiple."""
    return max(multiple, round(value / multiple) * multiple)


def channels(rng: Random, low: float, high: float, multiple: int | None = None) -> int:
    """A channel count: mostly multiples of 8 or 16, sometimes of 4 or any number."""
    if multiple is None:
        multiple = pick(rng, {16: 0.3, 8: 0.3, 32: 0.15, 4: 0.12, 1: 0.13})
    return round_to(log_uniform(rng, max(1.0, low), max(1.0, low, high)), multiple)


def batch(rng: Random) -> int:
    """A batch size from 1 to 8, mostly 1."""
    return pick(rng, {1: 0.62, 2: 0.14, 3: 0.04, 4: 0.11, 8: 0.09})
