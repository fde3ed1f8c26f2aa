"""What the tests share."""

from __future__ import annotations

import sys

import pytest

from gnomon import cli


@pytest.fixture
def gnomon(monkeypatch: pytest.MonkeyPatch):
    """Runs one command line in this process; returns the exit status."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["gnomon", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code or 0

    return run
