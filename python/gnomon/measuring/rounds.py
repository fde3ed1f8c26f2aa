"""Interleaved rounds: every network once a round, in random order, with fresh sessions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log
from random import Random
from statistics import median

from .calibration import Calibration
from .network import Network
from .session import timed_runs
from .target import CPU, State, Target


@dataclass(frozen=True)
class Protocol:
    """How to measure: the value is the minimum over `rounds` separated rounds."""

    threads: int = 1
    rounds: int = 6
    seconds: float = 0.6
    min_runs: int = 4
    seed: int = 1
    target: Target = CPU


@dataclass
class Measured:
    """Round minima, all runs and calibration of one network, in microseconds; or why it failed."""

    name: str
    minima: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    calibration: list[float] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    """Clocks, temperature and power of a GPU after each round."""
    batch: int | None = None
    """The first size of the first input."""
    error: str | None = None

    @property
    def latency_us(self) -> float:
        return min(self.minima)

    def row(self) -> dict[str, object]:
        """CSV columns behind `model,latency_ms`: dispersion and calibration."""
        low = self.latency_us
        ordered = sorted(self.minima)
        return {
            "latency_ms": round(low / 1e3, 6),
            "median_ms": round(median(self.runs) / 1e3, 6),
            "second_round_excess": round(ordered[min(1, len(ordered) - 1)] / low - 1, 5),
            "round_spread": round(ordered[-1] / low - 1, 5),
            "rounds": len(self.minima),
            "runs": len(self.runs),
            "calibration_min_us": min(self.calibration),
            "calibration_max_us": max(self.calibration),
            **self._extremes(),
        }

    def _extremes(self) -> dict[str, float]:
        """The least clocks and the highest temperature and power of all rounds."""
        names = dict.fromkeys(name for state in self.states for name in state)
        pick = {name: min if name.startswith("clock") else max for name in names}
        return {n: f(s[n] for s in self.states if n in s) for n, f in pick.items()}


def _visit(
    network: Network, measured: Measured, protocol: Protocol, calibration: Calibration
) -> None:
    try:
        session = network.open(threads=protocol.threads, target=protocol.target)
        feed = network.feed(session)
        run = protocol.target.runner(session, feed)
        run()
        times = timed_runs(run, protocol.seconds, protocol.min_runs)
    except Exception as error:
        measured.error = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        return
    first = next(iter(feed.values()), None)
    measured.batch = first.shape[0] if first is not None and first.ndim else None
    measured.states.append(protocol.target.state())
    measured.minima.append(min(times))
    measured.runs += times
    measured.calibration.append(round(calibration.run(2), 1))


def measure(
    networks: list[Network], protocol: Protocol, after_round: Callable[[int, list[Measured]], None]
) -> list[Measured]:
    """Measures all networks; a network that fails keeps its error and the others go on."""
    order, calibration = Random(protocol.seed), Calibration(protocol.threads, protocol.target)
    results = [Measured(n.name) for n in networks]
    pairs = list(zip(networks, results, strict=True))
    for number in range(protocol.rounds):
        order.shuffle(pairs)
        for network, measured in pairs:
            if measured.error is None:
                _visit(network, measured, protocol, calibration)
        after_round(number + 1, results)
    return results


def differences(measured: list[Measured]) -> list[float]:
    """|ln(A/B)| of two interleaved halves of the rounds of each network: the protocol's own error,
    overstated by its half length.
    """
    whole = [m.minima for m in measured if m.error is None and len(m.minima) >= 2]
    return sorted(abs(log(min(m[::2]) / min(m[1::2]))) for m in whole)
