"""Paths into JSON: `a.b[].c`, where `[]` stands for any item of a list."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tdscaling.types import JsonScalar, JsonValue

MAX_LEAVES = 20_000
_SCALARS = (str, int, float, type(None))
_OBJECTS, _LISTS = (dict, Mapping), (list, tuple)
"""What is read most comes first: asking whether something is any mapping takes ten times as long."""


class Leaf(NamedTuple):
    """A scalar with the path to it; `place` holds the list positions that `[]` stands for, in order."""

    path: str
    value: JsonScalar
    place: tuple[int, ...] = ()


def leaves(value: JsonValue, limit: int = MAX_LEAVES) -> Iterator[Leaf]:
    """Every scalar of `value` in document order, at most `limit`.

    >>> [(leaf.path, leaf.value) for leaf in leaves({"a": [{"b": 1}, {"b": 2}], "c": "x"})]
    [('a[].b', 1), ('a[].b', 2), ('c', 'x')]
    """
    stack: list[tuple[str, JsonValue, tuple[int, ...]]] = [("", value, ())]
    count = 0
    while stack and count < limit:
        path, node, place = stack.pop()
        if isinstance(node, _SCALARS):
            count += 1
            yield Leaf(path, node, place)
        elif isinstance(node, _OBJECTS):
            items = [(f"{path}.{key}" if path else str(key), item, place) for key, item in node.items()]
            stack.extend(reversed(items))
        elif isinstance(node, _LISTS):
            stack.extend((f"{path}[]", item, (*place, position)) for position, item in reversed([*enumerate(node)]))


def numbered(value: JsonValue, limit: int = MAX_LEAVES) -> Iterator[tuple[int, Leaf]]:
    """The leaves, each with its number among those at its path: its place in what `at` gives.

    >>> [(number, leaf.value) for number, leaf in numbered({"a": [{"b": 1}, {"b": 2}], "c": "x"})]
    [(0, 1), (1, 2), (0, 'x')]
    """
    counts: Counter[str] = Counter()
    for leaf in leaves(value, limit):
        yield counts[leaf.path], leaf
        counts[leaf.path] += 1


def at(value: JsonValue, path: str) -> list[Leaf]:
    """The leaves of `value` at `path`, in order.

    >>> [leaf.value for leaf in at({"a": [{"b": 1}, {"b": 2}]}, "a[].b")]
    [1, 2]
    """
    found: list[Leaf] = []
    stack: list[tuple[str, JsonValue, tuple[int, ...]]] = [(path, value, ())]
    while stack:
        rest, node, place = stack.pop()
        if isinstance(node, _SCALARS):
            if not rest:
                found.append(Leaf(path, node, place))
        elif isinstance(node, _OBJECTS):
            stack.extend((after, node[key], place) for key, after in _steps(rest, node))
        elif rest.startswith("[]"):
            after = rest[2:].removeprefix(".")
            if after and len(_starts(after)) == 1:
                found.extend(Leaf(path, item, (*place, position)) for position, item in _column(node, after))
            else:
                stack.extend((after, item, (*place, position)) for position, item in reversed([*enumerate(node)]))
    return found


def _column(rows: Sequence[JsonValue], key: str) -> Iterator[tuple[int, JsonScalar]]:
    """The scalars that objects in a list hold under one key, with their positions: most paths end so."""
    for position, row in enumerate(rows):
        if isinstance(row, _OBJECTS) and key in row and isinstance(value := row[key], _SCALARS):
            yield position, value


def _steps(rest: str, node: Mapping[str, JsonValue]) -> Sequence[tuple[str, str]]:
    """The keys of `node` that what is left of a path may go on with, last first, each with what is left after it: one,
    but where keys have dots in them."""
    found = [step for step in _starts(rest) if step[0] in node]
    if len(found) < 2:
        return found
    order = [*node]
    return sorted(found, key=lambda step: -order.index(step[0]))


@lru_cache(maxsize=4096)
def _starts(rest: str) -> tuple[tuple[str, str], ...]:
    """Every key that a path may begin with, and the path below it.

    >>> _starts("a.b[].c")
    (('a', 'b[].c'), ('a.b', '[].c'), ('a.b[]', 'c'), ('a.b[].c', ''))
    """
    ends = [end for end in range(len(rest)) if rest.startswith((".", "[]"), end)]
    return tuple((rest[:end], rest[end:].removeprefix(".")) for end in (*ends, len(rest)))


def shared_lists(one: str, two: str) -> int:
    """How many `[]` the two paths have in common from the left.

    >>> shared_lists("a[].b[].c", "a[].d")
    1
    """
    shared = 0
    for left, right in zip(one.split("[]")[:-1], two.split("[]")[:-1], strict=False):
        if left != right:
            break
        shared += 1
    return shared
