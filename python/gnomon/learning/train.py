"""`gnomon train`: profiles in, bundle out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gnomon import _native
from gnomon.learning.bundle import FORMAT, write_bundle
from gnomon.learning.error_model import KernelErrors, described
from gnomon.learning.fit import KindModel, Settings, fit_kinds
from gnomon.learning.network import (
    SHORTEST_KERNEL_US,
    KernelTimes,
    NetworkTerm,
    Overheads,
    fit_network_term,
    fit_overheads,
    network_report,
    unprofiled_factor,
    with_offsets,
)
from gnomon.learning.profiles import Record, join, read_records
from gnomon.sampling.sample import KERNEL_PREFIX

MIN_NETWORKS = 30

SMALLEST_NETWORK_US = 1000.0
"""Networks that take less say nothing about the network level and its intervals."""


def kernel_table(
    records: list[Record], rules: dict[str, Any], device: dict[str, Any]
) -> tuple[pd.DataFrame, list[str]]:
    """Kernel rows of all records with measured times; and what could not be read."""
    rules_text, device_text = json.dumps(rules), json.dumps(device)
    tables, failures = [], []
    for record in records:
        try:
            columns = _native.features(str(record.model), rules_text, device_text)
        except RuntimeError as error:
            failures.append(f"{record.id}: {str(error).splitlines()[0]}")
            continue
        tables.append(join(pd.DataFrame(columns), record))
    if not tables:
        raise ValueError("no profiled network could be read: " + "; ".join(failures[:3]))
    return pd.concat(tables, ignore_index=True), failures


@dataclass(frozen=True)
class NetworkLevel:
    """What is known of whole networks, from held-out estimates of their kernels."""

    term: NetworkTerm
    offsets: dict[str, float]
    """By kind."""

    predicted_us: np.ndarray
    measured_us: np.ndarray
    error: dict[str, Any]
    """The member `network.error`."""


def _network_level(
    rows: pd.DataFrame,
    models: dict[str, tuple[pd.Index, KindModel]],
    records: list[Record],
    overheads: Overheads,
) -> NetworkLevel:
    """Fits the network level to whole networks, and judges it."""
    times, kinds, end_to_end_us = _kernel_times(rows, models, records)
    codes, names = kinds.cat.codes.to_numpy(), kinds.cat.categories.tolist()
    term, offsets = fit_network_term(times, codes, end_to_end_us, overheads)
    moved = with_offsets(times, codes, offsets)
    predicted_us = term.latency_us(moved, len(end_to_end_us))
    shares_us = term.shares_us(moved)
    measured_us = rows.loc[kinds.index, "measured_us"].to_numpy(dtype=float)
    judged = ~times.view & (shares_us > 0)
    errors = KernelErrors(
        times.network,
        codes,
        shares_us / predicted_us[times.network],
        np.divide(measured_us, shares_us, np.full(len(codes), np.nan), where=judged) - 1.0,
    )
    return NetworkLevel(
        term,
        dict(zip(names, offsets.tolist(), strict=True)),
        predicted_us,
        end_to_end_us,
        described(errors, names, end_to_end_us / predicted_us - 1.0),
    )


def _kernel_times(
    rows: pd.DataFrame,
    models: dict[str, tuple[pd.Index, KindModel]],
    records: list[Record],
) -> tuple[KernelTimes, pd.Series, np.ndarray]:
    """Kernels of whole networks with their held-out estimates, their kinds, and what the networks
    took.
    """
    predicted = rows["roofline_us"].astype(float) * rows["runs"]
    for index, model in models.values():
        predicted.loc[index] *= np.exp(model.held_out_log)
    view = rows["kind"] == "free"
    predicted[view] = 0.0
    seen = set(rows.loc[~view, "network"])
    judged = _whole_networks([record for record in records if record.id in seen])
    number = {record.id: place for place, record in enumerate(judged)}
    kept = rows["network"].isin(number.keys())
    times = KernelTimes(
        rows.loc[kept, "network"].map(number).to_numpy(),
        predicted[kept].to_numpy(),
        rows.loc[kept, "runs"].to_numpy(dtype=float),
        view[kept].to_numpy(),
    )
    kinds = rows.loc[kept, "kind"].astype("category")
    return times, kinds, np.array([record.end_to_end_us for record in judged])


def _whole_networks(records: list[Record]) -> list[Record]:
    """Leaves out the collections of single kernels, which are no networks, and networks so small
    that costs decide which profiles do not show; unless that is all.
    """
    whole = [
        record
        for record in records
        if not record.family.startswith(KERNEL_PREFIX)
        and record.end_to_end_us >= SMALLEST_NETWORK_US
    ]
    return whole if len(whole) >= MIN_NETWORKS else records


def join_report(rows: pd.DataFrame, records: list[Record]) -> dict[str, float]:
    """How much of the measured time Gnomon's kernels account for."""
    seen = set(rows["network"])
    total = sum(node["time_us"] for record in records if record.id in seen for node in record.nodes)
    costed = rows[rows["kind"] != "free"]
    return {
        "kernels": len(costed),
        "kernels_timed": float(costed["measured_us"].notna().mean()),
        "time_joined": float(rows["measured_us"].sum() / total),
    }


