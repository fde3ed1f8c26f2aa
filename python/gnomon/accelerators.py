"""Accelerators on FPGAs: a network's layers, and the configuration that runs them fastest.

Source: HAO (Dong et al., FCCM 2021), whose integer program and outer loop lib/Accelerator has.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnomon import _native

CONVOLUTIONS = ("conv", "conv_pointwise", "conv_depthwise", "conv_grouped")
PRODUCTS = ("gemm", "matmul")


class NotMapped(ValueError):
    """A network, device or request that no accelerator can be made for: what was expected."""


@dataclass
class Layers:
    """Layers by name: groups, channels of a group in and out, height and width of the result, of
    the input and of the kernel, runs.  `others` counts operations that no engine does, by kind;
    `other_macs` are the multiply-adds among them."""

    names: list[str]
    sizes: list[list[int]]
    others: dict[str, int]
    other_macs: float = 0.0


def _size(row: Mapping[str, float], name: str) -> int:
    """A feature as a size; one that does not apply is 1."""
    value = row[name]
    return 1 if math.isnan(value) else int(value)


def _convolution(row: Mapping[str, float], runs: int) -> list[int]:
    names = ("groups", "group_channels_in", "group_channels_out", "out_h", "out_w")
    names += ("in_h", "in_w", "kernel_h", "kernel_w")
    return [*(_size(row, name) for name in names), runs * _size(row, "batch")]


def _product(row: Mapping[str, float], runs: int) -> list[int]:
    rows, columns, length = (_size(row, f"gemm_{axis}") for axis in "mnk")
    return [1, length, columns, rows, 1, rows, 1, 1, 1, runs * _size(row, "gemm_batch")]


def layers_of(rows: Sequence[tuple[str, str, int, Mapping[str, float]]]) -> Layers:
    """The layers among kernels: name, kind, runs and features of each."""
    found = Layers([], [], {})
    for name, kind, runs, row in rows:
        flat = math.isnan(row.get("out_d", math.nan))
        if kind in CONVOLUTIONS and flat:
            found.sizes.append(_convolution(row, runs))
        elif kind in PRODUCTS:
            found.sizes.append(_product(row, runs))
        else:
            if kind != "free":
                found.others[kind] = found.others.get(kind, 0) + runs
            macs = row.get("macs", math.nan)
            found.other_macs += 0.0 if math.isnan(macs) else macs * runs
            continue
        found.names.append(name)
    return found


def read_layers(path: str, rules: Path, device: Path) -> Layers:
    """The layers of an .onnx or .mlir file; sizes not known count as 1."""
    try:
        columns = _native.features(path, rules.read_text(), device.read_text())
    except RuntimeError as error:
        raise NotMapped(str(error)) from error
    features = _native.feature_names()
    rows = zip(*(columns[name] for name in features), strict=True)
    return layers_of(
        [
            (name, kind, int(runs), dict(zip(features, row, strict=True)))
            for name, kind, runs, row in zip(
                columns["name"], columns["kind"], columns["runs"], rows, strict=True
            )
        ]
    )


def map_layers(
    layers: Layers, fpga: Path, bits: int, pipelined: bool = False, algorithm: str = "ilp"
) -> dict[str, Any]:
    """The report of lib/Accelerator: engines, used and available resources, milliseconds."""
    try:
        return json.loads(
            _native.map_fpga(
                fpga.read_text(), str(fpga), layers.names, layers.sizes, bits, pipelined, algorithm
            )
        )
    except RuntimeError as error:
        raise NotMapped(str(error)) from error
