"""Reads JSON and YAML files as plain JSON values: strings as keys, no dates, no NaN, no endless anchors.

YAML is read by the rules of YAML 1.2 that OpenAPI prescribes: `NO` is a word and not a boolean, `12:30` and
`2024-01-31` are strings.
"""

import json
import math
import re
from pathlib import Path
from typing import NoReturn, cast

import yaml

from tdscaling.errors import DataError
from tdscaling.types import JsonValue

MAX_VALUES = 5_000_000
"""A document whose anchors unfold to more values than this is refused."""

_FLOAT = r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$|^[-+]?[0-9]+[eE][-+]?[0-9]+$"


class UnreadableDocumentError(DataError):
    """A file can't be read as JSON or YAML; `place` is a line, or "" for the whole file."""

    def __init__(self, path: Path, place: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (str(path), place, reason) if part))
        self.place = place
        self.reason = reason


class _Loader(yaml.CSafeLoader):
    """libyaml's parser with the scalar rules of YAML 1.2."""


_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", _FLOAT, "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    for _letter in _first:
        _RESOLVERS.setdefault(_letter, []).append((f"tag:yaml.org,2002:{_tag}", re.compile(_pattern)))
_Loader.yaml_implicit_resolvers = _RESOLVERS


def read_document(path: Path) -> JsonValue:
    """The value in a JSON or YAML file. Raises UnreadableDocumentError, which names the line where it can."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise UnreadableDocumentError(path, f"byte {exc.start}", "is not UTF-8") from exc
    except OSError as exc:
        raise UnreadableDocumentError(path, "", exc.strerror or str(exc)) from exc
    try:
        return _parse(text, only_json=path.suffix.lower() == ".json")
    except json.JSONDecodeError as exc:
        raise UnreadableDocumentError(path, f"line {exc.lineno}", f"is not JSON: {exc.msg}") from exc
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise UnreadableDocumentError(path, f"line {line}", f"is not YAML: {exc.problem or exc.context}") from exc
    except (yaml.YAMLError, ValueError) as exc:
        raise UnreadableDocumentError(path, "", " ".join(str(exc).split())) from exc
    except RecursionError as exc:
        raise UnreadableDocumentError(path, "", "is nested too deeply") from exc


def _parse(text: str, *, only_json: bool) -> JsonValue:
    if only_json:
        return parse_json(text)
    if text.lstrip()[:1] in ("{", "["):
        try:
            return parse_json(text)
        except json.JSONDecodeError:
            pass  # a YAML flow mapping begins the same way
    return _Plain().convert(cast("object", yaml.load(text, Loader=_Loader)))


def parse_json(text: str | bytes) -> JsonValue:
    """JSON by the letter of its standard. Raises ValueError (JSONDecodeError is one) or RecursionError.

    >>> parse_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    return cast("JsonValue", json.loads(text, parse_constant=_not_a_number, parse_float=_finite_float))


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite_float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


class _Plain:
    """Turns what YAML gave into JSON values; anchors stay shared. Raises ValueError for endless or exploding ones."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[JsonValue, int]] = {}
        self._active: set[int] = set()

    def convert(self, value: object) -> JsonValue:
        return self._sized(value)[0]

    def _sized(self, node: object) -> tuple[JsonValue, int]:
        """The value and how many values it unfolds to."""
        if isinstance(node, dict | list):
            return self._container(cast("dict[object, object] | list[object]", node))
        if node is None or isinstance(node, str | bool | int) or (isinstance(node, float) and math.isfinite(node)):
            return node, 1
        return str(node), 1

    def _container(self, node: dict[object, object] | list[object]) -> tuple[JsonValue, int]:
        mark = id(node)
        if mark in self._active:
            raise ValueError("an anchor contains itself")
        if mark not in self._done:
            self._active.add(mark)
            made, size = self._items(node) if isinstance(node, list) else self._fields(node)
            if size > MAX_VALUES:
                raise ValueError(f"its anchors unfold to more than {MAX_VALUES:,} values")
            self._active.discard(mark)
            self._done[mark] = made, size
        return self._done[mark]

    def _items(self, node: list[object]) -> tuple[JsonValue, int]:
        pairs = [self._sized(item) for item in node]
        return [value for value, _ in pairs], 1 + sum(count for _, count in pairs)

    def _fields(self, node: dict[object, object]) -> tuple[JsonValue, int]:
        pairs = {_key(key): self._sized(item) for key, item in node.items()}
        return {key: value for key, (value, _) in pairs.items()}, 1 + sum(count for _, count in pairs.values())


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
