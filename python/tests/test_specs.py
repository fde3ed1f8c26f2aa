"""Data sheets: what is read, which row a name means, which device spec it becomes."""

from pathlib import Path

import pytest

from gnomon.evaluation.data.specs import device_spec, find_spec, read_specs

HEADER = "gpu,arch,cuda_cores,sms,ram_gb,mem_bw_gbps,fp32_tflops,boost_mhz,l2_mb\n"
ROWS = """A100-PCIE-40GB,Ampere,6912,108,40,1555,19.49,1410,40
A100-SXM4-40GB,Ampere,6912,108,40,1555,19.49,1410,40
A100-PCIE-80GB,Ampere,6912,108,80,1935,19.49,1410,40
P40,Pascal,3840,30,24,347,11.76,1531,3
P4,Pascal,2560,20,8,192,5.7,1114,2
"""


def _specs(tmp_path: Path, text: str = HEADER + ROWS) -> dict[str, dict[str, float]]:
    (tmp_path / "specs.csv").write_text(text)
    return read_specs(tmp_path / "specs.csv")


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        ("P4", "P4"),
        ("p40", "P40"),
        ("A100-40", "A100-PCIE-40GB"),
        ("A100-80", "A100-PCIE-80GB"),
        ("a100_sxm4_40gb", "A100-SXM4-40GB"),
    ],
)
def test_a_name_means_one_row(tmp_path: Path, wanted: str, row: str) -> None:
    assert find_spec(_specs(tmp_path), wanted) == row


def test_unknown_and_ambiguous_names_are_refused(tmp_path: Path) -> None:
    specs = _specs(tmp_path)
    with pytest.raises(ValueError, match="no data sheet of 'H9': expected one of A100-PCIE-40GB"):
        find_spec(specs, "H9")
    with pytest.raises(ValueError, match="'A100' may be A100-PCIE-40GB or A100-SXM4-40GB or"):
        find_spec(specs, "A100")


def test_a_data_sheet_becomes_a_device_spec(tmp_path: Path) -> None:
    spec = device_spec("p4", _specs(tmp_path)["P4"])
    assert spec["kind"] == "gpu"
    assert spec["peak_flops"]["f32"] == pytest.approx(5.7e12)
    assert spec["memory_bandwidth_bytes_per_s"] == 192e9
    assert spec["caches_bytes"]["l2"] == 2 * 2**20
    assert spec["sm_count"] == 20
    assert "launch_overhead_us" not in spec


def test_broken_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"missing \['sms'\]"):
        _specs(tmp_path, HEADER.replace("sms", "x") + ROWS)
    with pytest.raises(ValueError, match="'P4' twice"):
        _specs(tmp_path, HEADER + ROWS + ROWS.splitlines()[-1])
    with pytest.raises(ValueError, match="P4: expected positive numbers in sms"):
        _specs(tmp_path, HEADER + ROWS.replace("2560,20", "2560,none"))
    with pytest.raises(ValueError, match="expected a CSV table"):
        read_specs(tmp_path / "none.csv")
