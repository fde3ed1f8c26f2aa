"""Latencies of a GPU that nobody measured, from its data sheet and from other GPUs' latencies.

Time on the device is a sum over kernels of (work of a kind) x (cost of that kind on a reference
device) x (slowdown of the device).  The slowdown mixes two ratios: of the kernel's roofline
times (Williams, Waterman, Patterson 2009), and of the numbers of multiprocessors, which bound
how many requests to memory are under way (Little's law: what waits for memory gets faster with
more multiprocessors, not with a faster clock).  Few devices cannot tell the two apart: a priori
each has half of the time.  The host launches kernels meanwhile, so that a network takes the
longer of the two times, rounded off where they are close (a p-norm).  What the host needs is not
in the data sheet; it is taken from the other devices.

What the formula leaves over on the known devices, at the batch that is asked for, corrects it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize

from gnomon.evaluation.models.columns import smooth_all
from gnomon.evaluation.task import CannotPredict, Column, Measured, Networks, Pool

ROWS = 200
"""Networks of a column that the formula is fitted to."""
TOLERANCE = 0.1
"""Relative error of the formula that counts as one standard deviation."""
INDEPENDENT = 30.0
"""As many independent observations a column is worth."""
SHARE_SPREAD = 0.15
"""Standard deviation of the logit of the share that goes with the multiprocessors."""
COST_SPREAD = 2.0
"""Of the logarithm of a cost."""
UNKNOWN_SPREAD = 0.5
"""Of log(measured / predicted) of a new device, where one device alone is known."""
CONTRACTIONS = ("conv", "gemm", "matmul", "attention")


@dataclass(frozen=True)
class Sheet:
    """What the formula needs of a data sheet."""

    flops: float
    bytes: float
    """A second."""
    multiprocessors: float

    @staticmethod
    def of(column: Column) -> Sheet | None:
        numbers = column.numbers
        if not numbers:
            return None
        return Sheet(
            numbers["fp32_tflops"] * 1e12, numbers["mem_bw_gbps"] * 1e9, float(numbers["sms"])
        )

    @staticmethod
    def mean(sheets: list[Sheet]) -> Sheet:
        table = np.log([[s.flops, s.bytes, s.multiprocessors] for s in sheets])
        return Sheet(*np.exp(table.mean(axis=0)))


class Work:
    """The kernels of the networks, by the kinds of work in them."""

    def __init__(self, networks: Networks) -> None:
        kernels = networks.kernels
        numbers = kernels[["flops", "bytes_in", "bytes_out", "bytes_weights"]].fillna(0.0)
        self.counts = networks.counts
        self.flops = numbers["flops"].to_numpy()
        self.activations = (numbers["bytes_in"] + numbers["bytes_out"]).to_numpy()
        self.weights = numbers["bytes_weights"].to_numpy()
        self.launches = self.counts @ (kernels["kind"] != "free").to_numpy(dtype=float)
        self.launches /= self.launches.mean()
        parts = []
        for kind in sorted(set(kernels["kind"]) - {"free"}):
            member = (kernels["kind"] == kind).to_numpy(dtype=float)
            parts += [member * numbers["bytes_in"], member * numbers["bytes_out"]]
            if kind.startswith(CONTRACTIONS):
                parts.append(member * self.flops)
        work = np.column_stack(parts)
        total = np.asarray(self.counts @ work)
        varying = total.std(axis=0) > 1e-9 * total.mean(axis=0)
        self.kinds = work[:, varying] / total[:, varying].mean(axis=0)
        """(K, P): of one run of each kernel; the mean network has one of each part."""

    def roofline(self, sheet: Sheet, batch: int) -> np.ndarray:
        """(K,): seconds."""
        moved = self.activations * batch + self.weights
        return np.maximum(self.flops * batch / sheet.flops, moved / sheet.bytes) + 1e-12

    def on(self, sheet: Sheet, batch: int, reference: Sheet) -> tuple[np.ndarray, np.ndarray]:
        """(n, P) each: work times the slowdown by roofline, and by multiprocessors."""
        ratio = self.roofline(sheet, batch) / self.roofline(reference, batch)
        slower = reference.multiprocessors / sheet.multiprocessors
        plain = np.asarray(self.counts @ self.kinds)
        return np.asarray(self.counts @ (self.kinds * ratio[:, None])) * batch, (
            plain * slower * batch
        )


@dataclass(frozen=True)
class Formula:
    """The fitted costs."""

    work: Work
    reference: Sheet
    cost: np.ndarray
    """(P,): milliseconds of each part at batch 1 on the reference device."""
    share: float
    """Of the time that goes with the multiprocessors."""
    power: float
    launch_ms: dict[str, float]
    """Of the mean network, by device."""

    def predict(self, sheet: Sheet, batch: int, launch_ms: float) -> np.ndarray:
        """(n,): milliseconds."""
        roofline, waiting = self.work.on(sheet, batch, self.reference)
        device = roofline @ (self.cost * (1 - self.share)) + waiting @ (self.cost * self.share)
        return longer_of(device, self.work.launches * launch_ms, self.power)

    @property
    def usual_launch_ms(self) -> float:
        """Geometric mean over devices."""
        return float(np.exp(np.mean(np.log(list(self.launch_ms.values())))))


def longer_of(a: np.ndarray, b: np.ndarray, power: float) -> np.ndarray:
    """The p-norm of two times."""
    most = np.maximum(a, b)
    return most * ((a / most) ** power + (b / most) ** power) ** (1.0 / power)


def device_of(column: Column) -> str:
    """The device's name; a column without one is a device of its own."""
    return column.device or column.name


