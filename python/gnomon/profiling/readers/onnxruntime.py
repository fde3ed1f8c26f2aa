"""Profiles of ONNX Runtime: what `SessionOptions.enable_profiling` leaves behind.

A list of events of Chrome's trace format, times in microseconds
(https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html). Category `Node`,
name `NAME_kernel_time`: one execution of a node of the optimised graph, its operator, provider and
index in `args`. Category `Session`, name `model_run`: one run. Category `Kernel`, in builds with
CUDA profiling (microsoft/onnxruntime pull requests 8406 and 9567): one kernel on the device, listed
behind the node that launched it, whose operator is `args.op_name`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .reading import NetworkTimes, Reading, TimedNode
from .source import Source, Unreadable, Value

NAME = "onnxruntime"
CATEGORIES = ("Session", "Node", "Kernel", "Api")
SUFFIX = "_kernel_time"
CPU = "CPUExecutionProvider"


def recognises(source: Source) -> bool:
    """A list of events of the runtime's categories."""
    raw = source.json.raw if source.looks_like_json else None
    return isinstance(raw, list) and any(
        isinstance(event, dict) and event.get("cat") in CATEGORIES for event in raw[:100]
    )


@dataclass
class _Execution:
    """One execution of a node: the host's time, and the kernels it launched."""

    host_us: float
    kernels_us: list[float] = field(default_factory=list)


@dataclass
class _Node:
    name: str
    op_type: str
    provider: str
    executions: list[_Execution] = field(default_factory=list)


@dataclass
class _Session:
    """The events of one file."""

    nodes: dict[tuple[str, str], _Node] = field(default_factory=dict)
    runs_us: list[float] = field(default_factory=list)
    last: dict[str, _Execution] = field(default_factory=dict)
    """The newest execution by operator and by name of the event, for the kernels behind it."""
    kernels: int = 0

    def add_node(self, event: Value, name: str) -> None:
        args = event.member("args")
        op_type = args.member("op_name").text()
        provider = args.find("provider")
        index = args.find("node_index")
        node = self.nodes.setdefault(
            (str(index.raw) if index else "", name),
            _Node(name, op_type, provider.text() if provider else CPU),
        )
        execution = _Execution(event.member("dur").duration())
        node.executions.append(execution)
        self.last[op_type] = self.last[name + SUFFIX] = execution

    def add_kernel(self, event: Value) -> bool:
        """Whether the kernel has a node."""
        args = event.member("args")
        names = [args.find(key) for key in ("parent_name", "op_name")]
        owner = next((self.last[n.text()] for n in names if n and n.text() in self.last), None)
        if owner is None:
            return False
        owner.kernels_us.append(event.member("dur").duration())
        self.kernels += 1
        return True


def _check_device_times(source: Source, session: _Session) -> None:
    foreign = sorted({n.provider for n in session.nodes.values()} - {CPU})
    if foreign and not session.kernels:
        raise Unreadable(
            f"{source.path}: found nodes of {', '.join(foreign)} but no event of category Kernel: "
            "their times are those of launches; expected a profile of a build with CUDA profiling"
        )


def _read_events(source: Source, reading: Reading) -> _Session:
    session = _Session()
    for event in source.json.elements():
        category, named = event.find("cat"), event.find("name")
        if category is None or named is None:
            continue
        kind, name = category.text(), named.text()
        if kind == "Node" and name.endswith(SUFFIX):
            reading.events += 1
            session.add_node(event, name.removesuffix(SUFFIX))
        elif kind == "Kernel":
            reading.events += 1
            if not session.add_kernel(event):
                reading.left_out["kernels that no node launched"] += 1
        elif kind == "Session" and name == "model_run":
            session.runs_us.append(event.member("dur").duration())
    if not session.nodes:
        raise Unreadable(
            f"{source.path}: expected events of category Node named ..{SUFFIX}, found none"
        )
    _check_device_times(source, session)
    return session


def _timed(node: _Node, on_device: bool) -> TimedNode:
    device = on_device and node.provider != CPU
    times = [sum(e.kernels_us) if device else e.host_us for e in node.executions]
    return TimedNode(node.name, node.op_type, times[1:] or times)


def _merge(sessions: list[_Session]) -> NetworkTimes:
    """Several profiles of one network: a node's times are those of all of them."""
    nodes: dict[tuple[str, str], TimedNode] = {}
    for session in sessions:
        for key, node in session.nodes.items():
            one = _timed(node, session.kernels > 0)
            known = nodes.setdefault(key, TimedNode(one.name, one.op_type, []))
            known.times_us += one.times_us
    providers = {n.provider for session in sessions for n in session.nodes.values()}
    devices = ",".join(sorted(providers - {CPU})) or CPU
    runs = [us for session in sessions for us in session.runs_us[1:] or session.runs_us]
    return NetworkTimes(list(nodes.values()), devices, runs)


def read_session(source: Source) -> NetworkTimes:
    """The profile of one session, whose first execution of a node is warm-up."""
    return _merge([_read_events(source, Reading(NAME))])


def read(sources: list[Source], gpu: str | None) -> Reading:
    """Profiles of one network; the first execution of a session is warm-up."""
    reading = Reading(NAME)
    sessions = [_read_events(source, reading) for source in sources]
    reading.network = _merge(sessions)
    if any(session.kernels for session in sessions):
        reading.notes.append("node times are the sums of their kernels on the device")
    return reading
