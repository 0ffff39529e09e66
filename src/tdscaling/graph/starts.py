"""Which field of a producer an edge starts at.

The score says which tool feeds an input; the fields of one record score alike, so names, kinds and places decide with
which of its fields: a `project_id` is fed by `items[].project_id`, not by the `items[].name` beside it.
"""

from collections.abc import Sequence

from tdscaling.graph.offers import heads
from tdscaling.semantics.fields import Field, clashing, container, entities

_TELLING = {"id": 1, "uuid": 1, "guid": 1, "sid": 1, "gid": 1, "key": 2, "iid": 2}
"""Last words of names that tell one thing from all others, before those that may (numbers, codes, references)."""
_OF_A_THING = {"id": 0, "": 0, "*": 0, "name": 1}
"""Kinds by how well they stand for the thing itself."""


def closest(given: Sequence[Field], wanted: Field) -> int:
    """The index of the field that says best what is wanted; of equal ones the first. `given` is not empty.

    In this order: no clash of types; the very name, unless inside another thing's record; the same kind (for a thing
    itself the same type, then its id, then its name); the wanted thing's own record, then any but another thing's; the
    same entity; the same last word, then a word that tells one from all others; few containers.
    """
    return min(range(len(given)), key=lambda index: (*_order(given[index], wanted), index))


def _order(given: Field, wanted: Field) -> tuple[bool, bool, bool, int, int, bool, int, int, bool, int]:
    named, place = given.words == wanted.words, _place(given, wanted)
    other_type = bool(given.type and wanted.type) and given.type != wanted.type
    return (
        clashing(given.type, wanted.type), not (named and place < 2), not wanted.kind and other_type,
        _kind(given.kind, wanted.kind), place, not named, _entity(given, wanted), _word(given, wanted), other_type,
        given.depth,
    )  # fmt: skip


def _place(given: Field, wanted: Field) -> int:
    """0 in a record that goes by the name of what is wanted, 1 at the top, 2 in the field's own, 3 in another's."""
    holder = container(given)
    if not holder:
        return 1
    if holder in entities(wanted):
        return 0
    return 2 if holder[-1] in heads(given) else 3


def _entity(given: Field, wanted: Field) -> int:
    """0 for the same entity, 1 for one of the same head noun, 2 for another."""
    if not {*entities(given)}.isdisjoint(entities(wanted)):
        return 0
    return 1 if not heads(given).isdisjoint(heads(wanted)) else 2


def _kind(given: str, wanted: str) -> int:
    if not wanted:
        return _OF_A_THING.get(given, 2)
    return 0 if given in (wanted, "*") else 1 if not given else 2


def _word(given: Field, wanted: Field) -> int:
    last = given.words[-1] if given.words else ""
    return 0 if wanted.words and last == wanted.words[-1] else _TELLING.get(last, 3)
