"""The signals of one candidate pair, as numbers."""

from collections.abc import Sequence

from tdscaling.graph.offers import Offer, Want
from tdscaling.semantics.fields import GENERIC, Field, Phrase, entities
from tdscaling.semantics.views import ToolView

NAMES: tuple[str, ...] = (
    "bias",
    "exact_name",
    "entity",
    "entity_alias",
    "entity_narrower",
    "entity_wider",
    "entity_synonym",
    "same_kind",
    "bare_kind",
    "other_kind",
    "own",
    "whole_noun",
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
    "context_within",
    "context_foreign",
    "type",
    "type_clash",
    "words",
    "rare",
    "generic",
    "into_create",
    "best_entity",
    "meaning",
    "path",
)

GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("exact_name", "entity", "entity_alias", "entity_narrower", "entity_wider"),
    "synonyms": ("entity_synonym",),
    "kind (id, name, path)": ("same_kind", "bare_kind", "other_kind"),
    "own noun": ("own", "whole_noun"),
    "output source": ("inferred", "described", "echo", "shallow"),
    "verb roles": ("makes", "lists", "gets", "changes", "deletes", "authorises", "into_create"),
    "needs it too": ("needs_it_too",),
    "context": ("context_within", "context_foreign"),
    "type": ("type", "type_clash"),
    "words": ("words",),
    "meaning (embeddings)": ("meaning",),
    "rarity and genericness": ("rare", "generic"),
    "competition": ("best_entity",),
}
"""The signals as they are left out together in the ablation."""

_AT = {name: index for index, name in enumerate(NAMES)}


def signals(offer: Offer, want: Want, views: Sequence[ToolView], rarity: float, synonym: float) -> list[float]:
    """One number per name in NAMES, each in [0, 1]; `best_entity` and `meaning` are set by `compare`."""
    out, into = offer.field, want.field
    producer, consumer = views[offer.tool], views[want.tool]
    values = [0.0] * len(NAMES)
    values[_AT["bias"]] = 1.0
    values[_AT["exact_name"]] = float(out.name.lower() == into.name.lower() and not out.own)
    _entity(values, out, into)
    values[_AT["entity_synonym"]] = synonym
    _kind(values, out, into)
    _role(values, offer, producer, consumer)
    _context(values, producer, consumer, into)
    values[_AT["own"]] = float(bool(producer.noun) and any(p and p[-1] == producer.noun[-1] for p in entities(out)))
    values[_AT["whole_noun"]] = max(_share(phrase, producer.noun) for phrase in entities(into))
    values[_AT["shallow"]] = 1.0 / (1 + out.depth)
    values[_AT["type"]] = float(bool(out.type) and out.type == into.type)
    values[_AT["type_clash"]] = float(_clash(out.type, into.type))
    values[_AT["words"]] = _shared(producer, consumer)
    values[_AT["rare"]] = rarity
    values[_AT["generic"]] = float(into.head in GENERIC)
    return values


def compare(group: Sequence[list[float]], likeness: Sequence[float]) -> None:
    """Marks the candidates of one input whose entity fits as well as that of any other candidate, and sets how like the
    texts of producer and consumer are (`likeness`, cosines).
    """
    for values, cosine in zip(group, likeness, strict=True):
        values[_AT["meaning"]] = max(0.0, cosine)
    levels = [_level(values) for values in group]
    best = max(levels, default=0.0)
    for values, level in zip(group, levels, strict=True):
        values[_AT["best_entity"]] = float(level == best)


def _level(values: Sequence[float]) -> float:
    return max(
        values[_AT["entity"]] * 2 + values[_AT["own"]],
        values[_AT["entity_alias"]] * 1.9 + values[_AT["own"]],
        values[_AT["entity_narrower"]],
        values[_AT["entity_wider"]],
    )


def _entity(values: list[float], out: Field, into: Field) -> None:
    if out.entity == into.entity:
        values[_AT["entity"]] = 1.0
        return
    pairs = [(one, two) for one in entities(out) for two in entities(into)]
    if any(one == two for one, two in pairs):
        values[_AT["entity_alias"]] = 1.0
        return
    narrower, wider = max(_share(two, one) for one, two in pairs), max(_share(one, two) for one, two in pairs)
    values[_AT["entity_narrower"]], values[_AT["entity_wider"]] = narrower, wider


def _share(small: Phrase, large: Phrase) -> float:
    """How much of `large` the phrase `small` says, if all its words are in it and the head noun is the same.

    >>> _share(("branch",), ("base", "branch")), _share(("branch",), ("branch", "rule"))
    (0.5, 0.0)
    """
    if not small or not large or small[-1] != large[-1] or not {*small} <= {*large}:
        return 0.0
    return len(small) / len(large)


def _kind(values: list[float], out: Field, into: Field) -> None:
    if out.kind in ("*", into.kind):
        values[_AT["same_kind"]] = 1.0
    elif "" in (out.kind, into.kind):
        values[_AT["bare_kind"]] = 1.0
    else:
        values[_AT["other_kind"]] = 1.0


_ROLE_SIGNAL = {
    "create": "makes", "list": "lists", "search": "lists", "get": "gets", "update": "changes", "act": "changes",
    "delete": "deletes", "auth": "authorises",
}  # fmt: skip


def _role(values: list[float], offer: Offer, producer: ToolView, consumer: ToolView) -> None:
    if offer.source != "schema":
        values[_AT[offer.source]] = 1.0
    values[_AT[_ROLE_SIGNAL[producer.role]]] = 1.0
    values[_AT["into_create"]] = float(consumer.role == "create")


def _context(values: list[float], producer: ToolView, consumer: ToolView, into: Field) -> None:
    """Whether the producer can be called from where the consumer is: what it needs, the consumer is given too."""
    values[_AT["needs_it_too"]] = float(needs(producer, into))
    needed = producer.needed
    foreign = len(needed - consumer.taken) / len(needed) if needed else 0.0
    values[_AT["context_foreign"]] = foreign
    values[_AT["context_within"]] = float(needed < consumer.taken)


def needs(view: ToolView, wanted: Field) -> bool:
    """Whether a tool takes itself the value it would supply."""
    if wanted.head not in view.heads:
        return False
    return any(
        (field.entity == wanted.entity or (field.name == wanted.name and field.head == wanted.head))
        and (field.kind == wanted.kind or "" in (field.kind, wanted.kind))
        for field in view.inputs
    )


def _clash(one: str, two: str) -> bool:
    numbers = ("integer", "number")
    if not one or not two or one == two or "array" in (one, two):
        return False
    return not (one in numbers and two in numbers) and {one, two} != {"integer", "string"}


def _shared(producer: ToolView, consumer: ToolView) -> float:
    one, two = producer.words, consumer.words
    return len(one & two) / max(1, min(len(one), len(two)))
