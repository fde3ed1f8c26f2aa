"""Processor time in us of a prediction by a bundle of blocks: the last 1,500 networks of a table.

python ask_table.py TABLE.csv SPACE BUNDLE; least of five, Python's JSON included.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from gnomon import _native
from gnomon.evaluation.data.tables import architectures, read_table


def main() -> None:
    """Prints the time."""
    table, space, bundle = sys.argv[1:]
    texts = [json.dumps(one) for one in architectures(read_table(Path(table)))[-1500:]]
    taken = []
    for _ in range(5):
        begin = time.process_time()
        _native.table_latencies(space, bundle, texts)
        taken.append(time.process_time() - begin)
    print(min(taken) / len(texts) * 1e6)


if __name__ == "__main__":
    main()
