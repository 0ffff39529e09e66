"""What tools offer and want, as an inverted index: candidates without looking at all pairs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

from tdscaling.semantics.fields import Field, Phrase, entities, identifying
from tdscaling.semantics.views import ToolView
from tdscaling.semantics.words import text_words

Source: TypeAlias = Literal["schema", "inferred", "described", "echo"]
SOURCES: tuple[Source, ...] = get_args(Source)

LISTED = {"h": 28, "p": 16, "n": 10}
"""At most so many offers are kept under one head noun, one phrase, one tool noun: a thousand tools of one name stay
linear."""

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


def wants(views: Sequence[ToolView]) -> list[Want]:
    """The inputs that name a thing: no flags, no enumerations, no paging, nothing that a tool writes into its own."""
    found: list[Want] = []
    for index, view in enumerate(views):
        known = any(field.own and field.kind == "id" for field in view.inputs)
        writes = view.role == "create" or (view.role == "update" and known)
        for field in view.inputs:
            named = identifying(field) and not field.enum and not _setting(field)
            if named and not (writes and field.own and field.kind != "id"):
                found.append(Want(index, field))
    return found


def _setting(field: Field) -> bool:
    return field.words[:1] in _SETTINGS or _renewed(field)


def _renewed(field: Field) -> bool:
    """Whether an input is said to be what a thing gets: "New title", not "New table: its range"."""
    match = _NEW.match(field.description)
    return match is not None and (not match[1] or not {*field.words}.isdisjoint(text_words(match[1])))


_NEW = re.compile(r"new (?:([^:.,;()]{1,30}):)?", re.IGNORECASE)
"""What is new, where a colon says that the rest is about that alone."""
_SETTINGS = frozenset(
    (word,)
    for word in (
        "full include exclude is has show hide enable disable allow use with without only no not skip max min num new "
        "initial default old"
    ).split()
)
"""First words of inputs that say how, how many or what it will be, not which."""


def heads(field: Field) -> frozenset[str]:
    """The head nouns of the entity's names."""
    return frozenset(phrase[-1] for phrase in entities(field) if phrase)


def keys(want: Want, views: Sequence[ToolView]) -> list[str]:
    """Under what a wanted input is looked up: the head nouns of its entity, its phrases as one word (`ssh key` and
    `sshkey` are one), and for an id that a tool can't do without, the noun of the tool itself.
    """
    found = ["h" + head for head in sorted(heads(want.field))]
    found += sorted({"p" + "".join(phrase) for phrase in entities(want.field) if phrase})
    view = views[want.tool]
    if want.field.required and want.field.kind == "id" and view.noun:
        found.append("n" + " ".join(view.noun))
    return found


class Index:
    """Offers by key, best first; `offers` numbers them."""

    def __init__(self, views: Sequence[ToolView], wanted: frozenset[str]) -> None:
        self.offers: list[Offer] = []
        listed: dict[str, list[int]] = {}
        for index, view in enumerate(views):
            for offer in _offers(index, view, wanted):
                number = len(self.offers)
                self.offers.append(offer)
                for key in _keys(offer, view):
                    if key in wanted:
                        listed.setdefault(key, []).append(number)
        order = [_order(offer, views[offer.tool]) for offer in self.offers]
        self._listed: Mapping[str, list[int]] = {
            key: self._thinned(sorted(numbers, key=order.__getitem__), LISTED[key[0]])
            for key, numbers in listed.items()
        }

    def under(self, key: str) -> list[int]:
        """The numbers of the offers under a key."""
        return self._listed.get(key, [])

    def _thinned(self, listed: list[int], limit: int) -> list[int]:
        """At most three offers of one tool and `limit` in all."""
        seen: dict[int, int] = {}
        found: list[int] = []
        for number in listed:
            tool = self.offers[number].tool
            count = seen.get(tool, 0)
            if count < 3:
                seen[tool] = count + 1
                found.append(number)
            if len(found) == limit:
                break
        return found


def _keys(offer: Offer, view: ToolView) -> set[str]:
    found: set[str] = set()
    for phrase in entities(offer.field):
        if phrase:
            found.add("h" + phrase[-1])
            found.add("p" + "".join(phrase))
    if offer.field.own and view.noun and view.role != "delete":
        found.add("n" + " ".join(view.noun))
    return found


def _offers(index: int, view: ToolView, wanted: frozenset[str]) -> Iterator[Offer]:
    for field in view.outputs:
        if identifying(field) and not _keys(Offer(index, field, "schema"), view).isdisjoint(wanted):
            yield Offer(index, field, "schema")
    if view.inferred and view.role != "delete":
        yield from _inferred(index, view, wanted)
    if view.role in ("create", "update", "act", "auth"):
        for field in view.inputs:
            if "h" + field.head in wanted and identifying(field) and not field.enum:
                yield Offer(index, field, "echo")


def _inferred(index: int, view: ToolView, wanted: frozenset[str]) -> Iterator[Offer]:
    said: set[str] = set()
    for size in range(len(view.noun), 0, -1):
        head = view.noun[size - 1]
        if head not in said and ("h" + head in wanted or "p" + "".join(view.noun[:size]) in wanted):
            said.add(head)
            yield Offer(index, _guess(view.noun[:size], size == len(view.noun)), "inferred")
    for head in sorted(word for word in view.returned if "h" + word in wanted and word not in said):
        yield Offer(index, _guess((head,), False), "described")


def _guess(entity: Phrase, own: bool) -> Field:
    name = "_".join(entity)
    return Field(name, name, entity, entity, "*", own, 0, "", "", False, False, "")


def _order(offer: Offer, view: ToolView) -> tuple[bool, bool, int, int, int, int, int, str]:
    """What makes or lists the thing itself comes first."""
    foreign = not view.noun or view.noun[-1] not in heads(offer.field)
    return (
        view.role not in ("create", "list", "search"), foreign, _SOURCE_RANK[offer.source], _RANK[view.role],
        offer.field.depth, offer.tool, _KIND_RANK[offer.field.kind], offer.field.path,
    )  # fmt: skip
