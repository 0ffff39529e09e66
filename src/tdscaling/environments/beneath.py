"""A folder that somebody hostile may be changing at this moment: walked, read and written without leaving it.

Whoever runs a live server can plant links and pipes in its workspace, or swap one thing for another between a look
and a deed. So everything is opened beneath the folder with openat2, no link is followed, and what was opened is what
is looked at. There are caps on number and depth, since a server may also make more than anyone can walk.
"""

import errno
import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tdscaling.sandbox.inside.files import FileRefusedError, open_root, read
from tdscaling.sandbox.inside.kernel import open_beneath

MAX_ENTRIES = 200_000
MAX_DEPTH = 128


class TooMuchError(Exception):
    """The folder holds more entries, or deeper ones, than are walked."""


def _always(path: str) -> bool:
    return True


class Beneath:
    """An open folder; a context manager. Paths are relative to it. Raises OSError where it can't be opened."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._top = open_root(self._root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._top)

    def entries(
        self, *, descend: Callable[[str], bool] = _always, most: int = MAX_ENTRIES, unlock: bool = False
    ) -> Iterator[tuple[str, os.stat_result]]:
        """Every entry by path and lstat, sorted in each folder, a folder before what is in it; folders that `descend`
        refuses, or that can't be opened, are given without their content. `unlock` gives the owner of every folder
        its rights back before it is opened, and shows it so.

        Raises TooMuchError.
        """
        levels, left = [iter(self._listed("", most, unlock))], most
        while levels:
            path, status = next(levels[-1], ("", None))
            if status is None:
                levels.pop()
                continue
            left -= 1
            if left < 0:
                raise TooMuchError(f"more than {most} files and folders")
            yield path, status
            if stat.S_ISDIR(status.st_mode) and descend(path):
                if len(levels) > MAX_DEPTH:
                    raise TooMuchError(f"more than {MAX_DEPTH} folders inside each other")
                levels.append(iter(self._listed(f"{path}/", left, unlock)))

    def _listed(self, folder: str, most: int, unlock: bool) -> list[tuple[str, os.stat_result]]:
        """The entries of one folder, one more than `most` of them at most."""
        try:
            fd = open_beneath(self._top, folder or ".", os.O_RDONLY | os.O_DIRECTORY)
        except OSError as exc:
            if exc.errno == errno.ENAMETOOLONG:
                raise TooMuchError("longer paths than the system takes") from None
            return []  # gone, locked, or swapped for something else since it was listed
        found: list[tuple[str, os.stat_result]] = []
        try:
            with os.scandir(fd) as items:
                for _, item in zip(range(most + 1), items, strict=False):
                    with suppress(OSError):
                        found.append((f"{folder}{item.name}", self._status(fd, item, unlock)))
        finally:
            os.close(fd)
        return sorted(found, key=lambda entry: entry[0])

    @staticmethod
    def _status(folder: int, item: os.DirEntry[str], unlock: bool) -> os.stat_result:
        status = item.stat(follow_symlinks=False)
        if not unlock or not stat.S_ISDIR(status.st_mode) or status.st_mode & stat.S_IRWXU == stat.S_IRWXU:
            return status
        fd = open_beneath(folder, item.name, os.O_PATH | os.O_DIRECTORY)
        try:
            os.chmod(f"/proc/self/fd/{fd}", 0o700)  # noqa: PTH101
            return os.fstat(fd)
        finally:
            os.close(fd)

    @contextmanager
    def held(self, path: str) -> Generator[str]:
        """A folder by a name that stays with it whatever happens to its path. Raises OSError."""
        fd = open_beneath(self._top, path, os.O_PATH | os.O_DIRECTORY)
        try:
            yield f"/proc/self/fd/{fd}"
        finally:
            os.close(fd)

    @contextmanager
    def above(self, path: str) -> Generator[tuple[int, str]]:
        """The open folder that a path lies in, and the name there. Raises OSError."""
        folder, _, name = path.rpartition("/")
        fd = open_beneath(self._top, folder or ".", os.O_PATH | os.O_DIRECTORY)
        try:
            yield fd, name
        finally:
            os.close(fd)

    def kind(self, path: str) -> int:
        """The file type, as `stat.S_IFMT` gives it; 0 where nothing is or a link is on the way."""
        found = self._status_of(path)
        return stat.S_IFMT(found.st_mode) if found else 0

    def size(self, path: str) -> int:
        """The size of a regular file; 0 where there is none."""
        found = self._status_of(path)
        return found.st_size if found and stat.S_ISREG(found.st_mode) else 0

    def _status_of(self, path: str) -> os.stat_result | None:
        try:
            with self.above(path) as (folder, name):
                return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return None

    def link(self, path: str) -> str:
        """Where a link points to. Raises OSError."""
        with self.above(path) as (folder, name):
            return os.readlink(name, dir_fd=folder)

    def content(self, path: str, cap: int) -> bytes:
        """The bytes of a regular file. Raises FileRefusedError, also for one of more than `cap` bytes."""
        return b"".join(self.chunks(path, cap))

    def chunks(self, path: str, cap: int) -> Iterator[bytes]:
        """The bytes of a regular file, at least one chunk. Raises FileRefusedError, also for more than `cap`."""
        return read(path, cap, self._root)


__all__ = ["Beneath", "FileRefusedError", "TooMuchError"]
