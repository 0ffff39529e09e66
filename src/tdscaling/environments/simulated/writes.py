"""What writing tools do: everything is checked first, and only then is anything changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tdscaling.environments.simulated.consistent import sums
from tdscaling.environments.simulated.failures import CallFailedError
from tdscaling.environments.simulated.lifecycle import may_move
from tdscaling.environments.simulated.model import Entity, Operation, ServiceModel
from tdscaling.environments.simulated.plans import Plan, new_identifier
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.responder import Responder
from tdscaling.environments.simulated.store import Record, Store, key_of
from tdscaling.environments.simulated.texts import NOW
from tdscaling.environments.simulated.told import known_ids
from tdscaling.environments.simulated.world import shares_ids
from tdscaling.types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Writer:
    """The writing half of a service: model, plans by entity, who phrases texts, and the world's seed."""

    model: ServiceModel
    plans: Mapping[str, Plan]
    responder: Responder
    seed: int

    def create(self, store: Store, operation: Operation, arguments: JsonObject) -> Record:
        """A new record with what was given, an identifier, times, the first state and what every record shows."""
        entity = self.model.entities[operation.entity]
        values = _values(operation, arguments)
        self._check(store, entity, values, {})
        if entity.joins:
            self._check_pair(store, entity, values)
        rng = Random(f"{self.seed} {entity.name} {store.serial(entity.name)}")
        plan = self.plans[entity.name]
        record = dict(values)
        for name, value in _beginnings(plan).items():
            record.setdefault(name, value)
        missing = [s for n, s in entity.fields.items() if s.required and n not in record and n != entity.identifier]
        record.update(self.responder.complete(entity, record, missing, plan.makers, rng))
        record.update(_sums(plan, record, values))
        self._settle_scope(store, entity, record)
        if entity.identifier not in record:
            record[entity.identifier] = self._free_identifier(store, plan, rng)
        record = {name: record[name] for name in entity.fields if name in record}
        store.next_serial(entity.name)
        store.put(entity.name, record[entity.identifier], record)
        return record

    def update(self, store: Store, operation: Operation, record: Record, arguments: JsonObject) -> Record:
        """The record with what was given in place of what was there, and nothing else but the time of change."""
        entity = self.model.entities[operation.entity]
        values = _values(operation, arguments)
        self._check(store, entity, values, record)
        return self._replace(store, entity, record, values)

    def move(self, store: Store, operation: Operation, record: Record, arguments: JsonObject) -> Record:
        """The record in the state that the verb leads to. Raises CallFailedError where it can't go there."""
        entity = self.model.entities[operation.entity]
        cycle = entity.lifecycle
        assert cycle is not None
        move, now = cycle.moves[operation.verb], record.get(cycle.field)
        if now == move.to:
            raise CallFailedError("conflict", f"{_said(entity, record)} is {now} already")
        if not may_move(entity, operation.verb, record):
            raise CallFailedError("conflict", f"{_said(entity, record)} is {now}: it can't be taken to {move.to}")
        values = _values(operation, arguments)
        self._check(store, entity, values, record)
        return self._replace(store, entity, record, {**values, cycle.field: move.to})

    def delete(self, store: Store, operation: Operation, record: Record) -> None:
        """Removes a record with what lives in it; what merely points to it and can do without loses the reference.

        Raises CallFailedError where something can't do without.
        """
        entity = self.model.entities[operation.entity]
        doomed: dict[tuple[str, str], None] = {}
        loosened: dict[tuple[str, str], Record] = {}
        waiting = [(entity, record)]
        while waiting:
            owner, lost = waiting.pop()
            mark = (owner.name, key_of(lost[owner.identifier]))
            if mark in doomed:
                continue
            doomed[mark] = None
            waiting.extend(self._fallen(store, owner, lost, loosened))
        blocking = [mark for mark in loosened if mark not in doomed and self._needed(mark[0], entity.name)]
        if blocking:
            raise CallFailedError("conflict", f"{_said(entity, record)} is in use by {blocking[0][0]} {blocking[0][1]}")
        for (name, key), changed in loosened.items():
            if (name, key) not in doomed:
                store.put(name, key, changed)
        for name, key in doomed:
            store.drop(name, key)

    def _fallen(
        self, store: Store, owner: Entity, lost: Record, loosened: dict[tuple[str, str], Record]
    ) -> list[tuple[Entity, Record]]:
        """What falls with a record; what only loses a reference is noted in `loosened`."""
        fallen: list[tuple[Entity, Record]] = []
        key = key_of(lost[owner.identifier])
        for entity in self.model.entities.values():
            fields = [name for name, spec in entity.fields.items() if spec.refers == owner.name]
            if not fields:
                continue
            for place, record in store.table(entity.name).items():
                pointing = [name for name in fields if _points(record.get(name), key)]
                if not pointing:
                    continue
                if any(name in entity.scope or name in entity.joins or name == entity.identifier for name in pointing):
                    fallen.append((entity, record))
                else:
                    before = loosened.get((entity.name, place), record)
                    loosened[entity.name, place] = _without(before, pointing, key)
        return fallen

    def _needed(self, name: str, referred: str) -> bool:
        return any(spec.required and spec.refers == referred for spec in self.model.entities[name].fields.values())

    def _replace(self, store: Store, entity: Entity, record: Record, values: Mapping[str, JsonValue]) -> Record:
        plan, changed = self.plans[entity.name], {**record, **values}
        if values:
            changed.update(_sums(plan, changed, values))
        updated = plan.updated
        if updated and updated not in values and changed != record:
            changed[updated] = _now(entity, updated)
        changed = {name: changed[name] for name in entity.fields if name in changed}
        old, new = key_of(record[entity.identifier]), key_of(changed[entity.identifier])
        if old != new:
            raise CallFailedError("validation", f"the {entity.identifier} of a {entity.name} can't be changed")
        if changed != record:
            store.put(entity.name, changed[entity.identifier], changed)
        return changed

    def _check(self, store: Store, entity: Entity, values: Mapping[str, JsonValue], record: Record) -> None:
        """What is given must point to what is there, be told apart from others, and not fall below zero."""
        for name, value in values.items():
            spec = entity.fields[name]
            if spec.refers in self.model.entities and value is not None:
                for item in value if isinstance(value, list | tuple) else (value,):
                    if store.get(spec.refers, item) is None:
                        hint = known_ids(self.model.entities[spec.refers], store)
                        raise CallFailedError("not_found", f"{name}: there is no {spec.refers} {key_of(item)!r}{hint}")
            if spec.non_negative and isinstance(value, int | float) and value < 0:
                raise CallFailedError("validation", f"{name} can't be below zero")
        self._check_unique(store, entity, values, record)
        cycle = entity.lifecycle
        if cycle is not None and cycle.field in values and cycle.states and values[cycle.field] not in cycle.states:
            raise CallFailedError(
                "validation", f"{cycle.field}: {values[cycle.field]!r} is no state that {entity.name} has"
            )

    def _check_unique(self, store: Store, entity: Entity, values: Mapping[str, JsonValue], record: Record) -> None:
        for name in entity.unique:
            value = values.get(name)
            if value is None or key_of(value) == key_of(record.get(name)):
                continue
            if name == entity.identifier:
                taken = store.get(entity.name, value) is not None
            else:
                taken = any(key_of(r.get(name)) == key_of(value) for r in store.table(entity.name).values())
            if taken:
                raise CallFailedError("conflict", f"there is a {entity.name} with the {name} {key_of(value)!r} already")

    def _check_pair(self, store: Store, entity: Entity, values: Mapping[str, JsonValue]) -> None:
        pair = [key_of(values.get(name)) for name in entity.joins]
        if pair.count("None") == len(pair):
            return
        for record in store.table(entity.name).values():
            if [key_of(record.get(name)) for name in entity.joins] == pair:
                raise CallFailedError("conflict", f"{' and '.join(pair)} are joined already")

    def _settle_scope(self, store: Store, entity: Entity, record: dict[str, JsonValue]) -> None:
        """References are kept as the other side spells them: "7" becomes 7."""
        for name, spec in entity.fields.items():
            if spec.refers in self.model.entities and isinstance(record.get(name), str | int | float):
                other = store.get(spec.refers, record[name])
                if other is not None:
                    record[name] = other[self.model.entities[spec.refers].identifier]

    def _free_identifier(self, store: Store, plan: Plan, rng: Random) -> JsonValue:
        serial = store.serial(plan.entity.name) + 1
        for attempt in range(1000):
            value = new_identifier(plan, serial + attempt, rng)
            others = [plan.entity.name] if shares_ids(plan.entity) else self.plans
            if all(store.get(name, value) is None for name in others):
                return value
        raise CallFailedError("conflict", f"no identifier is left for a {plan.entity.name}")


