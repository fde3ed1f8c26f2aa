"""`gnomon evaluate network` on made-up tables of real networks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gnomon.evaluation.data.dataset import open_dataset
from gnomon.evaluation.data.networks import aggregate, form_networks
from gnomon.evaluation.data.sampling import coordinates, pick_random, pick_spread
from gnomon.evaluation.data.specs import read_specs
from gnomon.evaluation.data.tables import Columns
from gnomon.evaluation.methods import find_method, method_names
from gnomon.evaluation.task import CannotPredict, Measured, Pool, Prediction

ROOT = Path(__file__).parents[2]
RULES = ROOT / "data" / "runtimes" / "pytorch-eager.json"
ROWS = 120
COLUMNS = """file,column,device,batch,space,width_mult
t.csv,a_1,A,1,ofa-mbv3,1.0
t.csv,a_64,A,64,ofa-mbv3,1.0
t.csv,b_64,B,64,ofa-mbv3,1.0
t.csv,phone,,1,ofa-mbv3,1.2
"""
SPECS = """gpu,arch,cuda_cores,sms,ram_gb,mem_bw_gbps,fp32_tflops,boost_mhz,l2_mb
A,x,3840,30,12,500,12,1500,3
B,y,5120,80,32,900,14,1400,6
"""


def random_architectures(count: int) -> list[dict[str, object]]:
    """OFA-MobileNetV3 networks, unused slots and all."""
    rng = np.random.default_rng(7)
    return [
        {
            "ks": rng.choice([3, 5, 7], 20).tolist(),
            "e": rng.choice([3, 4, 6], 20).tolist(),
            "d": rng.choice([2, 3, 4], 5).tolist(),
            "r": int(rng.choice([160, 192, 224])),
        }
        for _ in range(count)
    ]


def made_up_table() -> pd.DataFrame:
    """Latencies that are work over speed, and launches at batch 1, with 1 % of noise."""
    archs = random_architectures(ROWS)
    work = aggregate(form_networks("ofa-mbv3", archs, 1.0, RULES, 1), 64)
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        [
            {
                **{f"ks{i}": k for i, k in enumerate(arch["ks"])},
                **{f"e{i}": e for i, e in enumerate(arch["e"])},
                **{f"d{i}": d for i, d in enumerate(arch["d"])},
                "r": arch["r"],
            }
            for arch in archs
        ]
    )
    for name, tflops, gbps in (("a_64", 6, 400), ("b_64", 9, 700)):
        ms = work["flops"] / tflops / 1e9 + work["bytes"] / gbps / 1e6
        table[name] = ms * np.exp(rng.normal(0, 0.01, ROWS))
    table["a_1"] = work["launches"] * 0.02 + work["flops"] / 64 / 1e9
    table["phone"] = work["flops"] / 64 / 5e6 * np.exp(rng.normal(0, 0.01, ROWS))
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tables")
    made_up_table().to_csv(place / "t.csv", index=False)
    (place / "columns.csv").write_text(COLUMNS)
    (place / "specs.csv").write_text(SPECS)
    return place


@pytest.fixture
def evaluate(gnomon, folder: Path, tmp_path: Path):
    """Runs the command; returns its JSON, or the exit status where there is none."""

    def run(*arguments: object, table: str = "t.csv") -> dict | int:
        out = tmp_path / "out.json"
        out.unlink(missing_ok=True)
        status = gnomon(
            "evaluate",
            "network",
            folder / table,
            "--space",
            "ofa-mbv3",
            "--columns",
            folder / "columns.csv",
            "--specs",
            folder / "specs.csv",
            "--json",
            out,
            "-q",
            *arguments,
        )
        return json.loads(out.read_text()) if out.exists() else status

    return run


def test_a_model_fitted_in_the_device_is_scored_on_other_rows(evaluate) -> None:
    found = evaluate(
        "--test-on", "a_64", "--train-rows", "0:90", "--samples", "all", "--method", "ridge"
    )
    (row,) = found["rows"]
    assert (row["column"], row["samples"], row["method"]) == ("a_64", "all", "ridge")
    assert (row["n"], row["device"], row["batch"]) == (30, "A", 64)
    assert row["mape"] < 0.2
    assert row["coverage90"] > 0.7


def test_sampled_rows_are_not_scored(evaluate) -> None:
    found = evaluate("--test-on", "a_64", "--samples", "20,40", "--seeds", "3", "--method", "ridge")
    assert [row["n"] for row in found["rows"]] == [ROWS - 20, ROWS - 40]
    assert [row["seeds"] for row in found["rows"]] == [3, 3]
    assert found["rows"][0]["spread"]["mape"]["std"] > 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_equal_bytes_for_any_number_of_jobs(gnomon, folder: Path, tmp_path: Path, jobs) -> None:
    outs = []
    for name, count in (("one", "1"), ("other", jobs)):
        out = tmp_path / name
        assert not gnomon(
            *("evaluate", "network", folder / "t.csv", "--space", "ofa-mbv3"),
            *("--test-on", "a_64,b_64", "--samples", "20", "--seeds", "2", "--method", "ridge"),
            *("--jobs", count, "--json", out, "-q"),
        )
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]


def test_spread_samples_say_most_of_the_rest() -> None:
    networks = form_networks("ofa-mbv3", random_architectures(80), 1.0, RULES, 2)
    points = coordinates(networks)

    def unknown(rows: np.ndarray) -> float:
        """Mean variance over all networks, of a linear model that has seen some."""
        x = np.column_stack([np.ones(80), points])
        variance = np.linalg.inv(np.eye(x.shape[1]) + x[rows].T @ x[rows] / 0.1)
        return float(((x @ variance) * x).sum(axis=1).mean())

    everything = np.arange(80)
    spread = pick_spread(points, everything, 8)
    assert len(set(spread)) == 8
    assert np.array_equal(pick_spread(points, everything, 5), spread[:5])
    at_random = [unknown(pick_random(everything, 8, seed)) for seed in range(9)]
    assert unknown(spread) < min(at_random)


def test_kernels_do_not_depend_on_jobs() -> None:
    archs = random_architectures(30)
    one, two = (form_networks("ofa-mbv3", archs, 1.2, RULES, jobs) for jobs in (1, 3))
    assert one.kernels.equals(two.kernels)
    assert (one.counts != two.counts).nnz == 0
    assert one.block_keys == two.block_keys
    assert np.array_equal(one.choices, two.choices)


BROKEN = [
    (("--test-on", "c_64"), "no column 'c_64'"),
    ((), "expected --test-on"),
    (("--test-on", "a_64", "--train-rows", "0:500"), "0 <= FROM < TO <= 120"),
    (("--test-on", "a_64", "--samples", "few"), "expected a number or all"),
    (("--test-on", "a_64", "--samples", "all"), "no row of 'a_64' is left to score"),
    (("--test-on", "a_64", "--samples", "200"), "the training part has 120"),
    (("--test-on", "a_64", "--method", "oracle"), "unknown method 'oracle'"),
    (("--test-on", "a_64", "--pick", "best"), "random or spread"),
    (("--test-on", "a_64", "--space", "fbnet"), "expected 'fbnet' as --space says"),
    (("--test-on", "a_64", "--method", "ridge", "--samples", "0"), "at least two samples"),
]


@pytest.mark.parametrize(("arguments", "message"), BROKEN)
def test_what_cannot_be_done_is_said(evaluate, capsys, arguments, message) -> None:
    assert evaluate(*arguments) == 2
    assert message in capsys.readouterr().err


CELLS = [
    ("a_64", "", "t2.csv: line 5, column a_64: found nothing, expected positive milliseconds"),
    ("a_64", "-1", "line 5, column a_64: found '-1'"),
    ("a_64", "fast", "found 'fast'"),
    ("ks3", "4.5", "line 5, column ks3: found '4.5', expected a whole number"),
    ("ks3", "4", "line 5: ks[3]: found 4"),
    ("r", "nan", "column r: found 'nan'"),
]


@pytest.mark.parametrize(("column", "text", "message"), CELLS)
def test_a_bad_cell_is_named(evaluate, folder: Path, capsys, column, text, message) -> None:
    table = pd.read_csv(folder / "t.csv", dtype=str)
    table.loc[3, column] = text
    table.to_csv(folder / "t2.csv", index=False)
    assert evaluate("--test-on", "a_64", "--samples", "9", table="t2.csv") == 2
    assert message in capsys.readouterr().err


def test_the_table_falls_back_to_work_and_finds_cells(evaluate) -> None:
    found = evaluate(
        *("--test-on", "a_64,phone", "--train-rows", "0:100", "--samples", "12,all"),
        *("--seeds", "3", "--method", "table"),
    )
    assert [row["mape"] < 0.05 for row in found["rows"]] == [True] * 4
    assert all(row["mape"] < 0.02 for row in found["rows"] if row["samples"] == "all")
    assert all(row["extrapolated"] is not None for row in found["rows"])


def test_trees_are_no_worse_than_their_table(evaluate) -> None:
    found = evaluate(
        *("--test-on", "a_1", "--train-rows", "0:100", "--samples", "10,all"),
        *("--seeds", "2", "--method", "table,forest"),
    )
    by_method = {row["method"]: row["mape"] for row in found["rows"] if row["samples"] == "all"}
    assert by_method["forest"] < 1.5 * by_method["table"]
    assert [row["method"] for row in found["skipped"]] == ["forest"]
    assert "at least 20 samples, found 10" in found["skipped"][0]["reason"]


class Spy:
    """A method that remembers what it was shown, and answers with the median of it."""

    name = "spy"

    def __init__(self) -> None:
        self.pools: list[Pool] = []
        self.samples: list[Measured] = []

    def fit(self, pool: Pool) -> Spy:
        self.pools.append(pool)
        return self

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        self.samples.append(samples)
        assert not set(samples.rows) & set(rows)
        known = [samples, *self.pools[-1].sources]
        level = np.median(np.concatenate([measured.latency_ms for measured in known]))
        return Prediction(np.full(len(rows), level))


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    found = Spy()
    for place in ("gnomon.evaluation.judge", "gnomon.evaluation.methods"):
        monkeypatch.setattr(f"{place}.find_method", lambda name: found)
    return found


def permuted(folder: Path, column: str) -> str:
    """The same table, one column's values in another order."""
    table = pd.read_csv(folder / "t.csv")
    table[column] = np.random.default_rng(5).permutation(table[column])
    table.to_csv(folder / "permuted.csv", index=False)
    return "permuted.csv"


