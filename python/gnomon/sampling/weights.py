"""Regenerates the weights that recorded models leave out.

A float tensor's doc_string reads `normal MEAN STD` or `positive MEAN STD`; its values are a slice,
chosen by the tensor's name, of one fixed pool of normal numbers. The same file therefore always
gives the same weights.
"""

import zlib
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import onnx
from onnx import TensorProto

POOL_SIZE = 1 << 22


@cache
def _pool() -> np.ndarray:
    return np.random.default_rng(20).standard_normal(POOL_SIZE, dtype=np.float32)


def _is_described(tensor: TensorProto) -> bool:
    return tensor.doc_string.startswith(("normal ", "positive "))


def _values(tensor: TensorProto) -> np.ndarray:
    kind, mean, std = tensor.doc_string.split()
    size = int(np.prod(tensor.dims, dtype=np.int64))
    start = zlib.crc32(tensor.name.encode()) % POOL_SIZE
    values = (
        np.resize(np.roll(_pool(), -start), size)
        if start + size > POOL_SIZE
        else _pool()[start : start + size]
    )
    values = np.abs(values) if kind == "positive" else values
    return np.float32(mean) + np.float32(std) * values


def regenerable(model: onnx.ModelProto) -> bool:
    """Whether every external tensor says how to make its values."""
    external = [t for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL]
    return all(_is_described(t) for t in external)


def write_weights(model: onnx.ModelProto, folder: Path) -> None:
    """Writes the weight files the model refers to into `folder`."""
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for tensor in model.graph.initializer:
            if tensor.data_location != TensorProto.EXTERNAL:
                continue
            entry = {e.key: e.value for e in tensor.external_data}
            name = Path(entry["location"]).name
            if name not in files:
                files[name] = stack.enter_context(open(folder / name, "wb"))
            files[name].seek(int(entry["offset"]))
            files[name].write(memoryview(np.ascontiguousarray(_values(tensor))).cast("B"))


def embed_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of the model with its weights inside."""
    full = onnx.ModelProto()
    full.CopyFrom(model)
    for tensor in full.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            tensor.raw_data = _values(tensor).tobytes()
            tensor.data_location = TensorProto.DEFAULT
            del tensor.external_data[:]
    return full