def _learned(
    models: dict[str, tuple[pd.Index, KindModel]], offsets: dict[str, float], names: list[str]
) -> dict[str, Any]:
    """The members of a description that follow from the fitted kinds."""
    used = {name for _, model in models.values() for name in model.features}
    return {
        "features": {
            "schema": 1,
            "fingerprint": _native.feature_fingerprint(),
            "names": [name for name in names if name in used],
        },
        "kinds": {
            kind: {
                "model": f"{kind}.ubj",
                "target": "log(measured/roofline)",
                "features": model.features,
                "log_offset": offsets.get(kind, 0.0),
                "interval_log": model.intervals,
                "ranges": model.ranges,
                "training": {"rows": model.rows, "networks": model.networks},
                "errors": model.errors,
            }
            for kind, (_, model) in models.items()
        },
    }


def _measured_by(records: list[Record], here: str) -> dict[str, str]:
    """Runtime, version and provider of all records; `here` is ONNX Runtime's version otherwise."""
    names = {record.runtime.partition(" ")[0] for record in records}
    providers = {record.provider for record in records}
    if len(names) > 1 or len(providers) > 1:
        found = ", ".join(sorted(names | providers))
        raise ValueError(f"expected records of one runtime and provider, found {found}")
    name = names.pop()
    known = (version for r in records if (version := r.runtime.partition(" ")[2]))
    version = next(known, here if name == "onnxruntime" else "")
    return {"name": name, "version": version, "provider": providers.pop()}


def train(
    folder: Path,
    out: Path,
    rules: dict[str, Any],
    device: dict[str, Any],
    settings: Settings,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Trains a bundle from a profile folder, writes it to ``out`` and returns its description."""
    records = read_records(folder)
    runtime = _measured_by(records, provenance.get("runtime_version", ""))
    rows, failures = kernel_table(records, rules, device)
    names = list(_native.feature_names())
    joined = join_report(rows, records)
    overheads = fit_overheads(records)
    rows["measured_us"] = np.maximum(rows["measured_us"] - overheads.profile_us, SHORTEST_KERNEL_US)
    factors = {record.id: unprofiled_factor(record, overheads) for record in records}
    rows["measured_us"] *= rows["network"].map(factors)

    truth = pd.Series({record.id: record.end_to_end_us for record in records})
    rows["share"] = (rows["measured_us"] / rows["network"].map(truth)).clip(0.0, 1.0)

    timed = rows[rows["measured_us"].notna() & (rows["roofline_us"] > 0)]
    models = fit_kinds(timed, names, settings)
    level = _network_level(rows, models, records, overheads)
    interval, errors = network_report(level.predicted_us, level.measured_us)
    description = {
        "format": FORMAT,
        "name": out.name,
        **_learned(models, level.offsets, names),
        "device": device,
        "dtype": "f32",
        "runtime": {
            **runtime,
            "threads": 1,
            "rules": rules,
        },
        "network": {**asdict(level.term), "interval_log": interval, "error": level.error},
        "provenance": {
            **provenance,
            "networks": len(records),
            "profile_cost_us": overheads.profile_us,
            "join": joined,
            "failures": failures,
            "settings": {k: v for k, v in asdict(settings).items() if k != "jobs"},
        },
        "errors": errors,
    }
    files = {
        f"{kind}.ubj": bytes(model.booster.save_raw("ubj")) for kind, (_, model) in models.items()
    }
    write_bundle(out, description, files)
    return description
