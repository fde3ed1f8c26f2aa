"""Files of other tools, and values inside their JSON that know where they stand.

Every complaint names the file, the path inside the JSON (`$[3].args.op_name`) or the line, what was
found there and what was expected.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

GZIP_MAGIC = b"\x1f\x8b"
LONGEST_SHOWN = 60


class Unreadable(ValueError):
    """A file is not what its format says; the message is meant for people."""


def _shown(raw: object) -> str:
    if isinstance(raw, dict):
        return "an object"
    if isinstance(raw, list):
        return f"a list of {len(raw)}"
    text = json.dumps(raw)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


@dataclass(frozen=True, slots=True)
class Value:
    """A value inside a JSON file; its accessors raise `Unreadable` where it is something else."""

    raw: Any
    file: Path
    step: str = "$"
    parent: Value | None = None

    @property
    def where(self) -> str:
        return self.step if self.parent is None else self.parent.where + self.step

    def fail(self, expected: str) -> NoReturn:
        raise Unreadable(
            f"{self.file}: at {self.where}: expected {expected}, found {_shown(self.raw)}"
        )

    def find(self, key: str) -> Value | None:
        """The member of an object, None where there is none."""
        if not isinstance(self.raw, dict):
            self.fail("an object")
        if key not in self.raw:
            return None
        step = f".{key}" if key.isidentifier() else f"[{json.dumps(key)}]"
        return Value(self.raw[key], self.file, step, self)

    def member(self, key: str) -> Value:
        """The member of an object, which must be there."""
        found = self.find(key)
        if found is None:
            raise Unreadable(f"{self.file}: at {self.where}: expected a member '{key}', found none")
        return found

    def elements(self) -> Iterator[Value]:
        """The elements of a list."""
        if not isinstance(self.raw, list):
            self.fail("a list")
        for index, raw in enumerate(self.raw):
            yield Value(raw, self.file, f"[{index}]", self)

    def text(self) -> str:
        return self.raw if isinstance(self.raw, str) else self.fail("a string")

    def number(self) -> float:
        """A finite number."""
        number = isinstance(self.raw, int | float) and not isinstance(self.raw, bool)
        if not number or not math.isfinite(self.raw):
            self.fail("a number")
        return float(self.raw)

    def duration(self) -> float:
        """A finite number that is not negative."""
        value = self.number()
        return value if value >= 0.0 else self.fail("a duration, 0 or more")

    def size(self) -> int:
        """A whole number that is not negative."""
        whole = isinstance(self.raw, int) and not isinstance(self.raw, bool) and self.raw >= 0
        return self.raw if whole else self.fail("a size, 0 or more")

    def sizes(self) -> tuple[int, ...]:
        """A list of sizes."""
        return tuple(one.size() for one in self.elements())


@dataclass(frozen=True)
class Source:
    """A file to read: its text, and its JSON if it is that."""

    path: Path
    data: bytes

    @classmethod
    def load(cls, path: Path) -> Source:
        """Reads a file whole, unpacking gzip."""
        try:
            data = path.read_bytes()
            return cls(path, gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Unreadable(f"{path}: expected a whole gzip file: {error}") from error
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror or error}") from error

    @cached_property
    def text(self) -> str:
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(f"{self.path}: expected UTF-8 text: {error}") from error

    @property
    def looks_like_json(self) -> bool:
        return self.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{")

    @cached_property
    def json(self) -> Value:
        """The whole file as JSON."""
        try:
            return Value(json.loads(self.text), self.path)
        except json.JSONDecodeError as error:
            raise Unreadable(
                f"{self.path}:{error.lineno}:{error.colno}: expected JSON: {error.msg}"
            ) from error
        except RecursionError as error:
            raise Unreadable(f"{self.path}: expected JSON of a sane depth") from error
