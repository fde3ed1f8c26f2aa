"""One visit to one network: a fresh session, profiled runs, then plain runs of the same session."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx

from ..measuring.inputs import documented_ranges, make_input
from ..measuring.session import Feed, options, timed_runs
from ..measuring.target import CPU, Target
from ..sampling.sample import Sample
from ..sampling.weights import write_weights
from .optimised import read_nodes
from .readers import onnxruntime as profiles
from .readers.source import Source

EVENTS_PER_VISIT = 5000
Visit = dict[str, object]


@dataclass
class Subject:
    """A sampled network made ready to run: scratch files, inputs, optimised nodes."""

    sample: Sample
    folder: tempfile.TemporaryDirectory
    feed: Feed
    nodes: list[dict[str, object]]
    output_bytes: int
    visits: list[Visit] = field(default_factory=list)

    @property
    def model(self) -> Path:
        return Path(self.folder.name) / "model.onnx"


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def prepare(sample: Sample, threads: int, target: Target = CPU) -> Subject:
    """Writes the model with its weights, learns what the runtime makes of it and checks that
    outputs are finite.
    """
    folder = tempfile.TemporaryDirectory(prefix="gnomon-", dir=_scratch())
    path = Path(folder.name) / "model.onnx"
    onnx.save(sample.model, str(path))
    write_weights(sample.model, Path(folder.name))
    settings = options(threads)
    optimised = Path(folder.name) / "optimised.onnx"
    settings.optimized_model_filepath = str(optimised)
    settings.add_session_config_entry(
        "session.optimized_model_external_initializers_file_name", "optimised.bin"
    )
    settings.add_session_config_entry(
        "session.optimized_model_external_initializers_min_size_in_bytes", "256"
    )
    session = target.open(path, settings)
    ranges = documented_ranges(sample.model)
    feed = {
        i.name: make_input(i.name, i.type, i.shape, ranges.get(i.name))
        for i in session.get_inputs()
    }
    outputs = session.run(None, feed)
    for value in outputs:
        if np.issubdtype(value.dtype, np.floating) and not np.isfinite(value).all():
            raise ValueError("an output is not finite")
    nodes = read_nodes(optimised)
    optimised.unlink()
    (Path(folder.name) / "optimised.bin").unlink(missing_ok=True)
    return Subject(sample, folder, feed, nodes, sum(value.nbytes for value in outputs))


def visit(subject: Subject, threads: int, seconds: float, target: Target = CPU) -> Visit:
    """Profiled and plain runs of one fresh session; minima of both, in microseconds."""
    settings = options(threads)
    settings.enable_profiling = True
    settings.profile_file_prefix = str(Path(subject.folder.name) / "profile")
    session = target.open(subject.model, settings)
    most = max(4, EVENTS_PER_VISIT // (2 * max(1, len(subject.nodes))))
    run = target.runner(session, subject.feed)
    profiled = timed_runs(run, 0.5 * seconds, 4, most)
    profile = Path(session.end_profiling())
    nodes = profiles.read_session(Source.load(profile)).nodes
    profile.unlink()
    plain = timed_runs(run, 0.5 * seconds, 4, 400)
    return {
        **target.state(),
        "end_to_end_us": round(min(plain[1:]), 2),
        "profiled_end_to_end_us": round(min(profiled[1:]), 2),
        "runs": [len(profiled), len(plain)],
        "nodes": [
            [n.name, n.op_type, min(n.times_us), float(np.median(n.times_us))] for n in nodes
        ],
    }
