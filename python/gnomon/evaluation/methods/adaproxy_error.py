"""AdaProxy, its correction chosen by the error at each sample left out."""

from __future__ import annotations

from gnomon.evaluation.models.adaproxy import adapt_by_error
from gnomon.evaluation.models.adapting import Adapting
from gnomon.evaluation.task import Pool


class _Method:
    name = "adaproxy_error"

    def fit(self, pool: Pool) -> Adapting:
        return Adapting(pool, adapt_by_error)


METHOD = _Method()
