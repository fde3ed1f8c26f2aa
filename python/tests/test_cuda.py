"""Measuring on an NVIDIA GPU, without one: recorded answers, a fake runtime, a fake torch.

The CUDA provider itself has not run in these tests; what surrounds it runs on the CPU provider.
"""

from __future__ import annotations

import csv
import json
import shutil
from itertools import count
from types import SimpleNamespace

import onnxruntime
import pytest
from test_profile_from import residual_network

from gnomon.evaluation.operators.tables import read_folder
from gnomon.learning.profiles import read_records
from gnomon.learning.train import train
from gnomon.measuring import cuda
from gnomon.measuring.network import Network
from gnomon.measuring.rounds import Protocol, measure
from gnomon.measuring.target import CPU, Target
from gnomon.profiling.collect import Plan, collect
from gnomon.profiling.operate import OnnxOperators, OperatorPlan, measure_operators
from gnomon.profiling.operator_models import operator_model
from gnomon.profiling.operator_samples import CPU_LIMITS, Limits, sample, size_of
from gnomon.profiling.operator_torch import TorchOperators, check
from gnomon.profiling.operators import TABLES, read_table
from gnomon.profiling.readers.source import Unreadable
from gnomon.sizes import Sizes

SMALL = Limits(1 << 18, 1e6)


def _shell(answers: dict[str, str]):
    """A shell in which `nvidia-smi` answers by the first field that is asked for."""

    def run(command: list[str]) -> str:
        asked = next(word for word in command if word.startswith("--query-gpu="))
        field = asked.removeprefix("--query-gpu=").split(",")[0]
        if field not in answers:
            raise FileNotFoundError("nvidia-smi")
        return answers[field]

    return run


ANSWERS = {"name": "Example GPU 16GB\n", "clocks.sm": "1380, 877, 41, [N/A]\n"}
RUNTIME = SimpleNamespace(
    __version__="1.31.1",
    get_available_providers=lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
)


def pretended() -> Target:
    """A target that says it is a GPU and runs on the CPU provider, inputs and outputs bound."""
    clocks = count(1300, 10)
    return Target(
        name="cuda",
        provider="CPUExecutionProvider",
        bound=("cpu", 0),
        device="Example GPU 16GB",
        state=lambda: {"clock_sm_mhz": float(next(clocks)), "temperature_c": 40.0},
    )


def test_the_provider_is_found_with_its_options_and_state():
    target = cuda.find(1, RUNTIME, _shell(ANSWERS))
    assert target.provider == "CUDAExecutionProvider" and target.bound == ("cuda", 1)
    assert target.settings()["provider_options"] == {"device_id": "1", **cuda.OPTIONS}
    assert target.settings()["gpu"] == "Example GPU 16GB"
    assert target.state() == {"clock_sm_mhz": 1380, "clock_mem_mhz": 877, "temperature_c": 41}


def test_a_machine_without_nvidia_smi_has_no_state():
    target = cuda.find(0, RUNTIME, _shell({}))
    assert target.device == "cuda:0" and target.state() == {}


def test_what_is_missing_is_told(gnomon, tmp_path, capsys):
    with pytest.raises(ValueError, match=r"expected CUDAExecutionProvider.*nvidia-smi does not"):
        cuda.find(0, onnxruntime, _shell({}))
    for text in ("gpu", "cuda:", "cuda:x"):
        with pytest.raises(ValueError, match="expected cpu, cuda or cuda:NUMBER"):
            cuda.device_number(text)
    assert (cuda.device_number("cuda"), cuda.device_number("cuda:2")) == (0, 2)
    network = residual_network(tmp_path / "net.onnx")
    for command in (
        ["profile", "--device", "cuda", "--out", tmp_path / "o"],
        ["profile", "--device", "cuda", "--operators", "all", "--out", tmp_path / "o"],
        ["measure", network, "--device", "cuda", "--out", tmp_path / "m.csv"],
    ):
        assert gnomon(*command) == 2
        assert "expected CUDAExecutionProvider" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [network]


