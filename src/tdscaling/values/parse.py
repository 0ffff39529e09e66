"""The text of a tool result as JSON: most real tools publish no output schema and answer in text."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import cast

from tdscaling.types import JsonValue

MAX_CHARS = 200_000
"""Text beyond this is not parsed into fields; the trajectory keeps it all the same."""
MAX_DEPTH = 100
_PLAIN = frozenset((str, int, float, bool, type(None)))

_PAIR = re.compile(r"\s*(?:[-*•] )?([A-Za-z][\w /.-]{0,39}?)\s*:\s+(\S.*)")
_DATA_KEY = re.compile(r"[/@]|\.\w{1,5}$|^\d+$|^[0-9a-f]{8}-")
_ASSIGNED = re.compile(r"\b([A-Za-z]\w{0,30})=([\w./:-]+)")
_BULLET = re.compile(r"(?:[-*•+]|\d{1,3}[.)]|\[[A-Z]+\])\s+")


def parse(content: str, structured: JsonValue = None) -> JsonValue:
    """The structure of a result: its structured part, else JSON, else a Python literal, else fields of text.

    Text gives `{"records": [{key: value}], "lines": [str]}` from its `key: value` lines (a record ends where
    a key repeats) and its other lines, bullets stripped; one line alone gives that line as a string, and one
    bullet a list of one. Only a line feed ends a line: what else Unicode calls a separator is text.

    >>> parse("[{'name': 'orders'}]")
    [{'name': 'orders'}]
    >>> parse("Commit: a1\\nMessage: first\\n\\nCommit: b2\\nMessage: second")["records"][1]
    {'Commit': 'b2', 'Message': 'second'}
    >>> parse("  dev\\n* main")
    {'lines': ['dev', 'main']}
    """
    if structured is not None and structured != {}:
        return _tabled(_unwrap(structured))
    return _text(content)


@lru_cache(maxsize=256)
def _text(content: str) -> JsonValue:
    """The structure of a text. One plan's calls are made and read several times over: what was read is kept."""
    text = content.strip()
    if not text or len(text) > MAX_CHARS:
        return text
    if text[0] in "[{\"'(":
        found = _literal(text)
        if found is not None:
            return _tabled(found)
    if "\n" in text or _BULLET.match(text):
        return _fields(text)
    marked = _ASSIGNED.findall(text)
    return {"text": text, **{name: _number(value) for name, value in marked}} if marked else text


@lru_cache(maxsize=16384)
def names_data(key: str) -> bool:
    """Whether the key of an object is data (a path, an address, a number, a UUID) and no field's name.

    >>> [names_data(key) for key in ("books/a.xlsx", "ann@x.io", "2026", "a.csv", "order_id")]
    [True, True, True, True, False]
    """
    return bool(_DATA_KEY.search(key))


def _unwrap(structured: JsonValue) -> JsonValue:
    """A lone text under `result` or `content` is what an SDK wraps plain strings in: look inside."""
    if isinstance(structured, Mapping) and len(structured) == 1:
        key, inner = next(iter(structured.items()))
        if key in ("result", "content", "text", "output") and isinstance(inner, str):
            return parse(inner)
    return structured


def _tabled(value: JsonValue, depth: int = 0) -> JsonValue:
    """Objects keyed by data become records, so that their keys are values like any other; what is nested deeper
    than anybody nests on purpose stays as it is.

    >>> _tabled({"books/a.xlsx": 5120})
    [{'key': 'books/a.xlsx', 'value': 5120}]
    """
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        if value and all(names_data(key) for key in value):
            return [{"key": key, "value": _tabled(item, depth + 1)} for key, item in value.items()]
        return {key: item if type(item) in _PLAIN else _tabled(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else _tabled(item, depth + 1) for item in value]
    return value


def _literal(text: str) -> JsonValue | None:
    try:
        return cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):
        pass
    if text[0] == "{" and (documents := _documents(text)):
        return documents
    try:
        return _as_json(ast.literal_eval(text))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _documents(text: str) -> list[JsonValue]:
    """Several JSON objects one after the other, as servers give lists in parts; none when something else remains.

    >>> _documents('{"a": 1}\\n{"a": 2}')
    [{'a': 1}, {'a': 2}]
    """
    found: list[JsonValue] = []
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        try:
            value, place = cast("tuple[JsonValue, int]", decoder.raw_decode(text, place))
        except (ValueError, RecursionError):
            return []
        found.append(value)
        while place < len(text) and text[place] in " \n\r\t,":
            place += 1
    return found


def _as_json(value: object) -> JsonValue:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_as_json(item) for item in cast("Sequence[object]", value)]
    return str(value)


def _number(text: str) -> JsonValue:
    return int(text) if text.isdecimal() and len(text) < 16 and (text == "0" or text[0] != "0") else text


def _lines(text: str) -> Iterator[str]:
    """The lines with something on them; of a patch those that aren't part of a file."""
    patch = "\n@@ " in text or "\n+++ " in text
    for raw in text.split("\n"):
        if raw.strip() and not (patch and raw[0] in "+- @"):
            yield raw.strip()


def _columns(text: str) -> JsonValue | None:
    """Lines of columns between ` | `: a record each, `name=value` under its name, the others numbered.

    >>> _columns("id=3 | a/b | Title\\nid=4 | a/c | Other")[0]
    {'id': 3, 'column2': 'a/b', 'column3': 'Title'}
    """
    rows = [[cell.strip() for cell in line.split(" | ")] for line in text.split("\n") if line.strip()]
    rows = [row for row in rows if len(row) > 1]
    if len(rows) < 2 or len(rows) < text.count("\n") // 2 or len({len(row) for row in rows}) > 1:
        return None
    found: list[JsonValue] = []
    for row in rows:
        record: dict[str, JsonValue] = {}
        for position, cell in enumerate(row, start=1):
            match = _ASSIGNED.fullmatch(cell)
            record[match[1] if match else f"column{position}"] = _number(match[2]) if match else cell
        found.append(record)
    return found


def _fields(text: str) -> JsonValue:
    rows = _columns(text)
    if rows:
        return rows
    records: list[dict[str, JsonValue]] = []
    lines: list[JsonValue] = []
    current: dict[str, JsonValue] = {}
    for line in _lines(text):
        if match := _PAIR.fullmatch(line):
            if match[1] in current:
                records.append(current)
                current = {}
            current[match[1]] = match[2]
        elif not line.endswith(":"):
            lines.append(_BULLET.sub("", line, count=1) if _BULLET.match(line) else line)
    if current:
        records.append(current)
    found: dict[str, JsonValue] = {}
    if records:
        found["records"] = records
    if lines:
        found["lines"] = lines
    return found or text
