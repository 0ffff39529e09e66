"""Where in a tool's output schema the record of its entity stands, and what stands around it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tdscaling.environments.simulated.schemas import items_of, plain, properties_of, required_of, scalar
from tdscaling.semantics.fields import CONTAINERS, Phrase
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject

Form: TypeAlias = Literal["record", "list", "scalar", "scalars", "untyped", "none"]

_ASIDE = frozenset("error errors meta pagination paging links link page request status info warning warnings".split())
_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Place:
    """The path of property names to the record (of a list: to the list), and the schema of one record. `untyped`:
    an object of which nothing is said, the record goes there; `scalar(s)`: only a value of it is shown."""

    form: Form
    path: tuple[str, ...]
    record: JsonObject


def place_of(schema: JsonObject | None, entity: Phrase, many: bool) -> Place | None:
    """The place of the record of `entity` in an output; None where the tool publishes no output schema.

    >>> spec = {"type": "object", "properties": {"data": {"type": "array", "items": {"type": "object",
    ...     "properties": {"id": {"type": "string"}}}}, "total": {"type": "integer"}}}
    >>> place = place_of(spec, ("task",), True); place.form, place.path
    ('list', ('data',))
    """
    if not schema:
        return None
    root = plain(schema)
    found = _list(root, entity) if many else None
    return found or _record(root, entity, many) or Place("none", (), {})


@dataclass(frozen=True, slots=True)
class _Node:
    path: tuple[str, ...]
    schema: JsonObject


def _nodes(root: JsonObject) -> Iterator[_Node]:
    """The objects and lists of a schema, breadth first, lists not entered."""
    queue: deque[_Node] = deque([_Node((), root)])
    while queue:
        node = queue.popleft()
        yield node
        if len(node.path) < _MAX_DEPTH:
            for name, inner in properties_of(node.schema).items():
                if not scalar(inner) and not set(words(name)) & _ASIDE:
                    queue.append(_Node((*node.path, name), inner))


def _list(root: JsonObject, entity: Phrase) -> Place | None:
    best: tuple[int, int, Place] | None = None
    for number, node in enumerate(_nodes(root)):
        items = items_of(node.schema)
        if items is None:
            continue
        name = words(node.path[-1]) if node.path else ()
        said = _telling(items) == entity[-1:] or name[-1:] == entity[-1:]
        listed = bool(name) and name[-1] in CONTAINERS
        rank = 0 if said else 1 if listed or not name else 2
        rank += 3 * min(len(node.path), 1) if len(node.path) > 2 else 0
        form: Form = "list" if properties_of(items) else "scalars" if scalar(items) else "list"
        if best is None or (rank, number) < best[:2]:
            best = (rank, number, Place(form, node.path, items))
    return best[2] if best else None


def _telling(schema: JsonObject) -> Phrase:
    name = schema.get("x-schema")
    return words(name.rpartition(".")[2])[-1:] if isinstance(name, str) else ()


def _record(root: JsonObject, entity: Phrase, many: bool) -> Place | None:
    """The nearest object that is the record and not an envelope around it."""
    if items_of(root) is not None:
        items = items_of(root) or {}
        return Place("scalars" if scalar(items) else "list", (), items)
    if scalar(root):
        return Place("scalar", (), root)
    properties = properties_of(root)
    if not properties:
        return Place("untyped", (), root)
    inner = [
        _Node((name,), spec)
        for name, spec in properties.items()
        if not scalar(spec) and items_of(spec) is None and not set(words(name)) & _ASIDE
    ]
    named = [node for node in inner if words(node.path[-1])[-1:] == entity[-1:] and properties_of(node.schema)]
    plain_fields = [name for name, spec in properties.items() if scalar(spec) and not set(words(name)) & _STATUS]
    if not named and len(inner) >= 1 and not plain_fields:
        named = [node for node in inner if words(node.path[-1])[-1] in CONTAINERS] or (inner if len(inner) == 1 else [])
    if named and not _has_id(root):
        below = named[0]
        if not properties_of(below.schema):
            return Place("untyped", below.path, below.schema)
        deeper = _record(below.schema, entity, many)
        if deeper is not None and deeper.form in ("record", "untyped"):
            return Place(deeper.form, (*below.path, *deeper.path), deeper.record)
        return Place("record", below.path, below.schema)
    return Place("record", (), root)


_STATUS = frozenset("success successful successfull ok error message code status errors request".split())


def _has_id(schema: JsonObject) -> bool:
    names = set(properties_of(schema))
    return bool(names & {"id", "_id", "uuid", "sid", "gid", "uid"}) or bool(
        {name for name in required_of(schema) if words(name)[-1:] == ("id",)}
    )
