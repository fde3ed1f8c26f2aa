"""Small networks, one with numbers as lists and one as base64, for the fuzzer to start from."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    """Write the seeds into `folder`."""
    random = np.random.default_rng(1)
    for name, encode in {
        "lists": lambda values: values.tolist(),
        "base64": lambda values: base64.b64encode(values.astype("<f4").tobytes()).decode(),
    }.items():
        layers = [
            {
                "inputs": inputs,
                "outputs": outputs,
                "weights": encode(random.normal(size=inputs * outputs)),
                "bias": encode(random.normal(size=outputs)),
                "relu": outputs > 1,
            }
            for inputs, outputs in ((3, 20), (20, 5), (5, 1))
        ]
        (folder / f"{name}.json").write_text(json.dumps({"layers": layers, "constant": 0.5}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
