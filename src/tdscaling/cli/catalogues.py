"""The catalogue that a command is given."""

from pathlib import Path

from tdscaling.catalog import load
from tdscaling.errors import DataError
from tdscaling.types import Tool


def tools_in(path: Path) -> list[Tool]:
    """The tools of a saved catalogue, at least one. Raises ConfigError and DataError."""
    tools = load(path)
    if not tools:
        raise DataError(f"{path}: no tool in it; make it with `tdscaling catalog build`")
    return tools
