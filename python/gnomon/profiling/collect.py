"""The collecting loop: batches of networks, visited in separated rounds in random order.

A visit that is finished is in the journal of its network; a network whose visits are complete is a
record. Killing the program therefore loses the visit in flight and nothing else. Slow phases of a
shared machine can last minutes: a network whose two best rounds disagree is visited some more.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from random import Random

from ..measuring.calibration import Calibration
from ..measuring.target import CPU, Target
from ..sampling.sample import Sample, sample
from .files import write_atomically
from .record import make_record, save, settled
from .visit import Subject, prepare, visit

Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How to collect: `batch` networks share the rounds of one batch, `seconds` bound the runs of
    a visit.
    """

    seed: int = 1
    threads: int = 1
    rounds: int = 6
    more_rounds: int = 4
    batch: int = 40
    seconds: float = 0.3
    only: tuple[str, ...] = ()


class Folder:
    """A profile folder: records, networks, journals of networks in flight, and the list of
    failures.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("records", "networks", "journal", "failed"):
            (path / name).mkdir(parents=True, exist_ok=True)

    def done(self, identity: str) -> bool:
        """Whether the sample has a record or is known to fail."""
        return (self.path / "records" / f"{identity}.json").exists() or (
            self.path / "failed" / identity
        ).exists()

    def fail(self, identity: str, reason: str) -> None:
        """Remembers that a sample cannot be measured."""
        write_atomically(self.path / "failed" / identity, reason.encode())

    def journal(self, identity: str) -> Path:
        return self.path / "journal" / f"{identity}.jsonl"

    def visits(self, identity: str) -> list[dict[str, object]]:
        """Finished visits of a network in flight; a torn last line is dropped."""
        path = self.journal(identity)
        text = path.read_text() if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            write_atomically(path, whole.encode())
        return [json.loads(line) for line in whole.splitlines()]

    def append(self, identity: str, one: dict[str, object]) -> None:
        """Adds a finished visit to the journal."""
        with self.journal(identity).open("a") as file:
            file.write(json.dumps(one, separators=(",", ":")) + "\n")

    def count(self) -> int:
        return sum(1 for _ in (self.path / "records").glob("*.json"))


def _prepared(
    folder: Folder, plan: Plan, target: Target, samples: Iterator[Sample], report: Report
) -> Iterator[Subject]:
    for one in samples:
        try:
            subject = prepare(one, plan.threads, target)
        except Exception as error:
            folder.fail(one.id, str(error)[:500])
            report(f"{one.id} ({one.family}) set aside: {str(error)[:120]}")
            continue
        subject.visits = folder.visits(one.id)
        yield subject


@dataclass(frozen=True)
class Stream:
    """An endless numbered series of samples: identities, and samples by their number."""

    identity: Callable[[int], str]
    sample: Callable[[int], Sample]


def fresh_samples(plan: Plan) -> Stream:
    """The samples of the plan's seed."""
    return Stream(
        lambda index: f"s{plan.seed}-{index:05d}",
        lambda index: sample(plan.seed, index, plan.only),
    )


def _undone(folder: Folder, stream: Stream) -> Iterator[Sample]:
    for index in count():
        if not folder.done(stream.identity(index)):
            yield stream.sample(index)


def _measure_batch(
    folder: Folder,
    plan: Plan,
    target: Target,
    subjects: list[Subject],
    calibration: Calibration,
    deadline: float,
) -> list[float]:
    order, seen = Random(f"{plan.seed}/{subjects[0].sample.id}"), []
    for number in range(plan.rounds + plan.more_rounds):
        order.shuffle(subjects)
        for subject in subjects:
            enough = number >= plan.rounds and settled(subject.visits)
            if enough or len(subject.visits) > number:
                continue
            if time.monotonic() > deadline:
                return seen
            one = visit(subject, plan.threads, plan.seconds, target)
            one["calibration_us"] = round(calibration.run(2), 1)
            one["copy_us"] = round(calibration.copy(1), 1)
            seen.append(one["calibration_us"])
            subject.visits.append(one)
            folder.append(subject.sample.id, one)
    return seen


def _finish(
    folder: Folder, plan: Plan, subjects: list[Subject], settings: dict[str, object]
) -> None:
    for subject in subjects:
        if len(subject.visits) >= plan.rounds:
            calibration = [float(v["calibration_us"]) for v in subject.visits]  # type: ignore[arg-type]
            record = make_record(subject, settings, calibration)
            save(folder.path, record, subject.sample.model.SerializeToString())
            folder.journal(subject.sample.id).unlink(missing_ok=True)
        subject.folder.cleanup()


def collect(
    path: Path,
    plan: Plan,
    minutes: float,
    report: Report,
    limit: int | None = None,
    stream: Stream | None = None,
    target: Target = CPU,
) -> int:
    """Measures until the time is over or `limit` records more are there; returns their number.

    The samples are those of `stream`, else those of the plan's seed.
    """
    folder, calibration = Folder(path), Calibration(plan.threads, target)
    settings = {**asdict(plan), **target.settings(), "dtype": "f32"}
    begin, deadline, before = time.monotonic(), time.monotonic() + 60 * minutes, folder.count()
    undone = _undone(folder, stream or fresh_samples(plan))
    waiting = _prepared(folder, plan, target, undone, report)
    while time.monotonic() < deadline and (limit is None or folder.count() - before < limit):
        size = plan.batch if limit is None else min(plan.batch, limit - folder.count() + before)
        subjects = [next(waiting) for _ in range(size)]
        seen = _measure_batch(folder, plan, target, subjects, calibration, deadline)
        _finish(folder, plan, subjects, settings)
        left = (deadline - time.monotonic()) / 60
        spread = f", calibration {min(seen):.0f}-{max(seen):.0f} us" if seen else ""
        report(
            f"{folder.count()} records after {(time.monotonic() - begin) / 60:.1f} min, "
            f"{left:.1f} min left{spread}"
        )
    return folder.count()
