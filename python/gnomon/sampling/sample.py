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
KERNEL_PREFIX = "kernels_"
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


def _kernels(name: str, seed: str, opset: int, rng: Random) -> tuple[GraphBuilder, list[Tensor]]:
    g = GraphBuilder(Random(seed), opset, produced_inputs=chance(rng, 0.85))
    outputs: list[Tensor] = []
    while len(outputs) < 16 and g.cost_us < 3e4 and g.weight_bytes < MAX_WEIGHT_BYTES:
        other = name if chance(rng, 0.7) else pick(rng, {k: w for k, (w, _) in KERNELS.items()})
        outputs += KERNELS[other][1](g)
    return g, outputs


def _finished(identity: str, family: str, g: GraphBuilder, outputs: list[Tensor]) -> Sample:
    return Sample(identity, family, g.model(outputs, identity), g.cost_us)


def sample(seed: int, index: int, only: tuple[str, ...] = ()) -> Sample:
    """The sample with this index; `only` restricts the families."""
    rng = Random(f"{seed}/{index}")
    opset = pick(rng, OPSETS)
    identity, inner = f"s{seed}-{index:05d}", f"{seed}/{index}/graph"
    networks = {k: w for k, (w, _) in NETWORKS.items() if not only or k in only}
    kernels = {k: w for k, (w, _) in KERNELS.items() if not only or KERNEL_PREFIX + k in only}
    if not networks or (kernels and chance(rng, KERNEL_SHARE)):
        name = pick(rng, kernels)
        return _finished(identity, KERNEL_PREFIX + name, *_kernels(name, inner, opset, rng))
    family = pick(rng, networks)
    return _finished(identity, family, *_network(family, inner, opset, _target_us(rng)))


def families() -> list[str]:
    """Every family a sample can have."""
    return [*NETWORKS, *(KERNEL_PREFIX + name for name in KERNELS)]


def near(origin: str, family: str, opset: int, cost_us: float, index: int) -> Sample:
    """A relative of a sample: the same structure at another size, or kernels of the same kind.

    `origin` is the sample's identity, `cost_us` its cost; the sizes follow from a cost between a
    half and 1.2 times as large.
    """
    rng = Random(f"{origin}/{index}")
    identity = f"n{index:05d}-{origin}"
    if family.startswith(KERNEL_PREFIX):
        name = family.removeprefix(KERNEL_PREFIX)
        return _finished(identity, family, *_kernels(name, identity, opset, rng))
    seed, number = origin[1:].split("-")[:2]
    inner = f"{seed}/{int(number)}/graph"
    target = cost_us * log_uniform(rng, 0.5, 1.2)
    return _finished(identity, family, *_network(family, inner, opset, target))
