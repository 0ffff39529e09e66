"""What an error message says of a call: which parameter it is about, what it offers instead, what it misses."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tdscaling.types import JsonObject, JsonValue
from tdscaling.values import leaves, parse

MAX_CHARS = 1500
MAX_HINTS = 6
_QUOTED = re.compile(r"(?<!\w)'([^'\n]{1,60})'(?!\w)|\"([^\"\n]{1,60})\"|`([^`\n]{1,60})`|“([^”\n]{1,60})”")
_SETTING = re.compile(r"\b(\w+)\s*=\s*(true|false|\d+)\b", re.IGNORECASE)
_TAKEN = re.compile(
    r"already (?:exist|in use|taken|there|a )|exists already|\bnot unique\b|must be unique|duplicate", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\bnot (?:use|take|allow|accept|support)|unknown (?:field|propert)|unexpected|not (?:allowed|permitted)|\bextra\b",
    re.IGNORECASE,
)
_WANTED = re.compile(r"\b(?:need|requir|missing|give|specif|provid|must (?:have|be set)|pass\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.;!])\s")
_NAME = re.compile(r"[A-Za-z_]\w+")
_SHORT = 3
_DIGITS = 16
"""A number in a message with as many digits is no identifier."""


@dataclass(frozen=True, slots=True)
class Blame:
    """`about`: parameters of the call, the likeliest first. `wrong`: what of the first one's value the message repeats.
    `absent`: optional ones that the message names though the call had none. `hints`: values it quotes that were not in
    the call. `settings`: optional parameters with the value it asks for. `taken`: a new value is wanted, since the one
    that was given exists. `refused`: names of properties that should not be there; `wanted`: the text, where it asks
    for properties that are missing."""

    about: tuple[str, ...] = ()
    wrong: str = ""
    absent: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    settings: tuple[tuple[str, JsonValue], ...] = ()
    taken: bool = False
    refused: frozenset[str] = frozenset()
    wanted: str = ""


def blame(message: str, arguments: JsonObject, optional: Collection[str], tool: str = "") -> Blame:
    """What `message` says of a call with these arguments; `tool` is the name that the message may put before it.

    >>> found = blame("Sheet 'May' not found. Sheets: 'June', 'July'", {"path": "/w/a.xlsx", "sheet": "May"}, ())
    >>> found.about, found.hints
    (('sheet',), ('June', 'July'))
    >>> blame("Give `range` to create a table.", {"path": "/w/a.xlsx"}, ["range", "name"]).absent
    ('range',)
    """
    text = _prose(message)[:MAX_CHARS]
    if tool:
        text = text.replace(tool, " ")
    quoted = [next(group for group in match.groups() if group) for match in _QUOTED.finditer(text)]
    ranks = [(rank, name) for name, value in arguments.items() if (rank := _rank(text, quoted, name, value))]
    about = sorted(ranks, key=lambda item: (item[0].by_name, item[0].place, item[1]))
    given = {str(leaf.value) for value in arguments.values() for leaf in leaves(value, limit=200)}
    known = {*arguments, *optional}
    wrong = about[0][0].word if about else ""
    known.add(wrong)
    hints = [word for word in dict.fromkeys(quoted) if word not in known and not _among(word, given)]
    return Blame(
        about=tuple(name for _, name in about),
        wrong=wrong,
        absent=tuple(name for name in optional if name not in arguments and _named(text, quoted, name)),
        hints=tuple(hints[:MAX_HINTS]),
        settings=tuple(_settings(text, arguments, optional)),
        taken=bool(_TAKEN.search(text)),
        refused=_refused(text),
        wanted=text if _WANTED.search(text) else "",
    )


def _prose(message: str) -> str:
    r"""What an error says in words: of a JSON object its texts, since its own quotes and names offer nothing.

    >>> _prose('{"error": {"code": "not_found", "message": "no sheet `May`"}}')
    'not_found\nno sheet `May`'
    """
    value = parse(message)
    if not isinstance(value, Mapping):
        return message
    return "\n".join(leaf.value for leaf in leaves(value, limit=200) if isinstance(leaf.value, str))


class _Rank(NamedTuple):
    """Whether a message speaks of a parameter by its plain name alone, or else by its value, by a part of it, or by
    its name set off as code; where, and in which word."""

    by_name: bool
    place: int
    word: str


def _rank(text: str, quoted: Sequence[str], name: str, value: JsonValue) -> _Rank | None:
    if f"`{name}`" in text:
        return _Rank(False, -1, "")
    said = [str(leaf.value) for leaf in leaves(value, limit=50) if leaf.value is not None]
    for whole in said:
        for word in dict.fromkeys((whole, whole.rstrip("/").rpartition("/")[2])):
            if (len(word) >= _SHORT or word in quoted) and (place := _place(word, text)) is not None:
                return _Rank(False, place, word)
    for word in quoted:
        if any(_place(word, whole) is not None for whole in said):
            return _Rank(False, text.find(word), word)
    if _named(text, quoted, name):
        return _Rank(True, text.lower().find(name.lower()), "")
    return None


def _place(word: str, text: str) -> int | None:
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    return found.start() if found else None


def _refused(text: str) -> frozenset[str]:
    """The words of the sentences that say what should not be there."""
    return frozenset(
        word for sentence in _SENTENCE.split(text) if _REFUSED.search(sentence) for word in _NAME.findall(sentence)
    )


def without(value: JsonValue, names: Collection[str]) -> JsonValue:
    """The value without the properties of these names, at whatever depth.

    >>> without({"type": "x", "count": 1, "inner": [{"count": 2, "size": 3}]}, {"count"})
    {'type': 'x', 'inner': [{'size': 3}]}
    """
    if isinstance(value, Mapping):
        return {key: without(item, names) for key, item in value.items() if key not in names}
    if isinstance(value, list | tuple):
        return [without(item, names) for item in value]
    return value


def corrected(value: JsonValue, wrong: str, right: str) -> JsonValue:
    """The value with what is wrong in it replaced, in whatever list, object or longer text it stands.

    >>> corrected({"source": "Data!A1:B2", "by": ["x"]}, "Data", "May")
    {'source': 'May!A1:B2', 'by': ['x']}
    >>> corrected({"id": 53}, "53", "6301")
    {'id': 6301}
    """
    if isinstance(value, str):
        return re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", lambda _: right, value)
    if isinstance(value, int) and str(value) == wrong and right.isdecimal() and len(right) < _DIGITS:
        return int(right)
    if isinstance(value, Mapping):
        return {key: corrected(item, wrong, right) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [corrected(item, wrong, right) for item in value]
    return value


def _named(text: str, quoted: Collection[str], name: str) -> bool:
    """Whether a message names a parameter; one with a name as short as "at" has to be quoted."""
    if name in quoted:
        return True
    return len(name) >= _SHORT and re.search(rf"(?<![\w'\"]){re.escape(name)}s?(?!\w)", text, re.IGNORECASE) is not None


def _among(word: str, given: Collection[str]) -> bool:
    return any(word == value or value.endswith(f"/{word}") for value in given)


def _settings(text: str, arguments: Mapping[str, object], optional: Collection[str]) -> Iterator[tuple[str, JsonValue]]:
    for name, value in _SETTING.findall(text):
        if name in optional and name not in arguments:
            yield name, value.lower() == "true" if not value.isdigit() else int(value)
