"""The utilisation model: a forest a GPU, and a line over the boards through their answers.

A kernel takes `launch + base / utilisation`, where a launch hides behind a long kernel, base is the
roofline or, for matrix products, the rounds of tiles that the multiprocessors need, and no kernel
is faster than its roofline.  Every measured GPU has its own forest for log(1 / utilisation); what
a new GPU does is on the ridge regression of their answers on `log_sm_ridge`, kernel by kernel.
Forests that know one GPU each transfer better than one forest that can tell the GPUs apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xgboost

from gnomon.evaluation.operators.forest import LAUNCH_SHARE, Settings, Target, answers, fit
from gnomon.evaluation.operators.launches import floor_us
from gnomon.evaluation.operators.parts import Part, Seen, log_sm_ridge

REACH_LOG = 1.0
"""How far outside of the measured boards the line is followed, in `log_sm_ridge`."""
MARGIN_LOG = 0.7
"""How far the answer may lie outside of the experts' own."""


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


def weights(experts: Sequence[Expert], log_ridge: float, penalty: float) -> np.ndarray:
    """(experts,): shares that sum to 1, some under 0 where the line is followed outside.

    `penalty` shrinks the slope; it stands beside the mean square of `log_sm_ridge` less its mean,
    so that it says as much for all sources as without one of them; infinite: the mean.
    """
    known = np.array([expert.log_sm_ridge for expert in experts])
    away = known - known.mean()
    reached = np.clip(log_ridge, known.min() - REACH_LOG, known.max() + REACH_LOG)
    slope = away * (reached - known.mean()) / (np.mean(away**2) + penalty)
    return (1.0 + slope) / len(experts)


def joined_logs(
    experts: Sequence[Expert], numbers: dict[str, float], penalty: float, logs: np.ndarray
) -> np.ndarray:
    """What the experts' answers, `logs` (experts, n), say of a GPU with these numbers, (n,)."""
    found = weights(experts, log_sm_ridge(numbers), penalty) @ logs
    return np.clip(found, logs.min(axis=0) - MARGIN_LOG, logs.max(axis=0) + MARGIN_LOG)


def kernel_us(seen: Seen, logs: np.ndarray) -> np.ndarray:
    """The kernels' own times, never under their floors."""
    return np.maximum(seen.floor_us, seen.base_us * np.exp(logs))


def latency_us(kernels_us: np.ndarray, launch_us: float) -> np.ndarray:
    """With what a launch takes, as far as it does not hide."""
    return np.maximum(launch_us, LAUNCH_SHARE * launch_us + kernels_us)
