"""Learned latencies that a search follows: whether a model file fits what is searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gnomon.cli.output import BadInput, read_json


def numbers_in(text: str | None) -> list[int]:
    """The integers of a comma-separated list; None is an empty one."""
    try:
        return [int(part) for part in text.split(",")] if text else []
    except ValueError as error:
        raise ValueError(f"{text}: expected integers between commas") from error


def latency_request(
    model: Path | None, space: str, width_mult: float | None, budgets: list[float]
) -> dict[str, Any]:
    """What the native library is told about a learned latency.

    What the model says of its space and metric is held against the search there; the width of the
    networks, which only model files know, here.
    """
    if model is None:
        return {}
    if not model.is_file():
        raise BadInput(f"--latency-model {model}: no such file")
    if not budgets:
        raise BadInput("--latency-model: expected --max-latency-ms, too")
    content = read_json(model)
    known = content.get("width_mult") if isinstance(content, dict) else None
    asked = width_mult or default_width(space)
    if known is not None and asked is not None and known != asked:
        raise BadInput(
            f"--latency-model {model}: is about networks of width {known:g}, expected {asked:g}"
        )
    return {"latency_model": str(model)}


def default_width(space: str) -> float | None:
    """The multiplier of channels that a named space has when none is asked for."""
    from gnomon import _native

    for known in json.loads(_native.spaces()):
        if known["name"] == space and len(known["width_mults"]) > 1:
            return known["width_mults"][0]
    return None
