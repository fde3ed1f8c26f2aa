"""Gnomon: how long a neural network takes on a device, before anything runs."""

import os
from pathlib import Path

# The native module lies in the build tree: GNOMON_BUILD_DIR, else build/release.
_build = os.environ.get("GNOMON_BUILD_DIR") or Path(__file__).parents[2] / "build" / "release"
__path__.append(str(Path(_build) / "python" / "gnomon"))
