"""Traces of PyTorch's profiler: `torch.profiler.profile(record_shapes=True)`, exported for Chrome.

An object whose `traceEvents` are complete events (`ph` is `X`), times in microseconds
(https://docs.pytorch.org/docs/stable/profiler.html, https://github.com/pytorch/kineto). Category
`cpu_op`: an operator on the host, its shapes in `args["Input Dims"]`, element types in `args["Input
type"]`, numbers in `args["Concrete Inputs"]`; operators nest by time within a thread. Category
`kernel`: work on the device, which names the operator that launched it by `args["External id"]`, or
the call of the runtime by `args.correlation`, which in turn lies inside the operator.
`deviceProperties` name the device.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from ..operators import Row
from .aten import describe, is_operator
from .reading import Reading
from .source import Source, Unreadable, Value

NAME = "pytorch"
LAUNCHES = ("cuda_runtime", "cuda_driver")
CATEGORIES = ("cpu_op", "kernel", *LAUNCHES)


def _events(source: Source) -> Value:
    whole = source.json
    return whole if isinstance(whole.raw, list) else whole.member("traceEvents")


def recognises(source: Source) -> bool:
    """`traceEvents`, or a bare list of events with PyTorch's categories."""
    raw = source.json.raw if source.looks_like_json else None
    if isinstance(raw, dict):
        return "traceEvents" in raw
    return isinstance(raw, list) and any(
        isinstance(event, dict) and event.get("cat") in CATEGORIES for event in raw[:1000]
    )


@dataclass(eq=False)
class _Operator:
    """A call of an operator on the host; `begin` and `end` in microseconds."""

    event: Value
    name: str
    thread: tuple[str, str]
    begin: float
    end: float
    parent: _Operator | None = None
    kernels_us: list[float] = field(default_factory=list)

    def outermost(self) -> _Operator | None:
        """The outermost call around this one, itself included, that has an operator table."""
        found, one = None, self
        while one is not None:
            found = one if is_operator(one.name) else found
            one = one.parent
        return found


@dataclass
class _Trace:
    operators: list[_Operator] = field(default_factory=list)
    launches: dict[object, Value] = field(default_factory=dict)
    kernels: list[Value] = field(default_factory=list)
    by_id: dict[object, _Operator] = field(default_factory=dict)
    by_thread: dict[tuple[str, str], list[_Operator]] = field(
        default_factory=lambda: defaultdict(list)
    )


def _thread(event: Value) -> tuple[str, str]:
    return str(event.member("pid").raw), str(event.member("tid").raw)


def _argument(event: Value, key: str) -> object:
    args = event.find("args")
    found = args.find(key) if args is not None else None
    return None if found is None or isinstance(found.raw, list | dict) else found.raw


def _collect(source: Source) -> _Trace:
    trace = _Trace()
    for event in _events(source).elements():
        category, phase = event.find("cat"), event.find("ph")
        if category is None or phase is None or phase.raw != "X":
            continue
        if category.raw == "cpu_op":
            begin = event.member("ts").number()
            end = begin + event.member("dur").duration()
            name = event.member("name").text()
            trace.operators.append(_Operator(event, name, _thread(event), begin, end))
        elif category.raw == "kernel":
            trace.kernels.append(event)
        elif category.raw in LAUNCHES:
            trace.launches[_argument(event, "correlation")] = event
    return trace


def _nest(trace: _Trace) -> None:
    """Finds the parents of operators: the calls of the same thread that enclose them."""
    for operator in sorted(trace.operators, key=lambda o: (o.thread, o.begin, -o.end)):
        calls = trace.by_thread[operator.thread]
        above = calls[-1] if calls else None
        while above is not None and above.end <= operator.begin:
            above = above.parent
        operator.parent = above
        calls.append(operator)
        if (identity := _argument(operator.event, "External id")) is not None:
            trace.by_id[identity] = operator


