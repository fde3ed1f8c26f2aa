"""Once-for-All's published evolution in Python with NumPy, on a table of ours.

Written from the paper's constants: networks are dictionaries of kernel sizes,
expansions, depths and a resolution; the latency of a network is a sum of look-ups by
keys in the published format, block after block; accuracy comes from a dense network in
batches (or from the table).  Children that break the limit are drawn again.
"""

from __future__ import annotations

import base64
import copy
import random
from collections.abc import Callable

import numpy as np

STAGES, SLOTS = 5, 4
KERNELS, EXPANSIONS, DEPTHS = (3, 5, 7), (3, 4, 6), (2, 3, 4)
WIDTHS, STRIDES = (24, 40, 80, 112, 160), (2, 2, 2, 1, 2)
SQUEEZED, SWISH = (0, 1, 0, 1, 1), (0, 0, 1, 1, 1)
Network = dict[str, list[int]]


def block_key(resolution: int, stage: int, slot: int, kernel: int, expansion: int) -> str:
    """A look-up key as in the published tables, and what here has its own cost besides."""
    size = resolution // 2
    for stride in STRIDES[:stage]:
        size = (size - 1) // stride + 1
    stride = STRIDES[stage] if slot == 0 else 1
    before = WIDTHS[stage - 1] if stage > 0 else 16
    out, channels = (size - 1) // STRIDES[stage] + 1, WIDTHS[stage]
    size, before = (size, before) if slot == 0 else (out, channels)
    parts = [
        "expanded_conv",
        f"input:{size}x{size}x{before}",
        f"output:{out}x{out}x{channels}",
        f"expand:{before * expansion}",
        f"kernel:{kernel}",
        f"stride:{stride}",
        f"idskip:{int(slot > 0)}",
        f"se:{SQUEEZED[stage]}",
        f"hs:{SWISH[stage]}",
        f"block:{stage * SLOTS + slot}@{resolution}",
    ]
    return "-".join(parts)


