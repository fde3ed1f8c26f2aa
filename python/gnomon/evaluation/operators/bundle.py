"""The bundle of the utilisation model: one forest a kind that knows what all experts know.

The compiler reads one forest a kind.  It is fitted to what the experts say together of all
GPUs of the data sheets, measured or not, with `sm_ridge` as the column that tells boards apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from gnomon.evaluation.data.specs import device_spec, find_spec
from gnomon.evaluation.operators import depthwise
from gnomon.evaluation.operators.catalogue import OPERATORS
from gnomon.evaluation.operators.choice import Choice
from gnomon.evaluation.operators.experts import Floored
from gnomon.evaluation.operators.forest import LAUNCH_SHARE, Settings, answers
from gnomon.evaluation.operators.intervals import bounds, residuals
from gnomon.evaluation.operators.judge import Judge, Plan, leave_one_out
from gnomon.evaluation.operators.launches import best_constant
from gnomon.evaluation.operators.methods import Utilisation
from gnomon.evaluation.operators.parts import COLUMNS, ROOFLINE_GAIN, TILED_KINDS, see
from gnomon.evaluation.operators.tables import Table
from gnomon.learning.bundle import FORMAT, write_bundle

CONFIDENCES = (0.8, 0.9, 0.95)
FURTHER = ("sm_ridge",)
RANGES = ("flops", "bytes")
ROWS_A_DEVICE = 2500
TREES = 100
DEPTH = 6
NOWHERE = {"bytes": [0.0, 0.0]}
"""A range that no kernel is in: what borrows another kind's forest is always extrapolated."""
BORROWED = {
    "conv_pointwise": "gemm",
    "pool": "elementwise",
    "global_pool": "elementwise",
    "reduction": "elementwise",
    "movement": "elementwise",
}


@dataclass(frozen=True)
class Distilled:
    """A kind's forest for the compiler."""

    booster: xgboost.Booster
    log_offset: float
    miss: float
    """Mean absolute difference to the experts, in the logarithm."""


