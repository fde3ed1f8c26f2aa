"""`gnomon adapt --profile`: what was planted in made-up profiles of a GPU is found again."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon.cli import output
from gnomon.cli.adapt_profile import is_device
from gnomon.learning.adapt_kernels import FREEDOMS, LAUNCHES, Kernels, calibrate, choose
from gnomon.learning.bundle import copy_bundle, read_bundle
from gnomon.predictor import predict

BUNDLE = output.MODELS / "gpu-pytorch-f32"
SPEC = json.loads((output.DEVICES / "t4.json").read_text())
SLOWER, MORE_US = 1.3, 4.0


def network(path: Path, batch: int, widths: list[int]) -> Path:
    """Convolutions and activations, a pool, a matrix product; 3 x 3 and strides of 1 or 2."""
    rng = np.random.default_rng(batch)
    weights, nodes, last, channels, size = [], [], "x", 3, 32
    for i, width in enumerate(widths):
        stride = 2 if i % 3 == 2 else 1
        weight = rng.standard_normal((width, channels, 3, 3)).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{i}"))
        settings = {"pads": [1, 1, 1, 1], "strides": [stride, stride], "kernel_shape": [3, 3]}
        nodes.append(helper.make_node("Conv", [last, f"w{i}"], [f"c{i}"], f"conv{i}", **settings))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"], f"relu{i}"))
        last, channels, size = f"r{i}", width, -(-size // stride)
    weights.append(numpy_helper.from_array(np.zeros((channels, 10), np.float32), "w"))
    weights.append(numpy_helper.from_array(np.zeros(10, np.float32), "b"))
    nodes += [
        helper.make_node("GlobalAveragePool", [last], ["p"], "pool"),
        helper.make_node("Flatten", ["p"], ["f"], "flat"),
        helper.make_node("Gemm", ["f", "w", "b"], ["y"], "fc"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 32, 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 10])
    graph = helper.make_graph(nodes, path.stem, [x], [y], weights)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


NETWORKS = {
    "a": (1, [16, 16, 32, 64]),
    "b": (32, [32, 64, 96, 128, 256]),
    "c": (64, [64, 64, 128, 256, 256, 512]),
    "d": (16, [48, 96, 192, 192]),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, Path]:
    """A GPU whose convolutions are slower and whose launches take longer, and networks."""
    folder = tmp_path_factory.mktemp("planted")
    description = copy.deepcopy(read_bundle(BUNDLE))
    own_us = description["launch_overheads_us"]["t4"]
    description["kinds"]["conv"]["scale_log"] = float(np.log(SLOWER))
    description["device"] = {**SPEC, "launch_overhead_us": own_us + MORE_US}
    copy_bundle(BUNDLE, folder / "truth", description)
    for name, (batch, widths) in NETWORKS.items():
        network(folder / f"{name}.onnx", batch, widths)
    return folder, folder / "truth"


def true_nodes(planted: tuple[Path, Path], name: str) -> list[dict]:
    """What a runtime that fuses nothing would report of a network, microseconds."""
    folder, truth = planted
    kernels = predict(str(folder / f"{name}.onnx"), truth).report["kernels"]
    graph = {node.name: node for node in onnx.load(folder / f"{name}.onnx").graph.node}
    return [
        {
            "name": kernel["name"],
            "op_type": graph[kernel["name"]].op_type,
            "inputs": list(graph[kernel["name"]].input),
            "outputs": list(graph[kernel["name"]].output),
            "time_us": kernel["latency_us"],
        }
        for kernel in kernels
        if kernel["kind"] != "free"
    ]


def write_records(out: Path, planted: tuple[Path, Path], names: str, gap_us: float = 0.0) -> Path:
    """Records as `gnomon profile` writes them; networks take longer than their kernels."""
    for part in ("records", "networks"):
        (out / part).mkdir(parents=True, exist_ok=True)
    for name in names:
        nodes = true_nodes(planted, name)
        total = sum(node["time_us"] for node in nodes) + gap_us * len(nodes)
        (out / "networks" / f"{name}.onnx").write_bytes((planted[0] / f"{name}.onnx").read_bytes())
        record = {
            "id": name,
            "family": name,
            "model": f"networks/{name}.onnx",
            "end_to_end_us": total,
            "nodes": nodes,
            "settings": {"runtime": "pytorch", "provider": "cuda-eager", "gpu": "Tesla T4"},
        }
        (out / "records" / f"{name}.json").write_text(json.dumps(record))
    return out


def test_planted_factors_and_launches_are_found(planted, tmp_path: Path, gnomon) -> None:
    profiles = write_records(tmp_path / "p", planted, "abcd")
    out, report = tmp_path / "mine", tmp_path / "report.json"
    command = ["adapt", BUNDLE, "--device", "t4", "--profile", profiles, "--out", out]
    assert gnomon(*command, "--json", report) == 0
    said = json.loads(report.read_text())
    assert said["networks"] == 4 and said["left_out"] == "a network in turn"
    launch = said["launch_overhead_us"]
    assert launch["after"] - launch["before"] == pytest.approx(MORE_US, abs=0.5)
    assert said["kinds"]["conv"]["factor"] == pytest.approx(SLOWER, abs=0.04)
    assert said["kinds"]["elementwise"]["factor"] == pytest.approx(1.0, abs=0.03)
    assert said["before"]["network_ape"] > 0.1
    assert said["after_cross_validated"]["network_ape"] < 0.03
    adapted = read_bundle(out)
    assert adapted["calibrated_for"] == "t4"
    assert adapted["provenance"]["adapted"]["from"] == "gpu-pytorch-f32"
    assert adapted["provenance"]["adapted"]["profiled"] == list("abcd")
    for name in NETWORKS:
        file = str(planted[0] / f"{name}.onnx")
        true_ms = predict(file, planted[1]).latency_ms
        assert predict(file, out).latency_ms == pytest.approx(true_ms, rel=0.03)
    again = tmp_path / "again"
    assert gnomon(*command[:-1], again, "-q") == 0
    assert (again / "bundle.json").read_text() == (out / "bundle.json").read_text().replace(
        '"mine"', '"again"'
    )


def test_time_between_kernels_is_found(planted, tmp_path: Path, gnomon) -> None:
    profiles = write_records(tmp_path / "p", planted, "abc", gap_us=2.5)
    out, report = tmp_path / "mine", tmp_path / "report.json"
    command = ["adapt", BUNDLE, "--device", "t4", "--profile", profiles, "--out", out]
    assert gnomon(*command, "--json", report, "-q") == 0
    assert json.loads(report.read_text())["per_kernel_us"] == pytest.approx(2.5, abs=1e-6)
    assert read_bundle(out)["network"]["per_kernel_us"] == pytest.approx(2.5, abs=1e-6)


def trtexec(path: Path, nodes: list[dict]) -> Path:
    layers = [{"name": n["name"], "averageMs": n["time_us"] / 1e3} for n in nodes]
    path.write_text(json.dumps([{"count": 10}, *layers]))
    return path


def test_files_of_other_tools_come_with_their_networks(planted, tmp_path: Path, gnomon) -> None:
    rules = output.RUNTIMES / "pytorch-eager.json"
    command = ["adapt", BUNDLE, "--device", "t4", "--rules", rules, "--out", tmp_path / "o"]
    for name in "bc":
        profile = trtexec(tmp_path / f"{name}.json", true_nodes(planted, name))
        command += ["--profile", profile, "--model", planted[0] / f"{name}.onnx"]
    assert gnomon(*command, "--json", tmp_path / "report.json", "-q") == 0
    said = json.loads((tmp_path / "report.json").read_text())
    assert said["kinds"]["conv"]["factor"] == pytest.approx(SLOWER, abs=0.08)


def test_one_network_leaves_out_kernels(planted, tmp_path: Path, gnomon) -> None:
    profiles = write_records(tmp_path / "p", planted, "c")
    command = ["adapt", BUNDLE, "--device", "t4", "--profile", profiles, "--out", tmp_path / "o"]
    assert gnomon(*command, "--json", tmp_path / "report.json") == 0
    said = json.loads((tmp_path / "report.json").read_text())
    assert said["left_out"] == "every fifth kernel"
    assert said["after_cross_validated"]["median_ape"] < said["before"]["median_ape"]


def relu_table(folder: Path, gpu: str) -> Path:
    """Activations that take 1.5 times as long as is predicted."""
    folder.mkdir()
    lines, file = ["gpu,b,h,latency_ms"], folder / "relu.mlir"
    for b, h in ((2**i, 4096) for i in range(5, 15)):
        image = f"tensor<{b}x{h}xf32>"
        file.write_text(
            f"func.func @f(%x: {image}) -> {image} {{\n"
            f'%y = "onnx.Relu"(%x) : ({image}) -> {image}\nreturn %y : {image}\n}}\n'
        )
        found = predict(str(file), BUNDLE, str(output.DEVICES / "t4.json"))
        lines.append(f"{gpu},{b},{h},{1.5 * found.latency_ms}")
    (folder / "relu.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_tables_of_operators_are_profiles_too(tmp_path: Path, gnomon, capsys) -> None:
    tables, out = relu_table(tmp_path / "p", "NVIDIA T4"), tmp_path / "o"
    command = ["adapt", BUNDLE, "--profile", tables, "--out", out, "--device"]
    assert gnomon(*command, "t4", "--json", tmp_path / "report.json") == 0
    said = json.loads((tmp_path / "report.json").read_text())
    assert said["networks"] == 0 and said["kernels"] == 10
    assert read_bundle(out)["provenance"]["adapted"]["profiled"] == ["operators: relu"]
    assert said["before"]["median_ape"] == pytest.approx(1 / 3, abs=1e-3)
    assert said["after_cross_validated"]["median_ape"] < 0.03
    assert gnomon(*command, "v100") == 2
    assert "the profile of relu is of 'NVIDIA T4'" in " ".join(capsys.readouterr().err.split())


WRONG = {
    "neither": ([], "expected either --measurements M.csv or --profile FILE"),
    "missing": (["--profile", "{tmp}/none.json", "--device", "t4"], "none.json: No such file"),
    "empty": (["--profile", "{tmp}/empty", "--device", "t4"], "expected records/ or tables"),
    "no device": (["--profile", "{tmp}/empty"], "expected --device NAME, the GPU"),
    "no model": (["--profile", "{tmp}/b.json", "--device", "t4"], "expected a --model NET.onnx"),
    "many models": (
        ["--profile", "{tmp}/p", "--model", "{tmp}/b.onnx", "--device", "t4"],
        "no profile of a network is left for it",
    ),
    "other device": (["--profile", "{tmp}/p", "--device", "h200"], "is of 'Tesla T4', expected"),
    "a processor": (["--profile", "{tmp}/p", "--device", "epyc-zen4-1t"], "is of 'Tesla T4'"),
    "sizes": (["--profile", "{tmp}/p", "--dim", "batch=4"], "of the sizes that its network has"),
    "no profile": (["--measurements", "m.csv", "--model", "b.onnx"], "go with --profile"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use_is_told(name: str, planted, tmp_path: Path, gnomon, capsys) -> None:
    (tmp_path / "empty").mkdir()
    write_records(tmp_path / "p", planted, "b")
    trtexec(tmp_path / "b.json", true_nodes(planted, "b"))
    options, expected = WRONG[name]
    options = [option.replace("{tmp}", str(tmp_path)) for option in options]
    assert gnomon("adapt", BUNDLE, "--out", tmp_path / "o", *options) == 2
    assert expected in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o").exists()


def test_kinds_without_a_model_are_told(planted, tmp_path: Path, gnomon, capsys) -> None:
    few = {**read_bundle(BUNDLE)}
    few["kinds"] = {"softmax": few["kinds"]["softmax"]}
    copy_bundle(BUNDLE, tmp_path / "few", few)
    profiles = write_records(tmp_path / "p", planted, "b")
    command = ["--device", "t4", "--profile", profiles, "--out", tmp_path / "o"]
    assert gnomon("adapt", tmp_path / "few", *command) == 2
    assert "expected kernels of the kinds softmax, found conv, elementwise" in " ".join(
        capsys.readouterr().err.split()
    )
    assert gnomon("adapt", "ort-cpu-1t-f32", *command) == 2
    assert "knows one machine; expected one of GPUs" in " ".join(capsys.readouterr().err.split())


def test_drivers_names_mean_devices() -> None:
    assert is_device("NVIDIA A100-SXM4-40GB", "a100-sxm4-40gb")
    assert is_device("NVIDIA GeForce RTX 2080 Ti", "rtx2080ti")
    assert is_device("Tesla T4", "t4") and is_device("mine", "Mine")
    assert not is_device("Tesla V100-PCIE-32GB", "h200")


def made_up(kernels: int, scale: float, launch: float) -> Kernels:
    """Kernels that are at least a launch of 10 us, some of them odd."""
    work = np.geomspace(1.0, 5000.0, kernels)
    launches = 10.0 * LAUNCHES

    def times(launch_us: np.ndarray) -> np.ndarray:
        return np.maximum(launch_us, 0.55 * launch_us + work[:, None])

    measured = scale * times(np.array([10.0 * launch]))[:, 0]
    measured[::9] *= 3.0
    return Kernels("made up", np.full(kernels, "conv"), times(launches), measured)


def test_odd_kernels_do_not_count() -> None:
    found = calibrate(made_up(60, 1.2, 1.5), FREEDOMS[0])
    assert np.exp(found.common) == pytest.approx(1.2, rel=0.05)
    assert np.exp(found.launch) == pytest.approx(1.5, rel=0.12)


def test_few_kernels_stay_near_the_common_factor() -> None:
    many, one = made_up(60, 1.0, 1.0), made_up(60, 2.0, 1.0).take(np.array([40]))
    strange = Kernels("", np.array(["softmax"]), one.predicted_us, one.measured_us)
    choice = choose([many, strange, made_up(30, 1.0, 1.0)])
    factor = np.exp(choice.calibration.scales.get("softmax", 0.0))
    assert 1.0 <= factor < 2.0


def test_equal_kernels_count_once() -> None:
    one = made_up(8, 1.0, 1.0)
    twice = Kernels(
        "",
        np.concatenate([one.kind, one.kind]),
        np.concatenate([one.predicted_us, one.predicted_us]),
        np.concatenate([one.measured_us, 3.0 * one.measured_us]),
    )
    different = twice.different()
    assert len(different.kind) == 8
    assert np.allclose(np.sort(different.measured_us), np.sort(2.0 * one.measured_us))


def residual(path: Path) -> Path:
    """A convolution with a Relu, one with a residual addition and a Relu, a matrix product."""
    weight = np.zeros((64, 64, 3, 3), np.float32)
    weights = [
        numpy_helper.from_array(weight, "w1"),
        numpy_helper.from_array(weight + 1.0, "w2"),
        numpy_helper.from_array(np.zeros((64, 10), np.float32), "w3"),
    ]
    pads = {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["c1"], "conv_1", **pads),
        helper.make_node("Relu", ["c1"], ["r1"], "relu_1"),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], "conv_2", **pads),
        helper.make_node("Add", ["c2", "r1"], ["a"], "add"),
        helper.make_node("Relu", ["a"], ["r2"], "relu_2"),
        helper.make_node("GlobalAveragePool", ["r2"], ["p"], "pool"),
        helper.make_node("Flatten", ["p"], ["f"], "flat"),
        helper.make_node("MatMul", ["f", "w3"], ["y"], "fc"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [8, 64, 32, 32])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [8, 10])
    graph = helper.make_graph(nodes, "residual", [x], [y], weights)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


FUSED = {"conv_1_relu_1": 200.0, "conv_2_add_relu_2": 220.0, "pool": 20.0, "fc": 15.0}
OPERATORS = {"pool": "GlobalAveragePool", "fc": "MatMul"}


def cuda_profile(path: Path) -> Path:
    """Two runs as ONNX Runtime's CUDA provider reports them, each node with its kernel."""
    events = []
    for run in range(2):
        for index, (name, us) in enumerate(FUSED.items()):
            args = {"op_name": OPERATORS.get(name, "FusedConv"), "node_index": str(index)}
            common = {"pid": 1, "tid": 1, "ts": 1000 * run + index, "ph": "X"}
            args["provider"] = "CUDAExecutionProvider"
            event = {"cat": "Node", "name": f"{name}_kernel_time", "dur": 9, "args": args}
            kernel = {"op_name": args["op_name"], "parent_name": f"{name}_kernel_time"}
            events.append({**common, **event})
            events.append({**common, "cat": "Kernel", "name": "k", "dur": us, "args": kernel})
    path.write_text(json.dumps(events))
    return path


