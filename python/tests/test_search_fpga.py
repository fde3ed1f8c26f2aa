"""HAO from the command line: fronts, answers, spaces, exports, and what is refused."""

from __future__ import annotations

import json

import pytest

from gnomon.cli.search_fpga import FPGAS

SMALL = ["ofa-mbv3", "--algorithm", "hao", "--fpga", "zu3eg", "--resolutions", "160"]


OWN = {
    "schema": 1,
    "name": "own",
    "description": "Up to four blocks of two kinds.",
    "resolutions": [32],
    "network": [
        {"name": "stem", "type": "conv", "channels": 16, "stride": 2},
        {
            "name": "stage",
            "depth": [3, 4],
            "choose": [
                {"option": "small", "type": "mbconv", "expansion": 3},
                {"option": "large", "type": "conv", "kernel": 3},
            ],
        },
        {"name": "head", "type": "classifier", "classes": 10},
    ],
}


def searched(gnomon, tmp_path, *arguments, status=0) -> dict:
    out = tmp_path / "search.json"
    assert gnomon("search", *arguments, "--json", out, "-q") == status
    return json.loads(out.read_text())


def test_word_lengths_have_fronts_of_their_own(gnomon, tmp_path):
    report = searched(gnomon, tmp_path, *SMALL)
    front = report["front"]
    assert front["schema"] == 1 and front["algorithm"] == "hao" and not front["merged"]
    assert front["device"] == "zu3eg" and front["exact_gap"] is None
    latencies = [point["latency_us"] for point in front["points"]]
    assert latencies == sorted(latencies)
    for bits in (4, 8):
        values = [point["accuracy"] for point in front["points"] if point["bits"] == bits]
        assert len(values) > 20 and values == sorted(values)
    for point in front["points"]:
        assert point["low_us"] == point["latency_us"] == point["high_us"]
        for name, there in front["available"].items():
            assert sum(e["used"][name] for e in point["engines"]) == point["used"][name] <= there
        seconds = sum(engine["cycles"] for engine in point["engines"]) / front["clock_hz"]
        assert point["latency_us"] == pytest.approx(seconds * 1e6)
        assert sum(engine["macs"] for engine in point["engines"]) == point["macs"]


def test_budgets_are_answered_and_networks_written(gnomon, tmp_path, capsys):
    net = tmp_path / "net.onnx"
    files = [tmp_path / f"net-{ms}-{bits}bit.onnx" for ms in ("1.5ms", "3ms") for bits in (4, 8)]
    arguments = [*SMALL, "--max-latency-ms", "1.5,3", "--export", net]
    assert gnomon("search", *arguments) == 0
    assert "frames/s" in capsys.readouterr().out
    report = searched(gnomon, tmp_path, *arguments)
    answers = report["answers"]
    assert [(a["max_latency_us"], a["bits"]) for a in answers] == [
        (1500, 4),
        (1500, 8),
        (3000, 4),
        (3000, 8),
    ]
    for answer, file in zip(answers, files, strict=True):
        assert answer["best"]["latency_us"] <= answer["max_latency_us"]
        assert answer["best"]["bits"] == answer["bits"]
        assert answer["exported"]["file"] == str(file)
        better = [
            p
            for p in report["front"]["points"]
            if p["bits"] == answer["bits"]
            and p["latency_us"] <= answer["max_latency_us"]
            and p["accuracy"] > answer["best"]["accuracy"]
        ]
        assert not better
        # The integer program finds nothing slower for the file by itself.
        out = tmp_path / "map.json"
        bits = answer["bits"]
        assert gnomon("map", file, "--fpga", "zu3eg", "--bits", bits, "--json", out, "-q") == 0
        (mapping,) = json.loads(out.read_text())["mappings"]
        assert mapping["latency_ms"] <= answer["best"]["latency_us"] / 1e3 * (1 + 1e-9)


def test_known_losses_make_one_front(gnomon, tmp_path):
    losses = ["--loss", "8=0.001", "--loss", "4=0.02"]
    report = searched(gnomon, tmp_path, *SMALL, *losses, "--max-latency-ms", "2")
    front = report["front"]
    assert front["merged"] and front["losses"] == {"4": 0.02, "8": 0.001}
    values = [point["accuracy"] for point in front["points"]]
    assert values == sorted(set(values))
    assert {point["bits"] for point in front["points"]} == {4, 8}
    (answer,) = report["answers"]
    assert "bits" not in answer


def test_the_same_bytes_each_time(gnomon, tmp_path):
    texts = []
    for jobs in ("1", "2"):
        out = tmp_path / f"front-{jobs}.json"
        arguments = [*SMALL, "--bits", "8", "--seed", "3", "--jobs", jobs, "--front", out]
        assert gnomon("search", *arguments, "-q") == 0
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]


