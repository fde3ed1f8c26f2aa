"""A line in logarithms over the zero-shot latency, or over the mean shape of the sources."""

from __future__ import annotations

from gnomon.evaluation.models.transfer import OnBase
from gnomon.evaluation.task import Fitted, Pool


class Affine:
    name = "affine"

    def fit(self, pool: Pool) -> Fitted:
        return OnBase(pool, slope=True)


METHOD = Affine()
