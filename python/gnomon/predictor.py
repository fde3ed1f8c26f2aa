"""Predictions for files, through the native library."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnomon import _native
from gnomon.sizes import Sizes


@dataclass(frozen=True)
class Prediction:
    """One network's prediction; times in milliseconds, shares between 0 and 1."""

    model: str
    latency_ms: float
    low_ms: float
    high_ms: float
    covered_time: float
    """Share of the predicted time whose source is a learned model inside its range."""
    report: dict[str, Any]


def predict(
    path: str,
    bundle: Path,
    device: str | None = None,
    confidence: float = 0.0,
    sizes: Sizes | None = None,
) -> Prediction:
    """Predicts one .onnx or .mlir file; raises RuntimeError with the diagnostics.

    A confidence of 0 is 0.9, or with a bundle that knows no intervals none. Dimensions of inputs
    without a size count as 1, as where networks are measured.
    """
    sizes = sizes or Sizes()
    shapes = {name: list(shape) for name, shape in sizes.shapes.items()}
    text = _native.predict(path, str(bundle), device, confidence, shapes, sizes.dims)
    report = json.loads(text)
    network = report["network"]
    total = sum(source["latency_us"] for source in network["sources"].values())
    covered = network["sources"]["predicted"]["latency_us"]
    return Prediction(
        model=path,
        latency_ms=network["latency_us"] / 1e3,
        low_ms=network["low_us"] / 1e3,
        high_ms=network["high_us"] / 1e3,
        covered_time=covered / total if total else 1.0,
        report=report,
    )
