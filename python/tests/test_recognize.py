"""Recognition of networks as exporters and simplifiers write them, built node by node."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon import _native, cli


class Graph:
    """An ONNX graph that grows node by node; batch normalization folded or not."""

    def __init__(self, size: int, folded: bool, opset: int = 13, batch: int | str = 1) -> None:
        self.nodes, self.weights = [], []
        self.folded, self.opset = folded, opset
        self.input = helper.make_tensor_value_info(
            "image", TensorProto.FLOAT, [batch, 3, size, size]
        )
        self.channels = {"image": 3}

    def weight(self, *shape: int, value: float | None = None) -> str:
        """An initializer: ones, or one number."""
        array = np.full(shape, 1 if value is None else value, np.float32)
        self.weights.append(numpy_helper.from_array(array, f"w{len(self.weights)}"))
        return self.weights[-1].name

    def node(self, op: str, *inputs: str, **attributes: object) -> str:
        """A node's output."""
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"/{name}", **attributes))
        self.channels[name] = self.channels.get(inputs[0], 0)
        return name

    def conv(
        self, x: str, channels: int, kernel: int = 1, stride: int = 1, groups: int = 1, norm=True
    ) -> str:
        """A convolution and its normalization."""
        inputs = [x, self.weight(channels, self.channels[x] // groups, kernel, kernel)]
        if self.folded and norm:
            inputs.append(self.weight(channels))
        pad = kernel // 2
        x = self.node(
            "Conv",
            *inputs,
            group=groups,
            kernel_shape=[kernel] * 2,
            pads=[pad] * 4,
            strides=[stride] * 2,
        )
        self.channels[x] = channels
        return x if self.folded or not norm else self.norm(x)

    def norm(self, x: str) -> str:
        """Batch normalization."""
        return self.node(
            "BatchNormalization", x, *(self.weight(self.channels[x]) for _ in range(4))
        )

    def relu6(self, x: str) -> str:
        """A clip, bounds as attributes in old operator sets."""
        if self.opset < 11:
            return self.node("Clip", x, min=0.0, max=6.0)
        return self.node("Clip", x, self.weight(value=0.0), self.weight(value=6.0))

    def save(self, path: Path, result: str, classes: int) -> Path:
        """Writes the model; `result` is its output."""
        shape = [self.input.type.tensor_type.shape.dim[0].dim_value or "n", classes]
        output = helper.make_tensor_value_info(result, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "torch_jit", [self.input], [output], self.weights)
        opsets = [helper.make_opsetid("", self.opset)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
        return path


def div8(value: float) -> int:
    """The rounding of mobile networks."""
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * value else rounded


def mobilenet_v2(path: Path, folded: bool, width: float = 1.0, opset: int = 13) -> Path:
    """As torchvision's, with a dynamic batch."""
    g = Graph(224, folded, opset, "batch")
    x = g.relu6(g.conv("image", div8(32 * width), 3, 2))
    settings = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)]
    for t, c, n, s in [*settings, (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for block in range(n):
            stride, inside, out = s if block == 0 else 1, g.channels[x], div8(c * width)
            y = x if t == 1 else g.relu6(g.conv(x, inside * t))
            y = g.relu6(g.conv(y, inside * t, 3, stride, inside * t))
            y = g.conv(y, out)
            x = g.node("Add", x, y) if stride == 1 and inside == out else y
    x = g.relu6(g.conv(x, div8(1280 * max(1, width))))
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    features = g.channels[x]
    x = g.node("Gemm", x, g.weight(1000, features), g.weight(1000), transB=1)
    return g.save(path, x, 1000)


class MobileNetV3(Graph):
    """Hard swish as x relu6(x + 3) / 6, squeeze and excitation by linear layers."""

    def swish(self, x: str) -> str:
        """The decomposed form."""
        shifted = self.relu6(self.node("Add", x, self.weight(value=3.0)))
        product = self.node("Mul", shifted, x)
        return self.node("Div", product, self.weight(value=6.0))

    def squeeze(self, x: str) -> str:
        """Means over rows and columns, two linear layers, gate."""
        channels, hidden = self.channels[x], div8(self.channels[x] // 4)
        y = self.node("ReduceMean", x, axes=[3], keepdims=1)
        y = self.node("Flatten", self.node("ReduceMean", y, axes=[2], keepdims=1))
        y = self.node("Gemm", y, self.weight(hidden, channels), self.weight(hidden), transB=1)
        y = self.node("Relu", y)
        y = self.node("MatMul", y, self.weight(hidden, channels))
        y = self.node("Add", y, self.weight(channels))
        y = self.relu6(self.node("Add", y, self.weight(value=3.0)))
        y = self.node("Mul", y, self.weight(value=1 / 6))
        for axis in (2, 3):
            y = self.node("Unsqueeze", y, axes=[axis])
        y = self.node("Mul", y, x)
        self.channels[y] = channels
        return y

    def block(self, x: str, out: int, mid: int, kernel: int, stride: int, act, se: bool) -> str:
        """An inverted residual."""
        y = x if mid == self.channels[x] else act(self.conv(x, mid))
        y = act(self.conv(y, mid, kernel, stride, mid))
        y = self.conv(self.squeeze(y) if se else y, out)
        return self.node("Add", y, x) if stride == 1 and out == self.channels[x] else y


def ofa_mobilenet_v3(path: Path, folded: bool, arch: dict) -> Path:
    """A network of Once-for-All, width 1.0."""
    g = MobileNetV3(arch["r"], folded, opset=11)

    def relu(x: str) -> str:
        return g.node("Relu", x)

    x = g.swish(g.conv("image", 16, 3, 2))
    x = g.block(x, 16, 16, 3, 1, relu, False)
    stages = [(24, 2, relu, False), (40, 2, relu, True), (80, 2, g.swish, False)]
    stages += [(112, 1, g.swish, True), (160, 2, g.swish, True)]
    for stage, (out, stride, act, se) in enumerate(stages):
        for index in range(arch["d"][stage]):
            slot = 4 * stage + index
            mid = div8(round(g.channels[x] * arch["e"][slot]))
            x = g.block(x, out, mid, arch["ks"][slot], stride if index == 0 else 1, act, se)
    x = g.swish(g.conv(x, 960))
    x = g.swish(g.conv(g.node("GlobalAveragePool", x), 1280, norm=False))
    x = g.node("Reshape", x, _ints(g, [1, -1]))
    x = g.node("Gemm", g.node("Identity", x), g.weight(10, 1280), g.weight(10), transB=1)
    return g.save(path, x, 10)


def _ints(g: Graph, values: list[int]) -> str:
    g.weights.append(numpy_helper.from_array(np.array(values, np.int64), f"w{len(g.weights)}"))
    return g.weights[-1].name


def nas_bench_201(path: Path, arch: str, folded: bool) -> Path:
    """As the benchmark's own code: sums start at nothing, none is a product by zero."""
    g = Graph(32, folded, opset=17)

    def edge(op: str, x: str) -> str:
        if op == "none":
            return g.node("Mul", x, g.weight(value=0.0))
        if op == "avg_pool_3x3":
            return g.node("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1])
        if op == "skip_connect":
            return x
        return g.conv(g.node("Relu", x), g.channels[x], int(op[-1]))

    def cell(x: str) -> str:
        values = [x]
        for text in arch.split("+"):
            terms = [item.split("~") for item in text.strip("|").split("|")]
            outputs = [edge(op, values[int(source)]) for op, source in terms]
            total = g.node("Add", outputs[0], g.weight(value=0.0))
            for output in outputs[1:]:
                total = g.node("Add", total, output)
            values.append(total)
        return values[3]

    x = g.conv("image", 16, 3)
    for stage in range(3):
        if stage:
            out = 2 * g.channels[x]
            y = g.conv(g.node("Relu", x), out, 3, 2)
            y = g.conv(g.node("Relu", y), out, 3)
            short = g.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
            x = g.node("Add", g.conv(short, out, norm=False), y)
        for _ in range(5):
            x = cell(x)
    x = g.node("Relu", g.norm(x))
    x = g.node("Flatten", g.node("GlobalAveragePool", x))
    return g.save(path, g.node("Gemm", x, g.weight(100, 64), g.weight(100), transB=1), 100)


@pytest.fixture
def recognize(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs `gnomon recognize`; exit status, report, standard error."""

    def run(*arguments: object) -> tuple[int, dict, str]:
        monkeypatch.setattr(sys, "argv", ["gnomon", "recognize", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, json.loads(out) if out else {}, err

    return run


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize(("width", "opset"), [(1.0, 13), (1.4, 10)])
def test_mobilenet_v2(tmp_path: Path, recognize, folded: bool, width: float, opset: int) -> None:
    code, report, _ = recognize(mobilenet_v2(tmp_path / "net.onnx", folded, width, opset))
    assert code == 0
    assert report["space"] == "mbv2"
    assert report["architecture"] == {"width": width, "r": 224}


@pytest.mark.parametrize("folded", [False, True])
def test_once_for_all(tmp_path: Path, recognize, folded: bool) -> None:
    rng = np.random.default_rng(5)
    arch = {"d": rng.choice([2, 3, 4], 5).tolist(), "r": 160, "ks": [], "e": []}
    for depth in arch["d"]:
        for name, values in (("ks", [3, 5, 7]), ("e", [3, 4, 6])):
            used = rng.choice(values, depth).tolist()
            arch[name] += used + [0] * (4 - depth)
    code, report, _ = recognize(ofa_mobilenet_v3(tmp_path / "net.onnx", folded, arch))
    assert code == 0
    assert (report["space"], report["width_mult"]) == ("ofa-mbv3", 1.0)
    assert report["architecture"] == arch
    assert report["classes"] == 10


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize(
    "arch",
    [
        "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|none~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|",
    ],
)
def test_nas_bench_201(tmp_path: Path, recognize, folded: bool, arch: str) -> None:
    code, report, err = recognize(nas_bench_201(tmp_path / "net.onnx", arch, folded))
    assert code == 0, err
    assert report["space"] == "nasbench201"
    assert report["architecture"] == {"arch": arch, "r": 32}
    assert report["classes"] == 100


def test_what_is_in_no_space(tmp_path: Path, recognize) -> None:
    path = mobilenet_v2(tmp_path / "net.onnx", True, 1.1)
    code, report, err = recognize(path)
    assert code == 1
    assert report["space"] is None
    assert len(report["nearest"]) == 3
    assert report["nearest"][0]["message"] in err
    assert "in none of the spaces" in err
    code, report, _ = recognize(path, "--space", "mbv2")
    assert [miss["space"] for miss in report["nearest"]] == ["mbv2"]
    assert (
        "is linear layer of 1408 to 1000 features, expected linear layer of 1280"
        in (report["nearest"][0]["message"])
    )


def test_bad_input(tmp_path: Path, recognize) -> None:
    code, _, err = recognize(tmp_path / "none.onnx")
    assert code == 2
    assert "none.onnx" in err
    path = tmp_path / "net.mlir"
    path.write_text(
        "func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> }"
    )
    code, _, err = recognize(path)
    assert code == 2
    assert "found an input of type tensor<4xf32>, expected a network from one image" in err
    code, _, err = recognize(path, "--space", "mobile")
    assert code == 2
    assert "no space 'mobile': expected one of compofa," in err


@pytest.mark.parametrize("space", ["nasbench201", "ofa-resnet50d", "ofa-mbv3", "fbnet-cifar"])
def test_what_the_runtime_leaves(tmp_path: Path, recognize, space: str) -> None:
    """A network written here runs, and ONNX Runtime's optimized graph is still recognized."""
    path, optimized = tmp_path / "net.onnx", tmp_path / "optimized.onnx"
    resolution = 32 if space in ("nasbench201", "fbnet-cifar") else 64
    written = json.loads(
        _native.network(space, "random", str(path), resolution=resolution, seed=11)
    )
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(optimized)
    session = onnxruntime.InferenceSession(str(path), options)
    image = np.random.default_rng(0).standard_normal((1, 3, resolution, resolution), np.float32)
    (result,) = session.run(None, {"input": image})
    assert np.isfinite(result).all()
    assert np.abs(result).max() > 1e-3
    normalizations = [n for n in onnx.load(optimized).graph.node if n.op_type.startswith("Batch")]
    assert len(normalizations) <= 1
    for file in (path, optimized):
        code, report, _ = recognize(file, "--space", space)
        assert code == 0
        expected = {k: v for k, v in written["architecture"].items() if k != "width_mult"}
        assert report["architecture"] == expected
