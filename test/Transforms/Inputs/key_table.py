"""Writes a table bundle for all keys of blocks in a module: MODULE FOLDER."""

import json
import re
import sys
from pathlib import Path

module, folder = sys.argv[1:]
keys = sorted(set(re.findall(r'gnomon\.block = "([^"]+)"', Path(module).read_text())))
# A block costs its channels inside times its kernel, everything else 1 us.
inner = re.compile(r"-expand:(\d+)-kernel:(\d+)")
costs = {key: int(m[1]) * int(m[2]) if (m := inner.search(key)) else 1 for key in keys}
Path(folder).mkdir(exist_ok=True)
(Path(folder) / "t.json").write_text(json.dumps(costs))
(Path(folder) / "bundle.json").write_text(
    json.dumps(
        {"format": 1, "kind": "table", "name": "made", "unit": "us", "tables": [{"file": "t.json"}]}
    )
)
