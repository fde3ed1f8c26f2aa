"""What is remembered is remembered of the whole network: resolution, batch, device, model.

The search of arXiv 2101.00732 kept latencies under kernel sizes, expansion ratios and depths
and forgot the resolution: its network "for 20 ms" takes 34.6 ms by its own table.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gnomon import _native
from gnomon.accuracy import fit, ofa

ROOT = Path(__file__).parents[2]
TOY = ROOT / "test" / "Inputs" / "toy-bundle"
SHIPPED = ROOT / "data" / "models" / "ort-cpu-1t-f32"
JUDGE = ROOT / "data" / "accuracy" / "ofa-mbv3-mlp.json"
STAND_IN = ROOT / "data" / "accuracy" / "ofa-mbv3-additive.json"
SHAPE = {"ks": [3] * 20, "e": [3] * 20, "d": [2] * 5}
RESOLUTIONS = (160, 192, 224)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle as look-up tables, one a resolution."""
    folder = tmp_path_factory.mktemp("bundle")
    resolutions = list(RESOLUTIONS)
    made = _native.space_tables("ofa-mbv3", str(SHIPPED), resolutions=resolutions, samples=1)
    for resolution, text in made.items():
        (folder / f"{resolution}.yaml").write_text(text)
    files = [{"file": f"{r}.yaml", "resolution": r} for r in made]
    bundle = {"format": 1, "kind": "table", "name": "t", "unit": "ms", "tables": files}
    (folder / "bundle.json").write_text(json.dumps(bundle))
    return folder


def latencies(bundle: Path, architectures: list[dict]) -> list[float]:
    texts = [json.dumps(architecture) for architecture in architectures]
    return _native.table_latencies("ofa-mbv3", str(bundle), texts, 1.0)


def test_a_cache_without_the_resolution_finds_networks_that_are_too_slow(tables: Path) -> None:
    """The published fault, on purpose: the largest image within a budget."""
    by_resolution = [{**SHAPE, "r": r} for r in RESOLUTIONS]
    truth = dict(zip(RESOLUTIONS, latencies(tables, by_resolution), strict=True))
    assert truth[160] < truth[192] < truth[224]
    budget = (truth[160] + truth[192]) / 2
    memory: dict[tuple, float] = {}

    def remembered(architecture: dict) -> float:
        key = (tuple(architecture["e"]), tuple(architecture["d"]), tuple(architecture["ks"]))
        if key not in memory:
            (memory[key],) = latencies(tables, [architecture])
        return memory[key]

    found = max(a["r"] for a in by_resolution if remembered(a) <= budget)
    assert found == 224 and truth[found] > budget
    right = max(a["r"] for a in by_resolution if latencies(tables, [a])[0] <= budget)
    assert right == 160


def test_one_call_tells_resolutions_apart(tables: Path) -> None:
    """Many networks share one cache of blocks: together they answer as alone, in any order."""
    asked = [{**SHAPE, "r": r} for r in (224, 160, 192, 160, 224)]
    together = latencies(tables, asked)
    assert together == [latencies(tables, [one])[0] for one in asked]
    assert together == latencies(tables, asked[::-1])[::-1]


def searched(budgets_us: list[float], algorithm: str, **more: object) -> dict:
    """A search over all three resolutions, judged by the shipped accuracy network."""
    settings = {"evaluations": 3000, "seed": 1, "resolutions": list(RESOLUTIONS), **more}
    settings |= {"accuracy": str(JUDGE), "stand_in": str(STAND_IN)}
    report = _native.search(
        "ofa-mbv3", [str(SHIPPED)], [], budgets_us, algorithm=algorithm, **settings
    )
    return json.loads(report)


def as_arrays(architecture: dict) -> ofa.Networks:
    def indices(name: str, values: tuple[int, ...]) -> np.ndarray:
        return np.array([[values.index(v) if v in values else 0 for v in architecture[name]]])

    return ofa.Networks(
        indices("ks", ofa.KERNELS),
        indices("e", ofa.RATIOS),
        indices("d", ofa.DEPTHS),
        np.array([architecture["r"]]),
    )


@pytest.mark.parametrize("algorithm", ["exact", "evolution", "random"])
def test_a_search_says_of_each_network_what_it_is_alone(tables: Path, algorithm: str) -> None:
    """Scores are remembered during a search, costs come from tables by resolution."""
    (cheap, dear) = latencies(tables, [{**SHAPE, "r": r} for r in (160, 224)])
    budgets = [1e3 * (cheap + share * (dear - cheap)) for share in (0.2, 3, 8)]
    report = searched(budgets, algorithm)
    found = [answer["best"] for answer in report["answers"]] + report["front"]["points"]
    assert len({point["architecture"]["r"] for point in found}) > 1
    content = json.loads(JUDGE.read_text())
    for point, ms in zip(found, latencies(tables, [p["architecture"] for p in found]), strict=True):
        assert point["latency_us"] / 1e3 == pytest.approx(ms, rel=1e-9)
        (accuracy,) = fit.predict_network(content, as_arrays(point["architecture"]))
        assert point["accuracy"] == pytest.approx(accuracy, abs=1e-6)
    for answer, budget in zip(report["answers"], budgets, strict=True):
        assert answer["best"]["latency_us"] <= budget


def test_predictions_do_not_remember_other_files_devices_or_bundles(tmp_path: Path) -> None:
    """One process, many questions: each is answered as by a process of its own."""
    files = {}
    for r in (160, 224):
        files[r] = str(tmp_path / f"{r}.onnx")
        _native.network("ofa-mbv3", json.dumps({**SHAPE, "r": r}), files[r], r)

    def ask(r: int, bundle: Path, device: str | None = None) -> float:
        report = json.loads(_native.predict(files[r], str(bundle), device, 0.9))
        return report["network"]["latency_us"]

    questions = [(160, TOY), (224, TOY), (160, TOY, "toy-fast"), (160, SHIPPED), (224, SHIPPED)]
    first = [ask(*question) for question in questions]
    assert len(set(first)) == len(questions)
    assert [ask(*question) for question in questions[::-1]][::-1] == first
