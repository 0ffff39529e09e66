"""Which values the tool messages have given so far, and in which of them each occurs."""

import re
from typing import NamedTuple

from tdscaling.metrics.texts import NEVER, TextIndex
from tdscaling.metrics.words import names_entity, never_entity
from tdscaling.types import JsonScalar, JsonValue
from tdscaling.values import leaves, normal

CHUNK = re.compile(r"[^\s\"'`(),;=\[\]{}<>|]+")
_INNER_MARK = re.compile(r"\w[-_/.@:#]+\w|\d")
_TIME_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{1,2}:\d{2}(:\d{2})?")
_ID_SHAPE = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[a-z])(?!\d+[a-z]{1,3}$)[\w@./:#-]{4,64}")
"""Letters and digits without a space ("w-1201", "9fe21ab"), not a number with a unit ("10kg")."""
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


def scalars(value: JsonValue) -> list[Produced]:
    """The scalars of a parsed result in order; those of prose that look like values follow their text."""
    found = list(leaves(value))
    values: dict[str, list[str]] = {}
    for leaf in found:
        if leaf.path.find("[]") >= 0 and isinstance(leaf.value, str):
            values.setdefault(leaf.path, []).append(normal(leaf.value))
    distinct = {path for path, held in values.items() if len(held) > 1 and len(set(held)) == len(held)}
    out: list[Produced] = []
    for leaf in found:
        key = last_key(leaf.path)
        out.append(Produced(key, leaf.value, normal(leaf.value), leaf.path in distinct))
        if isinstance(leaf.value, str) and " " in leaf.value:
            out.extend(_marked(leaf.value))
    return out


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
        for produced in values:
            held = postings.get(produced.norm)
            if held is None:
                postings[produced.norm] = [message]
            elif held[-1] != message:
                held.append(message)
            if isinstance(produced.value, str) and " " in produced.value:
                self.prose.add(message, produced.value)

    def first(self, norm: str) -> int:
        """The first tool message with the value: as a scalar, or as a whole phrase of prose. NEVER if none."""
        held = self.postings.get(norm)
        found = held[0] if held else NEVER
        return min(found, self.prose.first(norm)) if len(norm) > 2 else found
