"""How records of an entity are made: a maker for each field, identifiers of its kind, checks made once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from tdscaling.environments.simulated.checks import Check, compiled
from tdscaling.environments.simulated.makers import Maker, maker
from tdscaling.environments.simulated.model import Entity
from tdscaling.environments.simulated.naming import CREATED, UPDATED, canonical_fields
from tdscaling.environments.simulated.texts import uuid
from tdscaling.types import JsonValue

_LAST_NUMBER = re.compile(r"\d{3,}(?=\D*$)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How records of an entity are made: functions by field, references, the fields of time. What a field's values are
    checked with, and numbers and codes that its schema allows, are made when they are first asked for."""

    entity: Entity
    makers: Mapping[str, Maker]
    created: str
    updated: str
    prefix: str
    _checks: dict[str, Check] = field(default_factory=dict[str, Check])
    _fitting: dict[str, Maker | None] = field(default_factory=dict[str, Maker | None])

    def allows(self, name: str, value: JsonValue) -> bool:
        """Whether a field's schema accepts a value."""
        check = self._checks.get(name)
        if check is None:
            check = self._checks[name] = compiled(self.entity.fields[name].schema)
        return not check(value, "")

    def fitting(self, name: str) -> Maker | None:
        """What makes identifiers that a field's schema accepts, where serial numbers won't do."""
        if name not in self._fitting:
            self._fitting[name] = maker("id", self.entity.fields[name].schema)
        return self._fitting[name]


def plan_of(entity: Entity) -> Plan:
    """The functions that make an entity's records; optional fields that nothing fits are left out."""
    by_canonical = canonical_fields(entity)
    makers = {
        name: made
        for name, spec in entity.fields.items()
        if not spec.refers and name != entity.identifier and (made := maker(name, spec.schema, entity.name)) is not None
    }
    created = next((by_canonical[name] for name in CREATED if name in by_canonical), "")
    updated = next((by_canonical[name] for name in UPDATED if name in by_canonical), "")
    return Plan(entity, makers, created, updated, _prefix(entity.name))


def _prefix(name: str) -> str:
    """`cus` for a customer, `disadm` for a district admin."""
    return "".join(word[:3] for word in name.split(" ")[-3:]).lower()


def new_identifier(plan: Plan, serial: int, rng: Random) -> JsonValue:
    """An identifier of the entity's kind for its `serial`th record."""
    entity = plan.entity
    match entity.id_kind:
        case "integer":
            return whole_number(plan, entity.identifier, serial, rng)
        case "uuid":
            return uuid(Random(f"{entity.name} {serial} {rng.random()}"))
        case "slug":
            made = maker(entity.identifier, entity.fields[entity.identifier].schema, entity.name)
            return f"{made(rng)}" if made is not None else f"{plan.prefix}-{serial}"
        case _:
            return _code(plan, serial, rng)


def whole_number(plan: Plan, name: str, serial: int, rng: Random) -> JsonValue:
    """The serial number, in digits where the field is a text; where a greatest value forbids that, a number that
    fits."""
    for value in (serial, str(serial)):
        if plan.allows(name, value):
            return value
    made = plan.fitting(name)
    return made(rng) if made is not None else serial


def _code(plan: Plan, serial: int, rng: Random) -> str:
    """`tas_1042`; where a pattern or a length forbids that, a text that fits."""
    name, plain_code = plan.entity.identifier, f"{plan.prefix}_{serial}"
    if plan.allows(name, plain_code):
        return plain_code
    made = plan.fitting(name)
    if made is None:
        return plain_code
    found = str(made(rng))
    numbered = _LAST_NUMBER.sub(str(serial), found)
    return numbered if plan.allows(name, numbered) else found
