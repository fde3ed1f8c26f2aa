"""Small latency tables in every format, for the fuzzer to start from."""

from __future__ import annotations

import sys
from pathlib import Path

SEEDS = {
    "flow": "\0a: {count: 3, mean: 0.5, std: 1.0e-2}\n",
    "block": "\0a:\n  count: 3\n  mean: 0.5\n",
    "csv": "\1resolution,key,mean_us,count\n8,a,7,1\n",
    "json": '\2{"a": 2, "b": {"mean": 3, "std": 1, "count": 9}}',
}


def main(folder: Path) -> None:
    """Write the seeds into `folder`; the first byte picks the format."""
    for name, text in SEEDS.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
