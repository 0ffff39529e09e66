"""Selecting among records: filters, text, order and pages, each as its parameter says."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from tdscaling.environments.simulated.envelope import Page
from tdscaling.environments.simulated.failures import CallFailedError
from tdscaling.environments.simulated.model import Entity, Operation, Param
from tdscaling.environments.simulated.naming import CREATED, canonical, canonical_fields
from tdscaling.environments.simulated.store import Record, key_of
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue

DEFAULT_PAGE = 20
_CURSOR = re.compile(r"c(\d{1,9})")


def given(arguments: JsonObject, path: tuple[str, ...]) -> JsonValue:
    """The value at a path of the arguments, None where it is not given."""
    node: JsonValue = arguments
    for name in path:
        if not isinstance(node, Mapping) or name not in node:
            return None
        node = node[name]
    return node


def selected(records: Sequence[Record], operation: Operation, arguments: JsonObject) -> list[Record]:
    """The records that pass every filter that is given, in the order they had."""
    tests = [
        (param, value)
        for param in operation.having("filter")
        if not param.via and (value := given(arguments, param.path)) is not None
    ]
    texts = [str(value) for param in operation.having("text") if (value := given(arguments, param.path)) is not None]
    return [
        record
        for record in records
        if all(passes(record.get(param.field), param, value) for param, value in tests)
        and all(says(record, text) for text in texts)
    ]


def passes(held: JsonValue, param: Param, wanted: JsonValue) -> bool:
    """Whether a field's value passes a filter. A record without the field passes none."""
    if held is None:
        return False
    match param.comparison:
        case "any":
            options = wanted if isinstance(wanted, list) else [part.strip() for part in str(wanted).split(",")]
            return any(_same(held, option) for option in options) or not options
        case "least":
            return _rank(held, wanted) >= _rank(wanted, held)
        case "most":
            return _rank(held, wanted) <= _rank(wanted, held)
        case "contains":
            return str(wanted).casefold() in str(held).casefold()
        case _:
            return _same(held, wanted)


def _same(held: JsonValue, wanted: JsonValue) -> bool:
    if isinstance(held, list | tuple) and not isinstance(wanted, list | tuple):
        return any(key_of(item) == key_of(wanted) for item in held)
    return key_of(held) == key_of(wanted)


def _rank(value: JsonValue, other: JsonValue) -> tuple[int, float, str]:
    """A sortable form: numbers before texts; of two times given to the day or the second, to the coarser."""
    if isinstance(value, int | float):
        return 0, float(value), ""
    text, against = str(value), str(other)
    if _time(text) and _time(against):
        return 1, 0.0, text[: min(len(text), len(against), 19)]
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text


def _time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def says(record: Record, text: str) -> bool:
    """Whether every word of a search stands in some text of the record.

    >>> says({"title": "Annual budget", "n": 3}, "BUDGET annual"), says({"title": "Annual budget"}, "budget plan")
    (True, False)
    """
    held = " ".join(str(value) for value in record.values() if isinstance(value, str | int)).casefold()
    return all(word in held for word in text.casefold().split())


def ordered(records: list[Record], entity: Entity, operation: Operation, arguments: JsonObject) -> list[Record]:
    """The records in the order asked for; where none is, or it names no field, in that of their creation."""
    found = next((str(v) for p in operation.having("sort") if (v := given(arguments, p.path)) is not None), "")
    direction = next((str(v) for p in operation.having("direction") if (v := given(arguments, p.path)) is not None), "")
    if not found:
        return list(reversed(records)) if direction.lower().startswith("desc") else records
    falling = found.startswith("-") or "desc" in words(found) or direction.lower().startswith("desc")
    phrase = tuple(entity.name.split(" "))
    name = " ".join(word for word in words(found.strip("+-")) if word not in ("asc", "desc", "ascending", "descending"))
    known = canonical_fields(entity)
    field = known.get(canonical(name.replace(" ", "_"), phrase)) or next(
        (known[c] for c in CREATED if name.startswith("created") and c in known), None
    )
    if field is None:
        return records
    return sorted(records, key=lambda record: _order(record.get(field)), reverse=falling)


def _order(value: JsonValue) -> tuple[int, float, str]:
    if isinstance(value, bool) or value is None:
        return 0, float(bool(value)), ""
    return (1, float(value), "") if isinstance(value, int | float) else (2, 0.0, str(value).casefold())


def page(records: Sequence[Record], operation: Operation, arguments: JsonObject) -> Page:
    """The page that is asked for. Raises CallFailedError for a cursor that no answer gave."""
    limits = operation.having("limit")
    size = _whole(limits, arguments)
    if size is None and limits:
        default = limits[0].default
        size = default if isinstance(default, int) and not isinstance(default, bool) and default > 0 else DEFAULT_PAGE
    paged = next((role for role in ("cursor", "page", "offset") if operation.having(role)), "")
    if size is None and paged:
        size = DEFAULT_PAGE
    if size is not None and size <= 0:
        size = DEFAULT_PAGE
    start = _start(operation, arguments, size or 0)
    shown = list(records[start : start + size] if size is not None else records[start:])
    return Page(shown, len(records), start, size or 0, paged)


def _start(operation: Operation, arguments: JsonObject, size: int) -> int:
    cursor = next((v for p in operation.having("cursor") if (v := given(arguments, p.path)) not in (None, "")), None)
    if cursor is not None:
        match = _CURSOR.fullmatch(str(cursor))
        if match is None:
            raise CallFailedError("validation", f"{str(cursor)[:60]!r} is no cursor of this list")
        return int(match[1])
    offset = _whole(operation.having("offset"), arguments)
    if offset is not None:
        return max(0, offset)
    pages = operation.having("page")
    number = _whole(pages, arguments)
    if number is None:
        return 0
    first = 0 if pages[0].default == 0 else 1
    return max(0, number - first) * size


def _whole(params: Sequence[Param], arguments: JsonObject) -> int | None:
    for param in params:
        value = given(arguments, param.path)
        if isinstance(value, str) and value.isdecimal() and len(value) < 10:
            return int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value)
    return None
