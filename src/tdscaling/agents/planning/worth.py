"""Which values of a result are worth telling: names, states, amounts and dates before identifiers and page numbers."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.types import JsonScalar, JsonValue
from tdscaling.values import leaves, normal, numbered
from tdscaling.values.generate import words

MAX_SPOKEN = 90
"""Characters beyond which a value is too long to be told or asked for in a sentence."""
_NAMES = frozenset("name title subject label summary".split())
_FACTS = frozenset(
    "status state stage phase priority amount price total balance cost sum quantity count rate score rating date day "
    "time deadline due start end created updated email phone city country address type category kind role currency "
    "message description text value first last author owner unit size duration version branch level result".split()
)
_KEYS = frozenset(
    "id ids gid uid uuid guid sid cid key token secret password hash sha etag url uri href link links slug ref "
    "self".split()
)
_PAGING = frozenset(
    "page pages paging pagination per offset limit cursor next previous prev meta facets has link links".split()
)
_OPAQUE = re.compile(
    r"[A-Za-z]{1,6}_?-?\d{3,}|[0-9a-f]{7,}|[0-9a-fA-F-]{32,}|https?://.*|/\S+/.*|[A-Za-z0-9+/=_-]{24,}"
    r"|diff --git .*|index [0-9a-f]{5,}.*|(?:new|deleted) file mode .*|(?:@@|---|\+\+\+|\(use ).*|.*\b[0-9a-f]{16,}\b.*"
)
"""Values that name something to a machine."""
LEAST = 3
"""The rank of what tells a person nothing."""
_OF_A_LIST = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a result: its path and the number of the value there."""

    path: str
    index: int
    value: JsonScalar


def tellable(value: JsonValue) -> bool:
    """Whether a value can be told in a sentence and recognised there.

    >>> [tellable(v) for v in ("main", 12.5, True, None, "", "a\\nb")]
    [True, True, False, False, False, False]
    """
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, str) and 2 <= len(value) <= MAX_SPOKEN and "\n" not in value


def nameless(path: str) -> bool:
    """Whether a field has a number for a name: nobody tells the value of "column 2"."""
    return path.rpartition(".")[2].startswith("column")


def rank(path: str, value: JsonScalar) -> int:
    """How much a value tells a person: 0 most, 3 least.

    >>> [rank(*one) for one in (("name", "Ann"), ("due_on", "2026-01-02"), ("colour", "red"), ("team.id", "t_1001"))]
    [0, 1, 2, 3]
    """
    if nameless(path):
        return LEAST
    parts = path.replace("[]", "").split(".")
    found = words(parts[-1])
    if set(found) & _KEYS or _PAGING & {word for part in parts for word in words(part)}:
        return LEAST
    if isinstance(value, str) and _OPAQUE.fullmatch(value):
        return LEAST
    if found and (found[-1] in _NAMES or (len(parts) > 1 and words(parts[-2])[-1:] == ("name",))):
        return 0
    return 1 if set(found) & _FACTS else 2


def worth_telling(output: JsonValue, known: set[str], limit: int, rng: Random) -> list[Place]:
    """Up to `limit` different values: of one field of the result's own list, where it is one, else of several fields.
    What is `known` is left out."""
    by_path = _by_path(output, known)
    if not by_path:
        return []
    lists = [path for path, found in by_path.items() if "[]" in path and len({normal(one.value) for one in found}) > 1]
    single = [path for path in by_path if "[]" not in path]
    best = min(lists, key=lambda path: (_order(by_path, path), path), default=None)
    if best is not None and all(_order(by_path, best) <= _order(by_path, path) for path in single):
        return _first(by_path[best], limit)
    chosen = sorted(single or by_path, key=lambda path: _order(by_path, path))
    telling = [path for path in chosen if _order(by_path, path)[0] < LEAST] or chosen
    first, rest = telling[:1], telling[1 : limit + 2]
    kept = {*first, *rng.sample(rest, min(limit - 1, len(rest)))}
    return _different([by_path[path][0] for path in by_path if path in kept])


def alike(outputs: Sequence[JsonValue], known: Sequence[set[str]]) -> list[tuple[int, Place]]:
    """Values of each result, all of the same field: one that they all have, that tells most and differs most."""
    tables = [_by_path(output, said) for output, said in zip(outputs, known, strict=True)]
    common = [path for path in tables[0] if all(path in table for table in tables[1:])]
    if not common:
        return []

    def order(path: str) -> tuple[bool, int, int, int]:
        values = {normal(table[path][0].value) for table in tables}
        return (
            "[]" in path,
            max(_order(table, path)[0] for table in tables) // LEAST,
            len(tables) - len(values),
            _order(tables[0], path)[0],
        )

    path = min(common, key=order)
    return [
        (number, place)
        for number, table in enumerate(tables)
        for place in _first(table[path], _OF_A_LIST if "[]" in path else 1)
    ]


def _by_path(output: JsonValue, known: set[str]) -> Mapping[str, list[Place]]:
    by_path: dict[str, list[Place]] = {}
    for index, leaf in numbered(output, limit=80):
        if tellable(leaf.value) and normal(leaf.value) not in known and not nameless(leaf.path):
            by_path.setdefault(leaf.path, []).append(Place(leaf.path, index, leaf.value))
    repeating = _repeating(output, known)
    return {path: found for path, found in by_path.items() if path.rpartition(".")[0] not in repeating} or by_path


def _repeating(output: JsonValue, known: set[str]) -> set[str]:
    """Of parts with the same fields those that say more of what was said before than another does.

    >>> sorted(_repeating({"source": {"zone": "UTC", "at": "1T07:30"}, "target": {"zone": "CET", "at": "1T08:30"}},
    ...                   {"utc", "cet", "07:30"}))
    ['source']
    """
    fields: dict[str, set[str]] = {}
    said: Counter[str] = Counter()
    for leaf in leaves(output, limit=80):
        part, _, field = leaf.path.rpartition(".")
        if part and "[]" not in leaf.path:
            fields.setdefault(part, set()).add(field)
            text = str(leaf.value).casefold()
            said[part] += normal(leaf.value) in known or any(len(one) > 3 and one in text for one in known)
    twins = {part: [other for other in fields if fields[other] == fields[part]] for part in fields}
    return {part for part, alike in twins.items() if said[part] > min(said[other] for other in alike)}


def _order(by_path: Mapping[str, list[Place]], path: str) -> tuple[int, int]:
    """The title of what has a name besides is a fact like others: a person's, for one."""
    found = rank(path, by_path[path][0].value)
    titled = words(path)[-1:] == ("title",) and any("name" in words(other) for other in by_path)
    return (max(found, 1) if titled else found), path.count(".")


def _first(found: Sequence[Place], limit: int) -> list[Place]:
    """The first different values, those that tell something where there are some."""
    telling = [one for one in found if rank(one.path, one.value) < LEAST]
    return _different(telling or found)[:limit]


def _different(found: Sequence[Place]) -> list[Place]:
    first: dict[str, Place] = {}
    for one in found:
        first.setdefault(normal(one.value), one)
    return list(first.values())
