"""The signals of candidate pairs, as columns of numbers: many pairs of a server at once."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Floats, share, size
from tdscaling.graph.columns import Columns, FieldColumns, Flags, Ints
from tdscaling.graph.needs import Needs
from tdscaling.graph.offers import SOURCES
from tdscaling.semantics.fields import Phrase, clashing
from tdscaling.semantics.verbs import ROLES

GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("exact_name", "entity", "entity_alias", "entity_narrower", "entity_wider", "entity_words"),
    "synonyms": ("entity_synonym",),
    "kind (id, name, path)": ("same_kind", "bare_kind", "other_kind", "want_id", "want_bare"),
    "own noun": ("own", "whole_noun", "wanted_own"),
    "output source": ("inferred", "described", "echo", "shallow", "listed"),
    "verb roles": (
        "makes", "lists", "searches", "gets", "changes", "acts", "deletes", "authorises",
        "into_create", "into_list", "into_get",
    ),
    "needs it too": ("needs_it_too",),
    "context": ("fits_another", "context_foreign", "context_covers", "context_size", "asked_size"),
    "type and format": ("type", "type_clash", "format", "format_clash"),
    "words": ("words", "noun_said", "noun_same", "noun_extra", "wanted_said", "noun_described"),
    "rare words": ("rare_words",),
    "record": ("same_record", "other_record", "published"),
    "meaning (embeddings)": ("meaning", "meaning_lead"),
    "rarity and genericness": ("rare", "generic", "required"),
    "competition": ("level_lead", "words_lead", "said_lead", "covers_lead", "published_lead", "extra_lead", "rivals"),
}  # fmt: skip
"""The signals as they are left out together in the ablation."""

NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
_AT = {name: index for index, name in enumerate(NAMES)}
_ROLE_SIGNALS = ("authorises", "makes", "lists", "searches", "gets", "changes", "acts", "deletes")
_LEADS = (
    ("words_lead", "words"), ("said_lead", "noun_said"), ("covers_lead", "context_covers"),
    ("published_lead", "published"), ("extra_lead", "noun_extra"), ("meaning_lead", "meaning"),
)  # fmt: skip


class Signals:
    """The signals of pairs of the offers and wants of one server."""

    def __init__(self, columns: Columns, needs: Needs) -> None:
        self._columns = columns
        self._needs = needs
        self._relations = _Memo(5, lambda one, two: relation(columns.entities[one], columns.entities[two]))
        self._wholes = _Memo(1, self._whole)
        self._clash = np.array([[clashing(one, two) for two in columns.types] for one in columns.types], dtype=np.bool_)

    def of(self, offer: Ints, want: Ints, synonym: Floats, starts: npt.NDArray[np.int64]) -> Floats:
        """Shape (pairs, len(NAMES)), every value finite and in [-1, 8].

        `offer` and `want` number the columns' rows. The pairs of one want stand together; `starts` are their first
        rows.
        """
        values = np.zeros((len(offer), len(NAMES)), dtype=np.float32)
        out, into = _rows(self._columns.out, offer), _rows(self._columns.into, want)

        def put(name: str, column: Floats | Flags) -> None:
            values[:, _AT[name]] = column

        put("entity_synonym", synonym)
        put("needs_it_too", self._needs.of(out.tool, want))
        self._names(put, out, into)
        self._kinds(put, out, into)
        self._sides(put, offer, want)
        self._roles(put, out.tool, into.tool)
        self._context(put, out.tool, into.tool, want)
        put("fits_another", size(self._columns.offered[offer] & self._columns.others[want]) > 0)
        self._words(put, out.tool, into.tool, want)
        self._records(put, out.tool, into.tool)
        _compare(values, starts)
        return values

    def _names(self, put: "_Put", out: FieldColumns, into: FieldColumns) -> None:
        put("exact_name", (out.name == into.name) & ~out.own)
        found = self._relations.of(out.entity, into.entity)
        for column, name in enumerate(("entity", "entity_alias", "entity_narrower", "entity_wider", "entity_words")):
            put(name, found[:, column])
        put("whole_noun", self._wholes.of(self._columns.tools.noun[out.tool], into.entity)[:, 0])

    def _whole(self, noun: int, entity: int) -> tuple[float, ...]:
        phrase = self._columns.tools.phrases[noun]
        return (max((part(one, phrase) for one in self._columns.entities[entity]), default=0.0),)

    def _kinds(self, put: "_Put", out: FieldColumns, into: FieldColumns) -> None:
        kinds = self._columns.kinds
        same = (out.kind == into.kind) | (out.kind == kinds.get("*", -1))
        bare = ~same & ((out.kind == 0) | (into.kind == 0))
        put("same_kind", same)
        put("bare_kind", bare)
        put("other_kind", ~same & ~bare)
        put("want_id", into.kind == kinds.get("id", -1))
        put("want_bare", into.kind == 0)
        put("type", (out.type == into.type) & (out.type > 0))
        put("type_clash", self._clash[out.type, into.type])
        known = (out.format > 0) & (into.format > 0)
        put("format", known & (out.format == into.format))
        put("format_clash", known & (out.format != into.format))

    def _sides(self, put: "_Put", offer: Ints, want: Ints) -> None:
        columns = self._columns
        put("own", columns.about_own[offer])
        put("shallow", columns.shallow[offer])
        put("listed", columns.listed[offer])
        source = columns.source[offer]
        for number, name in enumerate(SOURCES[1:], start=1):
            put(name, source == number)
        put("rare", columns.rare[want])
        put("generic", columns.generic[want])
        put("required", columns.required[want])
        put("wanted_own", columns.into.own[want])

    def _roles(self, put: "_Put", producer: Ints, consumer: Ints) -> None:
        made, used = self._columns.tools.role[producer], self._columns.tools.role[consumer]
        for number, name in enumerate(_ROLE_SIGNALS):
            put(name, made == number)
        put("into_create", used == ROLES.index("create"))
        put("into_list", (used == ROLES.index("list")) | (used == ROLES.index("search")))
        put("into_get", used == ROLES.index("get"))

    def _context(self, put: "_Put", producer: Ints, consumer: Ints, want: Ints) -> None:
        """Whether the producer can be called from where the consumer is: what it needs, the consumer is given too."""
        tools = self._columns.tools
        needed, rest = tools.needed[producer], tools.needed[consumer] & ~self._columns.place[want]
        count, asked = size(needed), size(rest)
        put("context_foreign", share(size(needed & ~tools.taken[consumer]), count))
        put("context_covers", share(size(needed & rest), asked))
        put("context_size", np.minimum(count, 8))
        put("asked_size", np.minimum(asked, 8))

    def _words(self, put: "_Put", producer: Ints, consumer: Ints, want: Ints) -> None:
        tools = self._columns.tools
        one, two, nouns = tools.words[producer], tools.words[consumer], tools.nouns[producer]
        rare, said = tools.rare[producer] & two, self._columns.said[want]
        count = size(nouns)
        put("words", share(size(one & two), np.minimum(size(one), size(two))))
        put("rare_words", share(size(rare), size(tools.rare[producer])))
        put("noun_said", share(size(nouns & (two | said)), count))
        put("noun_same", share(size(nouns & tools.nouns[consumer]), np.maximum(count, size(tools.nouns[consumer]))))
        put("noun_extra", np.minimum(size(nouns & ~(two | said)), 8))
        put("wanted_said", share(size(said & one), size(said)))
        put("noun_described", share(size(nouns & self._columns.described[want]), count))
        put("meaning", np.einsum("ij,ij->i", tools.vectors[producer], tools.vectors[consumer]))

    def _records(self, put: "_Put", producer: Ints, consumer: Ints) -> None:
        tools = self._columns.tools
        one, two = tools.record[producer], tools.record[consumer]
        known = (one > 0) & (two > 0)
        put("same_record", known & (one == two))
        put("other_record", known & (one != two))
        given, held = tools.published[producer], tools.published[consumer]
        put("published", share(size(given & held), size(given | held)))


_Put = Callable[[str, Floats | Flags], None]


class _Memo:
    """A function of two numbers, worked out once for each pair of them."""

    def __init__(self, width: int, function: Callable[[int, int], tuple[float, ...]]) -> None:
        self._width, self._function = width, function
        self._known: dict[int, tuple[float, ...]] = {}

    def of(self, one: Ints, two: Ints) -> Floats:
        codes, inverse = np.unique(one.astype(np.int64) << 32 | two, return_inverse=True)
        rows = [self._value(code) for code in codes.tolist()]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._width)[inverse]

    def _value(self, code: int) -> tuple[float, ...]:
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = self._function(code >> 32, code & 0xFFFFFFFF)
        return found


def relation(out: Sequence[Phrase], into: Sequence[Phrase]) -> tuple[float, ...]:
    """How two entities' names agree: the same, another name the same, a part either way, words in common.

    >>> relation((("customer",),), (("client",), ("customer",)))
    (0.0, 1.0, 0.0, 0.0, 1.0)
    >>> relation((("base", "branch"),), (("branch",),))
    (0.0, 0.0, 0.5, 0.0, 0.5)
    """
    if not out or not into:
        return (0.0,) * 5
    if out[0] == into[0]:
        return (1.0, 0.0, 0.0, 0.0, 1.0)
    pairs = [(one, two) for one in out for two in into]
    if any("".join(one) == "".join(two) for one, two in pairs):
        return (0.0, 1.0, 0.0, 0.0, 1.0)
    narrower, wider = max(part(two, one) for one, two in pairs), max(part(one, two) for one, two in pairs)
    return (0.0, 0.0, narrower, wider, max(len({*one} & {*two}) / max(1, len({*one} | {*two})) for one, two in pairs))


def part(small: Phrase, large: Phrase) -> float:
    """How much of `large` the phrase `small` says, if all its words are in it and the head noun is the same.

    >>> part(("branch",), ("base", "branch")), part(("branch",), ("branch", "rule"))
    (0.5, 0.0)
    """
    if not small or not large or small[-1] != large[-1] or not {*small} <= {*large}:
        return 0.0
    return len(small) / len(large)


def _compare(values: Floats, starts: npt.NDArray[np.int64]) -> None:
    """What a pair's columns lack to the best of the same want (0 for the best itself), and how many rivals it has."""
    values[:, _AT["meaning"]] = np.maximum(values[:, _AT["meaning"]], 0)
    lengths = np.diff(np.append(starts, len(values)))
    level = np.maximum(
        values[:, _AT["entity"]] * 2 + values[:, _AT["own"]],
        values[:, _AT["entity_alias"]] * 1.9 + values[:, _AT["own"]],
    )
    level = np.maximum(level, np.maximum(values[:, _AT["entity_narrower"]], values[:, _AT["entity_wider"]]))
    for name, column in (("level_lead", level), *((name, values[:, _AT[of]]) for name, of in _LEADS)):
        best = np.minimum if name == "extra_lead" else np.maximum
        values[:, _AT[name]] = column - np.repeat(best.reduceat(column, starts), lengths)
    values[:, _AT["rivals"]] = np.repeat(np.log2(lengths), lengths) / 4


def _rows(fields: FieldColumns, rows: Ints) -> FieldColumns:
    return FieldColumns(
        fields.tool[rows], fields.entity[rows], fields.name[rows], fields.kind[rows], fields.type[rows],
        fields.format[rows], fields.own[rows],
    )  # fmt: skip