def test_wrong_use_is_told(gnomon, tmp_path, capsys):
    wrong = {
        "expected --operators beside it": ["--runtime", "pytorch"],
        "expected onnxruntime or pytorch": ["--operators", "all", "--runtime", "jax"],
        "expected cpu, cuda or cuda:NUMBER": ["--device", "tpu"],
        "no table 'fft'": ["--operators", "relu,fft"],
        "does not go with --adaptive": ["--operators", "relu", "--adaptive"],
    }
    for message, options in wrong.items():
        assert gnomon("profile", *options, "--out", tmp_path / "o") == 2
        assert message in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_silent_fallback_is_an_error(tmp_path):
    target = Target("cuda", "CUDAExecutionProvider")
    with pytest.raises(ValueError, match="fell back to CPUExecutionProvider"):
        target.open(residual_network(tmp_path / "net.onnx"))


def test_a_profile_without_kernels_names_the_way_out(gnomon, tmp_path, monkeypatch, capsys):
    def blind(*_arguments: object) -> int:
        raise Unreadable("no event of category Kernel")

    monkeypatch.setattr("gnomon.cli.profile.collect", blind)
    assert gnomon("profile", "--out", tmp_path / "o") == 2
    assert "measures operators (--operators all)" in capsys.readouterr().err


def test_warming_goes_on_until_the_clock_stands_still():
    now = count()
    clocks = iter([300.0, 900.0, 1370.0, 1380.0, 1380.0])
    worked: list[int] = []

    def warm(most: float) -> dict[str, float]:
        return cuda.warm_up(
            work=lambda: worked.append(1),
            read=lambda: {"clock_sm_mhz": next(clocks)},
            seconds=3.0,
            most=most,
            clock=lambda: float(next(now)),
        )

    assert warm(1000.0) == {"clock_sm_mhz": 1380.0}
    assert len(worked) >= 3
    clocks = iter([300.0, 900.0, 1500.0])
    assert warm(0.0) == {"clock_sm_mhz": 900.0}
    assert cuda.warm_up(lambda: None, dict, 0.0) == {}


def test_networks_are_measured_with_bound_tensors_and_states(tmp_path):
    network = Network(str(residual_network(tmp_path / "net.onnx")), Sizes())
    protocol = Protocol(rounds=3, seconds=0.0, target=pretended())
    (measured,) = measure([network], protocol, lambda *_: None)
    row = measured.row()
    assert measured.error is None and measured.batch == 2 and row["rounds"] == 3
    assert row["clock_sm_mhz"] == 1300.0 and row["temperature_c"] == 40.0


def test_bound_runs_fill_the_outputs(tmp_path):
    target = pretended()
    model, feed = operator_model("addu", (3, 5))
    session = target.open(model.SerializeToString())
    assert session.run(None, feed)[0] == pytest.approx(feed["x0"] + 2.0)
    target.runner(session, feed)()


def test_profiled_networks_carry_the_gpu_and_its_states(tmp_path):
    plan = Plan(seed=3, rounds=2, more_rounds=0, batch=2, seconds=0.0, only=("dense_stack",))
    folder = tmp_path / "gpu"
    assert collect(folder, plan, 5.0, lambda line: None, 2, target=pretended()) == 2
    records = [json.loads(path.read_text()) for path in (folder / "records").iterdir()]
    for record in records:
        assert record["settings"]["provider"] == "cuda"
        assert record["settings"]["gpu"] == "Example GPU 16GB"
        assert all(one["clock_sm_mhz"] >= 1300 for one in record["rounds"])
    assert {record.provider for record in read_records(folder)} == {"cuda"}


