"""Every search algorithm of the registry: the same bytes with any number of threads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gnomon import _native

ROOT = Path(__file__).parents[2]
ADDITIVE = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"
NETWORK = ROOT / "data" / "accuracy" / "ofa-mbv3-mlp.json"
SMALL = ["ofa-mbv3", "--resolutions", "128", "--evaluations", 400, "--seed", 3]
TOY = ["--bundle", ROOT / "test" / "Inputs" / "toy-bundle", "--max-latency-ms"]
TABLES = ["--bundle", "ofa-mbv3-p40-b64", "--proxy", "ofa-mbv3-titanrtx-b64", "--max-latency-ms"]

REFUSED = {
    ("candidates", ADDITIVE): "a metric alone is solved by the exact search",
    ("exhaustive", ADDITIVE): "more than the limit of 400 networks",
    ("exhaustive", NETWORK): "more than the limit of 400 networks",
    ("ilp", NETWORK): "expected an additive objective, found an evaluator",
}


@pytest.fixture(scope="module")
def budget() -> float:
    """In the midst of what the space reaches, in ms."""
    request = {"space": "ofa-mbv3", "bundles": [str(TOY[1])], "devices": [""], "budgets_us": []}
    report = json.loads(_native.search(**request, resolutions=[128], accuracy=str(ADDITIVE)))
    points = report["front"]["points"]
    return round((points[0]["high_us"] + points[-1]["high_us"]) / 2e3, 3)


@pytest.mark.parametrize("accuracy", [ADDITIVE, NETWORK])
@pytest.mark.parametrize("algorithm", _native.search_algorithms())
def test_threads_change_nothing(gnomon, tmp_path, capsys, budget, algorithm, accuracy):
    asked = [*SMALL, *([*TABLES, 40] if algorithm == "one-proxy" else [*TOY, budget])]
    asked += ["--algorithm", algorithm, "--accuracy", accuracy]
    written = []
    for jobs in (1, 3):
        out, front = tmp_path / f"{jobs}.json", tmp_path / f"front{jobs}.json"
        status = gnomon("search", *asked, "-q", "--jobs", jobs, "--json", out, "--front", front)
        if (algorithm, accuracy) in REFUSED:
            assert status == 2
            assert REFUSED[algorithm, accuracy] in " ".join(capsys.readouterr().err.split())
            return
        assert status == 0
        report = json.loads(out.read_text())
        assert report.pop("seconds") > 0
        assert report["answers"][0]["best"] is not None
        if algorithm != "exact":
            assert report["answers"][0]["evaluations"] <= 400
        written.append((json.dumps(report), front.read_bytes()))
    assert written[0] == written[1]