def tensorrt_profile(path: Path) -> Path:
    names = ["conv_1 + relu_1", "conv_2 + add + relu_2", "pool", "fc"]
    layers = zip(names, FUSED.values(), strict=True)
    path.write_text(json.dumps([{"name": name, "averageMs": us / 1e3} for name, us in layers]))
    return path


@pytest.mark.parametrize(
    ("write", "rules"), [(cuda_profile, "onnxruntime-cuda"), (tensorrt_profile, "tensorrt")]
)
def test_kernels_are_formed_as_the_profiled_runtime_does(
    write, rules: str, tmp_path: Path, gnomon
) -> None:
    model, profile = residual(tmp_path / "net.onnx"), write(tmp_path / "profile.json")
    command = ["adapt", BUNDLE, "--device", "t4", "--profile", profile, "--model", model]
    command += ["--out", tmp_path / "o", "--json", tmp_path / "report.json", "-q"]
    assert gnomon(*command) == 0
    said = json.loads((tmp_path / "report.json").read_text())
    assert said["runtime"] == rules and said["unjoined_us"] == 0.0
    # The bundle cannot tell the two convolutions apart, which then count as one.
    assert said["kernels"] == 3 and said["kinds"]["conv"]["kernels"] == 1
    assert read_bundle(tmp_path / "o")["runtime"]["rules"]["name"] == rules
    kernels = predict(str(model), tmp_path / "o").report["kernels"]
    costed = [kernel["ops"] for kernel in kernels if kernel["kind"] != "free"]
    assert [len(ops) for ops in costed] == [2, 3, 1, 1]