def test_records_of_two_providers_do_not_train_together(tmp_path):
    plan = Plan(seed=3, rounds=1, more_rounds=0, batch=1, seconds=0.0, only=("dense_stack",))
    for name, target in (("one", CPU), ("two", pretended())):
        collect(tmp_path / name, plan, 5.0, lambda line: None, 1, target=target)
    for part in ("records", "networks"):
        for path in (tmp_path / "two" / part).iterdir():
            shutil.copy(path, tmp_path / "one" / part / f"other-{path.name}")
    with pytest.raises(ValueError, match=r"records of one runtime and provider, found .*cpu, cuda"):
        train(tmp_path / "one", tmp_path / "b", {}, {}, None, {})


@pytest.mark.parametrize("op", TABLES)
def test_samples_keep_the_limits_and_their_models_run(op):
    drawn = [sample(op, 1, index, SMALL) for index in range(12)]
    assert len(set(drawn)) > 6 and drawn[0] == sample(op, 1, 0, SMALL)
    for dims in drawn[:2]:
        assert len(dims) == len(TABLES[op])
        size, flops = size_of(op, dims)
        assert size <= SMALL.bytes and flops <= SMALL.flops
        model, feed = operator_model(op, dims)
        (output,) = CPU.open(model.SerializeToString()).run(None, feed)
        used = sum(value.nbytes for value in feed.values()) + output.nbytes
        assert used <= size * 1.01 + 64


def _quick(ops: tuple[str, ...], gpu: str = "here", rounds: int = 2) -> OperatorPlan:
    return OperatorPlan(ops, gpu, SMALL, seed=4, rounds=rounds, seconds=0.0)


def test_operators_go_on_where_they_stopped(tmp_path):
    plan = _quick(("relu", "softmax"))
    lines: list[str] = []
    runtime = OnnxOperators(pretended())
    assert measure_operators(tmp_path, plan, runtime, 5.0, lines.append, 3) == {
        "relu": 2,
        "softmax": 1,
    }
    first = read_table(tmp_path / "relu.csv")
    journal = tmp_path / "operators.jsonl"
    line = json.loads(journal.read_text())
    assert line["samples"] == [["relu", 0], ["softmax", 0], ["relu", 1]]
    assert line["settings"]["provider"] == "cuda" and len(line["states"]) == plan.rounds
    with journal.open("a") as file:
        file.write('{"seed": 4, "gp')
    measure_operators(tmp_path, plan, runtime, 5.0, lines.append, 2)
    assert set(first) <= set(read_table(tmp_path / "relu.csv"))
    done = [
        tuple(s) for text in journal.read_text().splitlines() for s in json.loads(text)["samples"]
    ]
    assert done == [("relu", 0), ("softmax", 0), ("relu", 1), ("softmax", 1), ("relu", 2)]


def test_an_operator_that_fails_is_set_aside(tmp_path):
    class Failing(OnnxOperators):
        def times_us(self, op, dims, seconds, most):
            if op == "tanh":
                raise RuntimeError("out of memory\nat some place")
            return super().times_us(op, dims, seconds, most)

    lines: list[str] = []
    plan = _quick(("relu", "tanh"))
    assert measure_operators(tmp_path, plan, Failing(), 5.0, lines.append, 2) == {"relu": 1}
    line = json.loads((tmp_path / "operators.jsonl").read_text())
    assert line["failed"] == {"tanh/0": "out of memory"}
    assert any("set aside: out of memory" in text for text in lines)


