"""Reads the model that ONNX Runtime optimised: names, tensors and attributes of the nodes it
really runs.
"""

from pathlib import Path

import onnx
from onnx import helper

MAX_LISTED = 16


def _attribute(attribute: onnx.AttributeProto) -> object:
    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float | int):
        return value
    items = (
        list(value)
        if hasattr(value, "__iter__") and not isinstance(value, onnx.GraphProto | onnx.TensorProto)
        else None
    )
    if (
        items is None
        or len(items) > MAX_LISTED
        or not all(isinstance(i, float | int) for i in items)
    ):
        return None
    return items


def read_nodes(path: Path) -> list[dict[str, object]]:
    """Nodes in the order of the optimised graph, as records keep them."""
    return nodes_of(onnx.load(str(path), load_external_data=False))


def nodes_of(model: onnx.ModelProto) -> list[dict[str, object]]:
    """Nodes in the order of the graph, as records keep them."""
    return [
        {
            "name": node.name,
            "op_type": node.op_type,
            "domain": node.domain,
            "inputs": list(node.input),
            "outputs": list(node.output),
            "attributes": {a.name: v for a in node.attribute if (v := _attribute(a)) is not None},
        }
        for node in model.graph.node
    ]
