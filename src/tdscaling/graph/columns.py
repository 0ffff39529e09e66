"""What the pairs of a server are compared by, in columns: one row a tool, an offer or a want."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Bits, Floats, Vocabulary
from tdscaling.graph.embeddings import Embedder
from tdscaling.graph.offers import SOURCES, Offer, Want, heads
from tdscaling.semantics.fields import GENERIC, Field, Phrase, entities, identifying, place
from tdscaling.semantics.verbs import ROLES
from tdscaling.semantics.views import ToolView
from tdscaling.semantics.words import text_words

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T", bound=Hashable)
_ROLE = {role: index for index, role in enumerate(ROLES)}
_RARE = 0.05
"""A word is rare on a server that at most this share of its tools (and two of them) have in their names."""


class Numbers(Generic[T]):
    """Numbers for values, equal for equal ones; 0 is the empty one."""

    def __init__(self, empty: T) -> None:
        self.table: dict[T, int] = {empty: 0}

    def of(self, values: Iterable[T]) -> Ints:
        return np.array([self.table.setdefault(value, len(self.table)) for value in values], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class ToolColumns:
    """One row a tool. `words` are those of its name, `nouns` those of its noun, `needed` and `taken` the places of its
    identifying inputs, `published` the names of its output fields, `record` the number of its output's component.
    """

    role: Ints
    noun: Ints
    phrases: tuple[Phrase, ...]
    words: Bits
    rare: Bits
    nouns: Bits
    needed: Bits
    taken: Bits
    record: Ints
    published: Bits
    vectors: Floats


@dataclass(frozen=True, slots=True)
class FieldColumns:
    """One row an offer or a want; `entity` numbers the pairs of names of its entity."""

    tool: Ints
    entity: Ints
    name: Ints
    kind: Ints
    type: Ints
    format: Ints
    own: Flags


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one server. `said` and `described` are the words of a want's entity and of its description, in the
    vocabulary of the tools' names, `place` is its own place among the inputs of its tool. `offered` are the head nouns
    of an offer, `others` those of the other identifying inputs of a want's tool.
    """

    tools: ToolColumns
    out: FieldColumns
    into: FieldColumns
    shallow: Floats
    listed: Flags
    about_own: Flags
    source: Ints
    rare: Floats
    generic: Flags
    required: Flags
    said: Bits
    described: Bits
    place: Bits
    offered: Bits
    others: Bits
    entities: tuple[tuple[Phrase, ...], ...]
    types: tuple[str, ...]
    kinds: dict[str, int]


class _FieldNumbers(NamedTuple):
    entity: Numbers[tuple[Phrase, ...]]
    name: Numbers[str]
    kind: Numbers[str]
    type: Numbers[str]
    format: Numbers[str]


def columns(views: Sequence[ToolView], offers: Sequence[Offer], wants: Sequence[Want], embed: Embedder) -> Columns:
    """Reads the tools, offers and wants of one server into columns."""
    vocabulary = Vocabulary([view.words for view in views])
    places = Vocabulary([view.taken for view in views])
    nouns = Vocabulary([view.heads for view in views])
    entity: Numbers[tuple[Phrase, ...]] = Numbers(())
    name, kind, types, form = Numbers(""), Numbers(""), Numbers(""), Numbers("")
    numbers = _FieldNumbers(entity, name, kind, types, form)
    out = _fields([offer.tool for offer in offers], [offer.field for offer in offers], numbers)
    into = _fields([want.tool for want in wants], [want.field for want in wants], numbers)
    return Columns(
        tools=_tools(views, vocabulary, places, embed),
        out=out,
        into=into,
        shallow=np.array([1.0 / (1 + offer.field.depth) for offer in offers], dtype=np.float32),
        listed=_flags("[]" in offer.field.path for offer in offers),
        about_own=_flags(_about_own(offer.field, views[offer.tool].noun) for offer in offers),
        source=np.array([SOURCES.index(offer.source) for offer in offers], dtype=np.int32),
        rare=_rarity(wants, len(views)),
        generic=_flags(want.field.head in GENERIC for want in wants),
        required=_flags(want.field.required for want in wants),
        said=vocabulary.rows([[word for phrase in entities(want.field) for word in phrase] for want in wants]),
        described=vocabulary.rows([text_words(want.field.description, 20) for want in wants]),
        place=places.rows([[place(want.field)] for want in wants]),
        offered=nouns.rows([heads(offer.field) for offer in offers]),
        others=nouns.rows([_others(want, views[want.tool]) for want in wants]),
        entities=tuple(entity.table),
        types=tuple(types.table),
        kinds=kind.table,
    )


def _tools(views: Sequence[ToolView], vocabulary: Vocabulary, places: Vocabulary, embed: Embedder) -> ToolColumns:
    count = Counter(word for view in views for word in view.words)
    few = max(2, int(_RARE * len(views)))
    noun: Numbers[Phrase] = Numbers(())
    fields = Vocabulary([view.published for view in views])
    numbers = noun.of(view.noun for view in views)
    return ToolColumns(
        role=np.array([_ROLE[view.role] for view in views], dtype=np.int32),
        noun=numbers,
        phrases=tuple(noun.table),
        words=vocabulary.rows([view.words for view in views]),
        rare=vocabulary.rows([[word for word in view.words if count[word] <= few] for view in views]),
        nouns=vocabulary.rows([view.noun for view in views]),
        needed=places.rows([view.needed for view in views]),
        taken=places.rows([view.taken for view in views]),
        record=Numbers("").of(view.record for view in views),
        published=fields.rows([view.published for view in views]),
        vectors=embed([(*sorted(view.words), *view.text) for view in views]),
    )


def _fields(tools: Sequence[int], fields: Sequence[Field], numbers: _FieldNumbers) -> FieldColumns:
    return FieldColumns(
        tool=np.array(tools, dtype=np.int32),
        entity=numbers.entity.of(entities(field) for field in fields),
        name=numbers.name.of(field.name.lower() for field in fields),
        kind=numbers.kind.of(field.kind for field in fields),
        type=numbers.type.of(field.type for field in fields),
        format=numbers.format.of(field.format for field in fields),
        own=_flags(field.own for field in fields),
    )


def _about_own(field: Field, noun: Phrase) -> bool:
    return bool(noun) and any(phrase and phrase[-1] == noun[-1] for phrase in entities(field))


def _others(want: Want, view: ToolView) -> frozenset[str]:
    """The head nouns of what else the tool asks for, without those of the want itself."""
    asked = (field for field in view.inputs if field.path != want.field.path and identifying(field))
    return frozenset(head for field in asked for head in heads(field)) - heads(want.field)


def _rarity(wants: Sequence[Want], tools: int) -> Floats:
    """1 for a noun that one tool wants, near 0 for one that all want."""
    users: dict[str, set[int]] = {}
    for want in wants:
        users.setdefault(want.field.head, set()).add(want.tool)
    return np.array([1.0 - (len(users[want.field.head]) - 1) / max(1, tools) for want in wants], dtype=np.float32)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, dtype=np.bool_)
