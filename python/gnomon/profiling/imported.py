"""Makes a record of the profile folder from times that another tool measured.

The tool names what it ran; the ONNX file, and the graph that the runtime made of it, say which
tensors that yields, by which `gnomon train` joins it with kernels.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import onnx

from ..runtime_kernels import BLOCKED_SUFFIXES, FUSION_SUFFIX, optimised
from .optimised import nodes_of
from .readers.onnxruntime import CPU
from .readers.reading import NetworkTimes, Reading, TimedNode
from .readers.source import Unreadable
from .record import Timed, join_nodes, nameless, save

Node = dict[str, object]
SILENT = ("BatchNormalization", "Clip", "LeakyRelu", "Relu")
"""Operators that a layer of TensorRT may hold without naming them."""


@dataclass(frozen=True)
class Network:
    """The ONNX file that was profiled, and the graph that the runtime saved if it is at hand."""

    path: Path
    model: onnx.ModelProto
    optimised: list[Node]
    remark: str = ""


def _load(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(str(path), load_external_data=False)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from error
    except Exception as error:
        raise Unreadable(f"{path}: expected an ONNX model: {str(error)[:100]}") from error


def load_network(path: Path, optimised_path: Path | None, provider: str) -> Network:
    """The network; without a saved graph, the runtime here makes one for the CPU provider."""
    model = _load(path)
    if optimised_path is not None:
        return Network(path, model, nodes_of(_load(optimised_path)))
    if provider != CPU:
        return Network(path, model, [])
    try:
        return Network(path, model, nodes_of(optimised(path)))
    except Exception as error:
        remark = f"the runtime here does not load {path}: {str(error).splitlines()[0][:100]}"
        return Network(path, model, [], remark)


def _original(network: Network) -> dict[str, onnx.NodeProto]:
    return {node.name: node for node in network.model.graph.node if node.name}


def _by_original_name(node: Node, known: dict[str, onnx.NodeProto]) -> Node:
    """A node that the optimised graph does not have, under the name it had before."""
    plain = FUSION_SUFFIX.sub("", str(node["name"]))
    for suffix in ("", *BLOCKED_SUFFIXES):
        found = known.get(plain.removesuffix(suffix))
        if found is not None:
            return {**node, "inputs": list(found.input), "outputs": list(found.output)}
    fused = _joined_names(plain, known)
    if fused:
        made = {tensor for one in fused for tensor in one.output}
        read = [tensor for one in fused for tensor in one.input if tensor not in made]
        return {**node, "inputs": read, "outputs": list(fused[-1].output)}
    return node


def _joined_names(name: str, known: dict[str, onnx.NodeProto]) -> list[onnx.NodeProto]:
    """The nodes whose names ONNX Runtime joined by `_`, as for a convolution with an addition and
    a Relu on the CUDA provider; none if the name is no such one.
    """
    if name in known:
        return [known[name]]
    for cut in (i for i, letter in enumerate(name) if letter == "_"):
        rest = _joined_names(name[cut + 1 :], known) if name[:cut] in known else []
        if rest:
            return [known[name[:cut]], *rest]
    return []


def _inside(times: NetworkTimes, network: Network) -> list[list[onnx.NodeProto]]:
    """The network's nodes inside each layer: those that it names, and what it fused silently.

    A layer does not always name the activation or the normalisation behind what it names; one that
    no layer names lies in the layer that makes its input.
    """
    known = _original(network)
    inside = [[known[n] for n in one.covers or () if n in known] for one in times.nodes]
    layer_of = {t: number for number, found in enumerate(inside) for n in found for t in n.output}
    for node in network.model.graph.node:
        silent = node.op_type in SILENT and not any(t in layer_of for t in node.output)
        number = layer_of.get(node.input[0]) if silent else None
        if number is not None:
            inside[number].append(node)
            layer_of |= dict.fromkeys(node.output, number)
    return inside


def _covering(one: TimedNode, inside: list[onnx.NodeProto]) -> Node:
    """A layer of which it is known what lies inside: `members` are the results of that."""
    members = [tensor for node in inside for tensor in node.output if tensor]
    read = {tensor for node in inside for tensor in node.input}
    op_type = inside[0].op_type if inside else one.op_type
    return {
        **nameless(one.name, op_type),
        "inputs": sorted(read - set(members)),
        "outputs": [t for t in members if t not in read] or members[-1:],
        "members": members,
        "time_us": min(one.times_us),
        "visits_us": one.times_us,
    }


def joined_nodes(times: NetworkTimes, network: Network) -> list[Node]:
    """The nodes of the record; one without `outputs` was not found in the network."""
    if any(one.covers is not None for one in times.nodes):
        layers = zip(times.nodes, _inside(times, network), strict=True)
        return [_covering(one, inside) for one, inside in layers]
    known = _original(network)
    timed = [Timed(one.name, one.op_type, one.times_us) for one in times.nodes]
    nodes = join_nodes(network.optimised, timed)
    return [node if node["outputs"] else _by_original_name(node, known) for node in nodes]


def import_record(
    folder: Path,
    reading: Reading,
    files: list[Path],
    network: Network,
    settings: dict[str, object],
    latency_ms: float | None,
) -> dict[str, object]:
    """Writes the record of one profiled network and returns it.

    The end-to-end time is `latency_ms`, else the shortest run of the profile, else the sum of the
    nodes. The record's name follows from the contents: the same files make the same record.
    """
    times = reading.network
    assert times is not None
    nodes = joined_nodes(times, network)
    total_us = sum(float(node["time_us"]) for node in nodes)  # type: ignore[arg-type]
    if not any(node["outputs"] for node in nodes):
        raise Unreadable(
            f"{network.path}: expected the network of the profile, found none of its "
            f"{len(nodes)} nodes, such as '{nodes[0]['name']}'"
        )
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in [*files, network.path]))
    identity = f"imported-{network.path.stem}-{digest.hexdigest()[:8]}"
    profiled_us = min(times.runs_us) if times.runs_us else total_us
    record: dict[str, object] = {
        "schema": 1,
        "id": identity,
        "family": network.path.stem,
        "model": f"networks/{identity}.onnx",
        "end_to_end_us": 1e3 * latency_ms if latency_ms is not None else profiled_us,
        "profiled_end_to_end_us": profiled_us,
        "sum_us": total_us,
        "unjoined": sum(not node["outputs"] for node in nodes),
        "nodes": nodes,
        "settings": {
            "runtime": reading.format,
            "provider": times.provider,
            "files": [path.name for path in files],
            **settings,
        },
    }
    for name in ("records", "networks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    save(folder, record, network.model.SerializeToString())
    return record
