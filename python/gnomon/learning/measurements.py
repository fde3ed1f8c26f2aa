"""Reads `model,latency_ms` tables and predicts their networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gnomon.predictor import Prediction, predict
from gnomon.sizes import Sizes

Measured = list[tuple[str, float, Prediction]]


def read_table(path: Path) -> pd.DataFrame:
    """Rows of a measurement table; raises ValueError naming the file and what is missing."""
    try:
        table = pd.read_csv(path)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: expected a CSV table: {error}") from error
    missing = [column for column in ("model", "latency_ms") if column not in table]
    if missing:
        raise ValueError(f"{path}: expected the columns model,latency_ms, missing {missing}")
    bad = table[~(pd.to_numeric(table["latency_ms"], errors="coerce") > 0)]
    if len(bad):
        raise ValueError(
            f"{path}: expected positive milliseconds, found '{bad['latency_ms'].iloc[0]}' "
            f"for {bad['model'].iloc[0]}"
        )
    return table


def predict_table(
    path: Path, bundle: Path, device: str | None = None, sizes: Sizes | None = None
) -> tuple[Measured, list[str]]:
    """(model, measured ms, prediction) of every row; and what could not be predicted.

    Model paths are taken as given, or else relative to the table's folder.  A column `batch`
    is the size of the dimension of that name.
    """
    done: Measured = []
    failed: list[str] = []
    table = read_table(path)
    batches = table["batch"] if "batch" in table else [None] * len(table)
    for model, latency_ms, batch in zip(table["model"], table["latency_ms"], batches, strict=True):
        file = model if Path(model).is_file() else str(path.parent / model)
        try:
            fixed = _with_batch(sizes or Sizes(), batch, path)
            done.append((model, float(latency_ms), predict(file, bundle, device, sizes=fixed)))
        except RuntimeError as error:
            failed.append(f"{model}: {str(error).splitlines()[0]}")
    return done, failed


def _with_batch(sizes: Sizes, batch: float | None, path: Path) -> Sizes:
    """The sizes, and that of the dimension `batch` where the table has one."""
    if batch is None:
        return sizes
    if not (isinstance(batch, int | float | np.integer) and batch >= 1 and batch == int(batch)):
        raise ValueError(f"{path}: expected whole numbers of at least 1 as batch, found '{batch}'")
    return Sizes(sizes.shapes, {**sizes.dims, "batch": int(batch)})