def distil(
    model: Utilisation,
    parts: list[Floored],
    sheets: dict[str, dict[str, float]],
    settings: Settings,
) -> Distilled:
    """One forest for the experts of a kind, of which `parts` are the measured rows."""
    factors = factors_of(model, parts)
    columns, targets = [], []
    for number, (gpu, numbers) in enumerate(sheets.items()):
        generator = np.random.default_rng((settings.seed, number))
        for part in parts:
            share = -(-ROWS_A_DEVICE // len(parts))
            rows = generator.permutation(len(part.part))[:share]
            asked = replace(part.part.take(rows), gpu=gpu, numbers=numbers)
            operator, launch = part.part.operator, model.launches.unseen_us
            seen = asked.seen(model.launches.factor[operator] * launch)
            targets.append(model.logs(asked, seen))
            known = factors[OPERATORS[operator].onnx] * launch
            columns.append(see(asked.kernels, gpu, numbers, known, FURTHER).columns)
    return _fit(np.concatenate(columns), np.concatenate(targets), settings)


def factors_of(model: Utilisation, parts: list[Floored]) -> dict[str, float]:
    """What a launch takes by ONNX operator, of whose variants a bundle knows no difference."""
    found: dict[str, list[float]] = {}
    for operator in sorted({part.part.operator for part in parts}):
        factor = model.launches.factor[operator]
        found.setdefault(OPERATORS[operator].onnx, []).append(factor)
    return {name: best_constant(factors) for name, factors in found.items()}


def _fit(columns: np.ndarray, target: np.ndarray, settings: Settings) -> Distilled:
    columns = columns.astype(np.float32)
    offset = float(np.mean(target))
    parameters = {
        "base_score": 0.0,
        "tree_method": "hist",
        "max_depth": DEPTH,
        "learning_rate": 0.12,
        "min_child_weight": 4.0,
        "nthread": 1,
        "seed": settings.seed,
    }
    data = xgboost.DMatrix(columns, label=target - offset)
    booster = xgboost.train(parameters, data, TREES)
    miss = float(np.mean(np.abs(answers(booster, columns) + offset - target)))
    return Distilled(booster, offset, miss)


def _intervals(judge: Judge, gpus: tuple[str, ...], kind: str) -> dict[str, list[float]]:
    """Of log(measured / predicted) on a GPU that was never measured, by confidence."""
    found = []
    for gpu, method in judge.left_out_methods("forests", gpus).items():
        parts = [part for (_, name), part in sorted(judge.sources.items()) if name == gpu]
        own = [
            residuals(method, part.part, 0, judge.plan.settings.seed)
            for part in parts
            if part.part.kind == kind and part.part.operator in method.launches.factor
        ]
        if own:
            found.append(np.concatenate(own))
    if len(found) < 2:
        return {}
    return {f"{confidence:g}": list(bounds(found, confidence)) for confidence in CONFIDENCES}


def _ranges(parts: list[Floored]) -> dict[str, list[float]]:
    from gnomon import _native

    names = _native.feature_names()
    features = np.concatenate([part.part.kernels.features for part in parts])
    columns = {name: features[:, names.index(name)] for name in RANGES}
    return {name: [float(v.min()), float(v.max())] for name, v in columns.items()}


def _errors(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Means over operators of GPUs that the model had not seen, and each one's mean error."""
    covered = [row["coverage90"] for row in rows if row["coverage90"] is not None]
    return {
        "mape": float(np.mean([row["mape"] for row in rows])),
        "median_ape": float(np.mean([row["median_ape"] for row in rows])),
        "coverage90": float(np.mean(covered)) if covered else None,
        "left_out": {
            gpu: {row["operator"]: row["mape"] for row in rows if row["column"] == gpu}
            for gpu in dict.fromkeys(row["column"] for row in rows)
        },
    }


def _kind(
    judge: Judge, model: Utilisation, parts: list[Floored], found: Distilled, rows: list[Any]
) -> dict[str, Any]:
    """The member of bundle.json for the kind of these parts."""
    kind = parts[0].part.kind
    gpus = tuple(sorted({part.part.gpu for part in parts}))
    factors = factors_of(model, parts)
    return {
        "model": f"{kind}.ubj",
        "target": "log(1/utilisation)",
        "features": [*COLUMNS[kind], *FURTHER],
        "log_offset": found.log_offset,
        "base": "tiled" if kind in TILED_KINDS else "work",
        "launch_factor": best_constant(factors.values()),
        **({"launch_factors": factors} if len(factors) > 1 else {}),
        "launch_share": LAUNCH_SHARE,
        "roofline_gain": ROOFLINE_GAIN.get(kind, 1.0),
        "interval_log": _intervals(judge, gpus, kind),
        "ranges": _ranges(parts),
        "training": {
            "rows": sum(len(part.part) for part in parts),
            "gpus": list(gpus),
            **_penalty(model.choice[kind]),
            "distillation_miss_log": found.miss,
        },
        "errors": _errors([row for row in rows if row["kind"] == kind]),
    }


def _penalty(choice: Choice) -> dict[str, float]:
    """That of the slope over the boards; none where their mean is taken."""
    return {"slope_penalty": choice.penalty} if np.isfinite(choice.penalty) else {}


def _borrowed(kinds: dict[str, Any]) -> dict[str, Any]:
    """Kinds without measurements that run like another one."""
    return {
        kind: {**kinds[lender], "ranges": NOWHERE, "errors": {}, "training": {"borrowed": lender}}
        for kind, lender in BORROWED.items()
        if kind not in kinds and lender in kinds
    }


def _derived(
    kinds: dict[str, Any], settings: Settings
) -> tuple[dict[str, Any], dict[str, Distilled]]:
    """Depthwise convolutions by formula, where none were measured and others were."""
    if depthwise.KIND in kinds or "conv" not in kinds:
        return {}, {}
    found = _fit(*depthwise.grid(), settings)
    member = depthwise.description(kinds["conv"], found.log_offset, found.miss)
    return {depthwise.KIND: member}, {depthwise.KIND: found}


@dataclass(frozen=True)
class Sources:
    """What a bundle is made from."""

    tables: dict[str, Table]
    sheets: dict[str, dict[str, float]]
    gpus: list[str]
    rules_path: Path
    rules: dict[str, Any]
    """The contents of `rules_path`: how the runtime of the measurements forms kernels."""


def train_bundle(
    sources: Sources,
    out: Path,
    settings: Settings,
    jobs: int,
    provenance: dict[str, Any],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Trains on all GPUs, writes the bundle to `out` and returns its description."""
    gpus, tables, sheets = sources.gpus, sources.tables, sources.sheets
    plan = Plan(leave_one_out(gpus, gpus), (0,), (settings.seed,), ("forests",), settings, jobs)
    judge = Judge(tables, tables, sheets, sources.rules_path, plan)
    rows = judge.rows(say)
    model = judge.fit("forests", tuple(gpus))
    groups = {
        kind: [part for _, part in sorted(judge.sources.items()) if part.part.kind == kind]
        for kind in model.choice
    }
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        fitted = pool.map(lambda parts: distil(model, parts, sheets, settings), groups.values())
        found = dict(zip(groups, fitted, strict=True))
    kinds = {kind: _kind(judge, model, parts, found[kind], rows) for kind, parts in groups.items()}
    derived, formulas = _derived(kinds, settings)
    further = {**_borrowed(kinds), **derived}
    description = {
        "format": FORMAT,
        "form": "utilisation",
        "name": out.name,
        "dtype": "f32",
        "features": _features({**kinds, **further}),
        **_devices(model, sheets, gpus),
        "runtime": {
            "name": sources.rules["name"],
            "version": sources.rules.get("version", ""),
            "rules": sources.rules,
        },
        "kinds": {**kinds, **further},
        "network": {"interval_log": _network_interval(kinds)},
        "provenance": {**provenance, "operators": sorted(tables), "settings": asdict(settings)},
        "errors": _errors(rows),
    }
    forests = {**found, **formulas}
    files = {f"{kind}.ubj": bytes(part.booster.save_raw("ubj")) for kind, part in forests.items()}
    write_bundle(out, description, files)
    return description


def _devices(
    model: Utilisation, sheets: dict[str, dict[str, float]], gpus: list[str]
) -> dict[str, Any]:
    """The GPUs; the last of them is the one to estimate for where none is asked for."""
    launches, name = model.launches, find_spec(sheets, gpus[-1])
    own = {"launch_overhead_us": launches.overhead_us[gpus[-1]]}
    return {
        "device": {**device_spec(_named(name), sheets[name]), **own},
        "devices": [_named(find_spec(sheets, gpu)) for gpu in gpus],
        "launch_overhead_us": launches.unseen_us,
        "launch_overheads_us": {
            _named(find_spec(sheets, gpu)): us for gpu, us in launches.overhead_us.items()
        },
    }


def _named(gpu: str) -> str:
    """As data/devices names it: `A100-PCIE-40GB` is a100-pcie-40gb."""
    return "-".join(re.findall(r"[a-z0-9]+", gpu.lower()))


def _features(kinds: dict[str, Any]) -> dict[str, Any]:
    from gnomon import _native

    names = {name for kind in kinds.values() for name in (*kind["features"], *kind["ranges"])}
    known = [*_native.feature_names(), *_native.device_ratio_names()]
    return {
        "schema": 1,
        "fingerprint": _native.feature_fingerprint(),
        "names": [name for name in known if name in names],
    }


def _network_interval(kinds: dict[str, Any]) -> dict[str, list[float]]:
    """No networks were measured: the mean of the kinds', since a GPU errs alike on all kernels."""
    found = {}
    for confidence in (f"{value:g}" for value in CONFIDENCES):
        known = [kind["interval_log"] for kind in kinds.values() if kind["interval_log"]]
        if known:
            ends = np.array([intervals[confidence] for intervals in known])
            found[confidence] = ends.mean(axis=0).tolist()
    return found
