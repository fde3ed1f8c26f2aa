"""`gnomon adapt --profile`: from profiles of one GPU to its bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gnomon.learning.adapt_kernels import Kernels, choose, together
from gnomon.learning.bundle import copy_bundle
from gnomon.learning.calibrated import calibrated_description, report_of
from gnomon.learning.kernel_times import Profiled, launch_overhead_us, sweep
from gnomon.learning.profiles import Found


@dataclass(frozen=True)
class Source:
    """What is adapted: a bundle of utilisations, and the GPU that was profiled."""

    folder: Path
    description: dict[str, Any]
    device: dict[str, Any]
    rules: dict[str, Any] | None
    """Of the runtime that was profiled, where they are not the bundle's."""

    def with_rules(self) -> dict[str, Any]:
        """The bundle's description; kernels are formed as in the profiles."""
        rules = self.rules
        if rules is None:
            return self.description
        runtime = {"name": rules["name"], "version": rules.get("version", ""), "rules": rules}
        return {**self.description, "runtime": runtime}


def fit_profiles(source: Source, found: Found, out: Path, work: Path) -> dict[str, Any]:
    """Fits, writes the adapted bundle to `out` and returns the report; `work` is a scratch
    folder.
    """
    description, spec = source.with_rules(), source.device
    with sweep(source.folder, description, spec) as bundle:
        profiled = [bundle.network(record) for record in found.records]
        profiled += [bundle.operators(table, work) for table in found.tables if len(table)]
    networks = _networks(profiled, len(found.records))
    unknown = {kind: us for p in profiled for kind, us in p.unknown.items()}
    if not networks:
        raise ValueError(
            f"expected kernels of the kinds {', '.join(description['kinds'])}, found "
            f"{', '.join(sorted(unknown)) or 'none that joined the network'}"
        )
    choice, own_us = choose(networks), launch_overhead_us(description, spec)
    gaps = [p.gap_us for p in profiled if p.gap_us]
    gap_us = float(np.median(gaps)) if gaps else 0.0
    adapted = calibrated_description(description, spec, own_us, gap_us, choice, networks)
    told = report_of(choice, networks, own_us, description["kinds"])
    adapted["name"] = out.name
    adapted["provenance"]["adapted"] = {
        "from": description["name"],
        "profiled": [one.name for one in networks],
        **told,
    }
    copy_bundle(source.folder, out, adapted)
    lost = sum(p.lost_us for p in profiled)
    return {
        "schema": 1,
        "device": spec["name"],
        "networks": len(found.records),
        "kernels": sum(len(one.kind) for one in networks),
        "runtime": description["runtime"]["name"],
        **told,
        "per_kernel_us": gap_us,
        "without_model_us": unknown,
        "unjoined_us": lost,
        "notes": [*found.notes, *_remarks(unknown, lost)],
    }


def _networks(profiled: list[Profiled], records: int) -> list[Kernels]:
    """Different kernels by network; operators that ran alone count as one network."""
    whole = [one.kernels.different() for one in profiled[:records]]
    alone = [one.kernels.different() for one in profiled[records:]]
    if alone:
        names = "operators: " + ", ".join(one.name for one in alone)
        whole.append(replace(together(alone), name=names))
    return [one for one in whole if len(one.kind)]


def _remarks(unknown: dict[str, float], lost_us: float) -> list[str]:
    notes = [
        f"{us:.1f} us of {kind}: the bundle has no model of it, it stays at its roofline"
        for kind, us in sorted(unknown.items())
    ]
    if lost_us:
        notes.append(f"{lost_us:.1f} us of the profiles belong to no kernel")
    return notes
