"""Turn ONNX's text format into a model file; lines that start with # are dropped."""

import pathlib
import sys

import onnx.parser

text = pathlib.Path(sys.argv[1]).read_text()
lines = [line for line in text.splitlines() if not line.startswith("#")]
model = onnx.parser.parse_model("\n".join(lines))
pathlib.Path(sys.argv[2]).write_bytes(model.SerializeToString())
