"""A tool as one line of a catalogue or a corpus, and back; the schema of a line is in ARCHITECTURE.md."""

import json
from collections.abc import Mapping

from tdscaling.errors import DataError
from tdscaling.types import JsonObject, JsonValue, Tool

TEXTS = ("server", "server_description", "category", "name", "description", "source", "licence")
_KINDS = ((bool, "a boolean"), (str, "a string"), (int, "a number"), (float, "a number"), (list, "a list"))


class BadRowError(DataError):
    """A line is not a tool; the text is the reason without the place."""


def to_line(tool: Tool) -> bytes:
    """The tool as one line of UTF-8 JSON with its newline.

    >>> to_line(Tool(server="s", name="n"))[:50]
    b'{"server":"s","server_description":"","category":"'
    """
    row: dict[str, JsonValue] = {
        "server": tool.server,
        "server_description": tool.server_description,
        "category": tool.category,
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
        "annotations": tool.annotations,
        "source": tool.source,
        "licence": tool.licence,
    }
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def to_tool(row: JsonValue) -> Tool:
    """The tool in a parsed line; only server and name must be there. Raises BadRowError.

    >>> to_tool({"server": "s", "name": "n", "input_schema": []})
    Traceback (most recent call last):
    tdscaling.catalog.rows.BadRowError: input_schema is a list, not an object
    """
    if not isinstance(row, dict):
        raise BadRowError(f"the line is {_kind(row)}, not an object")
    texts = {key: _text(row, key) for key in TEXTS}
    for key in ("server", "name"):
        if not texts[key].strip():
            raise BadRowError(f"{key} is missing")
    return Tool(
        server=texts["server"],
        server_description=texts["server_description"],
        category=texts["category"],
        name=texts["name"],
        description=texts["description"],
        input_schema=_object(row, "input_schema") or {},
        output_schema=_object(row, "output_schema"),
        annotations=_object(row, "annotations") or {},
        source=texts["source"],
        licence=texts["licence"],
    )


def _text(row: JsonObject, key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRowError(f"{key} is {_kind(value)}, not a string")
    return value


def _object(row: JsonObject, key: str) -> JsonObject | None:
    value = row.get(key)
    if value is None or isinstance(value, Mapping):
        return value
    raise BadRowError(f"{key} is {_kind(value)}, not an object")


def _kind(value: JsonValue) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null" if value is None else "an object")
