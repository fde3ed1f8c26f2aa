"""The include table is held, and the checker sees what it must."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHECK = ROOT / "script" / "check-layers"


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(CHECK), *arguments], capture_output=True, text=True)


def tree_with(tmp_path: Path, file: str, line: str) -> str:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    return str(tmp_path)


def test_this_tree_has_no_arrow_upwards():
    result = run()
    assert result.returncode == 0, result.stdout


def test_an_arrow_upwards_fails_and_names_the_line(tmp_path):
    tree = tree_with(tmp_path, "lib/Forest/A.cpp", '\n#include "gnomon/Cost/CostModel.h"')
    result = run(tree)
    assert result.returncode == 1
    assert "lib/Forest/A.cpp:2: Forest may not include Cost" in result.stdout


def test_only_the_onnx_target_sees_protobuf(tmp_path):
    tree = tree_with(tmp_path, "lib/Cost/A.cpp", '#include "onnx/onnx_pb.h"')
    result = run(tree)
    assert result.returncode == 1
    assert "only Target/ONNX may include onnx/" in result.stdout


def test_a_folder_outside_the_table_fails(tmp_path):
    tree = tree_with(tmp_path, "lib/Elsewhere/A.cpp", "")
    assert "in no part of the table" in run(tree).stdout
