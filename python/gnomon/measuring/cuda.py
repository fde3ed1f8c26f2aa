"""NVIDIA GPUs: what there is, what is missing, and the state of their clocks.

Clocks, temperature and power come from `nvidia-smi --query-gpu`
(https://docs.nvidia.com/deploy/nvidia-smi/). A GPU that idles runs at a fraction of its clock: work
runs before the first measurement until the clock stands still.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from types import ModuleType

import onnxruntime

from .target import State, Target

PROVIDER = "CUDAExecutionProvider"
OPTIONS = {"use_tf32": "0", "cudnn_conv_algo_search": "EXHAUSTIVE"}
"""f32 is f32, and convolutions take the fastest algorithm instead of the first that comes."""

QUERY = {
    "clocks.sm": "clock_sm_mhz",
    "clocks.mem": "clock_mem_mhz",
    "temperature.gpu": "temperature_c",
    "power.draw": "power_w",
}
STILL = 0.01
"""Two readings of a clock this close together count as one."""

Shell = Callable[[list[str]], str]


def run_shell(command: list[str]) -> str:
    """The standard output of a program; OSError or CalledProcessError where there is none."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


def _query(device: int, fields: list[str], shell: Shell) -> list[str] | None:
    command = ["nvidia-smi", f"--id={device}", f"--query-gpu={','.join(fields)}"]
    try:
        text = shell([*command, "--format=csv,noheader,nounits"])
    except (OSError, subprocess.SubprocessError):
        return None
    cells = [cell.strip() for cell in text.strip().split(",")]
    return cells if len(cells) == len(fields) else None


def state(device: int = 0, shell: Shell = run_shell) -> State:
    """What `nvidia-smi` says of a GPU now; without what it does not know."""
    cells = _query(device, list(QUERY), shell) or []
    found = {}
    for name, cell in zip(QUERY.values(), cells, strict=False):
        try:
            found[name] = float(cell)
        except ValueError:
            continue  # [N/A] on GPUs that do not tell.
    return found


def device_number(text: str) -> int:
    """The GPU of `cuda` or `cuda:1`."""
    kind, _, number = text.partition(":")
    if kind != "cuda" or not (number.isdigit() or text == "cuda"):
        raise ValueError(f"--device: expected cpu, cuda or cuda:NUMBER, found '{text}'")
    return int(number or 0)


def find(device: int = 0, runtime: ModuleType = onnxruntime, shell: Shell = run_shell) -> Target:
    """The CUDA provider on a GPU; ValueError says what is missing."""
    named = _query(device, ["name"], shell)
    providers = runtime.get_available_providers()
    if PROVIDER not in providers:
        driver = "" if named else f"; and nvidia-smi does not answer for GPU {device}"
        raise ValueError(
            f"--device cuda: ONNX Runtime {runtime.__version__} here has {', '.join(providers)}: "
            f"expected {PROVIDER}, of the package onnxruntime-gpu and its CUDA and cuDNN "
            f"libraries{driver}"
        )
    return Target(
        name="cuda",
        provider=PROVIDER,
        options={"device_id": str(device), **OPTIONS},
        bound=("cuda", device),
        device=named[0] if named else f"cuda:{device}",
        state=lambda: state(device, shell),
    )


def warm_up(
    work: Callable[[], object],
    read: Callable[[], State],
    seconds: float = 2.0,
    most: float = 20.0,
    clock: Callable[[], float] = time.monotonic,
) -> State:
    """Works for `seconds` at least, and on until the clock stands still or `most` is over.

    Returns the state it leaves the GPU in; without `nvidia-smi` that is empty.
    """
    begin, before = clock(), read()
    while True:
        until = clock() + seconds
        while clock() < until:
            work()
        now = read()
        old, new = before.get("clock_sm_mhz"), now.get("clock_sm_mhz")
        if old is None or new is None or abs(new - old) <= STILL * new:
            return now
        if clock() - begin >= most:
            return now
        before = now