def _around(trace: _Trace, launch: Value) -> _Operator | None:
    """The innermost operator around a call of the runtime."""
    calls = trace.by_thread.get(_thread(launch), [])
    when = launch.member("ts").number()
    before = bisect_right(calls, when, key=lambda call: call.begin)
    one = calls[before - 1] if before else None
    while one is not None and one.end < when:
        one = one.parent
    return one


def _owner(trace: _Trace, kernel: Value) -> _Operator | None:
    identity = _argument(kernel, "External id")
    if identity is not None and identity in trace.by_id:
        return trace.by_id[identity]
    launch = trace.launches.get(_argument(kernel, "correlation"))
    if launch is None or _argument(launch, "correlation") is None:
        return None
    return _around(trace, launch)


def _on_device(trace: _Trace, reading: Reading) -> list[_Operator]:
    """Gives kernels to the operators that launched them; returns those with a table."""
    found: dict[int, _Operator] = {}
    for kernel in trace.kernels:
        owner = _owner(trace, kernel)
        target = owner.outermost() if owner else None
        if target is None:
            name = f"of {owner.name}" if owner else "that no operator launched"
            reading.left_out[f"kernels {name}"] += 1
            continue
        target.kernels_us.append(kernel.member("dur").duration())
        found[id(target)] = target
    reading.events += len(trace.kernels)
    return list(found.values())


def _on_host(trace: _Trace, reading: Reading) -> list[_Operator]:
    """Operators with a table as the host timed them, where the trace has no kernels."""
    found = [o for o in trace.operators if o.outermost() is o]
    around: set[int] = set()
    for operator in found:
        operator.kernels_us.append(operator.end - operator.begin)
        one = operator.parent
        while one is not None:
            around.add(id(one))
            one = one.parent
    lost = [
        o
        for o in trace.operators
        if o.outermost() is None
        and id(o) not in around
        and (o.parent is None or id(o.parent) in around)
    ]
    reading.left_out.update(f"operators without a table: {o.name}" for o in lost)
    reading.events += len(found) + len(lost)
    return found


def _device(source: Source) -> str | None:
    """The name of the first device of the trace."""
    whole = source.json
    devices = whole.find("deviceProperties") if isinstance(whole.raw, dict) else None
    first = next(devices.elements(), None) if devices is not None else None
    name = first.find("name") if first is not None else None
    return name.text() if name is not None else None


def _rows(operators: list[_Operator], gpu: str, reading: Reading) -> list[Row]:
    """A row for every distinct operator: the median over its calls, the first left out."""
    times: dict[tuple[str, tuple[int, ...]], list[float]] = {}
    for operator in operators:
        described = describe(operator.name, operator.event)
        if isinstance(described, str):
            reading.left_out[described] += len(operator.kernels_us)
            continue
        times.setdefault(described, []).append(sum(operator.kernels_us))
    rows = []
    for (op, dims), all_us in times.items():
        typical = median(all_us[1:] or all_us)
        if typical > 0:
            rows.append(Row(op, gpu, dims, typical / 1e3))
        else:
            reading.left_out["operators that took no time"] += 1
    return rows


def read(sources: list[Source], gpu: str | None) -> Reading:
    """Operator rows: the time on the device without its launch."""
    reading = Reading(NAME)
    for source in sources:
        trace = _collect(source)
        if not trace.operators:
            raise Unreadable(
                f"{source.path}: expected events of category cpu_op, found none: "
                "profile with ProfilerActivity.CPU, too"
            )
        _nest(trace)
        name = gpu or _device(source)
        if name is None:
            raise Unreadable(f"{source.path}: does not name its device: expected --gpu NAME")
        found = _on_device(trace, reading) if trace.kernels else _on_host(trace, reading)
        reading.rows += _rows(found, name, reading)
        note = (
            "latencies are times on the device, launches left out"
            if trace.kernels
            else "latencies are times of the host: the trace has no kernels"
        )
        if note not in reading.notes:
            reading.notes.append(note)
    return reading
