"""How a new file takes the place of an old one: whole, never that of a device, and where a link leads."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tdscaling.errors import ConfigError


def replaceable(path: Path) -> Path:
    """The file that may be replaced to write `path`: that at the end of a link, which stays, or `path` in full.

    Raises ConfigError where there is a device, a pipe or a socket, which a renamed file would do away with.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{path} is a device, a pipe or a socket and would be replaced: name a file")
    return Path(os.path.realpath(path))


@contextmanager
def replacing(path: Path) -> Generator[BinaryIO]:
    """A file to write to that is at `path` once the block has ended well; else what is there stays.

    Raises ConfigError for what is no file, and OSError.
    """
    place = replaceable(path)
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    finally:
        with suppress(OSError):
            draft.unlink()
