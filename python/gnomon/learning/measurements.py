"""Reads `model,latency_ms` tables and predicts their networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gnomon.predictor import Prediction, predict

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
    path: Path, bundle: Path, device: str | None = None
) -> tuple[Measured, list[str]]:
    """(model, measured ms, prediction) of every row; and what could not be predicted.

    Model paths are taken as given, or else relative to the table's folder.
    """
    done: Measured = []
    failed: list[str] = []
    for model, latency_ms in read_table(path)[["model", "latency_ms"]].itertuples(index=False):
        file = model if Path(model).is_file() else str(path.parent / model)
        try:
            done.append((model, float(latency_ms), predict(file, bundle, device)))
        except RuntimeError as error:
            failed.append(f"{model}: {str(error).splitlines()[0]}")
    return done, failed
