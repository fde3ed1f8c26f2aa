"""Profiles of other tools as training rows: one module a format, found by content or by name."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from . import nnmeter, onnxruntime, pytorch, trtexec
from .reading import Reading
from .source import Source, Unreadable

READERS: dict[str, ModuleType] = {
    module.NAME: module for module in (onnxruntime, trtexec, pytorch, nnmeter)
}


def detect(source: Source) -> str:
    """The format of a file by its content."""
    for name, reader in READERS.items():
        if reader.recognises(source):
            return name
    raise Unreadable(
        f"{source.path}: expected a profile of {', '.join(READERS)}, found none of them"
    )


def read(paths: list[Path], format: str | None = None, gpu: str | None = None) -> Reading:
    """Reads files of one format; `gpu` names the device where the files do not."""
    if format is not None and format not in READERS:
        raise Unreadable(f"no format '{format}': expected one of {', '.join(READERS)}")
    sources = [Source.load(path) for path in paths]
    formats = [format or detect(source) for source in sources]
    for source, found in zip(sources, formats, strict=True):
        if found != formats[0]:
            raise Unreadable(f"{source.path}: expected {formats[0]} like the others, found {found}")
    return READERS[formats[0]].read(sources, gpu)
