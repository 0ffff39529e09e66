"""Temporary folders that no death leaves behind: each is locked while its maker lives, and swept once it is not."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "tdscaling-scratch-"


@contextmanager
def scratch() -> Generator[Path]:
    """A fresh folder among the system's temporary ones, gone at the end of the block. Raises OSError."""
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep() -> int:
    """Removes the folders whose makers are dead, and returns how many these were; those in use stay."""
    swept = 0
    for folder in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        lock = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock is None:
            continue
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        finally:
            os.close(lock)
    return swept


def _made() -> tuple[Path, int]:
    """A new folder with the lock on it; another one where a sweep came in between the two."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = _lock(folder, fcntl.LOCK_EX)
        if lock is None:
            continue
        if folder.exists():
            return folder, lock
        os.close(lock)


def _lock(folder: Path, how: int) -> int | None:
    """A descriptor that holds the folder's lock until it is closed or its process dies; None where it can't be had."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, how)
        except OSError:
            os.close(handle)
        else:
            return handle
    return None
