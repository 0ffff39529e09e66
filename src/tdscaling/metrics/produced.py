"""Which values the tool messages have given so far, and in which of them each occurs."""

import json
import re
from functools import lru_cache
from typing import NamedTuple, cast

from tdscaling.metrics.texts import NEVER, TextIndex
from tdscaling.metrics.words import names_entity, never_entity
from tdscaling.types import JsonScalar, JsonValue
from tdscaling.values import looks_like_error, normal, parse

CHUNK = re.compile(r"[^\s\"'`(),;=\[\]{}<>|]+")
_INNER_MARK = re.compile(r"\w[-_/.@:#]+\w|\d")
_TIME_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}(:\d{2})?")
_ID_SHAPE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])(?!\d+[a-z]{1,3}$)[\w@./:#-]{4,64}")
"""Letters and digits without a space ("w-1201", "9fe21ab"), not a number with a unit ("10kg")."""
_DATA_KEY = re.compile(r"[/@]|\.\w{1,5}$|^\d+$|^[0-9a-f]{8}-")
MAX_LEAVES = 20_000
MAX_WORDS = 5_000
"""Words of one text beyond this many are not searched for values."""


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


def read(content: str, flagged: bool) -> tuple[list[Produced], bool]:
    """The scalars of a tool message's text, and whether it is an error: flagged, or looking like one."""
    if content[:1] in ("{", "["):
        try:
            value = cast("JsonValue", json.loads(content))
        except (ValueError, RecursionError):
            value = parse(content)
        failed = flagged or (content[0] == "{" and _may_fail(content) and looks_like_error(content))
        return scalars(value), failed
    return scalars(parse(content)), flagged or looks_like_error(content)


def _may_fail(content: str) -> bool:
    """Whether a JSON text holds any of the words that make an object an error; spares reading it twice."""
    return any(word in content for word in ("rror", "xception", "fail", "success", 'ok"'))


def scalars(value: JsonValue) -> list[Produced]:
    """The scalars of a parsed result in order; those of prose that look like values follow their text.

    Names that are data (paths, addresses, numbers as keys of an object) are values too.

    >>> [(produced.key, produced.norm) for produced in scalars({"rows": [{"id": 7}], "note": "see X-12 now"})]
    [('id', '7'), ('note', 'see x-12 now'), ('', 'x-12')]
    """
    out: list[Produced] = []
    columns: dict[str, list[int]] = {}
    _gather(value, "", False, out, columns)
    for places in columns.values():
        if len(places) > 1 and len({out[place].norm for place in places}) == len(places):
            for place in places:
                out[place] = out[place]._replace(unique=True)
    return out


def _gather(value: JsonValue, key: str, listed: bool, out: list[Produced], columns: dict[str, list[int]]) -> None:
    """Adds the scalars below `value`. `columns` are the places in `out` of the strings in lists, by key."""
    if isinstance(value, dict):
        _gather_object(value, listed, out, columns)
    elif isinstance(value, list):
        for item in value:
            if len(out) >= MAX_LEAVES:
                return
            _gather(item, key, True, out, columns)
    elif isinstance(value, str):
        _string(value, key, listed, out, columns)
    elif isinstance(value, int | float):
        out.append(Produced(key, value, normal(value), False))


def _gather_object(
    value: dict[str, JsonValue], listed: bool, out: list[Produced], columns: dict[str, list[int]]
) -> None:
    for name, item in value.items():
        if _is_data(name):
            _string(name, "key", listed, out, columns)
        if isinstance(item, str):
            _string(item, name, listed, out, columns)
        elif isinstance(item, dict | list):
            _gather(item, name, listed, out, columns)
        elif isinstance(item, int | float):
            out.append(Produced(name, item, normal(item), False))


@lru_cache(maxsize=16384)
def _is_data(name: str) -> bool:
    return bool(_DATA_KEY.search(name))


_string_normal = lru_cache(maxsize=65536)(normal)


def _string(value: str, key: str, listed: bool, out: list[Produced], columns: dict[str, list[int]]) -> None:
    if listed:
        columns.setdefault(key, []).append(len(out))
    out.append(Produced(key, value, _string_normal(value), False))
    if " " in value:
        out.extend(_marked(value))


def _marked(text: str) -> list[Produced]:
    """The words of a prose result that look like values: with a digit, or marks inside."""
    found: list[Produced] = []
    for chunk in chunks(text):
        if _INNER_MARK.search(chunk):
            norm = normal(chunk)
            found.append(Produced("", chunk, norm, not norm.replace(".", "").isdigit()))
    return found


class ResultIndex:
    """The values of tool messages, in order: postings by canonical value, and the words of prose."""

    __slots__ = ("postings", "prose")

    def __init__(self) -> None:
        self.postings: dict[str, list[int]] = {}
        self.prose = TextIndex()

    def add(self, message: int, values: list[Produced]) -> None:
        """Adds the scalars of the tool message number `message`."""
        postings = self.postings
        prose: list[str] = []
        for _, _, norm, _ in values:
            held = postings.get(norm)
            if held is None:
                postings[norm] = [message]
            elif held[-1] != message:
                held.append(message)
            if " " in norm:
                prose.append(norm)
        if prose:
            self.prose.add(message, " \n ".join(prose), forms=False)

    def first(self, norm: str) -> int:
        """The first tool message with the value: as a scalar, or as a whole phrase of prose. NEVER if none."""
        held = self.postings.get(norm)
        found = held[0] if held else NEVER
        return min(found, self.prose.first(norm)) if len(norm) > 2 else found
