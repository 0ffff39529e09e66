"""Order edges: sessions are opened first, a required thing is made before it is used, deleted last."""

from collections.abc import Sequence

from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef, ToolKey

OPENED = 30
"""An opening tool precedes at most so many others."""
DELETED = 8
"""At most so many uses precede a deletion."""
_TRUSTED = 0.6


def order_edges(views: Sequence[ToolView], values: Sequence[Edge]) -> list[Edge]:
    """What must come first among the tools of one server. `values` are their value edges."""
    found = [*_opening(views), *_made_first(views, values), *_deleted_last(views)]
    return list({(edge.producer, edge.consumer): edge for edge in reversed(found)}.values())


def _opening(views: Sequence[ToolView]) -> list[Edge]:
    openers = [view for view in views if view.role == "auth"]
    rest = sorted((view for view in views if view.role != "auth"), key=lambda view: view.key)
    related = [(opener, [v for v in rest if _speaks_of(v, opener)] or rest) for opener in openers[:3]]
    return [_edge(opener.key, view.key, 0.5, "opened_first") for opener, users in related for view in users[:OPENED]]


def _speaks_of(view: ToolView, opener: ToolView) -> bool:
    head = opener.noun[-1:]
    return bool(head) and (head[0] in view.noun or any(head[0] in field.entity for field in view.inputs))


def _made_first(views: Sequence[ToolView], values: Sequence[Edge]) -> list[Edge]:
    """Where creating is the only trusted way to a required value."""
    role = {view.key: view.role for view in views}
    required = {(view.key, field.path) for view in views for field in view.inputs if field.required}
    producers: dict[tuple[ToolKey, str], list[Edge]] = {}
    for edge in values:
        into = (edge.consumer.key, edge.consumer.field)
        if edge.score >= _TRUSTED and into in required:
            producers.setdefault(into, []).append(edge)
    found: list[Edge] = []
    for listed in producers.values():
        for edge in listed:
            if role[edge.producer.key] == "create" and role[edge.consumer.key] != "create":
                score = edge.score if len(listed) == 1 else edge.score / 2
                found.append(_edge(edge.producer.key, edge.consumer.key, score, "produced_first"))
    return found


def _deleted_last(views: Sequence[ToolView]) -> list[Edge]:
    by_noun: dict[tuple[str, ...], list[ToolView]] = {}
    for view in views:
        if view.noun and view.role != "delete":
            by_noun.setdefault(view.noun, []).append(view)
    found: list[Edge] = []
    for view in views:
        if view.role == "delete":
            users = sorted(by_noun.get(view.noun, []), key=lambda user: user.key)[:DELETED]
            found.extend(_edge(user.key, view.key, 0.4, "deleted_last") for user in users)
    return found


def _edge(first: ToolKey, then: ToolKey, score: float, why: str) -> Edge:
    return Edge(
        producer=FieldRef(*first, ""),
        consumer=FieldRef(*then, ""),
        kind="order",
        score=round(score, 4),
        evidence=(why,),
    )
