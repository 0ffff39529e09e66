"""Entities from readings: the fields that all their tools show and take, under one name each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.environments.simulated.inputs import context_name, held_as, inputs_of, parent_keys, several
from tdscaling.environments.simulated.lifecycle import STATE_FIELDS, lifecycle, moves_state
from tdscaling.environments.simulated.model import Entity, FieldModel, IdKind, Lifecycle
from tdscaling.environments.simulated.naming import (
    CREATED,
    IDS,
    TITLES,
    canonical,
    first,
    identifier_like,
    referred,
)
from tdscaling.environments.simulated.reading import Reading
from tdscaling.environments.simulated.records import Place, place_of
from tdscaling.environments.simulated.schemas import enum_of, items_of, properties_of, required_of, scalar
from tdscaling.semantics.fields import Phrase
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject

MAX_FIELDS = 40
MAX_NEEDED = 300
_TEXT: JsonObject = {"type": "string"}
_TIME: JsonObject = {"type": "string", "format": "date-time"}
_NEVER_BELOW = (
    "quantity",
    "qty",
    "stock",
    "balance",
    "inventory",
    "count",
    "remaining",
    "available",
    "amount",
    "price",
)


@dataclass(slots=True)
class Draft:
    """An entity in the making; fields by canonical name."""

    phrase: Phrase
    readings: list[Reading] = field(default_factory=list[Reading])
    fields: dict[str, FieldModel] = field(default_factory=dict[str, FieldModel])
    shown: set[str] = field(default_factory=set[str])
    needed: set[str] = field(default_factory=set[str])
    """Fields that an output schema requires."""
    identifier: str = "id"

    @property
    def name(self) -> str:
        return " ".join(self.phrase)

    def add(self, name: str, schema: JsonObject, *, given: bool = False) -> str:
        """Takes up a field under its canonical name, which it returns; the first schema stays, an enum is added."""
        key = canonical(name, self.phrase)
        if key == "id" and not scalar(schema) and schema.get("type") in ("object", "array"):
            key = " ".join(words(name))
        known = self.fields.get(key)
        if known is None:
            self.fields[key] = FieldModel(name=name.rpartition(".")[2], schema=schema, given=given)
            return key
        merged = known.schema
        if "enum" in schema and "enum" not in merged and merged.get("type", "string") == schema.get("type", "string"):
            merged = {**merged, "enum": schema["enum"]}
        if not merged.get("type") and "enum" not in merged:
            merged = schema
        self.fields[key] = FieldModel(name=known.name, schema=merged, given=known.given or given)
        return key


def drafts(found: Sequence[Reading]) -> dict[Phrase, Draft]:
    """Drafts of all entities with the fields that outputs and inputs show."""
    by_entity: dict[Phrase, Draft] = {}
    for reading in found:
        if reading.kind != "none":
            by_entity.setdefault(reading.entity, Draft(reading.entity)).readings.append(reading)
    for draft in by_entity.values():
        _take_outputs(draft)
        _take_inputs(draft)
        _identify(draft)
    return by_entity


_SHOWS = ("get", "create", "update", "list", "move")


def shown_place(reading: Reading) -> Place | None:
    """Where the tool's output shows the record."""
    return place_of(reading.tool.output_schema, reading.entity, reading.kind == "list")


def _take_outputs(draft: Draft) -> None:
    for kind in _SHOWS:
        for reading in draft.readings:
            if reading.kind != kind:
                continue
            place = shown_place(reading)
            if place is None or place.form not in ("record", "list"):
                continue
            needed = required_of(place.record)
            for name, schema in _ordered(place.record):
                key = draft.add(name, schema)
                draft.shown.add(key)
                if name in needed:
                    draft.needed.add(key)


def _ordered(record: JsonObject) -> list[tuple[str, JsonObject]]:
    """Properties in the order in which a reader cares: ids and names, what is required, plain values, the rest."""
    needed = required_of(record)

    def rank(item: tuple[int, tuple[str, JsonObject]]) -> tuple[bool, bool, bool, int]:
        position, (name, schema) = item
        telling = bool({*words(name)} & {*IDS, "title", "status", "state", "email", "type", "amount", "date"})
        return not telling, name not in needed, not scalar(schema), position

    return [pair for _, pair in sorted(enumerate(properties_of(record).items()), key=rank)]


