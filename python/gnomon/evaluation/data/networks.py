"""The networks of a table as their IR describes them: decisions, kernels, blocks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

from gnomon.evaluation.task import Networks

PROBLEM = re.compile(r"architecture (\d+): (.*)", re.DOTALL)

Counts = tuple[list[int], list[int], list[int]]
"""How the native module gives counts: where rows begin, items, how often."""


class BadArchitecture(ValueError):
    """An architecture that the space does not have: its number, and what is wrong."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(f"architecture {row}: {problem}")
        self.row, self.problem = row, problem


def form_networks(
    space: str,
    architectures: list[dict[str, Any]],
    width_mult: float | None,
    rules: Path,
    jobs: int,
) -> Networks:
    """Forms every network's kernels by a runtime's rules (a JSON file)."""
    from gnomon import _native

    texts = [json.dumps(architecture) for architecture in architectures]
    try:
        formed = _native.network_kernels(
            space, texts, rules.read_text(), width_mult or 0.0, max(1, jobs)
        )
    except RuntimeError as error:
        match = PROBLEM.match(str(error))
        if match:
            raise BadArchitecture(int(match.group(1)), match.group(2)) from error
        raise ValueError(str(error)) from error
    n, keys = len(texts), formed["block_keys"]
    features = np.array(formed["features"], dtype=float)
    kernels = pd.DataFrame(features.T, columns=_native.feature_names())
    kernels.insert(0, "kind", formed["kind"])
    return Networks(
        space=space,
        names=formed["decisions"],
        choices=np.array(formed["choices"], dtype=int).reshape(n, -1),
        resolution=np.array(formed["resolutions"], dtype=int),
        kernels=kernels,
        counts=_matrix(formed["kernels"], n, len(kernels)),
        options=formed["options"],
        block_keys=keys,
        blocks=_matrix(formed["blocks"], n, len(keys)) if keys else None,
        block_kernels=(_matrix(formed["block_kernels"], len(keys), len(kernels)) if keys else None),
    )


def _matrix(counts: Counts, rows: int, columns: int) -> scipy.sparse.csr_matrix:
    begin, item, count = (np.array(part, dtype=np.int64) for part in counts)
    return scipy.sparse.csr_matrix((count.astype(float), item, begin), shape=(rows, columns))


def numbers_of_equals(networks: Networks) -> np.ndarray:
    """(n,): a number a network, the same for equal networks."""
    all_of_them = np.column_stack([networks.resolution, networks.choices])
    return np.unique(all_of_them, axis=0, return_inverse=True)[1].reshape(-1)


def kernel_work(networks: Networks, batch: int) -> pd.DataFrame:
    """(K, 3): flops, bytes and weight bytes of one run of each kernel at a batch size.

    Activations grow with the batch, weights do not.  What does not apply counts 0.
    """
    numbers = networks.kernels[["flops", "bytes", "bytes_weights"]].fillna(0.0)
    weights = numbers["bytes_weights"]
    return pd.DataFrame(
        {
            "flops": numbers["flops"] * batch,
            "bytes": (numbers["bytes"] - weights) * batch + weights,
            "bytes_weights": weights,
        }
    )


def aggregate(networks: Networks, batch: int) -> pd.DataFrame:
    """(n, features): flops, bytes and launches of each network, in all and by kind."""
    work = kernel_work(networks, batch)
    launches = (networks.kernels["kind"] != "free").to_numpy(dtype=float)
    per_kernel = {"flops": work["flops"], "bytes": work["bytes"], "launches": launches}
    columns = {}
    for name, values in per_kernel.items():
        columns[name] = networks.counts @ np.asarray(values, dtype=float)
    for kind in sorted(set(networks.kernels["kind"]) - {"free"}):
        of_kind = (networks.kernels["kind"] == kind).to_numpy(dtype=float)
        for name, values in per_kernel.items():
            columns[f"{kind}.{name}"] = networks.counts @ (np.asarray(values) * of_kind)
    return pd.DataFrame(columns)


def one_hot(networks: Networks) -> tuple[np.ndarray, list[str]]:
    """(n, options of all decisions) of 0 and 1, and names "decision=option"."""
    parts, names = [], []
    for index, (decision, options) in enumerate(zip(networks.names, networks.options, strict=True)):
        parts.append(networks.choices[:, [index]] == np.arange(len(options)))
        names += [f"{decision}={option}" for option in options]
    return np.concatenate(parts, axis=1).astype(float), names