def fit_formula(work: Work, sources: list[Measured]) -> Formula:
    """Costs, share and launch times that explain the sources, by robust least squares."""
    devices = sorted({device_of(s.column) for s in sources})
    sheets = [sheet for sheet in (Sheet.of(s.column) for s in sources) if sheet]
    by_device = {device_of(s.column): sheet for s, sheet in zip(sources, sheets, strict=True)}
    reference = Sheet.mean([by_device[name] for name in devices])
    problem = _Problem.of(work, sources, sheets, reference, devices)
    found = scipy.optimize.least_squares(problem.residuals, problem.start, loss="soft_l1").x
    cost, share, power, launch = problem.unpack(found)
    return Formula(
        work, reference, cost, share, power, dict(zip(devices, launch.tolist(), strict=True))
    )


@dataclass(frozen=True)
class _Problem:
    """Least squares over the logarithms of costs and launch times."""

    roofline: list[np.ndarray]
    waiting: list[np.ndarray]
    launches: list[np.ndarray]
    log_measured: list[np.ndarray]
    device: list[int]
    start: np.ndarray
    parts: int

    @staticmethod
    def of(
        work: Work,
        sources: list[Measured],
        sheets: list[Sheet],
        reference: Sheet,
        devices: list[str],
    ) -> _Problem:
        roofline, waiting, launches, log_measured = [], [], [], []
        for source, sheet in zip(sources, sheets, strict=True):
            chosen = _some(source)
            rows = source.rows[chosen]
            a, b = work.on(sheet, source.column.batch, reference)
            roofline.append(a[rows])
            waiting.append(b[rows])
            launches.append(work.launches[rows])
            log_measured.append(np.log(source.latency_ms[chosen]))
        parts = work.kinds.shape[1]
        largest = max(s.column.batch for s in sources)
        per_image = [
            s.latency_ms.mean() / s.column.batch for s in sources if s.column.batch == largest
        ]
        device = [devices.index(device_of(s.column)) for s in sources]
        fastest = [
            min(s.latency_ms.mean() for s in sources if device_of(s.column) == name)
            for name in devices
        ]
        cost = np.full(parts, np.log(0.75 * np.mean(per_image) / parts))
        start = np.concatenate([cost, [0.0, 1.0], np.log(fastest)])
        return _Problem(roofline, waiting, launches, log_measured, device, start, parts)

    def unpack(self, x: np.ndarray) -> tuple[np.ndarray, float, float, np.ndarray]:
        """Costs, the multiprocessors' share, the norm's power, launch times by device."""
        p = self.parts
        share = 1.0 / (1.0 + np.exp(-x[p]))
        return np.exp(x[:p]), float(share), 1.0 + float(np.exp(x[p + 1])), np.exp(x[p + 2 :])

    def residuals(self, x: np.ndarray) -> np.ndarray:
        cost, share, power, launch = self.unpack(x)
        parts = []
        for i, measured in enumerate(self.log_measured):
            device = self.roofline[i] @ (cost * (1 - share)) + self.waiting[i] @ (cost * share)
            time = longer_of(device, self.launches[i] * launch[self.device[i]], power)
            weight = np.sqrt(INDEPENDENT / len(measured)) / TOLERANCE
            parts.append((np.log(time) - measured) * weight)
        p = self.parts
        prior = [(x[:p] - self.start[:p]) / COST_SPREAD, x[p : p + 1] / SHARE_SPREAD]
        return np.concatenate([*parts, *prior, x[p + 1 : p + 2] - self.start[p + 1]])


