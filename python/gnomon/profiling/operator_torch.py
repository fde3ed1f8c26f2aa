"""Operators in PyTorch on a GPU, timed by CUDA events around each call."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from ..measuring import cuda
from ..measuring.target import State
from .operators import BINARY, TABLES

WARM_UP = 10
SCALAR = 2.0


def load(device: int) -> ModuleType:
    """The package torch, if it can use the GPU; ValueError says what is missing."""
    try:
        import torch
    except ImportError as error:
        raise ValueError("--runtime pytorch: expected the package torch, found none") from error
    check(torch, device)
    return torch


def check(torch: ModuleType, device: int) -> None:
    """Raises ValueError if this torch has no such GPU."""
    if not torch.cuda.is_available():
        raise ValueError(
            f"--runtime pytorch: torch {torch.__version__} has no CUDA device: expected a build "
            "for CUDA, a driver and a GPU"
        )
    if device >= torch.cuda.device_count():
        raise ValueError(
            f"--device cuda:{device}: expected a GPU below {torch.cuda.device_count()}"
        )


def operator_call(
    torch: ModuleType, op: str, dims: tuple[int, ...], device: int
) -> Callable[[], object]:
    """Something that calls the operator once on tensors that are on the GPU."""
    d = dict(zip(TABLES[op], dims, strict=True))
    functions = torch.nn.functional

    def tensor(*shape: int) -> object:
        return torch.rand(shape, device=f"cuda:{device}") + 0.5

    if "kernel" in d:
        x = tensor(d["b"], d["c_in"], d["size"], d["size"])
        if op.endswith("pool"):
            pool = functions.max_pool2d if op == "maxpool" else functions.avg_pool2d
            return lambda: pool(x, d["kernel"], d["stride"], d["padding"])
        groups = d["c_in"] if op == "dwconv" else 1
        out = d.get("c_out", d["c_in"])
        weight = tensor(out, d["c_in"] // groups, d["kernel"], d["kernel"])
        bias, window = tensor(out), (d["stride"], d["padding"])
        return lambda: functions.conv2d(x, weight, bias, *window, groups=groups)
    if op == "linear":
        x, weight, bias = tensor(d["b"] * d["m"], d["n"]), tensor(d["k"], d["n"]), tensor(d["k"])
        return lambda: functions.linear(x, weight, bias)
    if op == "bmm":
        left, right = tensor(d["b"], d["m"], d["n"]), tensor(d["b"], d["n"], d["k"])
        return lambda: torch.bmm(left, right)
    return _on_rows(torch, op, tensor, d["b"], d["h"])


def _on_rows(
    torch: ModuleType, op: str, tensor: Callable[..., object], rows: int, width: int
) -> Callable[[], object]:
    x, functions = tensor(rows, width), torch.nn.functional
    if op == "softmax":
        return lambda: functions.softmax(x, -1)
    if op == "ln":
        weight, bias = tensor(width), tensor(width)
        return lambda: functions.layer_norm(x, (width,), weight, bias)
    plain = op.removesuffix("u")
    if plain in BINARY:
        call = getattr(torch, plain)
        other = tensor(rows, width) if op == plain else SCALAR
        return lambda: call(x, other)
    call = functions.gelu if op == "gelu" else getattr(torch, op)
    return lambda: call(x)


class TorchOperators:
    """Times operators in eager mode: f32 without TF32, the fastest algorithm of convolutions."""

    def __init__(self, torch: ModuleType, device: int = 0) -> None:
        self.torch, self.device = torch, device
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = True

    def settings(self) -> dict[str, object]:
        """What the journal says of the runtime."""
        return {
            "runtime": f"pytorch {self.torch.__version__}",
            "provider": "cuda",
            "provider_options": {"allow_tf32": "0", "cudnn_benchmark": "1"},
            "gpu": self.torch.cuda.get_device_name(self.device),
        }

    def state(self) -> State:
        """What `nvidia-smi` says of the GPU."""
        return cuda.state(self.device)

    def times_us(self, op: str, dims: tuple[int, ...], seconds: float, most: int) -> list[float]:
        """Times of calls between two events on the stream, in microseconds."""
        torch = self.torch
        with torch.no_grad(), torch.cuda.device(self.device):
            call = operator_call(torch, op, dims, self.device)
            for _ in range(WARM_UP):
                call()
            torch.cuda.synchronize()
            times: list[float] = []
            while len(times) < 4 or (sum(times) < seconds * 1e6 and len(times) < most):
                begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
                begin.record()
                call()
                end.record()
                torch.cuda.synchronize()
                times.append(1e3 * begin.elapsed_time(end))
        return times
