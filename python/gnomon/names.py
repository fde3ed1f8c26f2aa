"""Names of devices as people write them: `V100` for v100-pcie-32gb."""

from __future__ import annotations

import re
from collections.abc import Iterable


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in case and separators at most."""
    return "".join(_words(one)) == "".join(_words(other))


def may_mean(wanted: str, name: str) -> bool:
    """Whether `wanted` may mean `name`: the first word is whole, later ones may be cut short or
    left out; neither case nor separators count.
    """
    asked, there = _words(wanted), _words(name)
    if not asked or not there or asked[0] != there[0]:
        return same_name(wanted, name) and bool(asked)
    rest = iter(there[1:])
    cut = all(any(word.startswith(part) for word in rest) for part in asked[1:])
    return cut or same_name(wanted, name)


def meant(wanted: str, names: Iterable[str]) -> list[str]:
    """The names that `wanted` may mean: those that are the same, if there are any."""
    found = [name for name in names if may_mean(wanted, name)]
    return [name for name in found if same_name(wanted, name)] or found
