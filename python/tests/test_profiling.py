"""Collecting: records whole or absent, killed runs go on, nodes join."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gnomon.profiling import collect as collecting
from gnomon.profiling.adaptive import adaptive_samples, centres
from gnomon.profiling.collect import Folder, Plan, collect

QUICK = Plan(seed=3, rounds=2, more_rounds=1, batch=2, seconds=0.0, only=("dense_stack",))


def _collect(folder: Path, limit: int) -> int:
    return collect(folder, QUICK, 5.0, lambda line: None, limit)


def test_records_join_every_node_with_its_tensors(tmp_path):
    assert _collect(tmp_path, 2) == 2
    for path in (tmp_path / "records").iterdir():
        record = json.loads(path.read_text())
        assert record["schema"] == 1 and record["unjoined"] == 0
        assert (tmp_path / record["model"]).is_file()
        assert record["nodes"] and all(n["outputs"] and n["time_us"] >= 0 for n in record["nodes"])
        assert record["end_to_end_us"] == min(r["end_to_end_us"] for r in record["rounds"])
    assert not list((tmp_path / "journal").iterdir())


def test_a_killed_run_loses_only_the_visit_in_flight(tmp_path, monkeypatch):
    original, calls = collecting.visit, []

    def dying(subject, *arguments):
        calls.append(subject.sample.id)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return original(subject, *arguments)

    monkeypatch.setattr(collecting, "visit", dying)
    with pytest.raises(KeyboardInterrupt):
        _collect(tmp_path, 2)
    assert not list((tmp_path / "records").iterdir())
    kept = sum(len(Folder(tmp_path).visits(name)) for name in set(calls))
    assert kept == 3
    monkeypatch.setattr(collecting, "visit", original)
    assert _collect(tmp_path, 2) == 2


def test_a_torn_journal_line_is_dropped(tmp_path):
    folder = Folder(tmp_path)
    folder.append("x", {"end_to_end_us": 1.0})
    with folder.journal("x").open("a") as file:
        file.write('{"end_to_end_us": 2.')
    assert folder.visits("x") == [{"end_to_end_us": 1.0}]


def test_adaptive_samples_lie_near_the_worst_predictions(tmp_path):
    _collect(tmp_path, 2)
    truth = {
        str(tmp_path / r["model"]): r["end_to_end_us"]
        for r in map(json.loads, (p.read_text() for p in (tmp_path / "records").iterdir()))
    }
    bad = min(truth)
    found = centres(tmp_path, lambda path: truth[path] * (2.0 if path == bad else 1.0), 1)
    assert found[0].origin == Path(bad).stem and found[0].error == pytest.approx(0.693, abs=0.01)
    stream = adaptive_samples(found, 1)
    assert all(stream.identity(i).endswith(found[0].origin) for i in range(5))
    first, again = stream.sample(0), stream.sample(0)
    assert first.model.SerializeToString() == again.model.SerializeToString()
    assert first.family == found[0].family
    count = collect(tmp_path, QUICK, 5.0, lambda line: None, 1, stream)
    assert count == 3 and (tmp_path / "records" / f"{stream.identity(0)}.json").exists()


def test_done_samples_are_not_measured_again(tmp_path):
    _collect(tmp_path, 1)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "records").iterdir()}
    _collect(tmp_path, 1)
    assert len(list((tmp_path / "records").iterdir())) == 2
    assert all(p.stat().st_mtime_ns == t for p, t in before.items())
