"""Small models of every kind in both formats, for the fuzzer to start from."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xgboost as xgb


def main(folder: Path) -> None:
    """Write the seeds into `folder`."""
    random = np.random.default_rng(1)
    values = random.integers(0, 6, size=(60, 3)).astype(np.float32)
    label = values[:, 0] % 3
    several = np.stack([label, -label], axis=1)
    kinds = {
        "plain": ({}, label),
        "dart": ({"booster": "dart", "rate_drop": 0.5}, label),
        "classes": ({"objective": "multi:softmax", "num_class": 3}, label),
        "vector": ({"multi_strategy": "multi_output_tree"}, several),
        "linear": ({"booster": "gblinear"}, label),
    }
    for name, (params, target) in kinds.items():
        for types in (["q", "q", "q"], ["c", "q", "q"]):
            if "c" in types and name in ("linear", "vector"):
                continue
            matrix = xgb.DMatrix(values, target, feature_types=types, enable_categorical=True)
            settings = {"max_depth": 2, "max_cat_to_onehot": 1, "verbosity": 0}
            booster = xgb.train({**settings, **params}, matrix, 2)
            for extension in ("json", "ubj"):
                booster.save_model(folder / f"{name}-{types[0]}.{extension}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
