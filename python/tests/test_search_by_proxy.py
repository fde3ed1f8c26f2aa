"""`gnomon search --algorithm one-proxy`: the front of one device, few networks of another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TARGET, PROXY = "ofa-mbv3-p40-b64", "ofa-mbv3-titanrtx-b64"
ASKED = ["ofa-mbv3", "--resolutions", "192,224", "--bundle", TARGET, "--max-latency-ms", "60"]


def search(gnomon, path: Path, *arguments: object) -> dict:
    gnomon("search", *ASKED, "-q", "--json", path, *arguments)
    return json.loads(path.read_text())["answers"][0]


def test_few_networks_are_measured_and_the_answer_is_near_the_exact_one(gnomon, tmp_path):
    found = search(gnomon, tmp_path / "found.json", "--algorithm", "one-proxy", "--proxy", PROXY)
    exact = search(gnomon, tmp_path / "exact.json")
    gate = found["proxy"]
    assert (gate["opened"], gate["adapted"], gate["samples"]) == (True, False, 25)
    assert gate["spearman_probe"] == gate["spearman_tested"] >= 0.9
    assert gate["measured"] < 100
    assert found["best"]["high_us"] <= 60_000
    lost = exact["best"]["accuracy"] - found["best"]["accuracy"]
    assert 0 <= lost < 0.005
    assert found["gap"] == pytest.approx(lost, abs=1e-9)


def test_the_target_alone_has_latencies_and_a_budget(gnomon, tmp_path, capsys):
    found = search(gnomon, tmp_path / "found.json", "--algorithm", "one-proxy", "--proxy", PROXY)
    assert "devices" not in found["best"]
    gnomon("search", *ASKED, "--algorithm", "one-proxy", "--proxy", PROXY)
    said = " ".join(capsys.readouterr().out.split())
    assert "60 ms: gate opens after 25 networks: rank correlation 0.9" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--algorithm", "one-proxy"], "expected --proxy together with --algorithm one-proxy"),
        (["--proxy", PROXY], "expected --proxy together with --algorithm one-proxy"),
        (["--algorithm", "one-proxy", "--proxy", TARGET], "is asked for twice"),
        (["--algorithm", "one-proxy", "--proxy", "none"], "none"),
    ],
)
def test_a_proxy_that_does_not_fit_is_refused(gnomon, capsys, arguments, said):
    assert gnomon("search", *ASKED, *arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())
