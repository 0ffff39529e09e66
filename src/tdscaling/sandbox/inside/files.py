"""Files in and out of a workspace: opened beneath it, no link followed, regular files only.

Pid 1 uses this on the workspace inside; the host uses it on a live server's workspace, which may be as hostile.
"""

import errno
import os
import stat
from _collections_abc import Iterator

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


def open_root(root: str) -> int:
    return os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def read(path: str, cap: int, root: str = WORKSPACE) -> Iterator[bytes]:
    """The bytes of a file below `root` in chunks, at least one. Raises FileRefusedError."""
    path = relative(path)
    top = open_root(root)
    try:
        fd = _open(top, path, os.O_RDONLY | PATIENCE)
    finally:
        os.close(top)
    if stat.S_ISDIR(os.fstat(fd).st_mode):  # of which no file object can be made
        os.close(fd)
        raise FileRefusedError(f"{path}: a folder, not a file")
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


def write(path: str, data: bytes, append: bool, root: str = WORKSPACE) -> None:
    """Writes a file below `root` that has no other name, making the folders it needs. Raises FileRefusedError."""
    path = relative(path)
    top = open_root(root)
    try:
        _make_folders(top, path)
        flags = os.O_WRONLY | os.O_CREAT | PATIENCE | (os.O_APPEND if append else 0)
        fd = _open(top, path, flags, 0o644)
    finally:
        os.close(top)
    try:
        with os.fdopen(fd, "wb") as file:
            if _regular(fd, path).st_nlink > 1:
                raise FileRefusedError(f"{path}: a file of more than one name")
            if not append:
                os.ftruncate(fd, 0)
            file.write(data)
    except OSError as exc:
        raise FileRefusedError(f"{path}: {os.strerror(exc.errno or 0)}") from exc


def remove(path: str, root: str = WORKSPACE) -> None:
    """Removes a file below `root`; nothing is there any more when it was none. Raises FileRefusedError."""
    folder, _, name = relative(path).rpartition("/")
    top = open_root(root)
    try:
        above = _open(top, folder or ".", os.O_PATH | os.O_DIRECTORY)
    finally:
        os.close(top)
    try:
        os.unlink(name, dir_fd=above)
    except FileNotFoundError:
        pass
    except OSError as exc:
        raise FileRefusedError(f"{path}: {os.strerror(exc.errno or 0)}") from exc
    finally:
        os.close(above)


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