def test_the_command_measures_operators_here(gnomon, tmp_path, capsys):
    command = ["profile", "--operators", "ln,gelu", "--limit", "2", "--rounds", "1", "--gpu", "me"]
    assert gnomon(*command, "--seconds", "0", "--out", tmp_path) == 0
    assert "gelu.csv (1 rows), ln.csv (1 rows)" in capsys.readouterr().out
    with (tmp_path / "ln.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["gpu"] == "me" and float(row["latency_ms"]) > 0
    assert sample("ln", 1, 0, CPU_LIMITS) == (int(row["b"]), int(row["h"]))


class _Event:
    """An event of a stream whose clock advances by 20 us a call of an operator."""

    def __init__(self, torch: FakeTorch) -> None:
        self.torch, self.at = torch, 0.0

    def record(self) -> None:
        self.at = self.torch.now_ms

    def elapsed_time(self, end: _Event) -> float:
        return end.at - self.at


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class _Tensor(tuple):
    """A shape; a sum with a number is the same shape."""

    def __add__(self, other: object) -> _Tensor:
        return self


class FakeTorch:
    """As much of the package torch as measuring needs."""

    __version__ = "2.9.0"

    def __init__(self, gpus: int = 1) -> None:
        self.now_ms, self.calls = 0.0, []
        names = ("conv2d", "max_pool2d", "avg_pool2d", "linear", "softmax", "layer_norm", "gelu")
        self.nn = SimpleNamespace(
            functional=SimpleNamespace(**{name: self._operator(name) for name in names})
        )
        for name in ("bmm", "add", "mul", "div", "pow", "relu", "tanh"):
            setattr(self, name, self._operator(name))
        self.cuda = SimpleNamespace(
            Event=lambda enable_timing: _Event(self),
            synchronize=lambda: None,
            device=lambda index: _Nothing(),
            is_available=lambda: gpus > 0,
            device_count=lambda: gpus,
            get_device_name=lambda index: "Example GPU 16GB",
        )
        self.backends = SimpleNamespace(
            cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=True)),
            cudnn=SimpleNamespace(allow_tf32=True, benchmark=False),
        )
        self.no_grad = _Nothing

    def rand(self, shape: tuple[int, ...], device: str) -> _Tensor:
        assert device == "cuda:0"
        return _Tensor(shape)

    def _operator(self, name: str):
        def call(*arguments: object, **named: object) -> None:
            self.now_ms += 0.02
            self.calls.append((name, arguments, named))

        return call


def test_torch_is_checked_for_a_gpu():
    with pytest.raises(ValueError, match=r"torch 2\.9\.0 has no CUDA device"):
        check(FakeTorch(0), 0)
    with pytest.raises(ValueError, match="expected a GPU below 1"):
        check(FakeTorch(1), 1)


@pytest.mark.parametrize("op", TABLES)
def test_torch_operators_are_timed_by_events(op):
    torch = FakeTorch()
    runtime = TorchOperators(torch)
    assert torch.backends.cuda.matmul.allow_tf32 is False and torch.backends.cudnn.benchmark
    times = runtime.times_us(op, sample(op, 1, 0, SMALL), seconds=0.0, most=200)
    assert times == pytest.approx([20.0] * 4)
    assert len(torch.calls) == 10 + 4


def test_torch_operators_have_the_shapes_of_their_table():
    torch = FakeTorch()
    runtime = TorchOperators(torch)
    runtime.times_us("dwconv", (2, 6, 3, 8, 1, 1), 0.0, 4)
    name, (x, weight, bias, stride, padding), named = torch.calls[-1]
    assert (name, x, weight, bias) == ("conv2d", (2, 6, 8, 8), (6, 1, 3, 3), (6,))
    assert (stride, padding, named) == (1, 1, {"groups": 6})
    runtime.times_us("linear", (1, 5, 7, 3), 0.0, 4)
    assert torch.calls[-1][1] == ((5, 7), (3, 7), (3,))
    runtime.times_us("mulu", (5, 7), 0.0, 4)
    assert torch.calls[-1] == ("mul", ((5, 7), 2.0), {})


def test_measured_tables_are_those_that_are_evaluated(tmp_path):
    plan = _quick(tuple(TABLES))
    measure_operators(tmp_path, plan, OnnxOperators(), 5.0, lambda line: None, len(TABLES))
    tables = read_folder(tmp_path)
    assert set(tables) == set(TABLES)
    for name, table in tables.items():
        (row,) = read_table(tmp_path / f"{name}.csv")
        assert tuple(table.sizes[0]) == row.dims
        assert table.latency_us[0] == pytest.approx(1e3 * row.latency_ms)
