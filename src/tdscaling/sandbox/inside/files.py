"""Files in and out of the workspace: opened beneath it, no link followed, regular files only."""

import errno
import os
import stat
from collections.abc import Iterator

from .frames import CHUNK
from .kernel import open_beneath

WORKSPACE = "/workspace"
PATIENCE = os.O_NONBLOCK | os.O_NOCTTY
"""Opening a FIFO must not wait for its other end."""


class FileRefusedError(Exception):
    """The path can't be read or written; the text says why."""


def relative(path: str) -> str:
    """The path below the workspace. Raises FileRefusedError for an empty one.

    >>> relative("/workspace/a/b.txt"), relative("a.txt")
    ('a/b.txt', 'a.txt')
    """
    path = path.removeprefix(WORKSPACE + "/")
    if not path or "\0" in path:
        raise FileRefusedError("no path is given")
    return path


def _open(root: int, path: str, flags: int, mode: int = 0) -> int:
    try:
        return open_beneath(root, path, flags, mode)
    except OSError as exc:
        if exc.errno in (errno.ELOOP, errno.EXDEV):
            raise FileRefusedError(f"{path}: a link, or a way out of the workspace") from exc
        raise FileRefusedError(f"{path}: {os.strerror(exc.errno or 0)}") from exc


def _regular(fd: int, path: str) -> os.stat_result:
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise FileRefusedError(f"{path}: not a regular file")
    return found


def read(path: str, cap: int) -> Iterator[bytes]:
    """The bytes of a file in chunks, at least one. Raises FileRefusedError."""
    path = relative(path)
    root = os.open(WORKSPACE, os.O_PATH | os.O_DIRECTORY)
    try:
        fd = _open(root, path, os.O_RDONLY | PATIENCE)
    finally:
        os.close(root)
    with os.fdopen(fd, "rb") as file:
        if _regular(fd, path).st_size > cap:
            raise FileRefusedError(f"{path}: over the limit of {cap} bytes")
        left, chunk = cap, file.read(min(CHUNK, cap))
        while True:
            yield chunk
            left -= len(chunk)
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                return


def write(path: str, data: bytes, append: bool) -> None:
    """Writes a file of the workspace, making the folders it needs. Raises FileRefusedError."""
    path = relative(path)
    root = os.open(WORKSPACE, os.O_PATH | os.O_DIRECTORY)
    try:
        _make_folders(root, path)
        flags = os.O_WRONLY | os.O_CREAT | PATIENCE | (os.O_APPEND if append else 0)
        fd = _open(root, path, flags, 0o644)
    finally:
        os.close(root)
    try:
        with os.fdopen(fd, "wb") as file:
            _regular(fd, path)
            if not append:
                os.ftruncate(fd, 0)
            file.write(data)
    except OSError as exc:
        raise FileRefusedError(f"{path}: {os.strerror(exc.errno or 0)}") from exc


def _make_folders(root: int, path: str) -> None:
    parts = path.split("/")[:-1]
    for depth, name in enumerate(parts):
        above = _open(root, "/".join(parts[:depth]) or ".", os.O_PATH | os.O_DIRECTORY)
        try:
            os.mkdir(name, 0o755, dir_fd=above)
        except FileExistsError:
            pass
        except OSError as exc:
            raise FileRefusedError(f"{path}: {os.strerror(exc.errno or 0)}") from exc
        finally:
            os.close(above)
