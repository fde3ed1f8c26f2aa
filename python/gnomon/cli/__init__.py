"""The `gnomon` command: every module of this folder whose name is a command adds itself.

A command module defines ``register(app)``.  To add a command, add a file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
import sys

import typer

from gnomon.cli.output import BadInput

app = typer.Typer(
    name="gnomon",
    help="How long a neural network takes on a device, before anything runs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _root() -> None:
    # Keeps `gnomon COMMAND` a group even while only one command is registered.
    pass


@functools.cache
def _register_all() -> None:
    # Once a process: an app keeps every command it was ever given, and builds all of them.
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "register"):
            loaded.register(app)


def main() -> None:
    """Runs one command; bad use and bad input exit with 2, a negative answer with 1."""
    try:
        _register_all()
        app()
    except BadInput as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except ImportError as error:
        if "_native" not in str(error):
            raise
        _fail(
            f"the native library does not load: {error}; build it: "
            "cmake --preset release && cmake --build --preset release --target gnomon_native"
        )


def _fail(message: str) -> None:
    print(f"gnomon: error: {message}", file=sys.stderr)
    sys.exit(2)
