"""Walks a workspace and hands each file to the reader of its kind; unchanged files come from the cache."""

import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from tdscaling.environments.paths import WORKSPACE
from tdscaling.environments.state.archives import archive_leaves
from tdscaling.environments.state.databases import SQLITE_MAGIC, SQLITE_SIDES, database_leaves
from tdscaling.environments.state.documents import json_leaves
from tdscaling.environments.state.globs import matcher
from tdscaling.environments.state.repositories import GitReader, is_git_folder
from tdscaling.environments.state.values import digest_bytes, shown
from tdscaling.environments.tree import Signature, entries, signature

Leaves: TypeAlias = Mapping[str, str]
MAX_JSON = 256 * 1024


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
    """Keeps what it read of each file for as long as the file's signature stays."""

    def __init__(self, rules: StateRules) -> None:
        self._rules = rules
        self._ignored = matcher(rules.ignore)
        self._cache: dict[str, tuple[tuple[Signature, ...], Leaves]] = {}
        self._git = GitReader()

    def leaves(self, folder: Path) -> dict[str, str]:
        """All leaves of the tree, sorted by path. Real paths inside files are read as canonical ones."""
        seen = time.time_ns()
        walk = self._walk(folder)
        found = walk.leaves
        for path, mark in walk.files.items():
            if not _beside_database(path, walk.files):
                marks = (mark, *_side_marks(path, walk.files))
                found.update(self._cached(folder / path, marks, seen, self._reader(folder, path)))
        for path, inside in walk.repositories.items():
            marks = tuple(mark for _, mark in inside)
            reader = _bound(self._git.leaves, folder / path, path)
            found.update(self._cached(folder / path, marks, seen, reader))
        return dict(sorted(found.items()))

    def _walk(self, folder: Path) -> _Walk:
        walk = _Walk()
        inside = ""
        for path, status in entries(str(folder)):
            if inside and path.startswith(inside):
                relative = path[len(inside) :]
                if not relative.startswith(("objects/", "logs/", "hooks/")) and stat.S_ISREG(status.st_mode):
                    walk.repositories[inside[:-1]].append((path, signature(status)))
                continue
            if self._ignored(path):
                continue
            if stat.S_ISDIR(status.st_mode):
                walk.leaves[f"{path}/"] = "folder"
                if is_git_folder(folder / path):
                    inside = f"{path}/"
                    walk.repositories[path] = []
            elif stat.S_ISLNK(status.st_mode):
                target = str((folder / path).readlink())
                walk.leaves[path] = f"link:{shown(target.replace(str(folder), WORKSPACE))}"
            elif stat.S_ISREG(status.st_mode):
                walk.files[path] = signature(status)
            else:
                walk.leaves[path] = f"special:{stat.S_IFMT(status.st_mode):o}"
        return walk

    def _cached(self, place: Path, marks: tuple[Signature, ...], seen: int, read: Callable[[], Leaves]) -> Leaves:
        known = self._cache.get(str(place))
        if known is not None and known[0] == marks:
            return known[1]
        found = read()
        if all(mark.settled(seen) for mark in marks):
            self._cache[str(place)] = (marks, found)
        return found

    def _reader(self, folder: Path, path: str) -> Callable[[], Leaves]:
        return lambda: dict(self._file_leaves(folder, path))

    def _file_leaves(self, folder: Path, path: str) -> Iterator[tuple[str, str]]:
        place = folder / path
        try:
            data = place.read_bytes()
        except OSError as exc:
            yield path, f"unreadable:{exc.strerror}"
            return
        real = str(folder).encode()
        found: Leaves | None = None
        if data.startswith(SQLITE_MAGIC):
            found = database_leaves(place, path, self._rules.max_table_rows, str(folder))
        elif data.startswith(b"PK\x03\x04"):
            found = archive_leaves(data, path, real)
        else:
            data = data.replace(real, WORKSPACE.encode())
            if path.endswith(".json") and len(data) <= MAX_JSON:
                found = json_leaves(data, path)
        if found is None:
            yield path, f"sha256:{digest_bytes(data)}"
        else:
            yield from found.items()


def _bound(read: Callable[[Path, str], Leaves], place: Path, path: str) -> Callable[[], Leaves]:
    return lambda: read(place, path)


def _beside_database(path: str, files: Mapping[str, Signature]) -> bool:
    return any(path.endswith(side) and path.removesuffix(side) in files for side in SQLITE_SIDES)


def _side_marks(path: str, files: Mapping[str, Signature]) -> Iterator[Signature]:
    for side in SQLITE_SIDES:
        if (mark := files.get(f"{path}{side}")) is not None and side != "-shm":
            yield mark