class DataSheetModel:
    """Fitted to the sources that have data sheets."""

    def __init__(self, networks: Networks, work: Work, sources: list[Measured]) -> None:
        self.networks, self.sources = networks, sources
        self.formula = fit_formula(work, sources)

    def predict(self, column: Column) -> np.ndarray:
        """(n,): milliseconds of every network on a column with a data sheet."""
        launch = self.formula.usual_launch_ms
        return self._formula(column, launch) * np.exp(self._left_over(column.batch))

    def _formula(self, column: Column, launch_ms: float) -> np.ndarray:
        sheet = Sheet.of(column)
        assert sheet is not None
        return self.formula.predict(sheet, column.batch, launch_ms)

    def _left_over(self, batch: int) -> np.ndarray:
        """(n,): mean log(measured / formula) of the columns whose batch is closest."""
        least = min(batches_apart(s.column, batch) for s in self.sources)
        close = tuple(s for s in self.sources if batches_apart(s.column, batch) <= least)
        smoothed = np.log(smooth_all(self.networks, close))
        own = [
            np.log(self._formula(s.column, self.formula.launch_ms[device_of(s.column)]))
            for s in close
        ]
        return (smoothed - np.column_stack(own)).mean(axis=1)


def batches_apart(column: Column, batch: int) -> float:
    """Distance of logarithms."""
    return abs(float(np.log(column.batch / batch)))


@dataclass(frozen=True)
class ZeroShot:
    """Latencies of all networks on a target that was never measured."""

    latency_ms: np.ndarray
    """(n,)"""
    left_out: dict[str, np.ndarray]
    """By column: the same for a source, its device left out; one column a device."""
    residuals: list[np.ndarray]
    """log(measured / predicted) of those, by device."""
    text: str
    """What it rests on, for people."""

    @property
    def spread(self) -> float:
        """Standard deviation of log(measured / predicted)."""
        squares = [float(np.mean(device**2)) for device in self.residuals]
        return float(np.sqrt(np.mean(squares))) if squares else UNKNOWN_SPREAD


def zero_shot(pool: Pool) -> ZeroShot:
    """From the target's data sheet and the sources that have one; CannotPredict without."""
    sources = [source for source in pool.sources if Sheet.of(source.column)]
    if Sheet.of(pool.target) is None or not sources:
        raise CannotPredict("no data sheet of the target, or none of any source")
    work = Work(pool.networks)
    model = DataSheetModel(pool.networks, work, sources)
    left_out, residuals = {}, []
    for source in _one_a_device(sources, pool.target.batch):
        rest = [s for s in sources if device_of(s.column) != device_of(source.column)]
        if not rest:
            continue
        found = DataSheetModel(pool.networks, work, rest).predict(source.column)
        left_out[source.column.name] = found
        chosen = _some(source)
        residuals.append(np.log(source.latency_ms[chosen] / found[source.rows[chosen]]))
    devices = len({device_of(s.column) for s in sources})
    return ZeroShot(
        model.predict(pool.target),
        left_out,
        residuals,
        f"data sheets of {devices} devices, {model.formula.share:.0%} by multiprocessors",
    )


def _one_a_device(sources: list[Measured], batch: int) -> list[Measured]:
    """Of every device the column whose batch is closest."""
    best: dict[str, Measured] = {}
    for source in sources:
        name = device_of(source.column)
        apart = batches_apart(source.column, batch)
        if name not in best or apart < batches_apart(best[name].column, batch):
            best[name] = source
    return list(best.values())


def _some(source: Measured) -> np.ndarray:
    """Numbers of at most ROWS measurements, spread over all of them."""
    return np.linspace(0, len(source) - 1, min(ROWS, len(source))).astype(int)