LEAVE_ONE_OUT = ("--train-on", "a_1,a_64", "--test-on", "b_64", "--seeds", "2")


@pytest.mark.parametrize("pick", ["random", "spread"])
def test_the_choice_of_samples_knows_nothing_of_the_column(
    evaluate, spy, folder: Path, pick
) -> None:
    evaluate(*LEAVE_ONE_OUT, "--samples", "0,7", "--method", "spy", "--pick", pick)
    first, spy.samples = spy.samples, []
    table = permuted(folder, "b_64")
    evaluate(*LEAVE_ONE_OUT, "--samples", "0,7", "--method", "spy", "--pick", pick, table=table)
    assert [list(s.rows) for s in first] == [list(s.rows) for s in spy.samples]
    assert {len(s) for s in first} == {0, 7}


@pytest.mark.parametrize("method", method_names())
def test_a_prediction_without_samples_does_not_change_with_the_column(
    folder: Path, method: str
) -> None:
    """Of every method that predicts without samples."""

    def predict(table: str) -> np.ndarray | None:
        columns = Columns(folder / "columns.csv", read_specs(folder / "specs.csv"))
        names = ["a_1", "a_64", "b_64"]
        data = open_dataset([folder / table], "ofa-mbv3", columns, names, RULES, 1)
        everything = np.arange(ROWS)
        sources = tuple(data.measured(name, everything) for name in names[:2])
        pool = Pool(data.networks(1.0), sources, data.column("b_64"))
        try:
            fitted = find_method(method).fit(pool)
            return fitted.predict(data.measured("b_64", everything[:0]), everything, 0).latency_ms
        except CannotPredict:
            return None

    before = predict("t.csv")
    assert before is None or np.array_equal(before, predict(permuted(folder, "b_64")))


