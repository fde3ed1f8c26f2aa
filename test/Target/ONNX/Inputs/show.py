"""Checks an ONNX file and prints its metadata, inputs, nodes and initializers, a line each."""

from __future__ import annotations

import sys

import numpy as np
import onnx


def main() -> None:
    """Prints the file of the first argument."""
    model = onnx.load(sys.argv[1])
    onnx.checker.check_model(model, full_check=True)
    for entry in model.metadata_props:
        print("model", entry.key, entry.value)
    for value in model.graph.input:
        print("input", value.name)
    for node in model.graph.node:
        print(node.name, node.op_type, *node.input, "->", *node.output)
        for entry in node.metadata_props:
            print(" ", entry.key, entry.value)
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor).astype(np.float64)
        kind = onnx.TensorProto.DataType.Name(tensor.data_type)
        first = [float(f"{value:.8g}") for value in array.flat[:3]]
        print(tensor.name, kind, list(array.shape), first, f"bound {np.abs(array).max():.2g}")


if __name__ == "__main__":
    main()
