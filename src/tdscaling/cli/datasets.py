"""Data sets that a command writes: where they lie, and what is said where nothing came of it."""

from dataclasses import dataclass
from pathlib import Path

from tdscaling.errors import DataError
from tdscaling.export import Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a data set of this name and its card go."""

    data: Path
    card: Path
    name: str


def place_of(output: Path) -> Place:
    """A folder, which is there or has a name without an ending, holds both; a file has its card beside it."""
    if output.is_dir() or not output.suffix:
        return Place(data=output / "train.jsonl", card=output / "README.md", name=output.absolute().name)
    return Place(data=output, card=output.with_suffix(".md"), name=output.stem)


def nothing_written(source: Path, written: Written) -> DataError:
    """The error that says so, with the reason of the first record that the format could not hold."""
    why = f": {written.skipped[0].reason}" if written.skipped else ""
    return DataError(f"no record of {source} could be written to {written.path}{why}")
