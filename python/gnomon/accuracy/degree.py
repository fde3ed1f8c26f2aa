"""Accuracy from NN-Degree: theta(g) = 1 / (a + exp(b / g + c)).

The model of FLASH (Li, Mandal, Ogras, Marculescu, ACM TECS 2021): three numbers for a data set,
fitted to a few trained networks.  Ours: where the fit starts (for a given `a` the other two follow
from a straight line), that residuals above a point count less (a soft L1 loss), that the model goes
on as its tangent below the least degree that it was fitted to (an exponential of 1 / g says nothing
there), and the values per option that stand in for the model in exact searches.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

FEWEST = 4
"""Networks that a fit of three numbers takes."""

STARTS = (0.0, 0.5, 0.9, 0.99, 0.999)
"""Where `a` starts, as shares of the most that it can be."""

OUTLIER = 0.01
"""Residuals above it count less than their square."""

RIDGE = 1e-3
DIGITS = 9
TOLERANCES = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}


@dataclass(frozen=True)
class DegreeModel:
    """theta(g) = 1 / (a + exp(b / g + c)), `a` not negative, its tangent below `least`."""

    a: float
    b: float
    c: float
    least: float = 0.0

    def __call__(self, degrees: np.ndarray) -> np.ndarray:
        """(n,) accuracies as fractions, of NN-Degrees above 0."""
        inside = np.maximum(degrees, self.least)
        power = np.exp(np.minimum(self.b / inside + self.c, 300.0))
        values = 1.0 / (self.a + power)
        slope = power * self.b / inside**2 * values**2
        return values + slope * (degrees - inside)


def fit_degree(degrees: np.ndarray, accuracies: np.ndarray) -> DegreeModel:
    """Fitted to networks: (n,) NN-Degrees above 0 and accuracies in (0, 1).

    Raises ValueError where there are too few, or all have one degree.
    """
    if len(degrees) < FEWEST or np.ptp(degrees) == 0:
        found = f"{len(degrees)} of {len(np.unique(degrees))} different degrees"
        raise ValueError(
            f"expected at least {FEWEST} networks of different NN-Degree, found {found}"
        )
    inverse = 1.0 / accuracies
    # In b / scale the three numbers are about as large.
    scale = float(np.median(degrees))

    def apart(numbers: np.ndarray) -> np.ndarray:
        return DegreeModel(numbers[0], numbers[1] * scale, numbers[2])(degrees) - accuracies

    best = None
    for share in STARTS:
        a = share * inverse.min()
        with np.errstate(divide="ignore"):
            line = np.log(np.maximum(inverse - a, 1e-6))
        b, c = np.polyfit(scale / degrees, line, 1)
        bounds = ([0.0, -np.inf, -np.inf], np.inf)
        found = least_squares(
            apart, (a, b, c), bounds=bounds, loss="soft_l1", f_scale=OUTLIER, **TOLERANCES
        )
        if best is None or found.cost < best.cost:
            best = found
    a, b, c = best.x
    return DegreeModel(float(a), float(b * scale), float(c), float(degrees.min()))


def topologies(space: str, architectures: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """NN-Degree, NN-Mass, MACs and parameters of networks; `options` of `_native.topologies`."""
    from gnomon import _native

    texts = [json.dumps(architecture) for architecture in architectures]
    try:
        return json.loads(_native.topologies(space, texts, **options))
    except RuntimeError as error:
        raise ValueError(str(error)) from error


def column(networks: list[dict[str, Any]], name: str) -> np.ndarray:
    """(n,): one number of each network."""
    return np.array([network[name] for network in networks], dtype=float)


def stand_in(model: DegreeModel, drawn: dict[str, Any]) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Tables of values per option that are near the model over drawn networks, and how near.

    Returns the tables and (n,) differences. A decision that is not asked adds nothing.
    """
    networks = drawn["networks"]
    truth = model(column(networks, "nn_degree"))
    places = [
        (decision["name"], option)
        for decision in drawn["decisions"]
        for option in decision["options"]
    ]
    columns = np.array(
        [[n["selection"].get(name) == option for name, option in places] for n in networks], float
    )
    mean = float(truth.mean())
    gram = columns.T @ columns + RIDGE * np.eye(len(places))
    values = np.round(np.linalg.solve(gram, columns.T @ (truth - mean)), DIGITS)
    tables: dict[str, dict[str, float]] = {}
    for (name, option), value in zip(places, values, strict=True):
        tables.setdefault(name, {})[option] = float(value)
    rows = [{"decisions": [], "values": round(mean, DIGITS)}]
    rows += [{"decisions": [name], "values": options} for name, options in tables.items()]
    return rows, rows[0]["values"] + columns @ values - truth
