"""One proxy device for many."""

from __future__ import annotations

from evaluation.session import Session

PROBE = 25
"""Networks that `gnomon evaluate proxy` measures first."""


def bar6(session: Session) -> None:
    """One proxy device: published ranks, samples spent where rank is kept, AdaProxy where not.

    Of the published heat maps only the FBNet devices of HW-NAS-Bench that the table has can be
    formed: Pixel 3, Raspberry Pi 4, Eyeriss, FPGA. Published: .90 to .97 without adapting.
    """
    fbnet, columns = session.data / "fbnet_latency_ms.csv.gz", session.data / "columns.csv"

    def proxy(name: str, column: str, targets: str) -> list[dict]:
        about = ("--columns", columns, "--jobs", session.jobs, "--probe", PROBE)
        return session.gnomon(name, "proxy", fbnet, "--proxy", column, "--target", targets, *about)

    for row in proxy("bar6-published", "pixel3", "raspi4,eyeriss,fpga"):
        kept = f"pixel3 -> {row['column']}"
        session.check("bar6", f"{kept} raw rank", row["spearman_raw"], 0.9, most=False)
        limit = PROBE if row["spearman_raw"] > 0.95 else None
        session.check("bar6", f"{kept} samples (probe {PROBE})", row["samples"], limit)
        session.check("bar6", f"{kept} hypervolume", row["hypervolume"])
    for row in proxy("bar6-kept", "1080ti_64", "titanx_64,titanxp_64,2080ti_64,titan_rtx_64"):
        kept = f"1080ti_64 -> {row['column']}"
        session.check("bar6", f"{kept} samples (probe {PROBE})", row["samples"], PROBE)
        session.check("bar6", f"{kept} hypervolume", row["hypervolume"], 0.98, most=False)
    rows = session.network(
        "bar6-adapted",
        "nasbench201_latency_ms.csv.gz",
        *("--train-on", "pixel3", "--test-on", "1080ti_256,1080ti_32,gold_6240,silver_4114"),
        *("--samples", "70", "--seeds", 10, "--method", "adaproxy,adaproxy_error,ridge"),
    )
    for row in rows:
        what = f"pixel3 -> {row['column']} {row['method']} rank, 70 samples"
        session.check("bar6", what, row["spearman"])
