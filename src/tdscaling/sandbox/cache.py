"""Where the sandbox keeps what it may lose: the canary's result, built packages."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/tdscaling`, or `~/.cache/tdscaling`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tdscaling"
