"""What the system says of this machine: cores, caches, vector width, clock, memory."""

import os
import re
from pathlib import Path

import psutil

_SYSFS = Path("/sys/devices/system/cpu/cpu0/cache")


def _bytes(text: str) -> int:
    match = re.fullmatch(r"(\d+)([KMG]?)", text.strip())
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2]] if match else 0


def caches() -> dict[str, int]:
    """Sizes in bytes of the data caches of processor 0, by level: l1d, l2, l3."""
    found: dict[str, int] = {}
    for index in sorted(_SYSFS.glob("index*")):
        try:
            level, kind = (
                (index / "level").read_text().strip(),
                (index / "type").read_text().strip(),
            )
            size = _bytes((index / "size").read_text())
        except OSError:
            continue
        if kind != "Instruction" and size:
            found["l1d" if level == "1" else f"l{level}"] = size
    return found


def processor_flags() -> set[str]:
    """The instruction-set flags of /proc/cpuinfo; empty where there is none."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    match = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return set(match[1].split()) if match else set()


def processor_name() -> str:
    """The model name of /proc/cpuinfo, or `cpu`."""
    try:
        match = re.search(
            r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE
        )
    except OSError:
        match = None
    return match[1].strip() if match else "cpu"


def simd_bits(flags: set[str]) -> int:
    """Width of the widest vector registers that inference libraries use."""
    if "avx512f" in flags:
        return 512
    return 256 if "avx2" in flags else 128


def memory_bytes() -> int:
    """Physical memory."""
    return psutil.virtual_memory().total


def usable_cores() -> int:
    """Processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def clock_hz() -> float | None:
    """The clock that the system reports; virtual machines may report a nominal one, or none."""
    frequency = psutil.cpu_freq()
    return frequency.current * 1e6 if frequency and frequency.current else None
