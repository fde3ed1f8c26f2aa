"""The stream of samples: seed and index fix a network, steered towards a drawn cost."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import onnx

from .draw import chance, log_uniform, pick
from .graph import GraphBuilder, Tensor
from .kernels import KERNELS
from .tokens import TOKENS
from .vision import VISION

OPSETS = {
    11: 1.0,
    12: 0.6,
    13: 1.4,
    14: 1.2,
    15: 0.8,
    16: 0.8,
    17: 2.2,
    18: 2.4,
    19: 0.6,
    20: 1.6,
    21: 0.5,
    22: 0.4,
    23: 0.9,
    24: 0.4,
}
NETWORKS = {**VISION, **TOKENS}
KERNEL_SHARE = 0.3
MAX_WEIGHT_BYTES = 600 << 20
Family = Callable[[GraphBuilder, float], list[Tensor]]


@dataclass(frozen=True)
class Sample:
    """One sampled graph; `family` is the unit by which data are held out."""

    id: str
    family: str
    model: onnx.ModelProto
    rough_us: float


def _target_us(rng: Random) -> float:
    if chance(rng, 0.07):
        return log_uniform(rng, 2e5, 7e5)
    return log_uniform(rng, 300, 2.5e5) if chance(rng, 0.55) else log_uniform(rng, 2e3, 6e4)


def _network(
    name: str, seed: str, opset: int, target_us: float
) -> tuple[GraphBuilder, list[Tensor]]:
    build: Family = NETWORKS[name][1]
    size, best = (target_us / 3e4) ** 0.7, None
    for _ in range(7):
        g = GraphBuilder(Random(seed), opset)
        outputs = build(g, max(0.02, min(30.0, size)))
        ratio = target_us / g.cost_us
        far = max(ratio, 1 / ratio)
        if g.weight_bytes <= MAX_WEIGHT_BYTES and (best is None or far < best[0]):
            best = (far, g, outputs)
        if far < 1.5 and best is not None:
            break
        size *= ratio**0.7 if g.weight_bytes <= MAX_WEIGHT_BYTES else 0.5
    if best is None:
        return _network(name, seed + "/smaller", opset, target_us / 3)
    return best[1], best[2]


def _kernels(seed: str, opset: int, rng: Random) -> tuple[str, GraphBuilder, list[Tensor]]:
    name = pick(rng, {k: w for k, (w, _) in KERNELS.items()})
    g = GraphBuilder(Random(seed), opset)
    outputs: list[Tensor] = []
    while len(outputs) < 16 and g.cost_us < 3e4 and g.weight_bytes < MAX_WEIGHT_BYTES:
        other = name if chance(rng, 0.7) else pick(rng, {k: w for k, (w, _) in KERNELS.items()})
        outputs += KERNELS[other][1](g)
    return f"kernels_{name}", g, outputs


def sample(seed: int, index: int, only: tuple[str, ...] = ()) -> Sample:
    """The sample with this index; `only` restricts the families (`kernels` names the single-kernel
    graphs).
    """
    rng = Random(f"{seed}/{index}")
    opset = pick(rng, OPSETS)
    identity = f"s{seed}-{index:05d}"
    inner = f"{seed}/{index}/graph"
    chosen = {k: w for k, (w, _) in NETWORKS.items() if not only or k in only}
    if (not only and chance(rng, KERNEL_SHARE)) or not chosen:
        family, g, outputs = _kernels(inner, opset, rng)
    else:
        family = pick(rng, chosen)
        g, outputs = _network(family, inner, opset, _target_us(rng))
    return Sample(identity, family, g.model(outputs, f"{family}_{index}"), g.cost_us)
