"""Walks a workspace and hands each file to the reader of its kind; unchanged files come from the cache."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tdscaling.environments.beneath import Beneath, FileRefusedError
from tdscaling.environments.paths import spelled
from tdscaling.environments.state.archives import archive_leaves
from tdscaling.environments.state.databases import SQLITE_MAGIC, SQLITE_SIDES, database_leaves
from tdscaling.environments.state.documents import json_leaves
from tdscaling.environments.state.globs import matcher
from tdscaling.environments.state.repositories import GitReader, is_git_folder
from tdscaling.environments.state.values import digest_bytes, shown
from tdscaling.environments.tree import Signature, signature
from tdscaling.values.workspace import WORKSPACE

Leaves: TypeAlias = Mapping[str, str]
MAX_JSON = 256 * 1024
MAX_FILE, MAX_TOTAL = 256 << 20, 2 << 30
"""Bytes that are read of one file and of a tree; beyond these a file's leaf is its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRules:
    """`ignore`: globs relative to the workspace. `max_table_rows`: above it a table is one leaf."""

    ignore: tuple[str, ...] = ()
    max_table_rows: int = 2000


@dataclass(slots=True)
class _Walk:
    """What one walk found, sorted out by kind."""

    leaves: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, Signature] = field(default_factory=dict[str, Signature])
    repositories: dict[str, list[tuple[str, Signature]]] = field(default_factory=dict[str, list[tuple[str, Signature]]])


class Snapshotter:
    """Keeps what it read of each file for as long as the file's signature stays.

    Who works in the folder may be hostile: nothing outside of it is read, and what it costs is bounded.
    """

    def __init__(self, rules: StateRules) -> None:
        self._rules = rules
        self._ignored = matcher(rules.ignore)
        self._cache: dict[str, tuple[tuple[Signature, ...], Leaves]] = {}
        self._git = GitReader()

    def leaves(self, folder: Path) -> dict[str, str]:
        """All leaves of the tree, sorted by path. Real paths inside files are read as canonical ones.

        Raises TooMuchError for a tree that is too large or too deep to walk, OSError where it can't be opened.
        """
        with Beneath(folder) as tree:
            found = self._leaves(tree, str(folder))
        return {spelled(path): value for path, value in sorted(found.items())}

    def _leaves(self, tree: Beneath, real: str) -> dict[str, str]:
        seen, left = time.time_ns(), MAX_TOTAL
        walk = self._walk(tree, real)
        found = walk.leaves
        for path, mark in walk.files.items():
            if _beside_database(path, walk.files):
                continue
            left -= mark.size
            if mark.size > MAX_FILE or left < 0:
                found[path] = f"large:{mark.size}"
                continue
            marks = (mark, *_side_marks(path, walk.files))
            found.update(self._cached(f"{real}/{path}", marks, seen, self._reader(tree, path, real)))
        for path, inside in walk.repositories.items():
            marks = tuple(mark for _, mark in inside)
            names = [name for name, _ in inside]
            reader = partial(self._git.leaves, tree, path, names)
            found.update(self._cached(f"{real}/{path}", marks, seen, reader))
        return found

    def _walk(self, tree: Beneath, real: str) -> _Walk:
        walk = _Walk()
        inside = ""
        for path, status in tree.entries():
            if inside and path.startswith(inside):
                relative = path[len(inside) :]
                if not relative.startswith(("objects/", "logs/", "hooks/")) and stat.S_ISREG(status.st_mode):
                    walk.repositories[inside[:-1]].append((relative, signature(status)))
                continue
            if self._ignored(path):
                continue
            if stat.S_ISDIR(status.st_mode):
                walk.leaves[f"{path}/"] = "folder"
                if is_git_folder(tree, path):
                    inside = f"{path}/"
                    walk.repositories[path] = []
            elif stat.S_ISREG(status.st_mode):
                walk.files[path] = signature(status)
            else:
                walk.leaves[path] = _special(tree, path, status, real)
        return walk

    def _cached(self, place: str, marks: tuple[Signature, ...], seen: int, read: Callable[[], Leaves]) -> Leaves:
        known = self._cache.get(place)
        if known is not None and known[0] == marks:
            return known[1]
        found = read()
        if all(mark.settled(seen) for mark in marks):
            self._cache[place] = (marks, found)
        return found

    def _reader(self, tree: Beneath, path: str, real: str) -> Callable[[], Leaves]:
        return lambda: dict(self._file_leaves(tree, path, real))

    def _file_leaves(self, tree: Beneath, path: str, real: str) -> Iterator[tuple[str, str]]:
        try:
            data = tree.content(path, MAX_FILE)
        except FileRefusedError:
            yield path, "unreadable"
            return
        found: Leaves | None = None
        if data.startswith(SQLITE_MAGIC):
            found = database_leaves(tree, path, data, self._rules.max_table_rows, real)
        elif data.startswith(b"PK\x03\x04"):
            found = archive_leaves(data, path, real.encode())
        else:
            data = data.replace(real.encode(), WORKSPACE.encode())
            if path.endswith(".json") and len(data) <= MAX_JSON:
                found = json_leaves(data, path)
        if found is None:
            yield path, f"sha256:{digest_bytes(data)}"
        else:
            yield from found.items()


def _special(tree: Beneath, path: str, status: os.stat_result, real: str) -> str:
    """The leaf of what is neither file nor folder."""
    if not stat.S_ISLNK(status.st_mode):
        return f"special:{stat.S_IFMT(status.st_mode):o}"
    try:
        return f"link:{shown(tree.link(path).replace(real, WORKSPACE))}"
    except OSError:
        return "unreadable"


def _beside_database(path: str, files: Mapping[str, Signature]) -> bool:
    return any(path.endswith(side) and path.removesuffix(side) in files for side in SQLITE_SIDES)


def _side_marks(path: str, files: Mapping[str, Signature]) -> Iterator[Signature]:
    for side in SQLITE_SIDES:
        if (mark := files.get(f"{path}{side}")) is not None and side != "-shm":
            yield mark
