"""Random networks of a space, measured by a bundle's predictions instead of a clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse

from gnomon.evaluation.task import Column, Measured, Networks


def sample(
    space: str,
    bundle: Path,
    device: str | None,
    count: int,
    resolutions: list[int],
    width_mult: float | None,
    seed: int,
) -> tuple[Networks, Measured]:
    """`count` networks, each option of a decision equally likely, with the bundle's latencies.

    Kernels are not formed: the networks' are an empty table.
    """
    from gnomon import _native

    try:
        drawn = _native.sample_space(
            space, str(bundle), device or "", count, resolutions, width_mult or 0.0, seed
        )
    except RuntimeError as error:
        raise ValueError(str(error)) from error
    networks = Networks(
        space=drawn["space"],
        names=drawn["decisions"],
        choices=np.array(drawn["choices"], dtype=int).reshape(count, -1),
        resolution=np.array(drawn["resolutions"], dtype=int),
        kernels=pd.DataFrame({"kind": []}),
        counts=scipy.sparse.csr_matrix((count, 0)),
        options=drawn["options"],
    )
    about = Column(
        name=drawn["device"],
        space=drawn["space"],
        width_mult=drawn["width_mult"] or None,
        device=drawn["device"],
    )
    return networks, Measured(about, np.arange(count), np.array(drawn["latency_ms"]))
