"""A line in logarithms over the zero-shot latency, or over the mean shape of the sources."""

from __future__ import annotations

from gnomon.evaluation.task import Fitted, Pool
from gnomon.evaluation.transfer import OnBase


class Affine:
    name = "affine"

    def fit(self, pool: Pool) -> Fitted:
        return OnBase(pool, slope=True)


METHOD = Affine()
