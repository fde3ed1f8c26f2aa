"""The utilisation model: a forest a GPU, averaged by how alike the boards are.

A kernel takes `launch + base / utilisation`, where a launch hides behind a long kernel, base is the
roofline or, for matrix products, the rounds of tiles that the multiprocessors need, and no kernel
is faster than its roofline.  Every measured GPU has its own forest for log(1 / utilisation); what
a new GPU does is their mean, weighted by likeness in `log_sm_ridge`.  Averages over forests that
know one GPU each transfer better than one forest that can tell the GPUs apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xgboost

from gnomon.evaluation.operators.forest import LAUNCH_SHARE, Settings, Target, answers, fit
from gnomon.evaluation.operators.launches import floor_us
from gnomon.evaluation.operators.parts import Part, Seen, log_sm_ridge

BANDWIDTHS = (0.5, 0.7, 1.0, 1.5, 3.0)
LEAST_WEIGHT = 1e-3


@dataclass(frozen=True)
class Expert:
    """What one GPU taught about one kind."""

    kind: str
    gpu: str
    log_sm_ridge: float
    booster: xgboost.Booster
    log_offset: float
    rows: int

    def logs(self, seen: Seen) -> np.ndarray:
        """log(1 / utilisation) of kernels, (n,)."""
        return self.log_offset + answers(self.booster, seen.columns)


@dataclass(frozen=True)
class Floored:
    """A part with the floor of its launches."""

    part: Part
    launch_us: float
    seen: Seen


def floored(part: Part) -> Floored:
    """The part as seen from its own GPU, whose launches its rows show."""
    launch = floor_us(part.latency_us, part.seen(1.0).base_us)
    return Floored(part, launch, part.seen(launch))


def train_expert(parts: Sequence[Floored], settings: Settings) -> Expert:
    """One GPU's forest from all its operators of a kind."""
    first = parts[0].part
    columns = np.concatenate([part.seen.columns for part in parts])
    target = Target(
        np.concatenate([part.part.latency_us for part in parts]),
        np.concatenate([part.seen.base_us for part in parts]),
        np.concatenate([np.full(len(part.part), part.launch_us) for part in parts]),
    )
    rows = len(columns)
    if rows > settings.most_rows:
        kept = np.random.default_rng(settings.seed).choice(rows, settings.most_rows, replace=False)
        kept.sort()
        columns = columns[kept]
        target = Target(target.latency_us[kept], target.base_us[kept], target.launch_us[kept])
    booster, offset = fit(columns, target, settings)
    return Expert(first.kind, first.gpu, log_sm_ridge(first.numbers), booster, offset, rows)


def train_experts(
    parts: dict[tuple[str, str], Floored], settings: Settings, jobs: int
) -> dict[tuple[str, str], Expert]:
    """By (kind, gpu); the same for any number of jobs."""
    groups: dict[tuple[str, str], list[Floored]] = {}
    for _, part in sorted(parts.items()):
        groups.setdefault((part.part.kind, part.part.gpu), []).append(part)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        found = pool.map(lambda group: train_expert(group, settings), groups.values())
        return dict(zip(groups, found, strict=True))


def weights(experts: Sequence[Expert], log_ridge: float, bandwidth: float) -> np.ndarray:
    """(experts,): shares that sum to 1."""
    apart = np.array([(log_ridge - expert.log_sm_ridge) / bandwidth for expert in experts])
    likeness = np.exp(-0.5 * apart**2) + LEAST_WEIGHT
    return likeness / likeness.sum()


def mean_logs(
    experts: Sequence[Expert], numbers: dict[str, float], bandwidth: float, logs: np.ndarray
) -> np.ndarray:
    """The weighted mean of the experts' answers, `logs` (experts, n)."""
    return weights(experts, log_sm_ridge(numbers), bandwidth) @ logs


def kernel_us(seen: Seen, logs: np.ndarray) -> np.ndarray:
    """The kernels' own times, never under their floors."""
    return np.maximum(seen.floor_us, seen.base_us * np.exp(logs))


def latency_us(kernels_us: np.ndarray, launch_us: float) -> np.ndarray:
    """With what a launch takes, as far as it does not hide."""
    return np.maximum(launch_us, LAUNCH_SHARE * launch_us + kernels_us)


def choose_bandwidth(parts: Sequence[Floored], experts: dict[str, Expert]) -> float:
    """The bandwidth with which GPUs are predicted best by the experts of the others.

    `parts` are of one kind; `experts` are that kind's by GPU.  Every GPU counts alike.
    """
    if len(experts) < 3:
        return BANDWIDTHS[-1]
    misses: dict[str, list[np.ndarray]] = {}
    for part in parts:
        others = [expert for gpu, expert in sorted(experts.items()) if gpu != part.part.gpu]
        logs = np.stack([expert.logs(part.seen) for expert in others])
        found = []
        for bandwidth in BANDWIDTHS:
            kernels = kernel_us(part.seen, mean_logs(others, part.part.numbers, bandwidth, logs))
            predicted = latency_us(kernels, part.launch_us)
            found.append(np.abs(np.log(predicted / part.part.latency_us)).mean())
        misses.setdefault(part.part.gpu, []).append(np.array(found))
    means = np.mean([np.mean(found, axis=0) for found in misses.values()], axis=0)
    return BANDWIDTHS[int(np.argmin(means))]
