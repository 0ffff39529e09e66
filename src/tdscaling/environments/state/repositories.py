"""Git repositories: what they say, not when it was said or how it is stored.

A commit is named by its tree, parents, author, committer and message, without dates; loose objects are read, a
packed one goes by its identifier. Objects, logs and hooks are left out; the index is read without its stat data.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from tdscaling.environments.state.values import digest_bytes, shown

HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
PERSON = re.compile(rb"^((?:author|committer|tagger) .*>) \d+ [+-]\d{4}$", re.MULTILINE)
NAMED = re.compile(rb"^(parent|object) ([0-9a-f]+)$", re.MULTILINE)
LEFT_OUT = {"index", "COMMIT_EDITMSG", "description", "packed-refs", "config", "FETCH_HEAD", "gc.log"}


def is_git_folder(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()


class GitReader:
    """Reads repositories; commits are kept by identifier, as objects never change."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def leaves(self, folder: Path, path: str) -> dict[str, str]:
        """`path#HEAD`, `path#refs/…`, `path#index[file]`, `path#config[key]` and the rest of its small files."""
        found: dict[str, str] = {}
        for name, value in sorted(_refs(folder).items()):
            found[f"{path}#{name}"] = self._named(folder, value)
        for name, value in _index(folder / "index"):
            found[f"{path}#index[{name}]"] = value
        for name, value in _config(folder / "config"):
            found[f"{path}#config[{name}]"] = value
        return found

    def _named(self, folder: Path, value: str) -> str:
        return self._name(folder, value) if HEX.fullmatch(value) else shown(value)

    def _name(self, folder: Path, start: str) -> str:
        """The name of a commit or tag; parents first, without recursion, as histories are deep."""
        todo = [start]
        while todo:
            oid = todo[-1]
            data = None if (str(folder), oid) in self._names else _loose(folder, oid)
            parents = [match[2].decode() for match in NAMED.finditer(_header(data))] if data else []
            missing = [parent for parent in parents if (str(folder), parent) not in self._names]
            if missing:
                todo.extend(missing)
                continue
            todo.pop()
            if (str(folder), oid) not in self._names:
                self._names[str(folder), oid] = self._digest(folder, oid, data)
        return self._names[str(folder), start]

    def _digest(self, folder: Path, oid: str, data: bytes | None) -> str:
        if data is None or not data.startswith((b"commit ", b"tag ")):
            return f"object {oid[:16]}"
        head = _header(data)
        body = data.partition(b"\0")[2][len(head) :]

        def renamed(match: re.Match[bytes]) -> bytes:
            return match[1] + b" " + self._names[str(folder), match[2].decode()].encode()

        steady = NAMED.sub(renamed, PERSON.sub(rb"\1", head)) + body
        return f"{data.partition(b' ')[0].decode()} {hashlib.sha256(steady).hexdigest()[:16]}"


def _header(data: bytes) -> bytes:
    return data.partition(b"\0")[2].partition(b"\n\n")[0]


def _loose(folder: Path, oid: str) -> bytes | None:
    """The content of a loose object, its type and size before a zero byte; None where it isn't loose."""
    try:
        return zlib.decompress((folder / "objects" / oid[:2] / oid[2:]).read_bytes())
    except (OSError, zlib.error):
        return None


def _refs(folder: Path) -> dict[str, str]:
    refs: dict[str, str] = {}
    packed = folder / "packed-refs"
    if packed.is_file():
        for line in packed.read_text(encoding="utf-8", errors="replace").splitlines():
            oid, _, name = line.partition(" ")
            if HEX.fullmatch(oid) and name:
                refs[name] = oid
    for file in sorted((folder / "refs").rglob("*")):
        if file.is_file() and not file.name.endswith(".lock"):
            refs[file.relative_to(folder).as_posix()] = _line(file)
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name not in LEFT_OUT and not file.name.endswith(".lock"):
            refs[file.name] = _line(file)
    return refs


def _line(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip()


def _config(file: Path) -> Iterator[tuple[str, str]]:
    section = ""
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[]").replace('"', "")
        elif text and text[0] not in "#;":
            key, _, value = text.partition("=")
            yield f"{section}.{key.strip()}", shown(value.strip())


def _index(file: Path) -> Iterator[tuple[str, str]]:
    """Path to mode, blob and stage of each entry; one leaf for an index of a form that isn't known."""
    if not file.is_file():
        return
    data = file.read_bytes()
    try:
        found = list(_entries(data))
    except (struct.error, ValueError):
        yield "", f"sha256:{digest_bytes(data)}"
        return
    for path, stage, value in found:
        yield (f"{path}:{stage}" if stage else path), value


def _entries(data: bytes) -> Iterator[tuple[str, int, str]]:
    magic, version, count = struct.unpack_from(">4sII", data)
    if magic != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("unknown index")
    at, previous = 12, b""
    for _ in range(count):
        start = at
        mode = struct.unpack_from(">I", data, at + 24)[0]
        oid = data[at + 40 : at + 60].hex()
        flags = struct.unpack_from(">H", data, at + 60)[0]
        at += 62
        extended = 0
        if version >= 3 and flags & 0x4000:
            extended = struct.unpack_from(">H", data, at)[0]
            at += 2
        if version == 4:
            strip, at = _varint(data, at)
            end = data.index(b"\0", at)
            name = previous[: len(previous) - strip] + data[at:end]
            at = end + 1
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + ((end - start) // 8 + 1) * 8
        previous = name
        intent = " intent-to-add" if extended & 0x2000 else ""
        yield name.decode("utf-8", "replace"), flags >> 12 & 3, f"{mode:o} {oid[:16]}{intent}"


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    value = byte & 0x7F
    at += 1
    while byte & 0x80:
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
        at += 1
    return value, at
