"""Profiles of `trtexec`: `--exportProfile=FILE`, and `--exportLayerInfo=FILE` beside it.

The profile is a list: `{"count": n}`, then one object a layer with `name`, `averageMs` and, since
TensorRT 8.4, `medianMs` (samples/common/sampleReporting.cpp of NVIDIA/TensorRT). The layer
information is an object whose `Layers` are names or, with `--profilingVerbosity=detailed`, objects
with `Name`, `LayerType`, `Inputs`, `Outputs` and `Metadata`, which lists the ONNX nodes inside
(https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/engine-tools.html). Without
`Metadata` the name of a layer says what was fused: names joined by ` + `, `PWN(..)` for chains of
elementwise operators. What lies inside `{ForeignNode[FIRST...LAST]}` only the metadata say.
"""

from __future__ import annotations

import re

from .reading import NetworkTimes, Reading, TimedNode
from .source import Source, Unreadable, Value

NAME = "trtexec"
COPIES = ("Reformatting CopyNode", "reformat")
METADATA = re.compile(r"\[ONNX Layer: ([^\]]*)\]")
SEPARATORS = re.compile(r" \+ |, |PWN\(|\)")
FOREIGN = "ForeignNode["


def _is_profile(raw: object) -> bool:
    return isinstance(raw, list) and any(
        isinstance(entry, dict) and ("averageMs" in entry or "medianMs" in entry)
        for entry in raw[:10]
    )


def _is_layers(raw: object) -> bool:
    return isinstance(raw, dict) and "Layers" in raw


def recognises(source: Source) -> bool:
    """Either of the two files."""
    raw = source.json.raw if source.looks_like_json else None
    return _is_profile(raw) or _is_layers(raw)


def _layers(source: Source) -> dict[str, Value]:
    """The layers of a layer information by name."""
    layers = {}
    for layer in source.json.member("Layers").elements():
        name = layer.text() if isinstance(layer.raw, str) else layer.member("Name").text()
        layers[name] = layer
    return layers


def _covers(name: str, layer: Value | None) -> list[str]:
    """Names of ONNX nodes inside a layer, and perhaps of things that are none."""
    detailed = layer is not None and isinstance(layer.raw, dict)
    metadata = layer.find("Metadata") if detailed else None
    if name.startswith(COPIES):
        return []
    if metadata is not None and (found := METADATA.findall(metadata.text())):
        return list(dict.fromkeys(found))
    if FOREIGN in name:
        return []
    return [part.strip() for part in SEPARATORS.split(name) if part.strip()]


def _time_us(entry: Value) -> float:
    best = entry.find("medianMs") or entry.member("averageMs")
    return 1e3 * best.duration()


def _node(entry: Value, layers: dict[str, Value], reading: Reading) -> TimedNode:
    name = entry.member("name").text()
    layer = layers.get(name)
    if layers and layer is None:
        reading.left_out["layers of the profile that the layer information does not have"] += 1
    kind = layer.find("LayerType") if layer and isinstance(layer.raw, dict) else None
    return TimedNode(name, kind.text() if kind else "", [_time_us(entry)], _covers(name, layer))


def read(sources: list[Source], gpu: str | None) -> Reading:
    """One profile, and the layer information of the same engine."""
    profiles = [source for source in sources if not _is_layers(source.json.raw)]
    infos = [source for source in sources if _is_layers(source.json.raw)]
    if len(profiles) != 1 or len(infos) > 1:
        raise Unreadable(
            f"{sources[0].path}: expected one file of --exportProfile and at most one of "
            f"--exportLayerInfo, found {len(profiles)} and {len(infos)}"
        )
    layers = _layers(infos[0]) if infos else {}
    reading = Reading(NAME)
    entries = [e for e in profiles[0].json.elements() if e.find("name") is not None]
    if not entries:
        raise Unreadable(f"{profiles[0].path}: expected objects with a 'name', found none")
    nodes = [_node(entry, layers, reading) for entry in entries]
    reading.events = len(nodes)
    reading.network = NetworkTimes(nodes, "TensorRT")
    foreign = sum(FOREIGN in node.name and not node.covers for node in nodes)
    if foreign:
        reading.notes.append(
            f"{foreign} layers hide what they fused: give --exportLayerInfo of an engine built "
            "with --profilingVerbosity=detailed"
        )
    return reading
