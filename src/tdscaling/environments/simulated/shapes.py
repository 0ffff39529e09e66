"""Answers in the shape that a tool publishes, or else in one that is always the same: the record, or a list of records
with their number."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TypeAlias

from tdscaling.environments.simulated.checks import compiled
from tdscaling.environments.simulated.envelope import MISSING, Page, built
from tdscaling.environments.simulated.makers import maker
from tdscaling.environments.simulated.model import Entity, Operation
from tdscaling.environments.simulated.naming import canonical, canonical_fields
from tdscaling.environments.simulated.records import Place, place_of
from tdscaling.environments.simulated.schemas import items_of, plain, properties_of, required_of
from tdscaling.environments.simulated.store import Record
from tdscaling.types import JsonObject, JsonValue, Tool

Answer: TypeAlias = Callable[[Sequence[Record], Page | None], JsonValue]
Project: TypeAlias = Callable[[Record], JsonValue]


def answer_of(tool: Tool, operation: Operation, entity: Entity) -> Answer:
    """The function that makes a tool's answers from records (one, unless a page is given)."""
    many = operation.kind == "list"
    phrase = tuple(entity.name.split(" "))
    place = place_of(tool.output_schema, phrase, many)
    if place is None:
        return _inferred(entity)
    root = plain(tool.output_schema or {})
    project = remembered(projection(place, entity))

    def answer(records: Sequence[Record], page: Page | None) -> JsonValue:
        payload: object = MISSING
        if place.form in ("list", "scalars"):
            payload = [project(record) for record in records]
        elif place.form != "none" and page is not None:
            payload = (
                _inferred(entity)(records, page) if place.form == "untyped" else project(records[0]) if records else {}
            )
        elif place.form != "none":
            payload = project(records[0])
        return built(root, place.path, payload, page, len(records))

    return answer


def _inferred(entity: Entity) -> Answer:
    many = f"{entity.name.replace(' ', '_')}"
    many = (
        f"{many[:-1]}ies"
        if many.endswith("y") and many[-2:-1] not in "aeo"
        else f"{many}s"
        if many[-1:] != "s"
        else many
    )

    def answer(records: Sequence[Record], page: Page | None) -> JsonValue:
        if page is None:
            return dict(records[0])
        found: dict[str, JsonValue] = {many: [dict(record) for record in records], "total": page.total}
        if page.more:
            found[{"cursor": "next_cursor", "page": "next_page"}.get(page.paged, "next_offset")] = (
                page.offset // max(1, page.limit) + 2 if page.paged == "page" else page.next
            )
        return found

    return answer


MAX_REMEMBERED = 4000


def remembered(project: Project) -> Project:
    """The same function, which looks at each record once: records are replaced, never changed."""
    known: dict[int, tuple[Record, JsonValue]] = {}

    def look(record: Record) -> JsonValue:
        found = known.get(id(record))
        if found is not None and found[0] is record:
            return found[1]
        if len(known) >= MAX_REMEMBERED:
            known.clear()
        shown = project(record)
        known[id(record)] = (record, shown)
        return shown

    return look


def projection(place: Place, entity: Entity) -> Project:
    """A record as a schema shows it."""
    phrase = tuple(entity.name.split(" "))
    if place.form == "untyped" or (place.form == "list" and not properties_of(place.record)):
        return dict
    if place.form in ("scalar", "scalars"):
        return _scalar(place.record, entity)
    fields = canonical_fields(entity)
    needed = required_of(place.record)
    plan: list[tuple[str, str, Callable[[JsonValue], object], bool]] = []
    for name, schema in properties_of(place.record).items():
        field = fields.get(canonical(name, phrase))
        if field is not None:
            plan.append((name, field, fitting(schema), schema.get("nullable") is True))
    constants = {
        name: made(Random(f"{entity.name} {name}"))
        for name in sorted(needed - {name for name, *_ in plan})
        if (made := maker(name, properties_of(place.record).get(name, {"type": "string"}))) is not None
    }
    absent = {
        name: made(Random(f"{entity.name} {name}"))
        for name, *_ in plan
        if name in needed and (made := maker(name, properties_of(place.record)[name])) is not None
    }

    def project(record: Record) -> JsonValue:
        found: dict[str, JsonValue] = {}
        for name, field, fit, nullable in plan:
            value = fit(record[field]) if field in record else MISSING
            if value is not MISSING:
                found[name] = value  # type: ignore[assignment]
            elif name in needed:
                found[name] = None if nullable else absent.get(name)
        return {**found, **constants}

    return project


def _scalar(schema: JsonObject, entity: Entity) -> Project:
    """One value for a record: its identifier where it fits, else its first field that does."""
    fit = fitting(schema)
    names = [entity.identifier, *entity.fields]

    def project(record: Record) -> JsonValue:
        for name in names:
            value = fit(record[name]) if name in record else MISSING
            if value is not MISSING:
                return value  # type: ignore[return-value]
        return None

    return project


def fitting(schema: JsonObject) -> Callable[[JsonValue], object]:
    """A function that shows a stored value as a schema asks, MISSING where it can't.

    >>> fitting({"type": "string"})(7), fitting({"type": "object", "properties": {"id": {"type": "string"}}})("a")
    ('7', {'id': 'a'})
    """
    check = compiled(schema)

    def fit(value: JsonValue) -> object:
        if not check(value, ""):
            return value
        for other in _casts(value, schema):
            if not check(other, ""):
                return other
        return MISSING

    return fit


def _casts(value: JsonValue, schema: JsonObject) -> Sequence[JsonValue]:
    kind = schema.get("type")
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return (str(value),)
    if kind in ("integer", "number") and isinstance(value, str):
        try:
            return (int(value),) if value.lstrip("-").isdecimal() else (float(value),)
        except ValueError:
            return ()
    if kind == "array" and not isinstance(value, list):
        inner = fitting(items_of(schema) or {})(value)
        return ([inner],) if inner is not MISSING else ()  # type: ignore[return-value]
    if kind == "object" and not isinstance(value, Mapping):
        return _wrapped(value, schema)
    if isinstance(value, Mapping):
        return [item for name, item in value.items() if name in ("id", "value", "amount", "name", "key")]
    return tuple(value) if isinstance(value, list) and len(value) == 1 else ()


def _wrapped(value: JsonValue, schema: JsonObject) -> Sequence[JsonValue]:
    """A value in the object that the schema shows in its place: an identifier as `{"id": …}`, a sum as `{"value":
    …}`.
    """
    properties = properties_of(schema)
    wanted = ("id", "uuid", "gid", "sid", "key", "name", "value", "amount", "code")
    for name in (*(name for name in wanted if name in properties), *properties):
        inner = fitting(properties[name])(value)
        if inner is not MISSING:
            others = {
                other: made(Random(other))
                for other in sorted(required_of(schema) - {name})
                if (made := maker(other, properties.get(other, {}))) is not None
            }
            return ({**others, name: inner},)  # type: ignore[dict-item]
    return ()
