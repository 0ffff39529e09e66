"""Where commands write: never over their own inputs or the files that a run is kept in, and only where they can."""

import os
from collections.abc import Iterable
from pathlib import Path

from tdscaling.errors import ConfigError
from tdscaling.replacing import replaceable
from tdscaling.store import is_run
from tdscaling.store.opening import BESIDE, FILE, LOCK

STORES = (FILE, "llm.db")
OWN = (LOCK, *STORES, *(f"{store}-{side}" for store in STORES for side in ("wal", "shm", "journal")))
"""Names of the files that hold a run or answers that were paid for."""


def refuse_loss(output: Path, inputs: Iterable[Path | None], endings: tuple[str, ...] = ()) -> None:
    """Raises ConfigError where writing the file `output` would write over one of `inputs` or a run's own files.

    Of a folder that is no run the files with one of `endings` are inputs.
    """
    for path in inputs:
        if path is not None and _holds(path, output, endings):
            raise ConfigError(f"-o {output} would write over what is read, {path}: name another file")
    place = output.resolve()
    own = place.name in OWN and (place.exists() or is_run(place.parent))
    if own or (place.name in BESIDE and is_run(place.parent)):
        raise ConfigError(f"-o {output} would write over a file that a run is kept in: name another file")


def _holds(source: Path, output: Path, endings: tuple[str, ...]) -> bool:
    if not (source.exists() and output.exists()):
        return False
    if source.is_dir() and not is_run(source):
        place = output.resolve()
        return place.is_relative_to(source.resolve()) and place.name.lower().endswith(endings)
    return output.samefile(source)


def writable(output: Path) -> Path:
    """The path, whose folder is there and can be written to and that is no device: looked at before the work. Raises
    ConfigError."""
    if not output.parent.is_dir():
        raise ConfigError(f"{output}: {output.parent} is no folder that exists; make it first")
    if not os.access(output.parent, os.W_OK | os.X_OK):
        raise ConfigError(f"{output}: no permission to write there; choose another folder")
    replaceable(output)
    return output
