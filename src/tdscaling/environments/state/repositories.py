"""Git repositories: what they say, not when it was said or how it is stored.

A commit is named by its tree, parents, author, committer and message, without dates; loose objects are read, a
packed one goes by its identifier. Objects, logs and hooks are left out; the index is read without its stat data.
"""

import hashlib
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence

from tdscaling.environments.beneath import Beneath, FileRefusedError
from tdscaling.environments.state.values import digest_bytes, shown

HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
PERSON = re.compile(rb"^((?:author|committer|tagger) .*>) \d+ [+-]\d{4}$", re.MULTILINE)
NAMED = re.compile(rb"^(parent|object) ([0-9a-f]+)$", re.MULTILINE)
MAX_OBJECT, MAX_TEXT, MAX_INDEX, MAX_NAME = 1 << 20, 4 << 20, 16 << 20, 4096
LEFT_OUT = {"index", "COMMIT_EDITMSG", "description", "packed-refs", "config", "FETCH_HEAD", "gc.log"}


def is_git_folder(tree: Beneath, path: str) -> bool:
    kinds = [tree.kind(f"{path}/{name}") for name in ("HEAD", "objects", "refs")]
    return kinds == [stat.S_IFREG, stat.S_IFDIR, stat.S_IFDIR]


class GitReader:
    """Reads repositories; commits are kept by identifier, as objects never change: one whose content does not have
    its identifier is not taken for it."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def leaves(self, tree: Beneath, path: str, files: Sequence[str]) -> dict[str, str]:
        """`path#HEAD`, `path#refs/…`, `path#index[file]`, `path#config[key]` and the rest of its small files.

        `files` are its regular files below `path`, without objects, logs and hooks.
        """
        found: dict[str, str] = {}
        for name, value in sorted(_refs(tree, path, files).items()):
            found[f"{path}#{name}"] = self._name(tree, path, value) if HEX.fullmatch(value) else shown(value)
        for name, value in _index(_content(tree, f"{path}/index", MAX_INDEX)):
            found[f"{path}#index[{name}]"] = value
        for name, value in _config(_text(tree, f"{path}/config")):
            found[f"{path}#config[{name}]"] = value
        return found

    def _name(self, tree: Beneath, path: str, start: str) -> str:
        """The name of a commit or tag; parents first, without recursion, as histories are deep."""
        passing: dict[str, str] = {}  # names that rest on objects which are not there
        todo = [start]
        while todo:
            oid = todo[-1]
            known = oid in self._names or oid in passing
            data = None if known else _loose(tree, path, oid)
            parents = [match[2].decode() for match in NAMED.finditer(_header(data))] if data else []
            missing = [parent for parent in parents if parent not in self._names and parent not in passing]
            if missing:
                todo.extend(missing)
                continue
            todo.pop()
            if not known:
                sound = data is not None and all(parent in self._names for parent in parents)
                (self._names if sound else passing)[oid] = _digest(oid, data, {**passing, **self._names})
        return self._names.get(start) or passing[start]


def _digest(oid: str, data: bytes | None, names: Mapping[str, str]) -> str:
    if data is None or not data.startswith((b"commit ", b"tag ")):
        return f"object {oid[:16]}"
    head = _header(data)
    body = data.partition(b"\0")[2][len(head) :]
    steady = (
        NAMED.sub(lambda match: match[1] + b" " + names[match[2].decode()].encode(), PERSON.sub(rb"\1", head)) + body
    )
    return f"{data.partition(b' ')[0].decode()} {hashlib.sha256(steady).hexdigest()[:16]}"


def _header(data: bytes) -> bytes:
    return data.partition(b"\0")[2].partition(b"\n\n")[0]


def _loose(tree: Beneath, path: str, oid: str) -> bytes | None:
    """The content of a loose object, its type and size before a zero byte; None where it isn't loose, isn't the one
    of this identifier, or is larger than commits are."""
    packed = _content(tree, f"{path}/objects/{oid[:2]}/{oid[2:]}", MAX_OBJECT)
    try:
        data = zlib.decompressobj().decompress(packed or b"", MAX_OBJECT)
    except zlib.error:
        return None
    made = hashlib.sha1(data, usedforsecurity=False) if len(oid) == 40 else hashlib.sha256(data)
    return data if made.hexdigest() == oid else None


def _content(tree: Beneath, path: str, cap: int) -> bytes | None:
    """None where there is no regular file, or more of it than `cap`."""
    try:
        return tree.content(path, cap)
    except FileRefusedError:
        return None


def _text(tree: Beneath, path: str) -> str:
    return (_content(tree, path, MAX_TEXT) or b"").decode("utf-8", "replace")


def _refs(tree: Beneath, path: str, files: Sequence[str]) -> dict[str, str]:
    refs: dict[str, str] = {}
    for line in _text(tree, f"{path}/packed-refs").splitlines():
        oid, _, name = line.partition(" ")
        if HEX.fullmatch(oid) and name:
            refs[name] = oid
    for name in files:
        if (name.startswith("refs/") or "/" not in name) and name not in LEFT_OUT and not name.endswith(".lock"):
            refs[name] = _text(tree, f"{path}/{name}").strip()
    return refs


def _config(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]").replace('"', "")
        elif line and line[0] not in "#;":
            key, _, value = line.partition("=")
            yield f"{section}.{key.strip()}", shown(value.strip())


def _index(data: bytes | None) -> Iterator[tuple[str, str]]:
    """Path to mode, blob and stage of each entry; one leaf for an index of a form that isn't known."""
    if data is None:
        return
    try:
        found = list(_entries(data))
    except (struct.error, ValueError, IndexError):
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
        if len(name) > MAX_NAME:
            raise ValueError("a name that is no path")
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
