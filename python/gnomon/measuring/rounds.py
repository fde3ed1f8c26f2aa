"""Interleaved rounds: every network once a round, in random order, with fresh sessions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import log
from random import Random
from statistics import median

from .calibration import Calibration
from .network import Network
from .session import timed_runs


@dataclass(frozen=True)
class Protocol:
    """How to measure: the value is the minimum over `rounds` separated rounds."""

    threads: int = 1
    rounds: int = 6
    seconds: float = 0.6
    min_runs: int = 4
    seed: int = 1


@dataclass
class Measured:
    """Round minima, all runs and calibration of one network, in microseconds; or why it failed."""

    name: str
    minima: list[float] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    calibration: list[float] = field(default_factory=list)
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
        }


def _visit(
    network: Network, measured: Measured, protocol: Protocol, calibration: Calibration
) -> None:
    try:
        session = network.open(threads=protocol.threads)
        feed = network.feed(session)
        session.run(None, feed)
        times = timed_runs(session, feed, protocol.seconds, protocol.min_runs)
    except Exception as error:
        measured.error = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        return
    measured.minima.append(min(times))
    measured.runs += times
    measured.calibration.append(round(calibration.run(2), 1))


def measure(
    networks: list[Network], protocol: Protocol, after_round: Callable[[int, list[Measured]], None]
) -> list[Measured]:
    """Measures all networks; a network that fails keeps its error and the others go on."""
    order, calibration = Random(protocol.seed), Calibration(protocol.threads)
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
