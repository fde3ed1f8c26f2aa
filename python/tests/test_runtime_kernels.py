# SPDX-License-Identifier: Apache-2.0
"""Kernels found in nine whole networks against those that ONNX Runtime really runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import onnx
import pytest

from gnomon.runtime_kernels import differences, found_kernels, runtime_kernels, simd_bits

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("GNOMON_BUILD_DIR", ROOT / "build" / "release")) / "bin"
RULES = ROOT / "data" / "runtimes" / "onnxruntime-cpu.json"
NETWORKS = sorted((Path(onnx.__file__).parent / "backend/test/data/light").glob("*.onnx"))


def test_there_are_nine_networks() -> None:
    """A moved folder must not pass for agreement."""
    assert len(NETWORKS) == 9


@pytest.mark.parametrize("model", NETWORKS, ids=lambda path: path.stem)
def test_kernels_are_those_of_the_runtime(model: Path, tmp_path: Path) -> None:
    """Same count, same membership."""
    module = tmp_path / "module.mlir"
    translate = [str(BUILD / "gnomon-translate"), "--import-onnx", str(model), "-o", str(module)]
    subprocess.run(translate, check=True)
    found = found_kernels(module, str(BUILD / "gnomon-kernels"), RULES, simd_bits())
    real = runtime_kernels(model)
    assert len(found) == len(real)
    assert differences(found, real) == ([], [])
