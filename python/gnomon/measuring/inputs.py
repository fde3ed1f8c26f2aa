"""Sane inputs for a network: normal numbers for floats, valid small ranges for integers, ones for
masks.
"""

import re
import zlib

import numpy as np
import onnx

_NUMPY = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(bool)": np.bool_,
}
_RANGES = {
    "mask": (1, 2),
    "type": (0, 2),
    "segment": (0, 2),
    "position": None,
    "length": None,
    "ids": (0, 64),
    "token": (0, 64),
}


def documented_ranges(model: onnx.ModelProto) -> dict[str, int]:
    """Upper bounds that sampled networks state in the doc_string of their integer inputs."""
    found = (
        (v.name, re.fullmatch(r"integers below (\d+)", v.doc_string)) for v in model.graph.input
    )
    return {name: int(match[1]) for name, match in found if match}


def _integers(
    rng: np.random.Generator, name: str, shape: list[int], below: int | None, dtype: type
) -> np.ndarray:
    if below is not None:
        return rng.integers(0, below, shape).astype(dtype)
    key = next((k for k in _RANGES if k in name.lower()), "")
    if key == "position":
        return np.broadcast_to(np.arange(shape[-1] if shape else 1), shape).astype(dtype).copy()
    if key == "length":
        return np.full(shape, 1, dtype)
    low, high = _RANGES.get(key) or (0, 2)
    return rng.integers(low, high, shape).astype(dtype)


def make_input(name: str, kind: str, shape: list[int], below: int | None = None) -> np.ndarray:
    """A value for one input, fixed by its name; ValueError for types without numbers."""
    if kind not in _NUMPY:
        raise ValueError(f"input '{name}' has element type {kind}; expected numbers or bools")
    dtype = _NUMPY[kind]
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if kind in ("tensor(float)", "tensor(double)", "tensor(float16)"):
        if "mask" in name.lower():
            return np.ones(shape, dtype)
        return rng.standard_normal(shape, dtype=np.float32).astype(dtype)
    if kind == "tensor(bool)":
        return np.ones(shape, np.bool_)
    if kind == "tensor(uint8)" and below is None and len(shape) >= 3:
        return rng.integers(0, 256, shape).astype(dtype)
    return _integers(rng, name, shape, below, dtype)
