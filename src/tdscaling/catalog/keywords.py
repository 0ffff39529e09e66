"""The keywords of one schema node: OpenAPI 2.0/3.0/3.1 in, JSON Schema 2020-12 out, applicators left aside.

A keyword that is broken, or that only narrows what is valid in a way not kept here, is dropped: the result
accepts whatever the original accepts.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache

from tdscaling.types import JsonObject, JsonValue

MAX_TEXT = 240
"""Characters kept of a title or description inside a schema."""
MAX_ENUM = 300
"""Values kept of an enumeration; a longer one becomes examples."""
MAX_VALUE = 200
"""Characters (as JSON) of a default, a constant or an example."""
MAX_EXAMPLES = 3
"""Examples kept of a longer list."""

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_ALIASES: Mapping[str, tuple[str, str]] = {
    "file": ("string", "binary"),
    "date": ("string", "date"),
    "datetime": ("string", "date-time"),
    "date-time": ("string", "date-time"),
    "uuid": ("string", "uuid"),
    "int": ("integer", ""),
    "int32": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "long": ("integer", "int64"),
    "float": ("number", "float"),
    "double": ("number", "double"),
    "bool": ("boolean", ""),
    "list": ("array", ""),
    "map": ("object", ""),
}

_SET_OPERATION = re.compile(r"\[\^?\[|--|&&|\|\||~~")

Cleaner = Callable[[JsonValue], JsonValue]
"""Gives the valid value of a keyword, or None to drop it."""


def clip(text: str, limit: int) -> str:
    """`text` with its outer space gone, cut to `limit` characters.

    >>> clip(" a long story ", 7)
    'a long…'
    """
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _text(value: JsonValue) -> JsonValue:
    return clip(value, MAX_TEXT) or None if isinstance(value, str) else None


def _word(value: JsonValue) -> JsonValue:
    return value.strip() or None if isinstance(value, str) else None


def _flag(value: JsonValue) -> JsonValue:
    return True if value is True else None


def _count(value: JsonValue) -> JsonValue:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _number(value: JsonValue) -> JsonValue:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _positive(value: JsonValue) -> JsonValue:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def _pattern(value: JsonValue) -> JsonValue:
    return value if isinstance(value, str) and is_regex(value) else None


def _names(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return None
    return list(dict.fromkeys(name for name in value if isinstance(name, str))) or None


@cache
def is_regex(pattern: str) -> bool:
    """Whether validators written in Python can use the pattern, now and under the coming rules for sets."""
    if _SET_OPERATION.search(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def is_small(value: JsonValue) -> bool:
    """Whether a default or an example is short enough to keep."""
    if isinstance(value, list | dict):
        return len(json.dumps(value)) <= MAX_VALUE
    return not isinstance(value, str) or len(value) <= MAX_VALUE


_CLEANERS: Mapping[str, Cleaner] = {
    "title": _text,
    "description": _text,
    "format": _word,
    "pattern": _pattern,
    "required": _names,
    "multipleOf": _positive,
    "minimum": _number,
    "maximum": _number,
    "exclusiveMinimum": _number,
    "exclusiveMaximum": _number,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "minProperties": _count,
    "maxProperties": _count,
    "uniqueItems": _flag,
    "deprecated": _flag,
    "readOnly": _flag,
    "writeOnly": _flag,
}


def clean(raw: JsonObject) -> dict[str, JsonValue]:
    """The plain keywords of a node (type, constraints, texts), each one valid in JSON Schema 2020-12.

    >>> clean({"type": "string", "nullable": True, "maxLength": "9", "example": "a", "xml": {}})
    {'type': ['string', 'null'], 'examples': ['a']}
    >>> clean({"type": "integer", "minimum": 0, "exclusiveMinimum": True})
    {'type': 'integer', 'exclusiveMinimum': 0}
    """
    out: dict[str, JsonValue] = {}
    _set_type(raw, out)
    for name, value in raw.items():
        cleaner = _CLEANERS.get(name)
        if cleaner is not None:
            cleaned = cleaner(value)
            if cleaned is not None:
                out[name] = cleaned
    for bound in ("Minimum", "Maximum"):
        if raw.get(f"exclusive{bound}") is True and bound.lower() in out:
            out[f"exclusive{bound}"] = out.pop(bound.lower())
    _set_values(raw, out)
    return out


def _set_type(raw: JsonObject, out: dict[str, JsonValue]) -> None:
    stated = raw.get("type")
    names = stated if isinstance(stated, list) else [stated]
    types: list[JsonValue] = []
    for name in names:
        if not isinstance(name, str):
            continue
        name = name.strip().lower()
        name, form = (name, "") if name in TYPES else _ALIASES.get(name, ("", ""))
        if name and name not in types:
            types.append(name)
        if form:
            out["format"] = form
    if not types and isinstance(raw.get("properties"), dict):
        types.append("object")
    if types and raw.get("nullable") is True and "null" not in types:
        types.append("null")
    if types:
        out["type"] = types[0] if len(types) == 1 else types


def _set_values(raw: JsonObject, out: dict[str, JsonValue]) -> None:
    """Enumeration, constant, default and examples."""
    examples: list[JsonValue] = []
    enum = raw.get("enum")
    if isinstance(enum, list) and enum:
        values = _distinct(enum)
        if raw.get("nullable") is True and None not in values:
            values.append(None)
        if len(values) <= MAX_ENUM:
            out["enum"] = values
        else:
            examples = values
            out["x-cut"] = "enum"
    for name in ("const", "default"):
        if name in raw and is_small(raw[name]) and not (name == "default" and raw[name] is None):
            out[name] = raw[name]
    given = raw.get("examples")
    examples = examples or (_distinct(given) if isinstance(given, list) else [])
    if not examples and raw.get("example") is not None:
        examples = [raw["example"]]
    examples = [value for value in examples[:MAX_EXAMPLES] if is_small(value)]
    if examples:
        out["examples"] = examples


def _distinct(values: list[JsonValue]) -> list[JsonValue]:
    """The values without repeats (1 and true differ), in order."""
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())
