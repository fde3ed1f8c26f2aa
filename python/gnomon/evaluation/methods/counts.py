"""FLASH's hardware model: linear in a few counts of the network, from samples of the target alone.

L = sum_k lambda_k F_k + L_0, for latency, energy or area alike (Li, Mandal, Ogras, Marculescu,
"FLASH", ACM TECS 2021, fine-tunes such coefficients by runs on the target).  Ours: which counts
those are (operations, bytes that move, crossbar tiles that hold the weights, kernels), that no
coefficient is negative, and that relative errors are least.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from gnomon.evaluation.conformal import interval
from gnomon.evaluation.data.networks import kernel_work
from gnomon.evaluation.models.positive import at_least, least
from gnomon.evaluation.task import CannotPredict, Fitted, Measured, Networks, Pool, Prediction

SIDE = 128
"""Rows and columns of a crossbar."""
FOLDS = 5
NAMES = ("flops", "bytes", "tiles", "kernels", "constant")


TILED = (
    "groups",
    "group_channels_in",
    "group_channels_out",
    "kernel_area",
    "gemm_k",
    "gemm_n",
    "bytes_weights",
)


def crossbar_tiles(kernels: pd.DataFrame) -> np.ndarray:
    """(K,): crossbars of SIDE x SIDE cells that hold the weights of each kernel."""
    numbers = kernels.reindex(columns=TILED).fillna(0.0)
    rows = numbers["group_channels_in"] * numbers["kernel_area"]
    convolution = (
        numbers["groups"] * np.ceil(rows / SIDE) * np.ceil(numbers["group_channels_out"] / SIDE)
    )
    product = np.ceil(numbers["gemm_k"] / SIDE) * np.ceil(numbers["gemm_n"] / SIDE)
    weighs = numbers["bytes_weights"] > 0
    return np.where(weighs, np.where(rows > 0, convolution, product), 0.0)


def count(networks: Networks, batch: int) -> np.ndarray:
    """(n, 5): the columns of NAMES."""
    work = kernel_work(networks, batch)
    runs = (networks.kernels["kind"] != "free").to_numpy(dtype=float)
    columns = np.stack(
        [work["flops"], work["bytes"], crossbar_tiles(networks.kernels), runs], axis=1
    )
    counts = np.asarray(networks.counts @ columns)
    return np.concatenate([counts, np.ones((len(networks), 1))], axis=1)


def fit_linear(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(k,) coefficients, none negative, of (n, k) counts for (n,) values.

    Relative errors are least; of values below a fifth of the median, absolute ones.
    """
    scale = np.maximum(counts.max(axis=0), 1e-300)
    weight = 1.0 / np.maximum(values, 0.2 * np.median(values))
    found, _ = nnls(counts / scale * weight[:, None], values * weight)
    return found / scale


class Counts:
    name = "counts"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedCounts(count(pool.networks, pool.target.batch))


class _FittedCounts:
    def __init__(self, counts: np.ndarray) -> None:
        self.counts = counts

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        x, y = self.counts[samples.rows], samples.latency_ms
        if len(samples) < FOLDS:
            raise CannotPredict(f"counts needs at least {FOLDS} samples")
        fold = np.arange(len(y)) % FOLDS
        floor, residuals = least(y), np.empty(len(y))
        for part in range(FOLDS):
            out = fold == part
            held_out = x[out] @ fit_linear(x[~out], y[~out])
            residuals[out] = np.log(y[out] / at_least(floor, held_out))
        found = at_least(floor, self.counts[rows] @ fit_linear(x, y))
        return Prediction(found, *interval(found, residuals))


METHOD = Counts()
