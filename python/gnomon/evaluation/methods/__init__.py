"""The methods that `gnomon evaluate network --method` knows: one a file, found by its name."""

from __future__ import annotations

import importlib
import pkgutil

from gnomon.evaluation.task import Method


def method_names() -> list[str]:
    """Sorted; the name of a method is that of its module."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find_method(name: str) -> Method:
    """The method of that name; a ValueError that lists the names otherwise."""
    if name not in method_names():
        known = ", ".join(method_names())
        raise ValueError(f"unknown method {name!r}: expected one of {known}")
    return importlib.import_module(f"{__name__}.{name}").METHOD
