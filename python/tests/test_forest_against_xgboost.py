"""Our forest evaluator against XGBoost's own predictions, bit for bit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

BUILD = Path(os.environ.get("GNOMON_BUILD_DIR", Path(__file__).parents[2] / "build" / "release"))
TOOL = BUILD / "bin" / "gnomon-forest"
FEATURES = 7
Params = dict[str, object]

REGRESSION: dict[str, Params] = {
    "hist": {"tree_method": "hist"},
    "exact": {"tree_method": "exact"},
    "approx": {"tree_method": "approx"},
    "pruned": {"tree_method": "exact", "gamma": 3.0, "max_depth": 8},
    "lossguide": {
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": 40,
        "max_depth": 0,
    },
    "one-leaf": {"gamma": 1e9},
    "forest": {"num_parallel_tree": 4, "subsample": 0.5, "learning_rate": 1.0},
    "base-score": {"base_score": 0.3137},
    "dart": {"booster": "dart", "rate_drop": 0.5},
    "absolute": {"objective": "reg:absoluteerror"},
    "huber": {"objective": "reg:pseudohubererror"},
    "quantile": {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]},
}
POSITIVE = [
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
    "survival:cox",
    "reg:squaredlogerror",
]
BINARY = [
    "binary:logistic",
    "reg:logistic",
    "binary:logitraw",
    "binary:hinge",
    "rank:pairwise",
]


def rows(seed: int, count: int = 400, missing: float = 0.2) -> np.ndarray:
    """Rows to train on: finite, some missing, some small integers."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, FEATURES)).astype(np.float32)
    values[:, 1] = np.round(values[:, 1] * 3)
    values[random.random(values.shape) < missing] = np.nan
    return values


def target(values: np.ndarray) -> np.ndarray:
    """A function of the rows with steps and products."""
    filled = np.nan_to_num(values, nan=0.5)
    return (filled[:, 0] * filled[:, 1] + np.sin(3 * filled[:, 2]) + (filled[:, 3] > 0)).astype(
        np.float32
    )


def odd_rows(seed: int, count: int = 150) -> np.ndarray:
    """Rows to ask about: infinities, both zeros, denormals, NaN, extremes."""
    random = np.random.default_rng(seed)
    odd = np.array(
        [
            np.inf,
            -np.inf,
            0.0,
            -0.0,
            1e-45,
            -1e-40,
            np.nan,
            3.4e38,
            -3.4e38,
            16777217.0,
        ],
        np.float32,
    )
    values = rows(seed + 1, count)
    hit = random.random(values.shape) < 0.4
    values[hit] = random.choice(odd, size=int(hit.sum()))
    return values


def ours(model: Path, values: np.ndarray, margin: bool) -> np.ndarray:
    """What our evaluators say, the packed and the reference one, flat."""
    command = [TOOL, "predict", model, "--raw-input", "--raw-output"] + ["--margin"] * margin
    packed, reference = (asked([*command, *way], values) for way in ([], ["--reference"]))
    assert_same_bits(packed, reference)
    return packed


