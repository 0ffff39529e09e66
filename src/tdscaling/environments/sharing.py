"""A live workspace shared with the code tool: copied in file by file, written back by name, one file at a time.

Whoever runs a live server may be hostile and can plant links, pipes and endless folders in its workspace, or swap
one for another at any moment. So the host opens everything beneath the workspace with openat2, follows no link,
reads and writes regular files only, and stops at caps. What is inside a `.git` folder goes neither way.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from tdscaling.environments.beneath import Beneath, TooMuchError
from tdscaling.environments.state.globs import matcher
from tdscaling.environments.tree import Signature, signature
from tdscaling.errors import SandboxError
from tdscaling.sandbox import SandboxSession
from tdscaling.sandbox.inside.files import FileRefusedError, read, relative, write
from tdscaling.values.texts import first_of

MAX_FILE = 8 << 20
MAX_TOTAL = 32 << 20
MAX_FILES = 1000
MAX_ENTRIES = 20_000
MAX_DEPTH = 24
MAX_WRITTEN = 64 << 20
"""Bytes that one episode may write back."""
PRIVATE = ".git"


@runtime_checkable
class HasWorkspace(Protocol):
    """A session whose servers work in a folder of this machine."""

    @property
    def workspace(self) -> Path | None: ...

    @property
    def ignored(self) -> tuple[str, ...]:
        """Globs of files that are no part of the state."""
        ...


class Copied(NamedTuple):
    """A file as it was copied in: what tells it untouched, when that was seen, and its content's digest."""

    mark: Signature
    seen: int
    digest: str


class Sharing:
    """One live workspace and one sandbox session. Its methods block."""

    def __init__(self, workspace: Path, sandbox: SandboxSession, ignored: tuple[str, ...] = ()) -> None:
        self._workspace = str(workspace)
        self._sandbox = sandbox
        self._ignored = matcher(ignored)
        self._copied: dict[str, Copied] = {}
        self._left_out: set[str] = set()
        self._written = 0

    def refresh(self) -> str:
        """Copies in what changed in the workspace since the last time, and removes what is gone there.

        Returns what was left out and not told before, "" when nothing.
        """
        seen, total = time.time_ns(), 0
        here: set[str] = set()
        left_out: list[str] = []
        for path, status in regular_files(Path(self._workspace), self._ignored):
            fits = status.st_size <= MAX_FILE and total + status.st_size <= MAX_TOTAL and len(here) < MAX_FILES
            if fits and self._current(path, status, seen):
                total += status.st_size
                here.add(path)
            else:
                left_out.append(path)
        for path in sorted(self._copied.keys() - here):
            del self._copied[path]
            with suppress(SandboxError):
                self._sandbox.remove(path)
        fresh = [path for path in left_out if path not in self._left_out]
        self._left_out.update(fresh)
        return _told(fresh)

    def write_back(self, source: str, target: str) -> int:
        """Writes a file of the sandbox into the workspace. Returns its size.

        Raises FileRefusedError when the workspace can't take it, SandboxError when the sandbox does not give it.
        """
        path = allowed(target)
        data = self._sandbox.export(source)
        if self._written + len(data) > MAX_WRITTEN:
            raise FileRefusedError(f"{path}: this episode has written {MAX_WRITTEN >> 20} MiB back, which is the most")
        self._written += len(data)
        write(path, data, append=False, root=self._workspace)
        return len(data)

    def _current(self, path: str, status: os.stat_result, seen: int) -> bool:
        """Copies the file in unless the last copy still stands; False where that can't be done."""
        known = self._copied.get(path)
        if known is not None and known.mark == signature(status) and known.mark.settled(known.seen):
            return True
        try:
            data = b"".join(read(path, MAX_FILE, self._workspace))
        except FileRefusedError:  # gone, or made into something else, since it was listed
            return False
        digest = hashlib.sha256(data).hexdigest()
        if (known is None or known.digest != digest) and not self._put(path, data):
            return False
        self._copied[path] = Copied(signature(status), seen, digest)
        return True

    def _put(self, path: str, data: bytes) -> bool:
        """Writes into the sandbox, over a link that the agent has put there; False where a folder is in the way or
        nothing is left of the disk."""
        try:
            self._sandbox.put(path, data)
        except SandboxError:
            try:
                self._sandbox.remove(path)
                self._sandbox.put(path, data)
            except SandboxError:
                return False
        return True


def regular_files(root: Path, ignored: Callable[[str], bool]) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files below `root` by relative path, sorted, with caps on number and depth; names are text."""

    def taken(path: str) -> bool:
        return path.isprintable() and not ignored(path)

    def descend(path: str) -> bool:
        return taken(path) and path.rpartition("/")[2] != PRIVATE and path.count("/") < MAX_DEPTH

    with Beneath(root) as tree, suppress(TooMuchError):
        for path, status in tree.entries(descend=descend, most=MAX_ENTRIES):
            if stat.S_ISREG(status.st_mode) and taken(path):
                yield path, status


def allowed(path: str) -> str:
    """The path below the workspace. Raises FileRefusedError for one that leaves it or enters a `.git` folder.

    >>> allowed("/workspace/a/b.txt")
    'a/b.txt'
    """
    path = relative(path)
    parts = path.split("/")
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts) or len(parts) > MAX_DEPTH:
        raise FileRefusedError(f"{path}: not a path of the workspace")
    if PRIVATE in parts:
        raise FileRefusedError(f"{path}: a repository's own files can't be written")
    return path


def _told(paths: list[str]) -> str:
    if not paths:
        return ""
    return f"not copied into the sandbox (too large, too many, or in the way of your own): {first_of(paths, 3)}"
