"""How a new file takes the place of an old one: whole, never that of a device, and where a link leads."""

import fcntl
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

    Who is killed meanwhile leaves a draft beside it, which the next one to write the file takes up; who writes it at
    the same time waits until the other has ended. Raises ConfigError for what is no file, and OSError.
    """
    place = replaceable(path)
    draft = place.with_name(f".{place.name}.part")
    with _alone(draft) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            draft.replace(place)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def _alone(draft: Path) -> Generator[BinaryIO]:
    """The draft, empty, held by this process alone."""
    while True:
        with open(draft, "wb", opener=_kept) as file:
            with suppress(OSError):  # file systems without locks have one writer at a time, one hopes
                fcntl.flock(file, fcntl.LOCK_EX)
            if _is(file, draft):
                file.truncate(0)
                yield file
                return
        # while this process waited for it, it was put in its place or given up


def _kept(path: str, flags: int) -> int:
    """Opens it as it is: another process may be writing it."""
    return os.open(path, flags & ~os.O_TRUNC, 0o666)


def _is(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
