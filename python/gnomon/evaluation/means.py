"""Scores of runs that differ by their seeds, and means over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

METRICS = ("mae_ms", "rmse_ms", "mape", "median_ape", "worst_ape", "within5", "within10")
METRICS += ("spearman", "kendall", "coverage90")
"""What every evaluation says of a run (`gnomon.learning.metrics.summary`)."""


def means(runs: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """The mean of each name; `spread` holds standard deviation, least and most of each.

    Runs that do not know a name (None) do not count; a name that none knows has none.
    """
    result: dict[str, Any] = {}
    spread = {}
    for name in names:
        values = [float(run[name]) for run in runs if run[name] is not None]
        result[name] = float(np.mean(values)) if values else None
        if len(values) > 1:
            deviation = float(np.std(values, ddof=1))
            spread[name] = {"std": deviation, "min": min(values), "max": max(values)}
    return {**result, "spread": spread}