def _values(operation: Operation, arguments: JsonObject) -> dict[str, JsonValue]:
    """What the caller gives for fields."""
    found: dict[str, JsonValue] = {}
    for param in operation.having("value"):
        value = given(arguments, param.path)
        if value is not None:
            found[param.field] = value
    return found


def _sums(plan: Plan, record: Mapping[str, JsonValue], given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What follows from other fields and is not given: amounts from quantity and price, totals from lines."""
    found = sums(record)
    return {name: value for name, value in found.items() if name not in given and plan.allows(name, value)}


def _beginnings(plan: Plan) -> dict[str, JsonValue]:
    """What every new record has: times, and the first state."""
    entity = plan.entity
    found: dict[str, JsonValue] = {}
    for name in (plan.created, plan.updated):
        if name:
            found[name] = _now(entity, name)
    if entity.lifecycle is not None:
        found[entity.lifecycle.field] = entity.lifecycle.initial
    return found


def _now(entity: Entity, name: str) -> JsonValue:
    schema = entity.fields[name].schema
    if schema.get("type") in ("integer", "number"):
        return 1772442000
    return NOW[:10] if schema.get("format") == "date" else NOW


def _points(value: JsonValue, key: str) -> bool:
    return (
        any(key_of(item) == key for item in value)
        if isinstance(value, list | tuple)
        else value is not None and key_of(value) == key
    )


def _without(record: Record, names: list[str], key: str) -> Record:
    changed = dict(record)
    for name in names:
        value = changed[name]
        if isinstance(value, list | tuple):
            changed[name] = [item for item in value if key_of(item) != key]
        else:
            del changed[name]
    return changed


def _said(entity: Entity, record: Record) -> str:
    return f"{entity.name} {record[entity.identifier]}"