def test_a_device_is_left_out_with_all_its_batches(evaluate, spy) -> None:
    found = evaluate("--leave-out", "device", "--method", "spy")
    sources = {row["column"]: row["sources"] for row in found["rows"]}
    assert sources == {
        "a_1": ["b_64", "phone"],
        "a_64": ["b_64", "phone"],
        "b_64": ["a_64", "a_1", "phone"],
        "phone": ["a_64", "b_64", "a_1"],
    }


def test_a_column_is_no_source_of_itself(evaluate, spy) -> None:
    evaluate("--train-on", "a_64,b_64", "--test-on", "b_64", "--method", "spy")
    assert [source.column.name for source in spy.pools[0].sources] == ["a_64"]
    assert spy.pools[0].target.numbers["mem_bw_gbps"] == 900


def test_every_prediction_can_be_had(evaluate, spy, folder: Path, tmp_path: Path) -> None:
    arguments = (*LEAVE_ONE_OUT, "--train-rows", "0:100", "--samples", "0,7", "--method", "spy")
    outs = [tmp_path / "one.csv", tmp_path / "other.csv"]
    found = evaluate(*arguments, "--predictions", outs[0])
    table = pd.read_csv(outs[0])
    header = "column,samples,method,seed,row,measured,predicted,low,high,extrapolated"
    assert ",".join(table.columns) == header
    assert len(table) == 20 * (1 + 2)
    assert set(table["row"]) == set(range(100, ROWS))
    assert table["low"].isna().all()
    ape = (table["predicted"] / table["measured"] - 1).abs()
    assert found["rows"][0]["mape"] == pytest.approx(ape[table["samples"] == 0].mean())
    assert found["rows"][0]["measured_elsewhere"] == 0
    evaluate(*arguments, "--predictions", outs[1], table=permuted(folder, "b_64"))
    without = [pd.read_csv(out).query("samples == 0")["predicted"] for out in outs]
    assert without[0].equals(without[1])


