"""The signals of one candidate pair, as numbers."""

from collections.abc import Sequence

from tdscaling.graph.fields import GENERIC, Field
from tdscaling.graph.offers import Offer, Want
from tdscaling.graph.views import ToolView

NAMES: tuple[str, ...] = (
    "bias",
    "exact_name",
    "entity",
    "entity_part",
    "entity_synonym",
    "same_kind",
    "bare_kind",
    "other_kind",
    "own",
    "shallow",
    "inferred",
    "described",
    "echo",
    "makes",
    "lists",
    "gets",
    "changes",
    "deletes",
    "authorises",
    "needs_it_too",
    "type",
    "type_clash",
    "required",
    "words",
    "rare",
    "generic",
    "into_create",
)


def signals(offer: Offer, want: Want, views: Sequence[ToolView], rarity: float, synonym: float) -> tuple[float, ...]:
    """One number per name in NAMES, each about in [0, 1]."""
    out, into = offer.field, want.field
    producer, consumer = views[offer.tool], views[want.tool]
    equal = out.entity == into.entity
    part = not equal and out.head == into.head
    guessed = out.kind == "*"
    same = out.kind == into.kind
    bare = not same and (out.kind == "" or into.kind == "")
    role = producer.role
    return (
        1.0,
        float(out.name.lower() == into.name.lower() and not out.own),
        float(equal),
        _overlap(out, into) if part else 0.0,
        synonym,
        float(same or guessed),
        float(bare and not guessed),
        float(not (same or bare or guessed)),
        float(out.own),
        1.0 / (1 + out.depth),
        float(offer.source == "inferred"),
        float(offer.source == "described"),
        float(offer.source == "echo"),
        float(role == "create"),
        float(role in ("list", "search")),
        float(role == "get"),
        float(role in ("update", "act")),
        float(role == "delete"),
        float(role == "auth"),
        float(needs(producer, into)),
        float(bool(out.type) and out.type == into.type),
        float(_clash(out.type, into.type)),
        float(into.required),
        _shared(producer, consumer),
        rarity,
        float(into.head in GENERIC),
        float(consumer.role == "create"),
    )


def needs(view: ToolView, wanted: Field) -> bool:
    """Whether a tool takes itself the value it would supply."""
    for field in view.inputs:
        if field.head == wanted.head and (field.entity == wanted.entity or field.name == wanted.name):
            if field.kind == wanted.kind or "" in (field.kind, wanted.kind):
                return True
    return False


def _overlap(out: Field, into: Field) -> float:
    """Jaccard of the entity phrases.

    >>> from tdscaling.graph.fields import read
    >>> from tdscaling.graph.schema import SchemaLeaf
    >>> a, b = (read(SchemaLeaf(n, n, (), "", "", False, False, ""), ()) for n in ("base_branch", "branch"))
    >>> _overlap(a, b)
    0.5
    """
    one, two = set(out.entity), set(into.entity)
    return len(one & two) / len(one | two)


def _clash(one: str, two: str) -> bool:
    numbers = ("integer", "number")
    if not one or not two or one == two or "array" in (one, two):
        return False
    return not (one in numbers and two in numbers) and {one, two} != {"integer", "string"}


def _shared(producer: ToolView, consumer: ToolView) -> float:
    one, two = producer.words, consumer.words
    return len(one & two) / max(1, min(len(one), len(two)))