def asked(command: list[str | Path], values: np.ndarray) -> np.ndarray:
    """The floats that a command answers to rows."""
    result = subprocess.run(command, input=values.tobytes(), capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return np.frombuffer(result.stdout, np.float32)


def assert_same_bits(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Equal to the bit; one NaN is as good as another."""
    theirs = np.ascontiguousarray(theirs, np.float32).ravel()
    assert ours.shape == theirs.shape
    different = (ours.view(np.uint32) != theirs.view(np.uint32)) & ~(
        np.isnan(ours) & np.isnan(theirs)
    )
    assert not different.any(), (
        f"{different.sum()} of {ours.size} differ: {ours[different][:3]} {theirs[different][:3]}"
    )


def compare(
    booster: xgb.Booster, folder: Path, questions: np.ndarray, categorical: bool = False
) -> None:
    """Both formats, margins and predictions, in-place and DMatrix paths.

    XGBoost's in-place path sums dart in an order of its own, which differs
    from its DMatrix path; we hold to the latter.
    """
    weighted = '"name":"dart"' in booster.save_raw("json").decode()
    types = ["c"] + ["q"] * (FEATURES - 1) if categorical else None
    finite = np.where(np.isinf(questions), np.float32(1.5), questions)
    matrix = xgb.DMatrix(finite, feature_types=types, enable_categorical=categorical)
    for extension in ("json", "ubj"):
        model = folder / f"model.{extension}"
        booster.save_model(model)
        for margin in (False, True):
            assert_same_bits(
                ours(model, finite, margin),
                booster.predict(matrix, output_margin=margin),
            )
            kind = "margin" if margin else "value"
            if not categorical and not weighted:
                theirs = booster.inplace_predict(questions, predict_type=kind)
                assert_same_bits(ours(model, questions, margin), theirs)


def train(params: Params, values: np.ndarray, label: np.ndarray, rounds: int = 12) -> xgb.Booster:
    """A model with one thread and fixed seed."""
    settings = {"max_depth": 5, "nthread": 1, "seed": 7, **params}
    return xgb.train(settings, xgb.DMatrix(values, label), rounds)


@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_regression(name: str, missing: float, tmp_path: Path) -> None:
    values = rows(len(name), missing=missing)
    compare(train(REGRESSION[name], values, target(values)), tmp_path, odd_rows(3))


@pytest.mark.parametrize("objective", POSITIVE)
def test_positive_targets(objective: str, tmp_path: Path) -> None:
    values = rows(5)
    label = np.abs(target(values)) + np.float32(0.1)
    compare(train({"objective": objective}, values, label), tmp_path, odd_rows(5))


@pytest.mark.parametrize("objective", BINARY)
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_binary_targets(objective: str, booster: str, tmp_path: Path) -> None:
    values = rows(6)
    params: Params = {"objective": objective, "booster": booster, "rate_drop": 0.3}
    compare(train(params, values, target(values) > 0), tmp_path, odd_rows(6))


def test_survival_aft(tmp_path: Path) -> None:
    values = rows(8)
    label = np.abs(target(values)) + np.float32(0.1)
    matrix = xgb.DMatrix(values)
    matrix.set_float_info("label_lower_bound", label)
    matrix.set_float_info("label_upper_bound", label * 2)
    compare(xgb.train({"objective": "survival:aft"}, matrix, 10), tmp_path, odd_rows(8))


@pytest.mark.parametrize("objective", ["multi:softprob", "multi:softmax"])
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"booster": "dart", "rate_drop": 0.4},
        {"num_parallel_tree": 3, "subsample": 0.6},
    ],
)
def test_classes(objective: str, extra: Params, tmp_path: Path) -> None:
    values = rows(9)
    label = np.clip(np.round(target(values)) + 1, 0, 3)
    compare(
        train({"objective": objective, "num_class": 4, **extra}, values, label),
        tmp_path,
        odd_rows(9),
    )


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
@pytest.mark.parametrize("objective", ["reg:squarederror", "binary:logistic"])
def test_several_targets(strategy: str, objective: str, tmp_path: Path) -> None:
    values = rows(10)
    label = np.stack([target(values), -target(values), target(values) ** 2], axis=1)
    if objective == "binary:logistic":
        label = label > 0.2
    params: Params = {
        "multi_strategy": strategy,
        "objective": objective,
        "tree_method": "hist",
    }
    compare(train(params, values, label), tmp_path, odd_rows(10))


@pytest.mark.parametrize("one_hot", [1, 100])
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_categories(one_hot: int, booster: str, tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    values = rows(11)
    values[:, 0] = np.where(
        random.random(len(values)) < 0.1, np.nan, random.integers(0, 70, len(values))
    )
    label = (np.nan_to_num(values[:, 0]) % 3 + np.nan_to_num(values[:, 2])).astype(np.float32)
    types = ["c"] + ["q"] * (FEATURES - 1)
    matrix = xgb.DMatrix(values, label, feature_types=types, enable_categorical=True)
    params = {
        "tree_method": "hist",
        "max_cat_to_onehot": one_hot,
        "booster": booster,
        "rate_drop": 0.3,
        "nthread": 1,
    }
    questions = odd_rows(11)
    questions[:, 0] = random.integers(0, 200, len(questions))
    questions[::5, 0] = np.nan
    compare(xgb.train(params, matrix, 12), tmp_path, questions, categorical=True)


def test_no_trees(tmp_path: Path) -> None:
    values = rows(12)
    compare(train({}, values, target(values), rounds=0), tmp_path, odd_rows(12))


def test_random_models(tmp_path: Path) -> None:
    """Random settings on random data; the seed is the test."""
    random = np.random.default_rng(2024)

    def pick(choices: list[str]) -> str:
        return choices[int(random.integers(len(choices)))]

    for seed in range(12):
        values = rows(seed, count=int(random.integers(2, 500)), missing=float(random.random()))
        params = {
            "tree_method": pick(["hist", "exact", "approx"]),
            "max_depth": int(random.integers(1, 11)),
            "learning_rate": float(random.random() + 0.01),
            "objective": pick(["reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror"]),
            "colsample_bytree": float(random.random() * 0.8 + 0.2),
            "num_parallel_tree": int(random.integers(1, 4)),
            "min_child_weight": float(random.random() * 5),
        }
        compare(
            train(params, values, target(values), int(random.integers(0, 25))),
            tmp_path,
            odd_rows(seed),
        )


def test_feature_names_and_linear_booster(tmp_path: Path) -> None:
    values = rows(13)
    names = [f"name_{index}" for index in range(FEATURES)]
    booster = xgb.train({}, xgb.DMatrix(values, target(values), feature_names=names), 2)
    booster.save_model(tmp_path / "named.ubj")
    info = subprocess.run(
        [TOOL, "info", tmp_path / "named.ubj"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [
        line.split(": ")[1] for line in info.stdout.splitlines() if line.startswith("feature name")
    ] == names
    train({"booster": "gblinear", "max_depth": 1}, values, target(values)).save_model(
        tmp_path / "linear.json"
    )
    result = subprocess.run(
        [TOOL, "info", tmp_path / "linear.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert 'learner.gradient_booster.name: booster "gblinear" is not supported' in result.stderr
