"""Seeded worlds: parents before children, names told apart, references that exist; the same seed, the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

from tdscaling.environments.simulated.consistent import settled
from tdscaling.environments.simulated.model import Entity, FieldModel, ServiceModel
from tdscaling.environments.simulated.plans import Plan, new_identifier, plan_of, whole_number
from tdscaling.environments.simulated.schemas import enum_of, items_of
from tdscaling.environments.simulated.store import Record, Template, key_of, template
from tdscaling.types import JsonValue

TRIES = 24
"""How often another identifier is made where one is taken."""


def starts(model: ServiceModel, size: int) -> dict[str, int]:
    """The serial number before the first of each entity: ranges that do not meet, nor, mostly, those of other
    services, so that the number of one thing is never that of another."""
    width = 10 ** max(3, len(str(10 * size)))
    base = width * (10 + crc32(model.server.encode()) % 80)
    return {name: base + width * number for number, name in enumerate(sorted(model.entities))}


def shares_ids(entity: Entity) -> bool:
    """Whether the schemas say that identifiers of an entity are another's too: they point to it, or are of a set
    that is given."""
    spec = entity.fields[entity.identifier]
    return bool(spec.refers or enum_of(spec.schema) or "const" in spec.schema)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a world has given away: the last serial number of each entity, and every identifier."""

    serials: dict[str, int]
    taken: set[str]

    def fresh(self, plan: Plan, rng: Random) -> JsonValue:
        """An identifier that nothing else in the world has, as far as the schema leaves one."""
        value: JsonValue = None
        for _ in range(TRIES):
            self.serials[plan.entity.name] += 1
            serial = self.serials[plan.entity.name]
            source = Random(f"{plan.entity.name} {serial}") if plan.entity.told else rng
            value = new_identifier(plan, serial, source)
            if key_of(value) not in self.taken or shares_ids(plan.entity):
                break
        self.taken.add(key_of(value))
        return value


class Seeder:
    """Makes worlds of one service. `size`: records of an entity that stands alone."""

    def __init__(self, model: ServiceModel, size: int) -> None:
        self.model = model
        self.size = size
        self.plans = {name: plan_of(entity) for name, entity in model.entities.items()}
        self.order = parents_first(model)
        self.parents = {name: parents_of(entity, model) for name, entity in model.entities.items()}
        self.starts = starts(model, size)

    def seed(self, seed: int) -> Template:
        """The world of a seed."""
        tables: dict[str, dict[str, Record]] = {}
        serials = dict(self.starts)
        taken: set[str] = set()
        for name in self.order:
            rng = Random(f"{seed} {self.model.server} {name}")
            tables[name] = self._table(self.plans[name], tables, Marks(serials, taken), rng)
        return template(tables, serials)

    def _table(
        self, plan: Plan, tables: Mapping[str, Mapping[str, Record]], given: Marks, rng: Random
    ) -> dict[str, Record]:
        entity, found = plan.entity, dict[str, Record]()
        count = 1 if entity.singleton else rng.randint(max(2, self.size - 3), self.size + 3)
        taken: dict[str, set[str]] = {name: set() for name in entity.unique}
        joined: set[tuple[str, ...]] = set()
        for _ in range(count):
            record = self._record(plan, tables, given, rng)
            if record is None:
                continue
            marks = {name: key_of(record[name]) for name in entity.unique if name in record}
            pair = tuple(key_of(record.get(name)) for name in entity.joins)
            if any(mark in taken[name] for name, mark in marks.items()) or (
                entity.joins and pair in joined and pair.count("None") < len(pair)
            ):
                continue
            for name, mark in marks.items():
                taken[name].add(mark)
            joined.add(pair)
            found[key_of(record[entity.identifier])] = record
        return found

    def _record(
        self, plan: Plan, tables: Mapping[str, Mapping[str, Record]], given: Marks, rng: Random
    ) -> Record | None:
        entity = plan.entity
        record = self._values(plan, tables, given, rng)
        if record is None:
            return None
        settle_parents(self.parents[entity.name], tables, record)
        if entity.lifecycle is not None:
            record[entity.lifecycle.field] = (
                _state(entity, rng) if entity.lifecycle.states else record.get(entity.lifecycle.field)
            )
        _order_times(plan, record)
        record.update(_agreeing(plan, record))
        if record.get(entity.identifier) is None:
            record[entity.identifier] = given.fresh(plan, rng)
        return record

    def _values(
        self, plan: Plan, tables: Mapping[str, Mapping[str, Record]], given: Marks, rng: Random
    ) -> dict[str, JsonValue] | None:
        """Values of the fields, each made by itself; None where what it must point to is not there."""
        entity = plan.entity
        record: dict[str, JsonValue] = {}
        place = rng.random()
        for name, spec in entity.fields.items():
            if spec.told:
                record[name] = spec.told[int(place * len(spec.told))]
            elif spec.refers:
                must = name in (entity.identifier, *entity.scope)
                value = reference(spec, self.model, tables, rng, must=must or spec.required)
                if value is not None:
                    record[name] = value
                elif must:
                    return None
            elif name == entity.identifier:
                record[name] = None
            elif _numbered(entity, name):
                given.serials[entity.name] += 1
                record[name] = whole_number(plan, name, given.serials[entity.name], rng)
            elif name in plan.makers:
                record[name] = plan.makers[name](rng)
        return record


