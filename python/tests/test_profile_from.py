"""`gnomon profile --from`: profiles of other tools become records and operator rows."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pandas as pd
import pytest
from onnx import TensorProto, helper, numpy_helper

from gnomon.cli.output import BadInput
from gnomon.cli.profile_from import Import, check_alone, run_import
from gnomon.learning.profiles import covered_times, read_records

DATA = Path(__file__).parent / "data" / "profiles"


def residual_network(path: Path) -> Path:
    """Two convolutions, one around a residual, a pool and a matrix product, with names."""
    shapes = {"w1": (8, 8, 3, 3), "w2": (8, 8, 3, 3), "w3": (8, 4), "b3": (4,)}
    rng = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(rng.standard_normal(shape, dtype=np.float32), name)
        for name, shape in shapes.items()
    ]
    pads = {"pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["c1"], name="conv1", **pads),
        helper.make_node("Relu", ["c1"], ["r1"], name="relu1"),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], name="conv2", **pads),
        helper.make_node("Add", ["c2", "r1"], ["a"], name="add"),
        helper.make_node("Relu", ["a"], ["r2"], name="relu2"),
        helper.make_node("GlobalAveragePool", ["r2"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flat"),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["y"], name="fc"),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 8, 16, 16])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])
    graph = helper.make_graph(nodes, "residual", [x], [y], weights)
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return residual_network(tmp_path / "residual.onnx")


def _record(folder: Path) -> dict:
    (path,) = (folder / "records").glob("*.json")
    return json.loads(path.read_text())


def _table(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def _profile_here(network: Path, runs: int) -> Path:
    options = ort.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(network.with_suffix(""))
    session = ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    for _ in range(runs):
        session.run(None, {"x": np.ones((2, 8, 16, 16), np.float32)})
    return Path(session.end_profiling())


def test_a_profile_of_this_runtime_joins_every_node(gnomon, network, tmp_path, capsys):
    profile = _profile_here(network, 4)
    out = tmp_path / "out"
    assert gnomon("profile", "--from", profile, "--model", network, "--out", out) == 0
    record = _record(out)
    assert record["unjoined"] == 0 and all(node["outputs"] for node in record["nodes"])
    assert record["settings"]["provider"] == "CPUExecutionProvider"
    assert all(len(node["visits_us"]) == 3 for node in record["nodes"])
    assert record["end_to_end_us"] >= record["sum_us"] > 0
    assert (out / record["model"]).is_file()
    assert "100.0% of the time joined" in capsys.readouterr().out
    assert gnomon("profile", "--from", profile, "--model", network, "--out", out, "-q") == 0
    again = _record(out)
    assert [n["outputs"] for n in again["nodes"]] == [n["outputs"] for n in record["nodes"]]
    assert again["id"] == record["id"] and again["sum_us"] == record["sum_us"]


def test_a_measured_time_replaces_the_profiled_run(gnomon, network, tmp_path):
    profile, out = _profile_here(network, 2), tmp_path / "out"
    command = ["profile", "--from", profile, "--model", network, "--out", out, "-q"]
    assert gnomon(*command, "--latency-ms", "0.125") == 0
    assert _record(out)["end_to_end_us"] == 125.0


def test_records_from_profiles_train_a_bundle(gnomon, network, tmp_path):
    out = tmp_path / "out"
    for runs in (2, 3, 4):
        profile = _profile_here(network, runs)
        assert gnomon("profile", "--from", profile, "--model", network, "--out", out, "-q") == 0
    bundle = tmp_path / "bundle"
    assert gnomon("train", out, "--out", bundle, "-q") == 0
    description = json.loads((bundle / "bundle.json").read_text())
    assert description["runtime"]["provider"] == "cpu"
    assert description["provenance"]["join"]["time_joined"] > 0.7


def test_cuda_nodes_take_the_time_of_their_kernels(gnomon, network, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["profile", "--from", DATA / "ort_cuda.json", "--model", network, "--out", out]
    assert gnomon(*command, "--json", out / "report.json") == 0
    record = _record(out)
    times = {node["name"]: node["time_us"] for node in record["nodes"]}
    assert times["conv1"] == 40 and times["conv2"] == 23 and times["add"] == 5
    assert times["flat"] == 0
    assert record["end_to_end_us"] == 118
    outputs = {node["name"]: node["outputs"] for node in record["nodes"]}
    assert outputs["conv1"] == ["c1"] and outputs["Memcpy"] == []
    report = json.loads((out / "report.json").read_text())
    assert report["left_out"] == {
        "kernels that no node launched": 1,
        "nodes that the network does not have: MemcpyToHost": 1,
    }
    assert report["entries"] == 8 * 3 + 8 * 3 + 1
    assert "left out: 1 kernels that no node launched" in capsys.readouterr().err
    (kept,) = read_records(out)
    assert kept.provider == "cuda" and kept.runtime == "onnxruntime"


def test_cuda_nodes_without_kernels_are_refused(gnomon, network, tmp_path, capsys):
    events = json.loads((DATA / "ort_cuda.json").read_text())
    path = tmp_path / "stock.json"
    path.write_text(json.dumps([e for e in events if e["cat"] != "Kernel"]))
    assert gnomon("profile", "--from", path, "--model", network, "--out", tmp_path / "o") == 2
    assert "their times are those of launches" in capsys.readouterr().err


def test_layers_of_tensorrt_cover_nodes(gnomon, network, tmp_path, capsys):
    out = tmp_path / "out"
    files = ["--from", DATA / "trtexec_profile.json", "--from", DATA / "trtexec_layers.json"]
    assert gnomon("profile", *files, "--model", network, "--out", out) == 0
    record = _record(out)
    nodes = {node["name"]: node for node in record["nodes"]}
    fused = nodes["conv2 + add + relu2"]
    assert fused["members"] == ["c2", "a", "r2"] and fused["outputs"] == ["r2"]
    assert fused["time_us"] == pytest.approx(30) and fused["op_type"] == "Conv"
    assert nodes["pool"]["inputs"] == ["r2"]
    copy = next(node for name, node in nodes.items() if name.startswith("Reformatting"))
    assert copy["members"] == [] and copy["op_type"] == "Reformat"
    assert record["unjoined"] == 1 and "1 nodes that the network does not have" in (
        capsys.readouterr().err
    )
    (kept,) = read_records(out)
    assert kept.runtime == "trtexec" and kept.provider == "tensorrt"


def test_layer_names_alone_say_what_was_fused(gnomon, network, tmp_path, capsys):
    out = tmp_path / "out"
    profile = json.loads((DATA / "trtexec_profile.json").read_text())
    profile.append({"name": "{ForeignNode[pool...fc]}", "averageMs": 0.01})
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(profile))
    assert gnomon("profile", "--from", path, "--model", network, "--out", out) == 0
    nodes = {node["name"]: node for node in _record(out)["nodes"]}
    assert nodes["conv1 + relu1"]["members"] == ["c1", "r1"]
    assert nodes["fc + fc_bias"]["members"] == ["y"]
    assert "1 layers hide what they fused" in capsys.readouterr().err


def test_what_a_layer_fused_silently_lies_inside(gnomon, network, tmp_path):
    out, path = tmp_path / "out", tmp_path / "profile.json"
    names = ["w1 + conv1", "w2 + conv2 + add", "PWN(pool)", "fc"]
    entries = [{"name": name, "averageMs": 0.5} for name in names]
    path.write_text(json.dumps([{"count": 1}, *entries]))
    assert gnomon("profile", "--from", path, "--model", network, "--out", out, "-q") == 0
    members = {node["name"]: node["members"] for node in _record(out)["nodes"]}
    assert members["w1 + conv1"] == ["c1", "r1"]
    assert members["w2 + conv2 + add"] == ["c2", "a", "r2"]
    assert members["PWN(pool)"] == ["p"]


def test_covered_times_add_up_or_are_missing():
    kernels = pd.DataFrame(
        {"tensors": [["c1", "r1"], ["c2", "a", "r2"], ["p"]], "outputs": [["r1"], ["r2"], ["p"]]}
    )

    def times(*nodes: tuple[float, list[str]]) -> list[float]:
        return covered_times(kernels, [{"time_us": t, "members": m} for t, m in nodes])

    assert times((3, ["c1"]), (4, ["r1"]), (5, ["c2", "a", "r2"]), (1, ["p"])) == [7, 5, 1]
    beyond = times((3, ["c1", "r1"]), (5, ["c2", "a"]), (6, ["r2", "p"]))
    assert beyond[0] == 3 and np.isnan(beyond[1:]).all()
    assert np.isnan(times((3, ["c1"]))).all()


def test_a_trace_of_pytorch_becomes_operator_rows(gnomon, tmp_path, capsys):
    out = tmp_path / "out"
    report = tmp_path / "report.json"
    trace = DATA / "pytorch_trace.json"
    assert gnomon("profile", "--from", trace, "--out", out, "--json", report) == 0
    (conv,) = _table(out / "conv.csv")
    assert conv.pop("gpu") == "Example GPU 16GB"
    assert list(conv.values()) == ["2", "3", "16", "3", "32", "1", "1", "0.043"]
    (linear,) = _table(out / "linear.csv")
    assert [linear[c] for c in ("b", "m", "n", "k")] == ["1", "14", "64", "128"]
    assert float(linear["latency_ms"]) == pytest.approx(0.0122)
    (relu,) = _table(out / "relu.csv")
    assert (relu["b"], relu["h"], relu["latency_ms"]) == ("1024", "32", "0.0045")
    assert _table(out / "softmax.csv")[0]["h"] == "7"
    assert _table(out / "ln.csv")[0]["b"] == "14"
    assert _table(out / "mulu.csv")[0]["latency_ms"] == "0.00175"
    (bmm,) = _table(out / "bmm.csv")
    assert [bmm[c] for c in ("b", "m", "n", "k")] == ["8", "7", "16", "7"]
    left_out = json.loads(report.read_text())["left_out"]
    assert left_out == {
        "calls of aten::add that repeat an operand": 3,
        "calls of aten::bmm on c10::Half": 3,
        "kernels of aten::cat": 3,
        "kernels that no operator launched": 1,
    }
    assert "times on the device, launches left out" in capsys.readouterr().err


def test_a_packed_trace_without_kernels_tells_host_times(gnomon, tmp_path, capsys):
    trace = json.loads((DATA / "pytorch_trace.json").read_text())
    trace["traceEvents"] = [e for e in trace["traceEvents"] if e.get("cat") == "cpu_op"]
    path, out = tmp_path / "trace.json.gz", tmp_path / "out"
    path.write_bytes(gzip.compress(json.dumps(trace).encode()))
    assert gnomon("profile", "--from", path, "--out", out, "--gpu", "my-cpu") == 0
    assert _table(out / "conv.csv")[0] == {
        **{"gpu": "my-cpu", "b": "2", "c_in": "3", "c_out": "16", "kernel": "3", "size": "32"},
        **{"stride": "1", "padding": "1", "latency_ms": "0.06"},
    }
    error = capsys.readouterr().err
    assert "the trace has no kernels" in error
    assert "operators without a table: aten::cat" in error


def test_tables_of_nn_meter_become_operator_rows(gnomon, tmp_path, capsys):
    out = tmp_path / "out"
    files = ["--from", DATA / "nnmeter_header.csv", "--from", DATA / "nnmeter_joined.csv"]
    assert gnomon("profile", *files, "--out", out, "--gpu", "phone") == 0
    convs = [tuple(row.values()) for row in _table(out / "conv.csv")]
    assert convs == [
        ("phone", "1", "3", "32", "3", "112", "2", "1", "4.5"),
        ("phone", "1", "64", "128", "1", "56", "1", "0", "9.5"),
        ("phone", "1", "64", "128", "3", "56", "1", "1", "31.25"),
    ]
    assert len(_table(out / "dwconv.csv")) == 2  # 14_480_5_1 twice: the last stands.
    assert _table(out / "linear.csv")[0]["k"] == "1000"
    assert _table(out / "add.csv")[0]["b"] == "784"
    assert _table(out / "maxpool.csv")[0]["stride"] == "2"
    error = capsys.readouterr().err
    assert "left out: 1 kernels without an operator table: hswish" in error
    assert "left out: 1 kernels without an operator table: global-avgpool" in error


def test_rows_replace_those_of_the_same_dimensions(gnomon, tmp_path):
    out, table = tmp_path / "out", tmp_path / "t.csv"
    for latency in ("2.0", "3.0"):
        table.write_text(f"kernel,CIN,COUT,latency\nfc,8,4,{latency}\n")
        assert gnomon("profile", "--from", table, "--out", out, "--gpu", "phone", "-q") == 0
    (row,) = _table(out / "linear.csv")
    assert row["latency_ms"] == "3"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '[{"cat": "Node", "name": "x_kernel_time"', "a.json:1:41: expected JSON"),
        ("a.json", '[{"cat": "Node", "name": "x_kernel_time"}]', "at $[0]: expected a member"),
        (
            "a.json",
            '[{"cat":"Node","name":"x_kernel_time","dur":-1,"args":{"op_name":"Add"}}]',
            "at $[0].dur: expected a duration, 0 or more, found -1",
        ),
        (
            "a.json",
            '[{"cat":"Node","name":"x_kernel_time","dur":1,"args":{"op_name":7}}]',
            "at $[0].args.op_name: expected a string, found 7",
        ),
        ("a.json", '[{"cat": "Session", "name": "other"}]', "expected events of category Node"),
        ("a.json", '[{"count": 1}, {"name": "x", "averageMs": "1"}]', "at $[1].averageMs"),
        ("a.json", '{"Layers": []}', "expected one file of --exportProfile"),
        ("a.json", '{"traceEvents": 3}', "at $.traceEvents: expected a list, found 3"),
        ("a.json", '{"traceEvents": []}', "expected events of category cpu_op, found none"),
        ("a.json", '{"other": 1}', "expected a profile of onnxruntime, trtexec, pytorch, nn-meter"),
        ("a.json", "[" * 100_000, "expected JSON"),
        ("a.csv", "hello\n", "expected a profile of"),
        ("a.csv", "", "expected a profile of"),
        ("a.csv", "kernel,CIN,COUT,latency\nfc,8,x,1\n", "a.csv:2: expected a whole number"),
        ("a.csv", "kernel,CIN,COUT,latency\nfc,8,4,nan\n", "a.csv:2: expected positive milli"),
        ("a.csv", "kernel,CIN,latency\nfc,8,4\n", "a.csv:2: expected a column cout"),
        ("a.csv", "m,conv,56_3_8,1.5\n", "a.csv:1: expected HW_CIN_COUT_KERNEL_SIZE_STRIDES"),
        ("a.csv", "m,hswish,56_3,1.5\n", "expected operators with a table, found none of 1"),
    ],
)
def test_malformed_files_are_told(network, tmp_path, name, text, message):
    path, out = tmp_path / name, tmp_path / "out"
    path.write_text(text)
    model = network if '"cat"' in text or "averageMs" in text else None
    with pytest.raises(BadInput) as told:
        run_import(out, Import([path], gpu="g", model=model), None, True)
    assert str(path) in str(told.value) and message in str(told.value)
    assert not out.exists()


def test_options_that_mean_nothing_together_are_told(gnomon, network, tmp_path, capsys):
    table, trace = DATA / "nnmeter_header.csv", DATA / "pytorch_trace.json"
    profile = DATA / "ort_cuda.json"
    wrong = {
        "expected --gpu NAME": Import([table]),
        "expected onnxruntime like the others, found pytorch": Import([profile, trace]),
        "has operators, not the nodes": Import([trace], model=network),
        "expected --model NET.onnx": Import([profile]),
        "no format 'vtune'": Import([trace], format="vtune"),
        "expected positive milliseconds": Import([trace], latency_ms=0.0),
        "none.json: No such file": Import([tmp_path / "none.json"]),
        "expected an ONNX model": Import([profile], model=table),
        "expected JSON": Import([table], format="onnxruntime"),
        "--model goes with --from": Import([], model=network),
    }
    for message, given in wrong.items():
        with pytest.raises(BadInput) as told:
            check_alone(given, {})
            run_import(tmp_path / "out", given, None, True)
        assert message in str(told.value)
    assert gnomon("profile", "--from", trace, "--adaptive", "--out", tmp_path / "out") == 2
    assert "does not go with --adaptive" in capsys.readouterr().err


def test_the_profile_of_another_network_is_refused(gnomon, tmp_path, capsys):
    other = helper.make_model(helper.make_graph([], "empty", [], []))
    path = tmp_path / "other.onnx"
    onnx.save(other, path)
    command = ["profile", "--from", DATA / "ort_cuda.json", "--model", path]
    assert gnomon(*command, "--out", tmp_path / "out") == 2
    assert "expected the network of the profile, found none of its 8 nodes" in (
        capsys.readouterr().err
    )


def test_the_example_of_the_documentation(gnomon, tmp_path, monkeypatch, capsys):
    root = DATA.parents[3]
    text = (root / "docs" / "measuring.md").read_text()
    blocks = text.split("```\n")[1::2]
    (shown,) = [n for n, block in enumerate(blocks) if block.startswith("gnomon profile --from")]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "python").symlink_to(root / "python")
    printed = ""
    for command in blocks[shown].splitlines():
        assert gnomon(*command.split()[1:]) == 0
        captured = capsys.readouterr()
        printed += captured.err + captured.out
    assert printed == blocks[shown + 1]


@pytest.mark.parametrize("sample", sorted(path.name for path in DATA.glob("*.*[nv]")))
def test_damaged_files_end_in_a_message(network, tmp_path, sample):
    """Truncated or altered samples: read, or refused; never anything else."""
    whole = (DATA / sample).read_bytes()
    rng = np.random.default_rng(len(whole))
    model = network if sample.startswith(("ort", "trtexec")) else None
    refused = 0
    for number in range(60):
        data = bytearray(whole)
        if number % 2:
            del data[rng.integers(len(data)) :]
        else:
            for _ in range(3):
                data[rng.integers(len(data))] = rng.choice(list(b'"{}[],:0-x\n'))
        path = tmp_path / f"{number}-{sample}"
        path.write_bytes(bytes(data))
        try:
            run_import(tmp_path / "out", Import([path], gpu="g", model=model), None, True)
        except BadInput:
            refused += 1
    assert refused > 10


def _mangled(value: object, rng: np.random.Generator) -> object:
    """The same JSON with some values of another type."""
    if rng.random() < 0.01:
        return rng.choice(np.array([None, "text", -1, 1e400, True, [], {}], dtype=object))
    if isinstance(value, list):
        return [_mangled(one, rng) for one in value]
    if isinstance(value, dict):
        return {key: _mangled(one, rng) for key, one in value.items() if rng.random() > 0.003}
    return value


@pytest.mark.parametrize("sample", sorted(path.name for path in DATA.glob("*.json")))
def test_values_of_wrong_types_end_in_a_message(network, tmp_path, sample):
    whole = json.loads((DATA / sample).read_text())
    rng = np.random.default_rng(5)
    model = network if sample.startswith(("ort", "trtexec")) else None
    for number in range(60):
        path = tmp_path / f"{number}-{sample}"
        path.write_text(json.dumps(_mangled(whole, rng)))
        files = [path, DATA / "trtexec_profile.json"] if "layers" in sample else [path]
        with contextlib.suppress(BadInput):
            run_import(tmp_path / "out", Import(files, gpu="g", model=model), None, True)
