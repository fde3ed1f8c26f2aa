"""A latency as a sum over kernels and blocks: a linear model with a physical prior.

A network's latency is a constant, plus for each kind of kernel its flops, its bytes and its
launches at a price, plus what each kernel and each block deviates from that:

    latency = sum over kernels (prior(k) (1 + tau u(k))) + sum over blocks (cell tc v(b)) + noise

u is a Gaussian process over the kernels' features, so that kernels that no sample has lean on
their likes; v is independent.  Both are written as ridge regression on scaled columns.
The scales and the noise are those of the least error when each sample is left out in turn,
which costs no refit (Rasmussen, Williams: Gaussian Processes for Machine Learning, 5.4.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.sparse

from gnomon.evaluation.data.networks import aggregate, kernel_work, one_hot
from gnomon.evaluation.task import Networks

LIKENESS = (
    "flops",
    "bytes",
    "bytes_weights",
    "in_pixels",
    "out_pixels",
    "channels_in",
    "channels_out",
    "kernel_area",
    "stride_h",
    "arithmetic_intensity",
)
"""Features in which kernels are alike; compared by their logarithms."""
LENGTH = 0.7
"""Distance, in standard deviations of the features, over which likeness fades."""
COMPONENTS = 60
"""Most columns that stand for the Gaussian process of one kind."""

GRID = {
    "noise": (0.1, 0.03, 0.01, 0.003, 0.001, 1e-4),
    "kernels": (0.03, 0.1, 0.3, 1.0),
    "cells": (0.001, 0.003, 0.01, 0.03),
}
"""Standard deviations: of the noise, of a kernel's price, of a cell; relative."""
BEGIN = {"noise": 0.01, "kernels": 0.3, "cells": 0.01}
ENOUGH = 1200
"""Samples on which the scales are chosen, if there are more."""
CLEARLY = 0.995
"""A scale is changed where that lowers the held-out error below this share."""
FIXED = 0.1
"""Of the constant, and of all that a kind's flops, bytes or launches cost."""


class AdditiveColumns:
    """What the model needs to know of the networks, at a batch size; no latencies."""

    def __init__(self, networks: Networks, batch: int, by_resolution: bool = True) -> None:
        """Without `by_resolution` a cell is one at every resolution that has its block."""
        self.counts = networks.counts
        self.prices, self.work = _work_by_kind(networks, batch)
        scale = np.sqrt((self.work**2).mean(axis=0))
        self.prices, self.work = self.prices / scale, self.work / scale
        self.named = _named_options(networks)
        self.likeness = _likeness(networks)
        self.cells, self.cell_of = _cells(networks, by_resolution)

    def kernel_costs(self, rows: np.ndarray, latency_ms: np.ndarray) -> np.ndarray:
        """(K,): ms of each kernel by nonnegative prices of flops, bytes and launches."""
        a = self.work[rows] / latency_ms[:, None]
        weak = np.sqrt(1e-3) * np.eye(a.shape[1])
        target = np.concatenate([np.ones(len(rows)), np.zeros(a.shape[1])])
        price, _ = scipy.optimize.nnls(np.concatenate([a, weak]), target, maxiter=100_000)
        launches = self.counts[rows].sum(axis=1).mean()
        return self.prices @ price + 0.05 * latency_ms.mean() / launches

    def columns(self, costs: np.ndarray, rows: np.ndarray, mean_ms: float) -> list[np.ndarray]:
        """Groups of columns of some networks, in ms: what is fixed, kernels, cells."""
        known = [np.ones(len(rows)), self.work[rows], self.named[rows]]
        fixed = FIXED * mean_ms * np.column_stack(known)
        kernels = self.counts[rows].multiply(costs[None]) @ self.likeness
        return [fixed, np.asarray(kernels), self.cells[rows].toarray() * mean_ms]