def test_equal_networks_are_not_scored_with_their_samples(evaluate, spy, folder: Path) -> None:
    table = pd.read_csv(folder / "t.csv")
    unused = table.index[table["d0"] == 2][0]  # its fourth slot does not matter
    copy = table.loc[[unused]].assign(ks3=3 if table["ks3"][unused] != 3 else 5)
    pd.concat([table, copy]).to_csv(folder / "twice.csv", index=False)
    arguments = ("--test-on", "a_64", "--train-rows", f"{unused}:{unused + 1}", "--samples", "all")
    found = evaluate(*arguments, "--method", "spy", table="twice.csv")
    assert found["rows"][0]["n"] == ROWS - 1


def test_a_second_table_holds_the_rows_to_score(evaluate, spy, folder: Path) -> None:
    table = pd.read_csv(folder / "t.csv").drop(columns=["b_64"])
    table.iloc[100:].to_csv(folder / "later.csv", index=False)
    pd.read_csv(folder / "t.csv").iloc[:100].to_csv(folder / "sooner.csv", index=False)
    columns = (folder / "columns.csv").read_text().replace("t.csv", "sooner.csv")
    (folder / "columns2.csv").write_text(columns)
    found = evaluate(
        *("--test-table", folder / "later.csv", "--columns", folder / "columns2.csv"),
        *("--train-on", "b_64", "--test-on", "a_64", "--samples", "0,5,all", "--seeds", "1"),
        *("--method", "spy"),
        table="sooner.csv",
    )
    assert [row["n"] for row in found["rows"]] == [ROWS - 100] * 3
    assert set(spy.pools[0].sources[0].rows) == set(range(100))
    assert [len(samples) for samples in spy.samples] == [0, 5, 100]
    assert all(row < 100 for samples in spy.samples for row in samples.rows)


ABOUT = [
    ("A,64", "A,6.5", "line 3, column batch: found '6.5', expected a whole number of images"),
    ("A,64", "A,many", "column batch: found 'many'"),
    ("A,64", "C,64", "line 3, column device: no data sheet of 'C'"),
    ("ofa-mbv3,1.0", "ofa-mbv3,wide", "column width_mult: found 'wide'"),
    ("ofa-mbv3,1.0", "ofa-mbv3,1.7", "width"),
    ("a_64,", "a64,", "nothing about the column 'a_64' of t.csv: expected one of a64, a_1"),
    ("b_64,", "a_64,", "line 4, column column: 'a_64' of t.csv is said twice"),
    ("file,", "table,", "no column 'file'"),
]


@pytest.mark.parametrize(("old", "new", "message"), ABOUT)
def test_a_fault_in_the_columns_file_is_named(
    evaluate, folder: Path, capsys, old, new, message
) -> None:
    (folder / "broken.csv").write_text(COLUMNS.replace(old, new))
    arguments = ("--columns", folder / "broken.csv", "--test-on", "a_64", "--samples", "9")
    assert evaluate(*arguments) == 2
    assert message in capsys.readouterr().err


def test_a_fault_in_the_specs_is_named(evaluate, folder: Path, capsys) -> None:
    (folder / "broken.csv").write_text(SPECS.replace("500", "-5"))
    assert evaluate("--specs", folder / "broken.csv", "--test-on", "a_64", "--samples", "9") == 2
    assert "A: expected positive numbers in mem_bw_gbps" in capsys.readouterr().err


def test_a_table_that_is_none_is_named(evaluate, folder: Path, capsys) -> None:
    for name, text, message in (
        ("empty.csv", "", "expected a CSV table"),
        ("header.csv", "ks0,r\n", "expected rows of networks, found none"),
        ("other.csv", "a_64,b\n1,2\n", "expected architecture columns"),
        ("short.csv", "ks1,e0,d0,r,a_64\n3,3,2,224,1\n", "no column ks0, but ks1"),
    ):
        (folder / name).write_text(text)
        assert evaluate("--test-on", "a_64", "--samples", "9", table=name) == 2
        assert message in capsys.readouterr().err
    assert evaluate("--test-on", "a_64", table="nowhere.csv") == 2
    assert "nowhere.csv: No such file" in capsys.readouterr().err
