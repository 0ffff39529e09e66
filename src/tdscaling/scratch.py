"""Temporary folders that no death leaves behind: each is locked while its maker lives, and swept once it is not."""

import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "tdscaling-scratch-"
ROUNDS = 100_000
"""How often a folder is looked through before what still appears in it is given up."""


@contextmanager
def scratch() -> Generator[Path]:
    """A fresh folder among the system's temporary ones, gone at the end of the block. Raises OSError."""
    folder, lock = _made()
    try:
        yield folder
    finally:
        with suppress(OSError):
            discard(folder)
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
                with suppress(OSError):
                    discard(folder)
                swept += 1
        finally:
            os.close(lock)
    return swept


def discard(place: Path) -> None:
    """Removes whatever is there: see `discard_in`. Raises OSError."""
    above = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        discard_in(above, place.name)
    finally:
        os.close(above)


def discard_in(folder: int, name: str) -> None:
    """Removes a file, a link or a folder with all that is in it, by its name in an open folder; nothing there will do.

    It may be deeper than paths can say, locked, or changing meanwhile by somebody hostile: no link is followed, and
    nothing outside of it is touched. Raises OSError where it can't be removed.
    """
    if _unlinked(folder, name):
        return
    top = _forced(folder, name)
    try:
        for _ in range(ROUNDS):
            names = os.listdir(top)  # noqa: PTH208
            if not names:
                break
            for one in names:
                if not _unlinked(top, one):
                    _flattened(top, one)
    finally:
        os.close(top)
    with suppress(FileNotFoundError):
        os.rmdir(name, dir_fd=folder)


def _flattened(top: int, name: str) -> None:
    """Removes a folder of `top`; folders that it holds move up to `top`, so that no depth is ever walked."""
    fd = _forced(top, name)
    try:
        for one in os.listdir(fd):  # noqa: PTH208
            if not _unlinked(fd, one):
                os.close(_forced(fd, one))  # only an unlocked folder can be moved
                os.rename(one, secrets.token_hex(8), src_dir_fd=fd, dst_dir_fd=top)
    finally:
        os.close(fd)
    with suppress(OSError):  # somebody has put something there meanwhile: the next round sees it
        os.rmdir(name, dir_fd=top)


def _unlinked(folder: int, name: str) -> bool:
    """Removes what is no folder; whether it is gone."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return True
    except IsADirectoryError:
        return False
    return True


def _forced(folder: int, name: str) -> int:
    """A folder opened, its owner's rights restored first where need be. Raises OSError for anything else."""
    flags = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(name, os.O_PATH | flags, dir_fd=folder)
    try:
        if os.fstat(handle).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)  # noqa: PTH101
        return os.open(".", os.O_RDONLY | flags, dir_fd=handle)
    finally:
        os.close(handle)


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
