# SPDX-License-Identifier: Apache-2.0
"""Kernels that ONNX Runtime really runs for a model, under the names of the model's own tensors.

The runtime saves the graph that it optimised. Its nodes are joined with the model by the tensor
that each one yields; where the runtime made up a name, the tensor is found through the node's name
or through its neighbours.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime as ort

FUSION_SUFFIX = re.compile(r"(/\w+Fusion/?)+$")
Key = tuple[str, str]
"""What runs, and the model's tensor that it yields ("" where there is none)."""

BLOCKED_SUFFIXES = ("_bn_nchwc", "_mul_nchwc", "_nchwc")


def optimised(model: Path) -> onnx.ModelProto:
    """The graph that ONNX Runtime's CPU provider makes of a model at optimisation level ALL."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "optimised.onnx"
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.optimized_model_filepath = str(target)
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        return onnx.load(str(target), load_external_data=False)


class _Names:
    """Finds the model's tensor behind a node of the optimised graph."""

    def __init__(self, original: onnx.GraphProto, graph: onnx.GraphProto) -> None:
        self.known = {name for node in original.node for name in node.output if name}
        self.known |= {value.name for value in original.input}
        named = (node for node in original.node if node.name and node.output)
        self.of_node = {node.name: node.output[0] for node in named}
        self.producer = {name: node for node in graph.node for name in node.output}
        self.users: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self.users.setdefault(name, []).append(node)

    def resolve(self, node: onnx.NodeProto, depth: int = 0) -> str:
        """The tensor that `node` yields, "" if the model has none."""
        output = node.output[0]
        if output in self.known:
            return output
        for suffix in BLOCKED_SUFFIXES:
            if node.name.removesuffix(suffix) in self.known:
                return node.name.removesuffix(suffix)
        plain = FUSION_SUFFIX.sub("", node.name)
        if plain in self.of_node:
            return self.of_node[plain]
        if depth > 4:
            return ""
        if node.op_type == "ReorderInput" or (node.op_type == "Reshape" and "gemm_input" in output):
            source = node.input[0]
            if source in self.known or source not in self.producer:
                return source
            return self.resolve(self.producer[source], depth + 1)
        users = self.users.get(output, [])
        return self.resolve(users[0], depth + 1) if len(users) == 1 else ""


def runtime_kernels(model: Path) -> list[Key]:
    """The kernels of a model in the order in which the runtime stores them."""
    graph = optimised(model).graph
    names = _Names(onnx.load(str(model), load_external_data=False).graph, graph)
    return [(node.op_type, names.resolve(node)) for node in graph.node]


@dataclass(frozen=True)
class Found:
    """A kernel that Gnomon formed: what runs, its results, the results of all operations inside."""

    op: str
    outputs: tuple[str, ...]
    members: tuple[str, ...]


def found_kernels(module: Path, tool: str, rules: Path, simd_bits: int) -> list[Found]:
    """The kernels that the tool `gnomon-kernels` finds in a module of IR."""
    command = [tool, f"--rules={rules}", f"--simd-bits={simd_bits}", str(module)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    return [Found(row[0], tuple(row[1].split(" ")), tuple(row[2].split(" "))) for row in rows]


def differences(found: list[Found], real: list[Key]) -> tuple[list[Key], list[Key]]:
    """Kernels found that the runtime does not run, and those it runs that were not found.

    The runtime names a fused kernel after any of the tensors inside, so that any of them joins; its
    results come first.
    """
    left = dict(enumerate(found))
    missing = list(real)
    for tensors_of in (lambda k: k.outputs, lambda k: k.members, lambda _: ("",)):
        index: dict[Key, list[int]] = {}
        for number, kernel in left.items():
            for tensor in dict.fromkeys(tensors_of(kernel)):
                index.setdefault((kernel.op, tensor), []).append(number)
        unmatched = []
        for key in missing:
            number = next((n for n in index.get(key, []) if n in left), None)
            if number is None:
                unmatched.append(key)
            else:
                del left[number]
        missing = unmatched
    return [(kernel.op, kernel.outputs[0]) for kernel in left.values()], missing


def simd_bits() -> int:
    """Width of this machine's vectors as the runtime sees it."""
    cpuinfo = Path("/proc/cpuinfo")
    return 512 if cpuinfo.exists() and "avx512f" in cpuinfo.read_text(encoding="utf-8") else 256


def report(model: Path, module: Path, tool: str, rules: Path) -> bool:
    """Prints how the kernels found differ from the runtime's; true if they do not."""
    found = found_kernels(module, tool, rules, simd_bits())
    real = runtime_kernels(model)
    extra, missing = differences(found, real)
    counts = f"{len(found)} found, {len(real)} real, {len(extra)} extra, {len(missing)} missing"
    print(f"{model.name}: {counts}")
    for title, keys in (("extra", extra), ("missing", missing)):
        for op, tensor in keys:
            print(f"  {title}: {op} -> {tensor}")
    return not extra and not missing


def main(arguments: list[str]) -> int:
    """`runtime_kernels.py TOOL RULES MODEL.onnx MODULE.mlir [MODEL.onnx MODULE.mlir ...]`"""
    if len(arguments) < 4 or len(arguments) % 2:
        print(main.__doc__, file=sys.stderr)
        return 2
    tool, rules, *files = arguments
    pairs = zip(files[::2], files[1::2], strict=True)
    agreed = [report(Path(model), Path(module), tool, Path(rules)) for model, module in pairs]
    print(f"{sum(agreed)} of {len(agreed)} agree")
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