def _take_inputs(draft: Draft) -> None:
    for reading in draft.readings:
        if reading.kind not in ("create", "update"):
            continue
        taken = {field.path for field in reading.view.inputs}
        for path, schema, _ in inputs_of(reading):
            top = path[0]
            known = any(place == top or place.startswith((f"{top}.", f"{top}[]")) for place in taken)
            if (
                top not in reading.keys
                and known
                and not context_name(path[-1], schema)
                and not several(reading, path, schema)
            ):
                draft.add(held_as(reading, path), schema, given=True)


def _identify(draft: Draft) -> None:
    """Settles the identifier: what tools name the thing by, as far as its record shows it."""
    votes: dict[str, int] = {}
    for reading in draft.readings:
        if reading.kind in ("get", "update", "delete", "move") and reading.keys:
            key = named_by(reading, draft.fields)
            votes[key] = votes.get(key, 0) + (2 if reading.kind == "get" else 1)
    chosen = max(votes, key=lambda key: (votes[key], key == "id", key)) if votes else None
    if chosen is not None and chosen not in draft.fields and identifier_like(chosen) and draft.shown:
        chosen = first([name for name in IDS[:7] if name in draft.shown], draft.fields) or chosen
    if chosen is None:
        chosen = first(IDS[:6], draft.fields) or first(IDS, dict.fromkeys(draft.shown, 1)) or "id"
    if chosen not in draft.fields:
        chosen = draft.add(_spelt(chosen, draft), _key_schema(draft, chosen))
    draft.identifier = chosen


def named_by(reading: Reading, fields: Mapping[str, FieldModel]) -> str:
    """The field that a tool names its thing by: where ids are numbers and it takes a text, the name."""
    name = reading.keys[0]
    key = canonical(name, reading.entity)
    given = properties_of(reading.inputs).get(name, {}).get("type")
    if key != "id" or given != "string" or words(name)[-1:] == ("id",) or key not in fields:
        return key
    number = fields[key].schema.get("type") in ("integer", "number")
    return (first(("name", "slug", "key", "login", "username"), fields) or key) if number else key


def _spelt(key: str, draft: Draft) -> str:
    """A new field in the manner of the others: `camelCase` where they are so."""
    parts = key.split(" ")
    if any("_" not in f.name and f.name != f.name.lower() for f in draft.fields.values()):
        return parts[0] + "".join(part.title() for part in parts[1:])
    return "_".join(parts)


def _key_schema(draft: Draft, key: str) -> JsonObject:
    for reading in draft.readings:
        for path, schema, _ in inputs_of(reading):
            if reading.keys[:1] == (".".join(path),) and canonical(path[-1], draft.phrase) == key:
                return {name: value for name, value in schema.items() if name not in ("description", "examples")}
    return _TEXT


def settled(draft: Draft, phrases: Sequence[Phrase], uniques: Sequence[str]) -> Entity:
    """The entity of a draft. `uniques`: canonical names of further fields that tools name it by."""
    _complete(draft)
    cycle = _lifecycle(draft)
    kept = _kept(draft, cycle, uniques)
    scope = sorted({key for r in draft.readings for key, _ in parent_keys(r)} & kept.keys())
    fields = {spec.name: _settled(key, spec, draft, phrases) for key, spec in kept.items()}
    identifier = kept[draft.identifier].name
    scope_names = tuple(kept[key].name for key in scope if fields[kept[key].name].refers)
    return Entity(
        name=draft.name,
        fields=fields,
        identifier=identifier,
        id_kind=_id_kind(draft.identifier, kept[draft.identifier].schema),
        unique=tuple(dict.fromkeys((identifier, *(kept[key].name for key in uniques if key in kept)))),
        scope=scope_names if any(r.structural for r in draft.readings) else (),
        lifecycle=cycle,
        singleton=any(r.singleton for r in draft.readings)
        and not any(r.kind in ("list", "create") for r in draft.readings),
        joins=tuple(kept[key].name for key in scope) if any(r.kind == "link" for r in draft.readings) else (),
    )


