"""The source that ranks the samples most like the target, and a line in logarithms over it."""

from __future__ import annotations

import numpy as np

from gnomon.evaluation.models.transfer import FEWEST_FOR_SLOPE, Known, fit_line
from gnomon.evaluation.ranking import rank_correlation
from gnomon.evaluation.task import Fitted, Measured, Pool, Prediction


class Nearest:
    name = "nearest"

    def fit(self, pool: Pool) -> Fitted:
        return _FittedNearest(pool)


class _FittedNearest:
    def __init__(self, pool: Pool) -> None:
        self.known = Known(pool)

    def predict(self, samples: Measured, rows: np.ndarray, seed: int) -> Prediction:
        if not len(samples):
            return self.known.without_samples(rows)
        if len(samples) < FEWEST_FOR_SLOPE:
            base = self.known.base
            line = fit_line(base[samples.rows], samples.latency_ms, slope=False)
            return self.known.along(line, base, rows, "too few samples to rank by")
        nearest = self._nearest(samples)
        shape = self.known.shapes[:, nearest]
        line = fit_line(shape[samples.rows], samples.latency_ms, slope=True)
        return self.known.along(line, shape, rows, self.known.names[nearest])

    def _nearest(self, samples: Measured) -> int:
        """By rank correlation; equal ones by what the line leaves over."""
        shapes = self.known.shapes[samples.rows]
        merit = [
            (
                round(rank_correlation(shape, samples.latency_ms), 9),
                -float(np.std(fit_line(shape, samples.latency_ms, slope=True).left_out)),
            )
            for shape in shapes.T
        ]
        return max(range(len(merit)), key=merit.__getitem__)


METHOD = Nearest()