def _work_by_kind(networks: Networks, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """(K, 3 kinds) and (n, 3 kinds): flops, bytes and launches, a kind's kernels in its columns."""
    work = kernel_work(networks, batch)
    kinds = networks.kernels["kind"].to_numpy()
    amounts = np.column_stack([work["flops"], work["bytes"], np.ones(len(kinds))])
    parts = [amounts * (kinds == kind)[:, None] for kind in sorted(set(kinds) - {"free"})]
    per_kernel = np.concatenate(parts, axis=1)
    total = networks.counts @ per_kernel
    kept = total.std(axis=0) + total.mean(axis=0) > 0
    return per_kernel[:, kept], total[:, kept]


def _named_options(networks: Networks) -> np.ndarray:
    """(n, names): how often a network takes an option of each name, whatever the decision.

    None for spaces whose kernels follow from the choices one by one.  Where they do not, some
    choices switch off what others made, and the IR has dropped it; runtimes that follow a
    program (PyTorch's eager mode) run it nevertheless: an edge into nowhere, a product with 0.
    """
    hot, work = one_hot(networks)[0], aggregate(networks, 1)["flops"].to_numpy()
    side = (networks.resolution[:, None] / max(1, networks.resolution.max())) ** 2
    hot = np.concatenate([hot, hot * side, side], axis=1)
    hot, work = hot - hot.mean(axis=0), work - work.mean()
    rest = work - hot @ np.linalg.lstsq(hot, work, rcond=1e-10)[0]
    if rest @ rest <= 0.01 * (work @ work):
        return np.zeros((len(networks), 0))
    names = sorted({name for options in networks.options for name in options})
    total = np.zeros((len(networks), len(names)))
    for decision, options in enumerate(networks.options):
        for option, name in enumerate(options):
            total[:, names.index(name)] += networks.choices[:, decision] == option
    return total / np.maximum(1.0, np.sqrt((total**2).mean(axis=0)))


def _likeness(networks: Networks) -> np.ndarray:
    """(K, components): L with L L' = the kernels' covariance, of unit variance."""
    kinds = networks.kernels["kind"].to_numpy()
    numbers = np.log1p(networks.kernels[list(LIKENESS)].fillna(0.0).to_numpy(dtype=float))
    numbers = np.column_stack([numbers, networks.kernels["operation"].fillna(-1.0)])
    factors = []
    for kind in sorted(set(kinds) - {"free"}):
        members = np.flatnonzero(kinds == kind)
        own = numbers[members]
        spread = own.std(axis=0)
        own = own[:, spread > 1e-9] / spread[spread > 1e-9]
        squares = (own**2).sum(axis=1)
        distance = np.maximum(squares[:, None] + squares[None] - 2 * own @ own.T, 0.0)
        covariance = np.exp(-0.5 * distance / max(1, own.shape[1]) / LENGTH**2)
        first = max(0, len(members) - COMPONENTS)
        values, vectors = scipy.linalg.eigh(covariance, subset_by_index=(first, len(members) - 1))
        factor = np.zeros((len(kinds), len(values)))
        factor[members] = vectors * np.sqrt(np.maximum(values, 0.0))
        factors.append(factor)
    return np.concatenate(factors, axis=1)


def _cells(
    networks: Networks, by_resolution: bool
) -> tuple[scipy.sparse.csr_matrix, dict[tuple[int, int], int]]:
    """(n, cells): the blocks of a network, or its choices; each resolution may have its own.

    And the column of (resolution or 0, block or option).
    """
    if networks.blocks is not None:
        found = networks.blocks.tocoo()
        row, item, count = found.row, found.col.astype(np.int64), found.data
    else:
        row, decision = np.nonzero(networks.choices >= 0)
        begin = np.cumsum([0, *(len(options) for options in networks.options)])
        item = begin[decision] + networks.choices[row, decision]
        count = np.ones(len(row))
    keys = np.column_stack([networks.resolution[row] * by_resolution, item])
    known, cell = np.unique(keys, axis=0, return_inverse=True)
    shape = (len(networks), len(known))
    cells = scipy.sparse.csr_matrix((count, (row, cell.reshape(-1))), shape=shape)
    return cells, {(int(side), int(key)): place for place, (side, key) in enumerate(known)}


@dataclass
class AdditiveFit:
    """Weights of all columns, and what leaving each sample out would predict for it."""

    model: AdditiveColumns
    costs: np.ndarray
    weights: list[np.ndarray]
    mean_ms: float
    floor_ms: float
    held_out_ms: np.ndarray

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """(m,): milliseconds."""
        groups = self.model.columns(self.costs, rows, self.mean_ms)
        found = sum(group @ w for group, w in zip(groups, self.weights, strict=True))
        return np.maximum(found, self.floor_ms)

    def parts(self) -> tuple[float, np.ndarray, np.ndarray]:
        """What is summed up, in ms: the constant, (K,) each kernel, (cells,) each cell.

        Of spaces whose kernels follow from the choices one by one.
        """
        assert not self.model.named.shape[1]
        fixed = FIXED * self.mean_ms * self.weights[0]
        kernels = self.model.prices @ fixed[1:]
        kernels += self.costs * (self.model.likeness @ self.weights[1])
        return float(fixed[0]), kernels, self.mean_ms * self.weights[2]


def fit_additive(model: AdditiveColumns, rows: np.ndarray, latency_ms: np.ndarray) -> AdditiveFit:
    """Fits samples (at least two).

    Each fit after the first weighs the samples by their noise, which may grow or fall with the
    latency, and those that are far off by less (Huber).
    """
    mean = float(latency_ms.mean())
    costs = model.kernel_costs(rows, latency_ms)
    groups = model.columns(costs, rows, mean)
    trust = np.full(len(rows), 1.0 / mean)
    for last in (False, True):
        weights, held_out = _best(groups, latency_ms, trust)
        if not last:
            trust = _trust(latency_ms, held_out) / mean
    floor = 0.2 * float(latency_ms.min())
    return AdditiveFit(model, costs, weights, mean, floor, np.maximum(held_out, floor))


def _trust(latency_ms: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """(n,): one over the noise's standard deviation, relative."""
    if len(latency_ms) < 30:
        return np.ones(len(latency_ms))
    error = np.abs(latency_ms - held_out)
    level = np.log(np.maximum(held_out, 1e-3 * latency_ms.mean()))
    size = np.log(error + 1e-6 * latency_ms)
    slope = np.cov(level, size)[0, 1] / max(1e-12, np.var(level, ddof=1))
    slope *= len(error) / (len(error) + 200.0)
    noise = np.exp(np.clip(slope, -1.5, 1.5) * (level - level.mean()))
    usual = np.median(error / noise) / 0.6745 + 1e-12
    far = np.minimum(1.0, 2.0 * usual * noise / np.maximum(error, 1e-300))
    return np.sqrt(far) / noise


def _best(
    groups: list[np.ndarray], y: np.ndarray, trust: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Weights and held-out predictions at the scales of the least held-out error."""
    few = np.arange(len(y))
    if len(y) > ENOUGH:
        few = np.sort(np.random.default_rng(0).permutation(len(y))[:ENOUGH])
    scales = _search(_solver([group[few] for group in groups], y[few], trust[few]))
    solver = _solver(groups, y, trust)
    _, found, held_out = solver(scales)
    return solver.weights(found, scales), held_out


def _search(solver: _Few | _Many) -> dict[str, float]:
    scales = dict(BEGIN)
    best = solver(scales)[0]
    for name in ("noise", "kernels", "cells", "noise"):
        for value in GRID[name]:
            if value != scales[name]:
                error = solver({**scales, name: value})[0]
                if error < best * CLEARLY:
                    best, scales = error, {**scales, name: value}
    return scales


def _solver(groups: list[np.ndarray], y: np.ndarray, trust: np.ndarray) -> _Few | _Many:
    many = len(y) > sum(group.shape[1] for group in groups)
    return (_Many if many else _Few)(groups, y, trust)


def _scales(groups: list[np.ndarray], scales: dict[str, float]) -> list[float]:
    """Of each group's columns, in units of the noise."""
    return [s / scales["noise"] for s in (1.0, scales["kernels"], scales["cells"])]


class _Few:
    """Fewer samples than columns: everything in products of samples."""

    def __init__(self, groups: list[np.ndarray], y: np.ndarray, trust: np.ndarray) -> None:
        self.groups = [group * trust[:, None] for group in groups]
        self.products = [group @ group.T for group in self.groups]
        self.y, self.target, self.trust = y, y * trust, trust

    def __call__(self, scales: dict[str, float]) -> tuple[float, np.ndarray, np.ndarray]:
        sizes = _scales(self.groups, scales)
        covariance = sum(s**2 * p for s, p in zip(sizes, self.products, strict=True))
        covariance += np.eye(len(self.y))
        inverse = np.linalg.inv(covariance)
        inverse = (inverse + inverse.T) / 2
        dual = inverse @ self.target
        for _ in range(2):  # what is almost exact loses digits in the inverse
            dual += inverse @ (self.target - covariance @ dual)
        error = dual / np.diag(inverse)
        return float(np.mean(np.abs(error))), dual, self.y - error / self.trust

    def weights(self, dual: np.ndarray, scales: dict[str, float]) -> list[np.ndarray]:
        sizes = _scales(self.groups, scales)
        return [s**2 * (g.T @ dual) for s, g in zip(sizes, self.groups, strict=True)]


class _Many:
    """More samples than columns: everything in products of columns."""

    def __init__(self, groups: list[np.ndarray], y: np.ndarray, trust: np.ndarray) -> None:
        self.groups = groups
        self.rows = np.concatenate(groups, axis=1) * trust[:, None]
        self.y, self.target, self.trust = y, y * trust, trust
        self.products = self.rows.T @ self.rows
        self.moments = self.rows.T @ self.target

    def _sizes(self, scales: dict[str, float]) -> np.ndarray:
        sizes = _scales(self.groups, scales)
        return np.concatenate(
            [np.full(g.shape[1], s) for s, g in zip(sizes, self.groups, strict=True)]
        )

    def __call__(self, scales: dict[str, float]) -> tuple[float, np.ndarray, np.ndarray]:
        d = self._sizes(scales)
        matrix = self.products * d[:, None] * d[None] + np.eye(len(d))
        lower = np.linalg.cholesky(matrix)
        weights = d * scipy.linalg.cho_solve((lower, True), d * self.moments)
        reach = scipy.linalg.solve_triangular(lower, (self.rows * d).T, lower=True)
        error = (self.target - self.rows @ weights) / np.maximum(1e-9, 1.0 - (reach**2).sum(axis=0))
        return float(np.mean(np.abs(error))), weights, self.y - error / self.trust

    def weights(self, found: np.ndarray, scales: dict[str, float]) -> list[np.ndarray]:
        ends = np.cumsum([g.shape[1] for g in self.groups])[:-1]
        return np.split(found, ends)
