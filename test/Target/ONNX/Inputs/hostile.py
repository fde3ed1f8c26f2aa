"""Write model files that must be refused into a folder."""

import os
import pathlib
import sys

from onnx import TensorProto, helper

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def model(nodes, initializers=()):
    """The bytes of a model y = f(x)."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    graph = helper.make_graph(list(nodes), "g", [x], [y], list(initializers))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()


def external(location):
    """A model whose weights lie at a location."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return model([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])


def write(name, data):
    """One file of the folder."""
    (folder / f"{name}.onnx").write_bytes(data)


good = model([helper.make_node("Relu", ["x"], ["y"], "relu")])
write("cut", good[:-9])
write("noise", bytes(range(255, 0, -1)))
write("undefined", model([helper.make_node("Relu", ["nowhere"], ["y"], "relu")]))
later = [
    helper.make_node("Relu", ["a"], ["y"], "relu"),
    helper.make_node("Abs", ["x"], ["a"], "abs"),
]
write("order", model(later))
short = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], raw_data=bytes(8))
write("short", model([helper.make_node("Add", ["x", "w"], ["y"])], [short]))
write("up", external("../w.bin"))
write("absolute", external("/etc/passwd"))
link = folder / "out"
if not link.is_symlink():
    os.symlink("/etc/passwd", link)
write("link", external("out"))


def delimited(field, data):
    """A field of a protobuf message: key, length, bytes."""
    out = bytes([field << 3 | 2])
    size = len(data)
    while size > 127:
        out += bytes([size & 127 | 128])
        size >>= 7
    return out + bytes([size]) + data


graph = b""
for _ in range(500):
    graph = delimited(1, delimited(5, delimited(6, graph)))
write("deep", delimited(7, graph))
