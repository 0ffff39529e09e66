"""Weak edges for tools that no output links: two tools that take the same thing, the writing one first."""

from collections.abc import Sequence

from tdscaling.semantics.fields import GENERIC, Field, identifying
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef

LISTED = 24
LINKS = 3
_LANGUAGES = frozenset("query sql code command expression statement cypher script formula".split())
_RANK = {"auth": 0, "create": 1, "update": 2, "act": 2, "list": 3, "search": 3, "get": 3, "delete": 4}


def shared_input_edges(views: Sequence[ToolView], values: Sequence[Edge]) -> list[Edge]:
    """Up to three edges for a tool with fewer than two, over the rarest input it shares with others."""
    degree: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for edge in values:
        degree.setdefault(edge.producer.key, set()).add(edge.consumer.key)
        degree.setdefault(edge.consumer.key, set()).add(edge.producer.key)
    users = _users(views)
    found: dict[tuple[FieldRef, FieldRef], Edge] = {}
    for index, view in enumerate(views):
        linked = degree.get(view.key, set())
        if len(linked) < 2:
            for edge in _links(index, views, users, linked):
                found.setdefault((edge.producer, edge.consumer), edge)
    return list(found.values())


def _users(views: Sequence[ToolView]) -> dict[tuple[str, ...], list[tuple[int, Field]]]:
    users: dict[tuple[str, ...], list[tuple[int, Field]]] = {}
    for index, view in enumerate(views):
        said: set[tuple[str, ...]] = set()
        for field in view.inputs:
            key = _key(field)
            if key and key not in said:
                said.add(key)
                users.setdefault(key, []).append((index, field))
    return users


def _key(field: Field) -> tuple[str, ...]:
    """What an input asks for: a thing by its head noun, or free text in one language; () for nothing telling."""
    if field.words and field.words[-1] in _LANGUAGES and field.type in ("string", ""):
        return ("text", field.words[-1])
    if identifying(field) and not field.enum and not field.own and field.head not in GENERIC:
        return (field.head, field.kind)
    return ()


def _links(
    index: int,
    views: Sequence[ToolView],
    users: dict[tuple[str, ...], list[tuple[int, Field]]],
    linked: set[tuple[str, str]],
) -> list[Edge]:
    view = views[index]
    found: list[Edge] = []
    for _, key, field in _shared_of(view, users):
        for other, its in _closest(view, views, users[key])[:LISTED]:
            if other == index or views[other].key in linked or len(found) == LINKS:
                continue
            found.append(_edge(view, field, views[other], its))
            linked = linked | {views[other].key}
    return found


def _shared_of(
    view: ToolView, users: dict[tuple[str, ...], list[tuple[int, Field]]]
) -> list[tuple[int, tuple[str, ...], Field]]:
    keys = {key: field for field in reversed(view.inputs) if (key := _key(field))}
    return sorted((len(users[key]), key, field) for key, field in keys.items() if len(users.get(key, ())) > 1)


def _closest(view: ToolView, views: Sequence[ToolView], listed: Sequence[tuple[int, Field]]) -> list[tuple[int, Field]]:
    """The users of one input whose names are nearest, among at most some hundred of them."""
    return sorted(
        listed[:200],
        key=lambda item: (
            -len(view.words & views[item[0]].words),
            _RANK[view.role] == _RANK[views[item[0]].role],
            views[item[0]].key,
        ),
    )


def _edge(one: ToolView, its: Field, other: ToolView, others: Field) -> Edge:
    first = (_RANK[one.role], one.key) <= (_RANK[other.role], other.key)
    (before, out), (after, into) = ((one, its), (other, others)) if first else ((other, others), (one, its))
    return Edge(
        producer=FieldRef(*before.key, out.path),
        consumer=FieldRef(*after.key, into.path),
        kind="value",
        score=0.1,
        evidence=("shared_input",),
    )
