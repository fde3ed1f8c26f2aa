"""A network file made ready to run: checked, its dynamic dimensions fixed, inputs made up."""

from pathlib import Path

import onnx
import onnxruntime as ort
from onnx import TensorProto
from onnx.external_data_helper import ExternalDataInfo

from ..sampling.weights import embed_weights, regenerable
from ..sizes import Sizes
from .inputs import documented_ranges, make_input
from .session import Feed, options
from .target import CPU, Target


def _missing_weights(model: onnx.ModelProto, folder: Path) -> str | None:
    for tensor in model.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            location = ExternalDataInfo(tensor).location
            if not (folder / location).exists():
                return location
    return None


class Network:
    """A model file; `open` gives a fresh session and `feed` the same inputs every time."""

    def __init__(self, path: str, sizes: Sizes) -> None:
        self.name, self._sizes = path, sizes
        file = Path(path)
        if not file.is_file():
            raise ValueError(f"{path}: no such file")
        try:
            model = onnx.load(path, load_external_data=False)
        except Exception as error:
            raise ValueError(f"{path}: not an ONNX model ({str(error)[:100]})") from error
        self._ranges = documented_ranges(model)
        self._source: str | bytes = path
        missing = _missing_weights(model, file.parent)
        if missing and not regenerable(model):
            raise ValueError(f"{path}: its weights are in '{missing}', which is not beside it")
        if missing:
            self._source = embed_weights(model).SerializeToString()

    def open(
        self, settings: ort.SessionOptions | None = None, threads: int = 1, target: Target = CPU
    ) -> ort.InferenceSession:
        """A fresh session with every dynamic dimension fixed where it has a name."""
        settings = settings or options(threads)
        for name, size in self._sizes.dims.items():
            settings.add_free_dimension_override_by_name(name, size)
        return target.open(self._source, settings)

    def feed(self, session: ort.InferenceSession) -> Feed:
        """Made-up inputs of valid ranges."""
        return {
            i.name: make_input(
                i.name, i.type, self._sizes.fix(i.name, i.shape), self._ranges.get(i.name)
            )
            for i in session.get_inputs()
        }