def _agreeing(plan: Plan, record: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields that have to change so that the record agrees with itself; none where a schema forbids one."""
    fields = plan.entity.fields
    changed = {
        name: value
        for name, value in settled(record).items()
        if value != record[name] and name in plan.makers and not fields[name].refers and not fields[name].told
    }
    return changed if all(plan.allows(name, value) for name, value in changed.items()) else {}


def _numbered(entity: Entity, name: str) -> bool:
    """Whether a field beside the identifier tells any two apart by a number."""
    schema = entity.fields[name].schema
    return name in entity.unique and schema.get("type") == "integer" and not enum_of(schema)


def _state(entity: Entity, rng: Random) -> JsonValue:
    cycle = entity.lifecycle
    assert cycle is not None
    return cycle.initial if rng.random() < 0.5 else rng.choice(cycle.states)


@dataclass(frozen=True, slots=True)
class Parent:
    """A reference of an entity: its field, what it refers to, and the entity's fields that have to agree with those of
    what it points to, as pairs of own and other."""

    field: str
    refers: str
    told: tuple[tuple[str, str], ...]
    """Pairs of fields whose values are told."""
    above: tuple[tuple[str, str], ...]
    """Pairs of references to one thing above both."""


def parents_of(entity: Entity, model: ServiceModel) -> tuple[Parent, ...]:
    """The references of an entity to others that are kept."""
    found: list[Parent] = []
    for name, spec in entity.fields.items():
        if spec.refers not in model.entities:
            continue
        above = model.entities[spec.refers]
        told = [
            (mine, same)
            for mine, own in entity.fields.items()
            if own.told and (same := next((n for n, s in above.fields.items() if s.told == own.told), None)) is not None
        ]
        shared = [
            (mine, other)
            for other in above.scope
            if (mine := _pointing(entity, name, above.fields[other].refers)) is not None and mine != entity.identifier
        ]
        found.append(Parent(name, spec.refers, tuple(told), tuple(shared)))
    return tuple(found)


def _pointing(entity: Entity, but: str, refers: str) -> str | None:
    return next((n for n, s in entity.fields.items() if n != but and s.refers == refers), None)


def settle_parents(
    parents: Sequence[Parent], tables: Mapping[str, Mapping[str, Record]], record: dict[str, JsonValue]
) -> None:
    """References that a parent has too agree with it: the task of a time entry belongs to the entry's project."""
    for one in parents:
        parent = tables.get(one.refers, {}).get(key_of(record[one.field])) if one.field in record else None
        if parent is not None:
            for mine, other in (*one.told, *one.above):
                if other in parent:
                    record[mine] = parent[other]


def reference(
    spec: FieldModel, model: ServiceModel, tables: Mapping[str, Mapping[str, Record]], rng: Random, *, must: bool
) -> JsonValue:
    """The identifier of a record that is there, or a list of them; None for none."""
    table = tables.get(spec.refers, {})
    if not table or (not must and rng.random() < 0.2):
        return None
    target = model.entities[spec.refers].identifier
    keys = list(table)
    if items_of(spec.schema) is not None:
        return [table[key][target] for key in rng.sample(keys, min(len(keys), rng.randint(1, 2)))]
    return table[rng.choice(keys)][target]


def _order_times(plan: Plan, record: dict[str, JsonValue]) -> None:
    """Nothing is changed before it was made."""
    one, two = record.get(plan.created), record.get(plan.updated)
    if one is not None and two is not None and type(one) is type(two) and str(one) > str(two):
        record[plan.created], record[plan.updated] = two, one


def parents_first(model: ServiceModel) -> tuple[str, ...]:
    """The entities, each after those it lives in; as far as that goes, after those it requires, and after all it
    refers to."""
    lives, requires, refers = dict[str, set[str]](), dict[str, set[str]](), dict[str, set[str]]()
    for name, entity in model.entities.items():
        held = (entity.identifier, *entity.scope)
        refers[name] = {spec.refers for spec in entity.fields.values()} & model.entities.keys() - {name}
        requires[name] = {spec.refers for spec in entity.fields.values() if spec.required} & refers[name]
        lives[name] = {entity.fields[field].refers for field in held} & refers[name]
    order: list[str] = []
    left = set(model.entities)
    while left:
        rank = {name: (len(lives[name] & left), len(requires[name] & left), len(refers[name] & left)) for name in left}
        order.append(min(left, key=lambda name: (rank[name], name)))
        left.remove(order[-1])
    return tuple(order)
