"""What tools offer and want, as an inverted index: candidates without looking at all pairs."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from tdscaling.semantics.fields import Field, Phrase, entities, identifying
from tdscaling.semantics.views import ToolView
from tdscaling.types import ToolKey

Source: TypeAlias = Literal["schema", "inferred", "described", "echo"]

LISTED = 32
"""At most so many offers are kept for one entity: a thousand tools of one name stay linear."""

_RANK = {"create": 0, "list": 0, "search": 1, "get": 2, "act": 3, "update": 3, "auth": 4, "delete": 5}
_KIND_RANK = {"*": 0, "id": 0, "": 1, "name": 2, "path": 3, "email": 4}
_SOURCE_RANK = {"schema": 0, "inferred": 0, "echo": 1, "described": 2}


class Offer(NamedTuple):
    """An output of a tool: published, inferred from its noun or text, or an input that it gives existence to."""

    tool: int
    field: Field
    source: Source


class Want(NamedTuple):
    """An input that another tool's output may fill."""

    tool: int
    field: Field


def wants(views: Sequence[ToolView]) -> Iterator[Want]:
    """The inputs that name a thing: no flags, no enumerations, no paging."""
    for index, view in enumerate(views):
        for field in view.inputs:
            if (
                identifying(field)
                and not field.enum
                and not (view.role == "create" and field.own and field.kind != "id")
            ):
                yield Want(index, field)


def heads(field: Field) -> frozenset[str]:
    """The head nouns of the entity's names."""
    return frozenset(phrase[-1] for phrase in entities(field) if phrase)


class Index:
    """Offers by the head noun of their entity, best first."""

    def __init__(self, views: Sequence[ToolView], wanted: frozenset[str]) -> None:
        self._by_head: dict[str, list[Offer]] = {}
        for index, view in enumerate(views):
            for offer in _offers(index, view, wanted):
                for head in heads(offer.field) & wanted:
                    self._by_head.setdefault(head, []).append(offer)
        for head, listed in self._by_head.items():
            listed.sort(key=lambda offer: _order(offer, views))
            self._by_head[head] = _thinned(listed)

    def offers(self, head: str) -> list[Offer]:
        return self._by_head.get(head, [])


def _offers(index: int, view: ToolView, wanted: frozenset[str]) -> Iterator[Offer]:
    for field in view.outputs:
        if identifying(field) and not heads(field).isdisjoint(wanted):
            yield Offer(index, field, "schema")
    if view.inferred and view.role != "delete":
        yield from _inferred(index, view, wanted)
    if view.role in ("create", "update", "act", "auth"):
        for field in view.inputs:
            if field.head in wanted and identifying(field) and not field.enum:
                yield Offer(index, field, "echo")


def _inferred(index: int, view: ToolView, wanted: frozenset[str]) -> Iterator[Offer]:
    said: set[str] = set()
    for size in range(len(view.noun), 0, -1):
        head = view.noun[size - 1]
        if head in wanted and head not in said:
            said.add(head)
            yield Offer(index, _guess(view.noun[:size], size == len(view.noun)), "inferred")
    for head in sorted(view.returned & wanted - said):
        yield Offer(index, _guess((head,), False), "described")


def _guess(entity: Phrase, own: bool) -> Field:
    name = "_".join(entity)
    return Field(name, name, entity, entity, "*", own, 0, "", "", False, False, "")


def _order(offer: Offer, views: Sequence[ToolView]) -> tuple[bool, bool, int, int, int, ToolKey, int, str]:
    """What makes or lists the thing itself comes first."""
    view = views[offer.tool]
    foreign = not view.noun or view.noun[-1] not in heads(offer.field)
    return (
        view.role not in ("create", "list", "search"), foreign, _SOURCE_RANK[offer.source], _RANK[view.role],
        offer.field.depth, view.key, _KIND_RANK[offer.field.kind], offer.field.path,
    )  # fmt: skip


def _thinned(listed: list[Offer]) -> list[Offer]:
    """At most three offers of one tool and LISTED in all."""
    seen: dict[int, int] = {}
    found: list[Offer] = []
    for offer in listed:
        count = seen.get(offer.tool, 0)
        if count < 3:
            seen[offer.tool] = count + 1
            found.append(offer)
        if len(found) == LISTED:
            break
    return found
