"""AdaProxy, its correction chosen by rank on held-out samples as published."""

from __future__ import annotations

from gnomon.evaluation.models.adaproxy import adapt
from gnomon.evaluation.models.adapting import Adapting
from gnomon.evaluation.task import Pool


class _Method:
    name = "adaproxy"

    def fit(self, pool: Pool) -> Adapting:
        return Adapting(pool, adapt)


METHOD = _Method()
