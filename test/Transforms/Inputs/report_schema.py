"""Holds a cost report against the contract: report_schema.py REPORT [FUNCTION...]."""

import json
import sys
from pathlib import Path

SOURCES = ["predicted", "extrapolated", "roofline", "free", "unsupported"]
NETWORK = {"latency_us", "low_us", "high_us", "confidence", "sources"}
KERNEL = {"name", "kind", "ops", "location", "flops", "bytes"} | {
    "latency_us",
    "low_us",
    "high_us",
    "source",
}


def check(part: dict) -> None:
    """One function's network and kernels."""
    network = part["network"]
    assert set(network) == NETWORK, network
    assert network["low_us"] <= network["latency_us"] <= network["high_us"]
    assert sorted(network["sources"]) == sorted(SOURCES)
    for share in network["sources"].values():
        assert set(share) == {"ops", "flops", "latency_us"}, share
    for kernel in part["kernels"]:
        assert set(kernel) >= KERNEL, KERNEL - set(kernel)
        assert kernel["source"] in SOURCES
        assert kernel["low_us"] <= kernel["latency_us"] <= kernel["high_us"]


report = json.loads(Path(sys.argv[1]).read_text())
functions = sys.argv[2:]
assert report["schema"] == 1
assert isinstance(report["device"], str)
assert set(report["bundle"]) == {"name", "fingerprint"}
check(report)
if functions:
    assert [function["name"] for function in report["functions"]] == functions
    for function in report["functions"]:
        check(function)
    entry = report["functions"][functions.index("main")]
    assert entry["network"] == report["network"] and entry["kernels"] == report["kernels"]
else:
    assert report["kernels"] == [] and "functions" not in report
