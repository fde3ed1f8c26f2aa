"""The list of held-out networks: each family's file registers its builders here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import onnx

from gnomon.zoo.net import Net, Spelling, Tensor

#: Appends a network's nodes and returns its outputs by name.
Body = Callable[[Net], dict[str, Tensor]]


@dataclass(frozen=True)
class Entry:
    """One network of the set: how it is called and how it is built."""

    name: str
    family: str
    batch: int
    opset: int
    spelling: Spelling
    dynamic: bool
    body: Body

    def build(self, weights: bool = True) -> Net:
        """Build the network; without weights only its structure."""
        net = Net(self.name, self.opset, self.spelling, weights, self.dynamic)
        for name, value in self.body(net).items():
            net.output(value, name)
        return net

    def model(self, weights: bool = True) -> onnx.ModelProto:
        """The network as an ONNX model."""
        return self.build(weights).model()


ENTRIES: dict[str, Entry] = {}


def network(
    name: str,
    family: str,
    *,
    batch: int = 1,
    opset: int = 13,
    spelling: Spelling = Spelling.SCRIPT,
    dynamic: bool = False,
) -> Callable[[Body], Body]:
    """Register the decorated body under ``name``; decorators may be stacked for variants."""

    def register(body: Body) -> Body:
        if name in ENTRIES:
            raise ValueError(f"two networks are called {name}")
        ENTRIES[name] = Entry(name, family, batch, opset, spelling, dynamic, body)
        return body

    return register
