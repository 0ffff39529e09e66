"""Edges between servers, over things that keep their meaning outside the server that made them.

An id of one vendor means nothing to another; a file path, an e-mail address, a URL, a repository or a table name does.
In a small catalogue the content that one server reads may also fill what another one writes.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tdscaling.semantics.fields import Field, identifying
from tdscaling.semantics.verbs import Role
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef, ToolKey

PORTABLE = frozenset(
    "file directory folder path url uri email phone repository branch commit table database workbook sheet worksheet "
    "spreadsheet document image video audio timezone country city location symbol ticker currency ip domain hostname "
    "package address wallet latitude longitude coordinate language isbn doi sku barcode iban vat calendar".split()
)
_SINKS = frozenset(
    "data content text message body row rows value record observation note markdown html query sql".split()
)
PARTNERS = 3
SMALL = 12
"""Up to so many servers the contents of each are offered to each other one."""
_READS = ("get", "list", "search")
_WRITES = ("create", "update", "act")


class _Place(NamedTuple):
    tool: ToolKey
    role: Role
    field: Field


_Places = dict[str, dict[str, _Place]]
"""By portable noun and server: the best tool that gives (or takes) it."""


class Crossing:
    """Gathers, server by server, what may join servers; nothing but that is kept of their tools."""

    def __init__(self) -> None:
        self._givers: _Places = {}
        self._takers: _Places = {}
        self._small: list[Sequence[ToolView]] = []
        self._count = 0

    def add(self, group: Sequence[ToolView]) -> None:
        """The views of one server; servers come in the order of their names."""
        self._count += 1
        if self._count <= SMALL:
            self._small.append(group)
        else:
            self._small.clear()
        for view in group:
            for field in view.outputs:
                if (key := _key(field)) and view.role != "delete":
                    _best(self._givers, key, view, field, prefer=("list", "search", "get", "create"))
            for field in view.inputs:
                if key := _key(field):
                    _best(self._takers, key, view, field, prefer=("get", "act", "update", "create", "list"))
                    if view.role in _WRITES:
                        _best(self._givers, key, view, field, prefer=("create", "update", "act"))

    def edges(self) -> list[Edge]:
        """Edges over portable things, and in a small catalogue over contents."""
        found: dict[tuple[object, ...], Edge] = {}
        for key, wanting in self._takers.items():
            giving = self._givers.get(key, {})
            servers = sorted(giving)
            for server, taker in sorted(wanting.items(), key=lambda item: item[0]):
                for other in _partners(server, servers):
                    giver = giving[other]
                    kind = taker.field.kind
                    score = 0.5 if giver.field.kind == kind else 0.3
                    edge = _edge(giver, taker, score, "portable_" + (kind or taker.field.head))
                    found.setdefault((edge.producer.key, edge.consumer.key, edge.consumer.field), edge)
        for edge in _content_edges(self._small):
            found.setdefault((edge.producer.key, edge.consumer.key, edge.consumer.field), edge)
        return list(found.values())


def _key(field: Field) -> str:
    """The portable noun of a field, "" for none: a file path and a workbook path are both files."""
    if field.type in ("boolean", "object") or field.enum:
        return ""
    if field.kind == "path" and field.entity:
        head = field.head
        return "file" if head in ("file", "workbook", "document", "spreadsheet", "image", "note") else head
    if field.kind == "email":
        return "email"
    if identifying(field) and field.kind in ("", "name", "id") and field.head in PORTABLE and not field.own:
        return field.head
    return ""


def _best(places: _Places, key: str, view: ToolView, field: Field, prefer: tuple[str, ...]) -> None:
    rank = {role: index for index, role in enumerate(prefer)}

    def order(place: _Place) -> tuple[int, bool, int, str]:
        return rank.get(place.role, len(rank)), not place.field.required, place.field.depth, place.tool.name

    held = places.setdefault(key, {})
    old, new = held.get(view.key.server), _Place(view.key, view.role, field)
    if old is None or order(new) < order(old):
        held[view.key.server] = new


def _partners(server: str, servers: list[str]) -> list[str]:
    """The next few servers in a ring: every server gets some, none gets all."""
    later = [other for other in servers if other > server][:PARTNERS]
    return later + [other for other in servers if other < server][: PARTNERS - len(later)]


def _content_edges(groups: Sequence[Sequence[ToolView]]) -> list[Edge]:
    found: list[Edge] = []
    for giving in groups:
        readers = sorted((view for view in giving if view.role in _READS), key=_reader_order)[:2]
        given = [_Place(reader.key, reader.role, _content(reader)) for reader in readers]
        for taking in groups:
            if taking is not giving:
                found.extend(_edge(one, sink, 0.2, "content") for sink in _sinks(taking)[:2] for one in given)
    return found


def _reader_order(view: ToolView) -> tuple[int, int, str]:
    required = sum(field.required for field in view.inputs)
    return {"list": 0, "search": 1, "get": 0}[view.role], required, view.key.name


def _content(view: ToolView) -> Field:
    """What a reader returns as a whole."""
    named = next((field for field in view.outputs if field.type in ("string", "array", "")), None)
    name = "_".join(view.noun) or "result"
    return named or Field(name, name, view.noun, view.noun, "", True, 0, "", "", False, False, "")


def _sinks(group: Sequence[ToolView]) -> list[_Place]:
    """Inputs that take free content, of tools that write."""
    places = [
        _Place(view.key, view.role, field)
        for view in group
        if view.role in _WRITES
        for field in view.inputs
        if field.words and field.words[-1] in _SINKS and field.type in ("string", "array", "") and not field.enum
    ]
    return sorted(places, key=lambda place: (not place.field.required, place.role, place.tool.name, place.field.path))


def _edge(giver: _Place, taker: _Place, score: float, why: str) -> Edge:
    return Edge(
        producer=FieldRef(*giver.tool, giver.field.path),
        consumer=FieldRef(*taker.tool, taker.field.path),
        kind="value",
        score=score,
        evidence=tuple(sorted({"cross_server", why})),
    )
