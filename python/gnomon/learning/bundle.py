"""Writes model bundles: a folder of bundle.json and XGBoost's own UBJSON files."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

FORMAT = 1


def _finite(value: Any) -> Any:
    """JSON has no NaN: what was not measured is null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def read_bundle(folder: Path) -> dict[str, Any]:
    """The contents of bundle.json."""
    path = folder / "bundle.json"
    if not path.is_file():
        raise ValueError(f"{folder}: expected a model bundle, found no bundle.json")
    return json.loads(path.read_text())


def write_bundle(folder: Path, description: dict[str, Any], files: dict[str, bytes]) -> None:
    """Writes the whole bundle beside its place and moves it there in one step."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in sorted(files.items()):
            (work / name).write_bytes(content)
        text = json.dumps(_finite(description), indent=1, sort_keys=True)
        (work / "bundle.json").write_text(text + "\n")
        work.chmod(0o755)
        old = None
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.rename(old / "bundle")
        work.rename(folder)
        if old:
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def copy_bundle(source: Path, target: Path, description: dict[str, Any]) -> None:
    """A bundle with the same forests and another description."""
    files = {path.name: path.read_bytes() for path in sorted(source.glob("*.ubj"))}
    write_bundle(target, description, files)
