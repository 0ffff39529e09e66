"""Data sets that a command writes: where they lie, and what is said where nothing came of it."""

from pathlib import Path

from tdscaling.errors import DataError
from tdscaling.export import Written


def nothing_written(source: Path, written: Written) -> DataError:
    """The error that says so, with the reason of the first record that the format could not hold."""
    why = f": {written.skipped[0].reason}" if written.skipped else ""
    return DataError(f"no record of {source} could be written to {written.path}{why}")
