"""Weak edges into tools that take free text: what a query, a command or a note is about can be listed first."""

from collections.abc import Sequence

from tdscaling.semantics.fields import Field
from tdscaling.semantics.views import ToolView
from tdscaling.types import Edge, FieldRef

_TEXTS = frozenset("query sql code command expression statement cypher script formula prompt text content body".split())
READERS = 2


def free_text_edges(views: Sequence[ToolView], edges: Sequence[Edge]) -> list[Edge]:
    """For each tool without any edge that takes free text: edges from the server's plainest readers."""
    linked = {edge.producer.key for edge in edges} | {edge.consumer.key for edge in edges}
    alone = [view for view in views if view.key not in linked]
    if not alone:
        return []
    readers = sorted(
        (view for view in views if view.role in ("list", "get") and len(view.needed) < 2),
        key=lambda view: (view.role != "list", len(view.needed), view.key),
    )[: READERS + 1]
    found: list[Edge] = []
    for view in alone:
        field = next((field for field in view.inputs if _takes_text(field)), None)
        if field is not None:
            others = [reader for reader in readers if reader.key != view.key][:READERS]
            found.extend(_edge(reader, view, field) for reader in others)
    return found


def _takes_text(field: Field) -> bool:
    return bool(field.words) and field.words[-1] in _TEXTS and field.type in ("string", "") and not field.enum


def _edge(reader: ToolView, view: ToolView, field: Field) -> Edge:
    out = reader.outputs[0].path if reader.outputs else "_".join(reader.noun) or "result"
    return Edge(
        producer=FieldRef(*reader.key, out),
        consumer=FieldRef(*view.key, field.path),
        kind="value",
        score=0.1,
        evidence=("free_text",),
    )
