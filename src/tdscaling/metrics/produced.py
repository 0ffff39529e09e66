"""Which values the tool messages have given so far, and in which of them each occurs."""

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from tdscaling.metrics.texts import NEVER, TextIndex
from tdscaling.metrics.words import names_entity, never_entity
from tdscaling.types import JsonScalar, JsonValue
from tdscaling.values import error_object, loads, looks_like_error, normal, normal_text, parse
from tdscaling.values.parse import MAX_CHARS

CHUNK = re.compile(r"[^\s\"'`(),;=\[\]{}<>|]+")
_INNER_MARK = re.compile(r"\w[-_/.@:#]+\w|\d")
_TIME_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}(:\d{2})?")
_ID_SHAPE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])(?!\d+[a-z]{1,3}$)[\w@./:#-]{4,64}")
"""Letters and digits without a space ("w-1201", "9fe21ab"), not a number with a unit ("10kg")."""
_DATA_KEY = re.compile(r"[/@]|\.\w{1,5}$|^\d+$|^[0-9a-f]{8}-")
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

    Names that are data (paths, addresses, numbers as keys of an object) are values too. The canonical values are there
    at once, the rest is made when it is asked for: most results are only ever searched for a value.

    >>> found = Scalars({"rows": [{"id": 7}], "note": "see X-12 now"})
    >>> [(produced.key, produced.norm) for produced in found.produced]
    [('id', '7'), ('note', 'see x-12 now'), ('', 'x-12')]
    """

    __slots__ = ("_produced", "found")

    def __init__(self, value: JsonValue) -> None:
        self.found: list[Found] = []
        self._produced: list[Produced] | None = None
        _gather(value, "", PLAIN, self.found)

    @property
    def produced(self) -> list[Produced]:
        if self._produced is None:
            self._produced = _told(self.found)
        return self._produced


def _told(found: list[Found]) -> list[Produced]:
    columns: dict[str, list[int]] = {}
    for place, (key, _, _, kind) in enumerate(found):
        if kind == LISTED:
            columns.setdefault(key, []).append(place)
    out = [Produced(key, value, norm, kind == MARKED) for key, value, norm, kind in found]
    for places in columns.values():
        if len(places) > 1 and len({out[place].norm for place in places}) == len(places):
            for place in places:
                out[place] = out[place]._replace(unique=True)
    return out


def read(content: str, flagged: bool) -> tuple[Scalars, bool]:
    """The scalars of a tool message's text, and whether it is an error: flagged, or looking like one."""
    if content[:1] not in ("{", "["):
        return Scalars(parse(content)), flagged or looks_like_error(content)
    try:
        value = loads(content)
    except ValueError:
        return Scalars(parse(content)), flagged or (_may_fail(content) and looks_like_error(content))
    short = len(content) <= MAX_CHARS or len(content.strip()) <= MAX_CHARS
    return Scalars(value), flagged or (short and error_object(value))


def _may_fail(content: str) -> bool:
    """Whether a text that only looks like JSON holds any of the words that make an object an error."""
    return content[0] == "{" and any(word in content for word in ("rror", "xception", "fail", "success", 'ok"'))


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
        if _is_data(name):
            _string(name, "key", kind, out)
        held = type(item)
        if held is str:
            _string(cast("str", item), name, kind, out)
        elif held is int:
            out.append((name, cast("int", item), str(item), PLAIN))
        elif held is float:
            out.append((name, cast("float", item), normal(cast("float", item)), PLAIN))
        elif item is not None:
            _gather(item, name, kind, out)


@lru_cache(maxsize=16384)
def _is_data(name: str) -> bool:
    return bool(_DATA_KEY.search(name))


def _string(value: str, key: str, kind: int, out: list[Found]) -> None:
    out.append((key, value, normal_text(value), kind))
    if " " in value:
        marked = _marked(value) if len(value) > MAX_CACHED else _short_marked(value)
        if marked:
            out.extend(marked)


def _marked(text: str) -> list[Found]:
    """The words of a prose result that look like values: with a digit, or marks inside."""
    if not _INNER_MARK.search(text):
        return []
    found: list[Found] = []
    for chunk in chunks(text):
        if _INNER_MARK.search(chunk):
            norm = normal_text(chunk)
            found.append(("", chunk, norm, PLAIN if norm.replace(".", "").isdigit() else MARKED))
    return found


_short_marked = lru_cache(maxsize=16384)(_marked)


class ResultIndex:
    """The values of tool messages, in order: postings by canonical value, and the words of prose."""

    __slots__ = ("postings", "prose")

    def __init__(self) -> None:
        self.postings: dict[str, list[int]] = {}
        self.prose = TextIndex()

    def add(self, message: int, values: list[Found]) -> None:
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
