"""Fits the accuracy models that are shipped: values per option, and a small network."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from gnomon.accuracy import ofa
from gnomon.accuracy.ofa import Networks
from gnomon.accuracy.teacher import Teacher
from gnomon.learning.dense import dense_layer, dense_network

HIDDEN = (128, 64)
RATES = ((2e-3, 12), (5e-4, 5), (1e-4, 4))
"""Learning rates and how many passes each is for."""

BATCH = 500
RIDGE = 1e-3
DIGITS = 7
"""Of a value per option: a hundredth of a thousandth of a point."""

CENTRE, WIDTH = 192.0, 32.0
"""The small network reads the resolution as (r - CENTRE) / WIDTH."""

FIELDS = {
    "schema": 1,
    "space": "ofa-mbv3",
    "metric": "accuracy",
    "unit": "fraction",
    "sense": "maximize",
}


def option_columns(networks: Networks) -> np.ndarray:
    """One column per trained resolution, depth and option of a block, (n, 5 + 15 + 180)."""
    flat = (len(networks), -1)
    trained = np.array(ofa.TRAINED_RESOLUTIONS)
    resolution = (networks.resolutions[:, None] == trained).astype(np.float64)
    depth = np.eye(len(ofa.DEPTHS))[networks.depths].reshape(flat)
    chosen = networks.kernels * len(ofa.RATIOS) + networks.ratios
    options = np.eye(len(ofa.KERNELS) * len(ofa.RATIOS))[chosen]
    blocks = (options * networks.active()[:, :, None]).reshape(flat)
    return np.concatenate([resolution, depth, blocks], axis=1)


def fit_additive(teacher: Teacher, count: int, seed: int) -> dict[str, Any]:
    """The file of values per option: least squares over networks at trained resolutions."""
    networks = ofa.draw(count, np.random.default_rng(seed), ofa.TRAINED_RESOLUTIONS)
    columns, truth = option_columns(networks), teacher.trained(networks)
    mean = truth.mean()
    gram = columns.T @ columns + RIDGE * np.eye(columns.shape[1])
    values = np.linalg.solve(gram, columns.T @ (truth - mean))
    resolution, depth, blocks = np.split(values, [5, 5 + 15])
    all_resolutions = np.array(ofa.RESOLUTIONS)
    curve = np.interp(all_resolutions, ofa.TRAINED_RESOLUTIONS, resolution)
    curve = curve + teacher.extension(all_resolutions)
    names = [ofa.option_name(k, e) for k in range(3) for e in range(3)]
    tables = [table([], round(float(mean), DIGITS))]
    tables.append(table(["resolution"], named(map(str, ofa.RESOLUTIONS), curve)))
    for stage, row in enumerate(depth.reshape(ofa.STAGES, -1)):
        tables.append(table([ofa.depth_name(stage)], named((f"d{d}" for d in ofa.DEPTHS), row)))
    for block, row in enumerate(blocks.reshape(ofa.BLOCKS, -1)):
        tables.append(table([ofa.block_name(block)], named(names, row)))
    return {**FIELDS, "kind": "additive", "name": "ofa-mbv3-additive", "tables": tables}


def table(decisions: list[str], values: Any) -> dict[str, Any]:
    """One table of an additive file."""
    return {"decisions": decisions, "values": values}


def named(names: Any, values: np.ndarray) -> dict[str, float]:
    """Values by option."""
    return {name: round(float(value), DIGITS) for name, value in zip(names, values, strict=True)}


def small_inputs(networks: Networks) -> np.ndarray:
    """The 121 inputs of the small network: blocks as OFA codes them, and the resolution."""
    resolution = (networks.resolutions[:, None] - CENTRE) / WIDTH
    return np.concatenate([ofa.block_bits(networks), resolution], axis=1)


def fit_network(
    teacher: Teacher, count: int, seed: int, progress: Callable[[str], None]
) -> dict[str, Any]:
    """The file of the small network, distilled over all resolutions of the space."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    networks = ofa.draw(count, np.random.default_rng(seed))
    truth = teacher(networks)
    mean, spread = truth.mean(), truth.std()
    inputs, labels = small_inputs(networks), (truth - mean) / spread
    learner = MLPRegressor(
        hidden_layer_sizes=HIDDEN, random_state=seed, batch_size=BATCH, warm_start=True, alpha=1e-6
    )
    for rate, passes in RATES:
        progress(f"small network: {passes} passes over {count} networks at rate {rate}")
        learner.set_params(learning_rate_init=rate, max_iter=passes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(inputs, labels)
    weights = [w.T for w in learner.coefs_]
    biases = list(learner.intercepts_)
    weights[-1], biases[-1] = weights[-1] * spread, biases[-1] * spread + mean
    layers = [
        dense_layer(w, b, last=index + 1 == len(weights))
        for index, (w, b) in enumerate(zip(weights, biases, strict=True))
    ]
    return {
        **FIELDS,
        "kind": "mlp",
        "name": "ofa-mbv3-mlp",
        "inputs": inputs.shape[1],
        "encoding": small_encoding(),
        "network": {"layers": layers},
    }


def small_encoding() -> dict[str, dict[str, list[list[float]]]]:
    """Decision -> option -> what it sets, the code of `small_inputs` as data."""
    last = 2 * 3 * ofa.BLOCKS
    resolution = {str(r): [[last, (r - CENTRE) / WIDTH]] for r in ofa.RESOLUTIONS}
    return {"resolution": resolution, **ofa.block_encoding()}


def predict_additive(file: dict[str, Any], networks: Networks) -> np.ndarray:
    """What an additive file says about networks."""
    values = {tuple(t["decisions"]): t["values"] for t in file["tables"]}
    by_resolution = values[("resolution",)]
    result = values[()] + np.array([by_resolution[str(r)] for r in networks.resolutions])
    for stage in range(ofa.STAGES):
        by_depth = np.array(list(values[(ofa.depth_name(stage),)].values()))
        result = result + by_depth[networks.depths[:, stage]]
    chosen, active = networks.kernels * len(ofa.RATIOS) + networks.ratios, networks.active()
    for block in range(ofa.BLOCKS):
        by_option = np.array(list(values[(ofa.block_name(block),)].values()))
        result = result + by_option[chosen[:, block]] * active[:, block]
    return result


def predict_network(file: dict[str, Any], networks: Networks) -> np.ndarray:
    """What a network file says about networks."""
    return dense_network(file["network"])(small_inputs(networks)).astype(np.float64)


def errors(predicted: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """How far the answers are from the teacher's, in points (hundredths)."""
    best = truth >= np.quantile(truth, 0.9)

    def of(rows: np.ndarray) -> dict[str, float]:
        apart = 100 * np.abs(predicted - truth)[rows]
        rank = spearmanr(predicted[rows], truth[rows]).statistic
        return {
            "networks": int(rows.sum()),
            "mae_points": round(float(apart.mean()), 4),
            "max_points": round(float(apart.max()), 4),
            "spearman": round(float(rank), 4),
        }

    return {"held_out": of(np.ones(len(truth), bool)), "held_out_best_tenth": of(best)}
