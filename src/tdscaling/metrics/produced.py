"""The scalars of a tool message: values that later calls may take from it."""

import re
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from tdscaling.metrics.words import names_entity, never_entity
from tdscaling.types import JsonScalar, JsonValue
from tdscaling.values import (
    error_object,
    loads,
    looks_like_error,
    names_data,
    normal,
    normal_number,
    normal_text,
    parse,
)
from tdscaling.values.parse import MAX_CHARS

CHUNK = re.compile(r"[^\s\"'`(),;=\[\]{}<>|]+")
_INNER_MARK = re.compile(r"\w[-_/.@:#]+\w|\d")
_TIME_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}(:\d{2})?")
_ID_SHAPE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])(?!\d+[a-z]{1,3}$)[\w@./:#-]{4,64}")
"""Letters and digits without a space ("w-1201", "9fe21ab"), not a number with a unit ("10kg")."""
MAX_LEAVES = 20_000
MAX_WORDS = 5_000
"""Words of one text beyond this many are not searched for values."""


MAX_CACHED = 256
"""Longer texts are rarely met twice."""

PLAIN, LISTED, MARKED = range(3)
"""Scalars: alone, strings in a list of records, and words of prose that are no numbers."""
Found: TypeAlias = tuple[str, JsonScalar, str, int]
"""Key, value, canonical value, and one of PLAIN, LISTED, MARKED."""


class Produced(NamedTuple):
    """A scalar of a result. `unique`: in a list of records, no two of which share a value of this field."""

    key: str
    value: JsonScalar
    norm: str
    unique: bool

    @property
    def identifier(self) -> bool:
        """Whether it names one entity: an id-, key- or name-typed field, or a value that selects one of several."""
        if isinstance(self.value, bool) or self.value is None or self.norm == "":
            return False
        if never_entity(self.key) or (isinstance(self.value, str) and _TIME_LIKE.fullmatch(self.norm)):
            return False
        if names_entity(self.key) or not isinstance(self.value, str):
            return names_entity(self.key)
        return (self.unique and len(self.norm) <= 64) or bool(_ID_SHAPE.fullmatch(self.norm))


def last_key(path: str) -> str:
    """The field's own name.

    >>> last_key("a.items[].order_id"), last_key("files[]"), last_key("[]")
    ('order_id', 'files', '')
    """
    return path.rpartition(".")[2].replace("[]", "")


def chunks(text: str) -> list[str]:
    """The words of prose or code with the marks inside identifiers kept.

    >>> chunks('load("/w/a-1.csv"); total=x/ORD-7.')
    ['load', '/w/a-1.csv', 'total', 'x/ORD-7']
    """
    found = (chunk.strip(".:!?*$#,") for chunk in CHUNK.findall(text))
    return [chunk for chunk in found if chunk][:MAX_WORDS]


class Scalars:
    """The scalars of one tool message in order; those of prose that look like values follow their text.

    Names that are data (paths, addresses, numbers as keys of an object) are values too. All of it is made when it is
    asked for: many results are never looked into, and most are only ever searched for a value.

    >>> found = Scalars('{"rows": [{"id": 7}], "note": "see X-12 now"}')
    >>> [(produced.key, produced.norm) for produced in found.produced]
    [('id', '7'), ('note', 'see x-12 now'), ('', 'x-12')]
    >>> found.of("x-12")[0].identifier
    True
    """

    __slots__ = ("_content", "_found", "_produced", "_value")

    def __init__(self, content: str, value: JsonValue = None) -> None:
        """`value`: what the content is in JSON, where that is known."""
        self._content = content
        self._value = value
        self._found: list[Found] | None = None
        self._produced: list[Produced] | None = None

    @property
    def found(self) -> list[Found]:
        if self._found is None:
            self._found = []
            _gather(_structure(self._content) if self._value is None else self._value, "", PLAIN, self._found)
        return self._found

    @property
    def produced(self) -> list[Produced]:
        if self._produced is None:
            self._produced = _told(self.found)
        return self._produced

    @property
    def norms(self) -> set[str]:
        """The canonical values."""
        return {one[2] for one in self.found}

    @property
    def tells(self) -> bool:
        """Whether the message gives records or fields, and not only that something was done or begun.

        >>> [Scalars(text).tells for text in ('{"name": "Ada"}', '["a"]', '{"ok": true}', '{"job_id": 7}', "done")]
        [True, True, False, False, False]
        """
        if self._content[:1] not in ("{", "["):
            return False
        keys = {key for key, _, _, _ in self.found}
        return not keys <= _DONE and not any(_JOB.fullmatch(key) for key in keys)

    def of(self, norm: str) -> list[Produced]:
        """The scalars with that canonical value, in order."""
        if self._produced is not None:
            return [one for one in self._produced if one.norm == norm]
        return [
            Produced(one[0], one[1], norm, one[3] == MARKED or (one[3] == LISTED and self._selects(one[0])))
            for one in self.found
            if one[2] == norm
        ]

    def _selects(self, key: str) -> bool:
        column = [one[2] for one in self.found if one[3] == LISTED and one[0] == key]
        return len(column) > 1 and len(set(column)) == len(column)


def _told(found: list[Found]) -> list[Produced]:
    columns: dict[str, list[str]] = {}
    for key, _, norm, kind in found:
        if kind == LISTED:
            columns.setdefault(key, []).append(norm)
    select = {key for key, norms in columns.items() if len(norms) > 1 and len(set(norms)) == len(norms)}
    return [
        Produced(key, value, norm, kind == MARKED or (kind == LISTED and key in select))
        for key, value, norm, kind in found
    ]


def read(content: str, flagged: bool) -> tuple[Scalars, bool]:
    """The scalars of a tool message's text, and whether it is an error: flagged, or looking like one."""
    if flagged or content[:1] == "[":
        return Scalars(content), flagged
    if content[:1] != "{":
        return Scalars(content), looks_like_error(content)
    says = any(word in content for word in _OF_ERRORS)
    if not says and "\\u" not in content:
        return Scalars(content), False
    try:
        value = loads(content)
    except ValueError:
        return Scalars(content), says and looks_like_error(content)
    short = len(content) <= MAX_CHARS or len(content.strip()) <= MAX_CHARS
    return Scalars(content, value), short and error_object(value)


_JOB = re.compile(r"(?:job|task|operation|request|execution|process|build|run)_?(?:id|key|number)", re.IGNORECASE)
_DONE = frozenset("ok success status message result error state done".split())
_OF_ERRORS = ("rror", "xception", "fail", "success", 'ok"')
"""One of these is in every text of an object that is an error, but for what is written in escapes."""


def _structure(content: str) -> JsonValue:
    if content[:1] in ("{", "["):
        with suppress(ValueError):
            return loads(content)
    return parse(content)


def _gather(value: JsonValue, key: str, kind: int, out: list[Found]) -> None:
    """Adds the scalars below `value`, the strings in lists as LISTED."""
    if isinstance(value, dict):
        _gather_object(value, kind, out)
    elif isinstance(value, list):
        for item in value:
            if len(out) >= MAX_LEAVES:
                return
            _gather(item, key, LISTED, out)
    elif isinstance(value, str):
        _string(value, key, kind, out)
    elif isinstance(value, int | float):
        out.append((key, value, normal(value), PLAIN))


def _gather_object(value: dict[str, JsonValue], kind: int, out: list[Found]) -> None:
    for name, item in value.items():
        if names_data(name):
            _string(name, "key", kind, out)
        held = type(item)
        if held is str:
            text = cast("str", item)
            out.append((name, text, normal_text(text), kind))
            if " " in text and (marked := _marked_in(text)):
                out.extend(marked)
        elif held is int:
            out.append((name, cast("int", item), str(item), PLAIN))
        elif held is float:
            out.append((name, cast("float", item), normal_number(cast("float", item)), PLAIN))
        elif held is bool:
            out.append((name, cast("bool", item), "true" if item else "false", PLAIN))
        elif item is not None:
            _gather(item, name, kind, out)


def _string(value: str, key: str, kind: int, out: list[Found]) -> None:
    out.append((key, value, normal_text(value), kind))
    if " " in value:
        out.extend(_marked_in(value))


def _marked_in(text: str) -> tuple[Found, ...]:
    return _marked(text) if len(text) > MAX_CACHED else _short_marked(text)


def _marked(text: str) -> tuple[Found, ...]:
    """The words of a prose result that look like values: with a digit, or marks inside."""
    if not _INNER_MARK.search(text):
        return ()
    found: list[Found] = []
    for chunk in chunks(text):
        if _INNER_MARK.search(chunk):
            norm = normal_text(chunk)
            found.append(("", chunk, norm, PLAIN if norm.replace(".", "").isdigit() else MARKED))
    return tuple(found)


_short_marked = lru_cache(maxsize=16384)(_marked)