@pytest.mark.parametrize("space", ["nasbench201", "fbnet", "mbv2", "compofa"])
def test_other_spaces_are_searched(gnomon, tmp_path, space):
    arguments = [space, "--algorithm", "hao", "--fpga", "zu9eg", "--bits", "8"]
    more = ["--resolutions", "224"] if space == "compofa" else []
    front = searched(gnomon, tmp_path, *arguments, *more)["front"]
    assert front["objective"] == "macs" and len(front["points"]) > 3
    # All 30 networks of MobileNetV2 and all 243 of CompOFA are mapped.
    assert (front["exact_gap"] == 0) == (space in ("mbv2", "compofa"))


def test_a_space_of_ones_own(gnomon, tmp_path):
    space = tmp_path / "own.json"
    space.write_text(json.dumps(OWN))
    report = searched(
        gnomon, tmp_path, space, "--algorithm", "hao", "--fpga", "zu3eg", "--bits", "8"
    )
    assert report["front"]["exact_gap"] == 0
    # Three blocks, or four of two options: 8 + 16 networks, all mapped.
    assert report["front"]["evaluations"] == 24


def test_limits_bind(gnomon, tmp_path, capsys):
    space = ["compofa", *SMALL[1:], "--bits", "8", "--accuracy", "params"]
    front = searched(gnomon, tmp_path, *space, "--max-macs", "1.5e8")["front"]
    assert front["limits"] == {"macs": 1.5e8}
    assert 1e8 < max(point["macs"] for point in front["points"]) <= 1.5e8
    assert gnomon("search", *SMALL, "--max-macs", "1000") == 1
    assert "no network keeps all limits: macs at most 1000" in capsys.readouterr().out


def test_an_accuracy_network_judges(gnomon, tmp_path):
    model = FPGAS.parent / "accuracy" / "ofa-mbv3-mlp.json"
    front = searched(gnomon, tmp_path, *SMALL, "--bits", "8", "--accuracy", model)["front"]
    values = [point["accuracy"] for point in front["points"]]
    assert values == sorted(set(values))
    assert all("accuracy_stand_in" in point for point in front["points"])


def test_budgets_that_nothing_keeps_are_told(gnomon, capsys):
    assert gnomon("search", *SMALL, "--max-latency-ms", "0.01") == 1
    out = capsys.readouterr().out
    assert "no network found keeps 0.01 ms at 4 bits: the fastest on zu3eg takes" in out


def test_a_part_that_is_too_small_is_told(gnomon, tmp_path, capsys):
    tiny = json.loads((FPGAS / "zu3eg.json").read_text()) | {"name": "tiny", "bram36": 3}
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(tiny))
    arguments = ["nasbench201", "--algorithm", "hao", "--bits", "8"]
    assert gnomon("search", *arguments, "--fpga", path) == 1
    assert "no accelerator fits; at least needed, each alone" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--algorithm", "hao"], "expected --fpga, too: a JSON file or xc7z045, zu3eg, zu9eg"),
        (["--fpga", "zu3eg"], "--fpga, --bits and --loss: expected --algorithm hao"),
        (["--algorithm", "hao", "--fpga", "zu99"], "one of xc7z045, zu3eg, zu9eg"),
        ([*SMALL[1:5], "--bits", "four"], "--bits four: expected numbers"),
        ([*SMALL[1:5], "--bits", "0"], "bits: expected 1 to 32, found 0"),
        ([*SMALL[1:5], "--bits", "8,8"], "bits: 8 is asked for twice"),
        ([*SMALL[1:5], "--loss", "4"], "BITS=LOSS"),
        ([*SMALL[1:5], "--loss", "4=nan"], "with a finite loss"),
        ([*SMALL[1:5], "--loss", "16=0.1"], "16 is none of --bits"),
        ([*SMALL[1:5], "--bundle", "ort-cpu-1t-f32"], "--bundle: means nothing to --algorithm hao"),
        ([*SMALL[1:5], "--device", "x"], "--device: means nothing"),
        ([*SMALL[1:5], "--sure", "0.9"], "--sure: means nothing"),
        ([*SMALL[1:5], "--explain"], "--explain: means nothing"),
        ([*SMALL[1:5], "--objective", "mnasnet"], "--objective: means nothing"),
        ([*SMALL[1:5], "--max-peak-memory", "1"], "--max-peak-memory: means nothing"),
        ([*SMALL[1:5], "--metric", "peak-memory"], "HAO knows some of"),
        ([*SMALL[1:5], "--export", "x.onnx"], "--export: expected --max-latency-ms"),
        ([*SMALL[1:5], "--plot", "x.png"], "ends in .svg"),
    ],
)
def test_bad_use_is_refused(gnomon, capsys, arguments, message):
    assert gnomon("search", "ofa-mbv3", *arguments) == 2
    assert message in capsys.readouterr().err


def test_it_is_not_held_against_searches_on_a_bundle(gnomon, capsys):
    assert gnomon("compare", "ofa-mbv3", "--budgets-ms", "8", "--algorithms", "hao", "-q") == 2
    assert "hao makes accelerators for an FPGA" in capsys.readouterr().err
