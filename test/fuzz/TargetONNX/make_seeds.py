"""Models of single operators, control flow included, for the fuzzer to start from."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import onnx.backend.test.case.node as cases

LARGEST = 4096


def main(folder: Path) -> None:
    """Write the smallest model of each operator into `folder`."""
    warnings.simplefilter("ignore")
    smallest: dict[str, bytes] = {}
    for case in cases.collect_testcases(None):
        data = case.model.SerializeToString()
        operators = "-".join(sorted({node.op_type for node in case.model.graph.node}))[:80]
        if len(data) < len(smallest.get(operators, bytes(LARGEST))):
            smallest[operators] = data
    for name, data in smallest.items():
        (folder / f"{name}.onnx").write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
