"""How the assistant tells what it found: thing by thing, in a sentence, a list or a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.agents.plurals import plural
from tdscaling.agents.wording import NAMING, enumeration, sentence

_LEADS = ("Here is what I found:", "The result:", "This is what came back:", "I found the following:", "Here you go:",
          "I looked it up:", "This is what it shows:")  # fmt: skip
_SINGLE = ("the {name} is {value}", "its {name} is {value}", "the {name} turns out to be {value}")
_SEVERAL = ("the {name} are {value}", "there are these {name}: {value}", "among the {name} I find {value}")
_COMPUTED = ("the result is {value}", "that comes to {value}", "it works out to {value}", "the answer is {value}")
_HEADS = ("what | value", "item | result", "question | answer")
_FOR_A_TABLE = 4
"""Values from which a table may be clearer than a sentence."""
_AS_A_TABLE = 0.5
_AS_A_LIST = 0.4
LINE = "line"
"""The name of what is a line of text, and no field."""


@dataclass(frozen=True, slots=True)
class Field:
    """Values of one field; `total` is how many of them the result has in all, `more` how many others it has."""

    name: str
    values: tuple[str, ...]
    total: int
    computed: bool = False
    more: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is told of one thing: its `noun`, the `key` that tells it from others ("" if none), its fields. The key is
    its `own`, or another thing's that it belongs to."""

    noun: str
    key: str
    fields: tuple[Field, ...]
    own: bool = True


def tell(found: Sequence[Finding], rng: Random) -> str:
    """All values of all findings; where there are several things, each with the thing it belongs to."""
    if len(found) == 1:
        return _of_one(found[0], rng)
    things = [_named(one) for one in found]
    lead = rng.choice(_LEADS)
    labels = [tuple(field.name for field in fields) for _, fields in things]
    if sum(map(len, labels)) >= _FOR_A_TABLE - 1 and rng.random() < _AS_A_TABLE:
        table = _columns(things, found[0].noun) if _alike(found, labels) else _two_columns(things)
        if table:
            return "\n".join([lead, "", *table])
    said = [f"{subject}: {', '.join(_pair(field) for field in fields)}" for subject, fields in things]
    if rng.random() < _AS_A_LIST:
        return lead + "".join(f"\n- {text}" for text in said)
    if rng.random() < 0.5:
        return " ".join(
            sentence(f"for {subject}, {enumeration([_plain(field) for field in fields])}") for subject, fields in things
        )
    return sentence(f"{lead} {'; '.join(said)}")


def _alike(found: Sequence[Finding], labels: Sequence[tuple[str, ...]]) -> bool:
    return len(set(labels)) == 1 and len({one.noun for one in found}) == 1


def _of_one(found: Finding, rng: Random) -> str:
    fields = found.fields
    many = len(fields) > 1
    lead = rng.choice(_LEADS)
    if many and sum(len(field.values) for field in fields) >= _FOR_A_TABLE and rng.random() < _AS_A_TABLE:
        rows = [f"| {_name(field)} | {_values(field)} |" for field in fields]
        if not any("|" in value for field in fields for value in field.values):
            return "\n".join([lead, "", f"| {rng.choice(_HEADS)} |", "| --- | --- |", *rows])
    if many and rng.random() < _AS_A_LIST:
        return lead + "".join(f"\n- {_name(field)}: {_values(field)}" for field in fields)
    said = [_clause(field, rng, found.noun) for field in fields]
    if many and rng.random() < 0.5:
        return " ".join(sentence(text) for text in said)
    with_lead = rng.random() < _AS_A_LIST and not any(field.computed for field in fields)
    return sentence(f"{lead} {'; '.join(said)}") if with_lead else sentence("; ".join(said))


def _named(found: Finding) -> tuple[str, tuple[Field, ...]]:
    """How to call the thing, and the fields left to tell: a name that was found stands for it, where more is told."""
    named = [field for field in found.fields if field.name in NAMING and len(field.values) == 1]
    named = [] if len(named) == 1 and named[0].name == "title" and _has_a_name(found) else named
    own = min(named, key=lambda field: NAMING.index(field.name), default=None)
    if own is not None and len(found.fields) > 1:
        rest = tuple(field for field in found.fields if field is not own)
        return (f"{own.values[0]} ({found.key})" if found.key else own.values[0]), rest
    if not found.key:
        return f"the {found.noun}", found.fields
    if plural(found.noun) == found.noun:
        return (
            f"the {found.noun} ({found.key})" if found.key.isalpha() else f"the {found.noun} for {found.key}",
            found.fields,
        )
    return f"the {found.noun} {'' if found.own else 'for '}{found.key}", found.fields


def _has_a_name(found: Finding) -> bool:
    """Whether it has a name besides: then its title is a person's."""
    return any("name" in field.name.split() for field in found.fields)


def _columns(things: Sequence[tuple[str, tuple[Field, ...]]], noun: str) -> list[str]:
    names = [noun, *next([_name(field) for field in fields] for _, fields in things)]
    return _table(names, [[_cell(subject, noun), *map(_values, fields)] for subject, fields in things])


def _cell(subject: str, noun: str) -> str:
    """A thing under the head that says what things these are.

    >>> _cell("the event for eve_1", "event"), _cell("the events (open)", "events"), _cell("Gala (eve_1)", "event")
    ('eve_1', 'open', 'Gala (eve_1)')
    """
    rest = subject.removeprefix(f"the {noun} ").removeprefix("for ")
    return rest[1:-1] if rest.startswith("(") else rest


def _two_columns(things: Sequence[tuple[str, tuple[Field, ...]]]) -> list[str]:
    rows = [[subject.removeprefix("the "), ", ".join(map(_pair, fields))] for subject, fields in things]
    return _table(["what", "found"], rows)


def _table(head: list[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; empty where a cell holds what parts the cells."""
    if any("|" in cell for row in rows for cell in row):
        return []
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _values(field: Field) -> str:
    """The values as they are said: what is quoted from a text stands in marks, and a list that is cut says so.

    >>> _values(Field("name", ("id", "city"), 5, more=3)), _values(Field(LINE, ("On branch main",), 4))
    ('id, city and 3 more', '"On branch main"')
    """
    if field.name == LINE:
        return enumeration([f'"{value}"' for value in field.values])
    return enumeration([*field.values, f"{field.more} more"] if field.more else field.values)


def _name(field: Field) -> str:
    if field.name == LINE:
        return "text"
    return field.name if len(field.values) == 1 else plural(field.name)


def _pair(field: Field) -> str:
    if field.name == LINE:
        return _values(field)
    return f"{_name(field)} {_values(field)}"


def _plain(field: Field) -> str:
    if field.name == LINE:
        return f"it says {_values(field)}"
    return f"the {_name(field)} {'is' if len(field.values) == 1 else 'are'} {_values(field)}"


def _clause(field: Field, rng: Random, noun: str = "") -> str:
    value = _values(field)
    if field.computed:
        return rng.choice(_COMPUTED).format(value=value)
    if len(field.values) == 1 and field.name != LINE:
        return rng.choice(_SINGLE).format(name=field.name, value=value)
    if field.name == LINE:
        return f"it says {value}"
    if field.total > len(field.values) and noun:
        listed = plural(noun) == noun
        things = noun if listed else plural(field.name)
        such = "such as" if field.name in NAMING or not listed else f"with {plural(field.name)} such as"
        return f"{rng.choice(('there are', 'I see'))} {field.total} {things}, {such} {enumeration(field.values)}"
    return rng.choice(_SEVERAL).format(name=_name(field), value=value)
