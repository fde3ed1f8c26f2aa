"""How the errors of a network's kernels go together, and so how far a whole network may be off.

The relative error of a kernel is taken to be the sum of three: one that all kernels of its network
share, one that those of its kind share, and one of its own. With a network's time split into shares
w by kernel, W by kind, the variance of its relative error is

    common² + Σ_kind (together_kind · W_kind)² + Σ_kernel (alone_kind · w)²

Variances are moments of held-out kernels of whole networks: products of two kernels of different
kinds in one network estimate common², products within a kind what that kind shares, squares the
rest. Every product counts by its shares, as it does in the sum that it stands for. Nothing is
assumed independent; what is left independent is what the products leave over.

Ours: the split into three, the clipping of errors, what kinds with little evidence borrow, and that
quantiles are those of held-out networks' errors in units of their standard deviations
(split-conformal, as in Papadopoulos et al., ECML 2002), not of a normal distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GREATEST_ERROR = 0.5
"""Relative errors of kernels beyond this count as this: some are many times off, on a shared
machine for reasons that do not come back."""

EVIDENCE = 1.0
"""Squared shares of networks that weigh as much as what all kinds say."""

PROBABILITIES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Quantiles that are stored, with those as far from the other end."""


@dataclass(frozen=True)
class KernelErrors:
    """Kernels of held-out networks, a value each."""

    network: np.ndarray
    """Number of the network that a kernel is part of."""

    kind: np.ndarray
    """Number of its kind, from 0."""

    share: np.ndarray
    """Of the predicted time of the network."""

    relative: np.ndarray
    """measured / predicted - 1; not a number where it was not measured."""


@dataclass(frozen=True)
class ErrorModel:
    """Standard deviations of the three parts, each relative to the time that it is of."""

    common: float
    together: np.ndarray
    """By kind."""

    alone: np.ndarray
    """By kind."""

    def spread(self, kernels: KernelErrors, networks: int) -> np.ndarray:
        """Standard deviation of the relative error of each network."""
        of_kind, squares = _by_kind(kernels, kernels.share, networks, len(self.together))
        variance = (of_kind * self.together) ** 2 + squares * self.alone**2
        return np.sqrt(self.common**2 + variance.sum(axis=1))


def _by_kind(
    kernels: KernelErrors, values: np.ndarray, networks: int, kinds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of values, and of their squares, by network and kind."""
    sums, squares = np.zeros((networks, kinds)), np.zeros((networks, kinds))
    np.add.at(sums, (kernels.network, kernels.kind), values)
    np.add.at(squares, (kernels.network, kernels.kind), values**2)
    return sums, squares


def fit_error_model(kernels: KernelErrors, networks: int, kinds: int) -> ErrorModel:
    """The moments of held-out kernels; kinds without evidence get what all kinds have."""
    known = np.isfinite(kernels.relative)
    share = np.where(known, kernels.share, 0.0)
    relative = np.clip(np.where(known, kernels.relative, 0.0), -GREATEST_ERROR, GREATEST_ERROR)
    error, error_squares = _by_kind(kernels, share * relative, networks, kinds)
    weight, weight_squares = _by_kind(kernels, share, networks, kinds)

    def pairs(sums: np.ndarray) -> float:
        return float((sums.sum(axis=1) ** 2 - (sums**2).sum(axis=1)).sum())

    across = _ratio(pairs(error), pairs(weight))
    within, within_weight = (
        (sums**2 - squares).sum(axis=0)
        for sums, squares in ((error, error_squares), (weight, weight_squares))
    )
    each, each_weight = error_squares.sum(axis=0), weight_squares.sum(axis=0)
    common = max(across, 0.0)
    shared = np.maximum(_towards_all(within, within_weight), common)
    rest = _towards_all(each - shared * each_weight, each_weight)
    return ErrorModel(
        float(np.sqrt(common)), np.sqrt(shared - common), np.sqrt(np.maximum(rest, 0.0))
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def _towards_all(moments: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean products by kind, those with little weight near the mean over all kinds."""
    mean = _ratio(float(moments.sum()), float(weights.sum()))
    return (moments + EVIDENCE * mean) / (weights + EVIDENCE)


def standard_quantiles(errors: np.ndarray) -> dict[str, float]:
    """Split-conformal quantiles of networks' relative errors in units of their spread.

    Below 0.5 the rank is floor((n + 1) p), above ceil((n + 1) p), clipped to the sample.
    """
    ordered, n = np.sort(errors), len(errors)
    found = {}
    for p in (*PROBABILITIES, *(1.0 - p for p in reversed(PROBABILITIES[:-1]))):
        exact = round((n + 1) * p, 6)
        rank = int(np.floor(exact) if p < 0.5 else np.ceil(exact)) - 1
        found[f"{p:g}"] = float(ordered[min(max(rank, 0), n - 1)])
    return found


def described(
    kernels: KernelErrors, names: list[str], relative: np.ndarray
) -> dict[str, float | int | dict]:
    """The member `network.error` of a bundle: ``names`` of kinds, ``relative`` errors of networks
    (measured / predicted - 1).
    """
    model = fit_error_model(kernels, len(relative), len(names))
    return {
        "common": model.common,
        "kinds": {
            name: {"together": float(together), "alone": float(alone)}
            for name, together, alone in zip(names, model.together, model.alone, strict=True)
        },
        "quantiles": standard_quantiles(relative / model.spread(kernels, len(relative))),
        "networks": len(relative),
    }
