"""Spaces of one's own: the page about them, run, and networks from rules compared."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest

from gnomon import _native

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GNOMON_BUILD_DIR", ROOT / "build" / "release"))
PAGE = ROOT / "docs" / "spaces-of-your-own.md"
# Options of passes are separated by blanks, which the tree's own path may hold.
LINKS = tempfile.TemporaryDirectory()
TREE = Path(LINKS.name) / "gnomon"
TREE.symlink_to(ROOT)
SETTINGS = {
    **os.environ,
    "PATH": os.pathsep.join([str(BUILD / "bin"), os.environ.get("PATH", "")]),
    "PYTHONPATH": str(ROOT / "python"),
    "GNOMON_BUILD_DIR": str(BUILD),
    "GNOMON": str(TREE),
    "PYTHON": sys.executable,
    "COLUMNS": "200",
}
FUNCTIONS = 'gnomon() { "$PYTHON" -m gnomon "$@"; }; python() { "$PYTHON" "$@"; }; '


def shell(command: str, folder: Path) -> str:
    """What a command of the page prints, standard error included."""
    return subprocess.run(
        ["bash", "-c", FUNCTIONS + command],
        cwd=folder,
        env=SETTINGS,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    ).stdout


def pattern(lines: list[str]) -> str:
    """Expected lines as a regular expression; `...` stands for any text."""
    parts = ["(.*\n)?" if line == "..." else re.escape(line) + "\n" for line in lines]
    return "".join(parts)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that it must print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def test_the_page_says_what_happens(tmp_path: Path) -> None:
    """Every file is written and every command run, in the page's order."""
    blocks = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```", PAGE.read_text(), re.S | re.M)
    assert {kind for kind, _, _ in blocks} == {"console", "json", "python"}
    for kind, name, body in blocks:
        if kind != "console":
            (tmp_path / name).write_text(body)
            continue
        for command, expected in commands(body):
            printed = shell(command, tmp_path)
            assert re.fullmatch(pattern(expected), printed, re.S), f"{command}\n{printed}"


NETWORK = """
<ir_version: 8, opset_import: ["" : 18]>
net (float[1, 3, 16, 16] x) => (float[1, 12, 8, 8] y) <int64[2] axes = {2, 3}> {
  a0 = Conv <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> (x, stem)
  a = Relu (a0)
  b0 = Conv (a, expand)
  b1 = Sigmoid (b0)
  b = Mul (b0, b1)
  c0 = Conv <group = 24, kernel_shape = [3, 3], auto_pad = "SAME_UPPER"> (b, depth)
  c = BatchNormalization (c0, scale, shift, mean, variance)
  d = HardSwish (c)
  p = ReduceMean (d, axes)
  q0 = Conv (p, reduce)
  q = Relu (q0)
  r0 = Conv (q, excite)
  r = HardSigmoid (r0)
  e = Mul (d, r)
  f = Conv (e, project)
  g = Add (a, f)
  y = Relu (g)
}"""
WEIGHTS = {
    "stem": (12, 3, 3, 3),
    "expand": (24, 12, 1, 1),
    "depth": (24, 1, 3, 3),
    "scale": (24,),
    "shift": (24,),
    "mean": (24,),
    "variance": (24,),
    "reduce": (6, 24, 1, 1),
    "excite": (24, 6, 1, 1),
    "project": (12, 24, 1, 1),
}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """An inverted bottleneck with squeeze and excitation, as an ONNX file."""
    model = onnx.parser.parse_model(NETWORK)
    random = np.random.default_rng(0)
    for name, shape in WEIGHTS.items():
        values = random.random(shape).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, name))
    for node in model.graph.node:
        node.name = node.output[0]
    onnx.save(model, tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


def made(network: Path, rules: str, selection: str) -> Path:
    """The network that a selection of a ruled network means, exported."""
    folder = network.parent
    printed = shell(
        "set -e; gnomon-translate --import-onnx net.onnx -o net.mlir; "
        f"gnomon-opt net.mlir --gnomon-build-space='rules={rules}' --mlir-print-debuginfo "
        "-o space.mlir; gnomon-opt space.mlir --mlir-print-debuginfo -o made.mlir "
        f"--gnomon-materialize-choices='selection=resolution=16,{selection}'; "
        "gnomon-translate --export-onnx made.mlir -o made.onnx",
        folder,
    )
    assert "error" not in printed, printed
    onnx.checker.check_model(onnx.load(folder / "made.onnx"), full_check=True)
    return folder / "made.onnx"


def run(path: Path) -> np.ndarray:
    """The answer of ONNX Runtime to an image of a fixed seed."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    image = np.random.default_rng(1).random((1, 3, 16, 16)).astype(np.float32)
    return session.run(None, {session.get_inputs()[0].name: image})[0]


def shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights, by name."""
    weights = onnx.load(path).graph.initializer
    return {tensor.name: tuple(tensor.dims) for tensor in weights if tensor.name != "axes"}


RULES = "kernel:depthwise=3,5;expansion=2,4;drop-residual"


def test_selecting_what_the_network_has_gives_it_back(network: Path) -> None:
    """The same weights under the same names, the same answer to the bit."""
    same = made(network, RULES, "g_drop=keep,b0_expansion=e2,c0_kernel=k3")
    assert shapes(same) == WEIGHTS
    assert np.array_equal(run(same), run(network))


def test_changed_weights_have_the_shapes_of_the_options(network: Path) -> None:
    """Hidden channels and kernel change, what is around them keeps its weights."""
    changed = made(network, RULES, "g_drop=keep,b0_expansion=e4,c0_kernel=k5")
    assert np.isfinite(run(changed)).all()
    assert shapes(changed) == WEIGHTS | {
        "expand": (48, 12, 1, 1),
        "depth": (48, 1, 5, 5),
        "scale": (48,),
        "shift": (48,),
        "mean": (48,),
        "variance": (48,),
        "reduce": (6, 48, 1, 1),
        "excite": (48, 6, 1, 1),
        "project": (12, 48, 1, 1),
    }


def test_a_dropped_block_leaves_the_rest(network: Path) -> None:
    """Only the stem is left, with its weights."""
    assert shapes(made(network, RULES, "g_drop=skip")) == {"stem": WEIGHTS["stem"]}


def test_inner_widths_change_together(network: Path) -> None:
    """Squeeze and excitation shrinks with the block; the block's interface stays."""
    half = made(network, "channels=.5,1", "b0_channels=w0.5")
    assert np.isfinite(run(half)).all()
    assert shapes(half)["reduce"] == (3, 12, 1, 1)
    assert shapes(half)["project"] == (12, 12, 1, 1)
    assert shapes(half)["stem"] == WEIGHTS["stem"]


INTERFACES = {
    "(float[1, 16, 8, 8] x, float[1] z) => (float[1, 16, 8, 8] y)": "found 2 inputs, expected one",
    "(float[1, 16, 8, 8] x) => (float[1, 16, 8, 8] y, float[1, 16, 8, 8] w)": (
        "found 2 outputs, expected one"
    ),
    "(float[1, 8, 8, 8] x) => (float[1, 8, 8, 8] y)": (
        "the input 'x' is tensor<1x8x8x8xf32>, expected tensor<1x16x8x8xf32>, which the place has"
    ),
    "(double[1, 16, 8, 8] x) => (double[1, 16, 8, 8] y)": (
        "the input 'x' is tensor<1x16x8x8xf64>, expected tensor<1x16x8x8xf32>, which the place has"
    ),
}


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_interface_of_a_file_is_checked(tmp_path: Path, interface: str) -> None:
    """Error with field, file, found and expected; exit status 2."""
    body = "{ y = Relu (x) w = Relu (x) }"
    text = f'<ir_version: 8, opset_import: ["" : 17]>\nnet {interface} {body}'
    onnx.save(onnx.parser.parse_model(text), tmp_path / "part.onnx")
    printed = check(tmp_path, '{"name": "a", "type": "onnx", "file": "part.onnx"}')
    assert printed == (
        f"gnomon: error: own.json: network[1].file: part.onnx: {INTERFACES[interface]}\n2\n"
    )


def check(folder: Path, item: str) -> str:
    """What `gnomon spaces --check` prints for a file with that item, and its exit status."""
    (folder / "own.json").write_text(
        '{"schema": 1, "name": "own", "resolutions": [8], "network": '
        f'[{{"name": "stem", "type": "conv", "channels": 16}}, {item}]}}'
    )
    return shell("gnomon spaces --check own.json; echo $?", folder)


def test_options_from_files_yield_what_the_others_do(tmp_path: Path) -> None:
    """The type of the first built-in option is what is expected."""
    text = '<ir_version: 8, opset_import: ["" : 17]>\nnet (float[N, C, H, W] x) => (float y)'
    pool = text + " { y = GlobalAveragePool (x) }"
    onnx.save(onnx.parser.parse_model(pool), tmp_path / "pool.onnx")
    printed = check(
        tmp_path,
        '{"name": "a", "choose": [{"option": "pool", "type": "onnx", "file": "pool.onnx"}, '
        '{"option": "none", "type": "skip"}]}',
    )
    assert printed == (
        "gnomon: error: own.json: network[1].choose[0].file: pool.onnx: "
        'the option "pool" yields tensor<1x16x1x1xf32>, expected tensor<1x16x8x8xf32>, '
        'which "none" yields\n2\n'
    )


def test_files_stay_in_the_folder(tmp_path: Path) -> None:
    """A link that leads out is refused like a path that does."""
    inner = tmp_path / "inner"
    inner.mkdir()
    text = (
        '<ir_version: 8, opset_import: ["" : 17]>\nnet (float[N] x) => (float[N] y) {y = Relu(x)}'
    )
    onnx.save(onnx.parser.parse_model(text), tmp_path / "part.onnx")
    (inner / "link.onnx").symlink_to(tmp_path / "part.onnx")
    printed = check(inner, '{"name": "a", "type": "onnx", "file": "link.onnx"}')
    assert "network[1].file: link.onnx: leads out through a link; only files within" in printed


SCHEMA = json.loads((ROOT / "data" / "schemas" / "space.schema.json").read_text())


def members_of(kind: str) -> set[str]:
    """The members of a block's type, as the schema has them."""
    for block in SCHEMA["$defs"]["block"]["oneOf"]:
        found = SCHEMA["$defs"][block["$ref"].split("/")[-1]] if "$ref" in block else block
        named = found["properties"]["type"]
        if kind in named.get("enum", [named.get("const")]):
            return set(found["properties"])
    raise AssertionError(f"the schema has no block {kind}")


BLOCKS = ["conv", "mbconv", "max_pool", "average_pool", "skip", "classifier", "onnx"]


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_schema_has_the_members_that_are_read(tmp_path: Path, kind: str) -> None:
    """An unknown member makes the reader list those it knows."""
    path = tmp_path / "space.json"
    item = {"name": "a", "type": kind, "unheard": 1}
    path.write_text(json.dumps({"schema": 1, "name": "s", "resolutions": [8], "network": [item]}))
    with pytest.raises(RuntimeError, match="unheard: unknown member") as caught:
        _native.check_space(str(path))
    known = set(str(caught.value).split("expected one of ")[1].split(", "))
    of_items = set(SCHEMA["$defs"]["items"]["items"]["properties"])
    assert known == members_of(kind) | of_items
