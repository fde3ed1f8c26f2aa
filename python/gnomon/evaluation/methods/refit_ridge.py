"""A network of another device, its last layer moved by a ridge."""

from __future__ import annotations

from gnomon.evaluation.models.refitting import Refitted, by_ridge
from gnomon.evaluation.task import Pool


class _Method:
    name = "refit_ridge"

    def fit(self, pool: Pool) -> Refitted:
        return Refitted(pool, by_ridge)


METHOD = _Method()