def _complete(draft: Draft) -> None:
    """A record of which nothing is known has a name and a time of creation."""
    if not draft.shown:
        if first(TITLES, draft.fields) is None and not draft.readings[0].singleton:
            draft.add("name", _TEXT)
        if first(CREATED, draft.fields) is None:
            draft.add(_spelt("created at", draft), _TIME)


def _lifecycle(draft: Draft) -> Lifecycle | None:
    key = first(STATE_FIELDS, draft.fields)
    verbs = [reading.verb for reading in draft.readings if reading.kind == "move"]
    states = enum_of(draft.fields[key].schema) if key else ()
    if key is None:
        if not any(moves_state(verb) for verb in verbs):
            return None
        key = draft.add("status", _TEXT)
    elif draft.fields[key].schema.get("type", "string") != "string":
        return None
    return lifecycle(draft.fields[key].name, [state for state in states if isinstance(state, str)], verbs)


def _kept(draft: Draft, cycle: Lifecycle | None, uniques: Sequence[str]) -> dict[str, FieldModel]:
    """At most forty fields beside those that outputs require; scalars first."""
    musts = {draft.identifier, *draft.needed, *uniques}
    for reading in draft.readings:
        musts |= {key for key, _ in parent_keys(reading)}
        if reading.kind in ("create", "update"):
            musts |= {
                canonical(held_as(reading, path), draft.phrase) for path, _, required in inputs_of(reading) if required
            }
    if cycle is not None:
        musts |= {key for key, spec in draft.fields.items() if spec.name == cycle.field}
    order = sorted(
        draft.fields,
        key=lambda key: (key not in musts, not draft.fields[key].given, not scalar(draft.fields[key].schema)),
    )
    kept = {key for number, key in enumerate(order) if number < MAX_FIELDS or key in musts}
    return {key: spec for key, spec in draft.fields.items() if key in kept}


def _settled(key: str, spec: FieldModel, draft: Draft, phrases: Sequence[Phrase]) -> FieldModel:
    scalars = naming_schema(spec.schema, spec.name)
    parents = {key: phrase for r in draft.readings for key, phrase in parent_keys(r)}
    own = key == draft.identifier
    refers = referred(spec.name, phrases, draft.phrase) if scalars and not own else None
    if refers is None and parents.get(key) in phrases and (not own or len(parents[key]) < len(draft.phrase)):
        refers = parents[key]
    numeric = spec.schema.get("type") in ("integer", "number")
    return FieldModel(
        name=spec.name,
        schema=spec.schema,
        refers=" ".join(refers) if refers else "",
        required=key in draft.needed or key == draft.identifier,
        non_negative=numeric and bool(set(words(spec.name)) & set(_NEVER_BELOW)),
        given=spec.given,
        shown=key in draft.shown,
    )


def naming_schema(schema: JsonObject, name: str) -> bool:
    """Whether values of a field can name a thing, or several: texts, whole numbers, lists of these; other numbers
    where it is called an id."""
    inner = items_of(schema) or {} if items_of(schema) is not None else schema
    if inner.get("type") == "number":
        return identifier_like(" ".join(words(name)))
    return inner.get("type") in ("string", "integer") or ("enum" in inner and inner.get("type") != "boolean")


_TELLING = frozenset(
    "slug name login path key title email username location city address url link website country file filepath".split()
)
"""Last words of identifiers that are names rather than codes."""


def _id_kind(key: str, schema: JsonObject) -> IdKind:
    if schema.get("type") in ("integer", "number"):
        return "integer"
    last = key.split(" ")[-1]
    text = f"{schema.get('format', '')} {schema.get('description', '')}".lower()
    if last in ("uuid", "guid") or "uuid" in text or "guid" in text:
        return "uuid"
    return "slug" if last in _TELLING else "code"
