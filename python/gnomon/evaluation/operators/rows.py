"""Features of measured operators, from the extractor that networks go through."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gnomon.evaluation.data.specs import device_spec
from gnomon.evaluation.operators.catalogue import OPERATORS, function
from gnomon.evaluation.operators.tables import Table

CHUNK = 4000
"""Functions in one module: bounds the memory that its text takes."""


@dataclass(frozen=True)
class Kernels:
    """The n rows of one table as kernels."""

    kind: str
    """Of the model that learns them (`catalogue.py`)."""
    features: np.ndarray
    """(n, features), float64, in the order of the native module's `feature_names()`."""

    def of_device(self, device_json: str) -> tuple[np.ndarray, np.ndarray]:
        """Device ratios (n, ratios), and the time in us that the roofline leaves (n,)."""
        from gnomon import _native

        dtypes = ["f32"] * len(self.features)
        features = np.ascontiguousarray(self.features)
        ratios = _native.device_ratios(dtypes, features, device_json)
        return ratios, _native.work_us(dtypes, features, device_json)

    def take(self, rows: np.ndarray) -> Kernels:
        """Some of the rows."""
        return Kernels(self.kind, self.features[rows])


def kernels_of(table: Table, rules: Path) -> Kernels:
    """Every row of the table as a kernel under the rules of a runtime."""
    distinct, where = np.unique(table.sizes, axis=0, return_inverse=True)
    rules_json = rules.read_text()
    parts = [
        _extract(table.operator, distinct[start : start + CHUNK], rules_json)
        for start in range(0, len(distinct), CHUNK)
    ]
    kind = OPERATORS[table.operator].kind
    return Kernels(kind, np.concatenate(parts)[where.reshape(-1)])


def _extract(operator: str, sizes: np.ndarray, rules_json: str) -> np.ndarray:
    from gnomon import _native

    make = OPERATORS[operator].operation
    try:
        text = "".join(
            function(f"op{row}", make(*map(int, values))) for row, values in enumerate(sizes)
        )
        found = _native.operator_rows(text, rules_json)
    except ValueError as error:
        raise ValueError(f"{operator}: {error}") from error
    if found["function"] != [f"op{row}" for row in range(len(sizes))]:
        raise ValueError(f"{operator}: expected one kernel a row; the rules give another number")
    return found["features"]


def device_json(name: str, numbers: dict[str, float], launch_us: float) -> str:
    """A GPU's data sheet as the compiler reads it, with what a launch takes."""
    return json.dumps({**device_spec(name, numbers), "launch_overhead_us": launch_us})
