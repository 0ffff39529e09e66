"""Follows `$ref` in a specification: inside the file, and into files of the same folder. Never the network."""

import posixpath
from pathlib import Path
from urllib.parse import unquote

from tdscaling.catalog.documents import UnreadableDocumentError, read_document
from tdscaling.errors import DataError
from tdscaling.types import JsonValue


class BrokenReferenceError(DataError):
    """A `$ref` leads nowhere; the text is the reason without the place."""


def follow(document: JsonValue, pointer: str) -> JsonValue:
    """The value at a JSON Pointer (RFC 6901, percent-encoding allowed). Raises BrokenReferenceError.

    >>> follow({"paths": {"/a b": [7]}}, "/paths/~1a%20b/0")
    7
    """
    value = document
    for part in pointer.split("/")[1:]:
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise BrokenReferenceError(f"nothing at #{pointer}")
    return value


class References:
    """The documents that a specification reaches, and what its references stand for.

    `folder` bounds the files that may be read; references in a document are made absolute (relative to
    that folder) when it is loaded, so that a reference means the same wherever it was found.
    """

    def __init__(self, root: JsonValue, path: Path | None = None, folder: Path | None = None) -> None:
        self._folder = (folder or path.parent).resolve() if path else None
        self._root_name = path.resolve().relative_to(self._folder).as_posix() if path and self._folder else ""
        self._documents: dict[str, JsonValue] = {"": root}
        self._known: dict[str, JsonValue] = {}
        if self._folder:
            _make_absolute(root, "", posixpath.dirname(self._root_name))

    def resolve(self, ref: str) -> JsonValue:
        """What `ref` stands for. Raises BrokenReferenceError with the reason."""
        if ref not in self._known:
            name, _, pointer = ref.partition("#")
            document = self._document(name)
            if pointer and not pointer.startswith("/"):
                raise BrokenReferenceError(f"anchors are not followed: {ref}")
            self._known[ref] = follow(document, pointer)
        return self._known[ref]

    def files(self) -> tuple[Path, ...]:
        """The files that were read beside the specification itself, sorted."""
        folder = self._folder
        return tuple(sorted(folder / name for name in self._documents if name)) if folder else ()

    def _document(self, name: str) -> JsonValue:
        name = "" if name == self._root_name else name
        if name not in self._documents:
            self._documents[name] = self._load(name)
        return self._documents[name]

    def _load(self, name: str) -> JsonValue:
        if ":" in name.partition("/")[0]:
            raise BrokenReferenceError(f"remote references are not fetched: {name}")
        if self._folder is None:
            raise BrokenReferenceError(f"no folder to look for {name} in")
        path = (self._folder / unquote(name)).resolve()
        if not path.is_relative_to(self._folder):
            raise BrokenReferenceError(f"{name} lies outside the folder")
        try:
            document = read_document(path)
        except UnreadableDocumentError as exc:
            raise BrokenReferenceError(f"{name}: {exc.place + ': ' if exc.place else ''}{exc.reason}") from exc
        _make_absolute(document, name, posixpath.dirname(name))
        return document


def _make_absolute(document: JsonValue, name: str, folder: str) -> None:
    """Rewrites every `$ref` of a freshly read document, in place, to `file#pointer` seen from the top folder."""
    seen: set[int] = set()
    stack: list[JsonValue] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            if id(node) not in seen:
                seen.add(id(node))
                stack.extend(node)
        elif isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            stack.extend(node.values())
            ref = node.get("$ref")
            if isinstance(ref, str):
                node["$ref"] = _absolute(ref, name, folder)


def _absolute(ref: str, name: str, folder: str) -> str:
    target, mark, pointer = ref.partition("#")
    if not target:
        return f"{name}#{pointer}"
    if ":" in target.partition("/")[0]:
        return ref
    return posixpath.normpath(posixpath.join(folder, target)) + mark + pointer