class Table:
    """Latency (ns) and accuracy (1e-9) per resolution, stage, depth, slot and option."""

    def __init__(self, exchange: dict) -> None:
        terms = {tuple(term["scope"]): term["costs"] for term in exchange["terms"]}
        base = terms[(0,)]
        self.resolutions = [128 + 4 * i for i in range(len(base) // 2)]
        self.base = {r: (base[2 * i], base[2 * i + 1]) for i, r in enumerate(self.resolutions)}
        self.blocks: dict[str, dict[str, int]] = {}
        for stage in range(STAGES):
            for slot in range(SLOTS):
                depth = 1 + 5 * stage
                self._add(stage, slot, terms[(0, depth, depth + 1 + slot)])

    def _add(self, stage: int, slot: int, costs: list[int]) -> None:
        # The greatest depth has every slot; what a slot costs does not depend on it.
        for i, resolution in enumerate(self.resolutions):
            for option in range(9):
                at = 2 * ((i * 3 + 2) * 9 + option)
                kernel, expansion = KERNELS[option // 3], EXPANSIONS[option % 3]
                key = block_key(resolution, stage, slot, kernel, expansion)
                self.blocks[key] = {"latency": costs[at], "accuracy": costs[at + 1]}

    def cost(self, network: Network, metric: str) -> int:
        """Latency or accuracy of one network."""
        resolution = network["r"][0]
        total = self.base[resolution][0 if metric == "latency" else 1]
        for stage in range(STAGES):
            for slot in range(network["d"][stage]):
                block = stage * SLOTS + slot
                kernel, expansion = network["ks"][block], network["e"][block]
                total += self.blocks[block_key(resolution, stage, slot, kernel, expansion)][metric]
        return total


class DenseNetwork:
    """The accuracy network: 128-400-400-400-1."""

    def __init__(self, exchange: dict) -> None:
        self.layers = []
        for layer in exchange["layers"]:
            weights = np.frombuffer(base64.b64decode(layer["weights"]), np.float32)
            bias = np.frombuffer(base64.b64decode(layer["bias"]), np.float32)
            shape = (layer["outputs"], layer["inputs"])
            self.layers.append((weights.reshape(shape).T.copy(), bias, layer["relu"]))

    @staticmethod
    def encode(network: Network) -> np.ndarray:
        """One-hot kernels, expansions and resolution; absent blocks have no bits."""
        row = np.zeros(128, np.float32)
        for stage in range(STAGES):
            for slot in range(network["d"][stage]):
                block = stage * SLOTS + slot
                row[3 * block + KERNELS.index(network["ks"][block])] = 1
                row[60 + 3 * block + EXPANSIONS.index(network["e"][block])] = 1
        row[120 + (network["r"][0] - 112) // 16] = 1
        return row

    def scores(self, networks: list[Network]) -> list[float]:
        """What the network says, in one batch."""
        rows = np.stack([self.encode(network) for network in networks])
        for weights, bias, relu in self.layers:
            rows = rows @ weights + bias
            if relu:
                rows = np.maximum(rows, 0)
        return rows[:, 0].tolist()


def decode(table: Table, assignment: list[int]) -> Network:
    """A network from the options of our decisions."""
    network: Network = {"ks": [], "e": [], "d": [], "r": [table.resolutions[assignment[0]]]}
    for stage in range(STAGES):
        depth, *options = assignment[1 + 5 * stage : 6 + 5 * stage]
        network["d"].append(DEPTHS[depth])
        network["ks"] += [KERNELS[option // 3] for option in options]
        network["e"] += [EXPANSIONS[option % 3] for option in options]
    return network


class Evolution:
    """Population 100, 500 generations, parents 0.25, half mutated, half crossed."""

    def __init__(
        self, table: Table, budget: int, scores: Callable[[list[Network]], list[float]], seed: int
    ) -> None:
        self.table, self.budget, self.scores = table, budget, scores
        self.random = random.Random(seed)
        self.drawn = 0

    def _sample(self) -> Network:
        choice = self.random.choice
        blocks = range(STAGES * SLOTS)
        return {
            "ks": [choice(KERNELS) for _ in blocks],
            "e": [choice(EXPANSIONS) for _ in blocks],
            "d": [choice(DEPTHS) for _ in range(STAGES)],
            "r": [choice(self.table.resolutions)],
        }

    def _mutate(self, network: Network) -> Network:
        child = copy.deepcopy(network)
        chance, choice = self.random.random, self.random.choice
        if chance() < 0.5:
            child["r"][0] = choice(self.table.resolutions)
        for block in range(STAGES * SLOTS):
            if chance() < 0.1:
                child["ks"][block] = choice(KERNELS)
                child["e"][block] = choice(EXPANSIONS)
        for stage in range(STAGES):
            if chance() < 0.1:
                child["d"][stage] = choice(DEPTHS)
        return child

    def _cross(self, first: Network, second: Network) -> Network:
        child = copy.deepcopy(first)
        for key, values in child.items():
            for i in range(len(values)):
                values[i] = self.random.choice((first[key][i], second[key][i]))
        return child

    def _fitting(self, make: Callable[[], Network]) -> Network:
        while True:
            network = make()
            self.drawn += 1
            if self.table.cost(network, "latency") <= self.budget:
                return network

    def run(self, population: int = 100, generations: int = 500) -> tuple[float, Network]:
        """The best score and its network."""
        networks = [self._fitting(self._sample) for _ in range(population)]
        members = list(zip(self.scores(networks), networks, strict=True))
        for _ in range(generations):
            members = sorted(members, key=lambda member: member[0], reverse=True)
            members = members[: round(population * 0.25)]
            parents = [network for _, network in members]
            pick = self.random.choice
            children = [
                self._fitting(lambda: self._mutate(pick(parents)))  # noqa: B023
                for _ in range(population // 2)
            ] + [
                self._fitting(lambda: self._cross(pick(parents), pick(parents)))  # noqa: B023
                for _ in range(population - population // 2)
            ]
            members += zip(self.scores(children), children, strict=True)
        return max(members, key=lambda member: member[0])
