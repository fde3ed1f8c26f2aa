"""Where sessions run: a provider of ONNX Runtime, and how a run is made there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnxruntime as ort

from .session import Feed, options

State = dict[str, float]


def _no_state() -> State:
    return {}


@dataclass(frozen=True)
class Target:
    """A provider with its options.

    Where `bound` names a device, inputs and outputs stay in its memory, so that a run is the
    network's own work; it ends when the device has finished.
    """

    name: str
    provider: str
    options: Mapping[str, str] = field(default_factory=dict)
    bound: tuple[str, int] | None = None
    device: str = ""
    """Its name for people, where the system says it."""
    state: Callable[[], State] = _no_state
    """Clocks, temperature and power at this moment."""

    def open(
        self, source: str | bytes | Path, settings: ort.SessionOptions | None = None
    ) -> ort.InferenceSession:
        """A fresh session; ValueError where the runtime falls back to another provider."""
        model = str(source) if isinstance(source, Path) else source
        wanted = (self.provider, dict(self.options))
        session = ort.InferenceSession(model, settings or options(), providers=[wanted])
        found = session.get_providers()
        if self.provider not in found:
            raise ValueError(f"expected {self.provider}, the runtime fell back to {found[0]}")
        return session

    def runner(self, session: ort.InferenceSession, feed: Feed) -> Callable[[], object]:
        """Something that runs the network once and returns when its results are there."""
        if self.bound is None:
            return lambda: session.run(None, feed)
        binding = session.io_binding()
        for name, value in feed.items():
            kept = ort.OrtValue.ortvalue_from_numpy(value, *self.bound)
            binding.bind_ortvalue_input(name, kept)
        for output in session.get_outputs():
            binding.bind_output(output.name, *self.bound)
        binding.synchronize_inputs()

        def run() -> None:
            session.run_with_iobinding(binding)
            binding.synchronize_outputs()

        return run

    def settings(self) -> dict[str, object]:
        """What a record says of the target."""
        said: dict[str, object] = {
            "runtime": f"onnxruntime {ort.__version__}",
            "provider": self.name,
        }
        if self.options:
            said["provider_options"] = dict(self.options)
        return said | ({"gpu": self.device} if self.device else {})


CPU = Target("cpu", "CPUExecutionProvider")
