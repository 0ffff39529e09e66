"""Things found through others: a section's teacher, the students of a class, by whichever record says so."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tdscaling.environments.simulated.failures import CallFailedError
from tdscaling.environments.simulated.model import Entity, FieldModel, Operation, Param, ServiceModel
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.store import Store, key_of
from tdscaling.types import JsonObject


def related(model: ServiceModel) -> ServiceModel:
    """The model with each parameter that names another thing reading the side that says who belongs to whom: the
    thing's own field where its records show one, else a field of the other. Where no record shows any, the many hold
    the one.
    """
    entities, operations = dict(model.entities), dict(model.operations)
    for name, operation in sorted(operations.items()):
        if operation.kind in ("get", "list", "count") and any(param.parent in entities for param in operation.params):
            params = tuple(_through(entities, operation, param) for param in operation.params)
            operations[name] = replace(operation, params=params)
    return replace(model, entities=entities, operations=operations)


def _through(entities: dict[str, Entity], operation: Operation, param: Param) -> Param:
    own, other = entities[operation.entity], entities.get(param.parent)
    if other is None or param.field in (*own.scope, own.identifier) or own.fields[param.field].shown:
        return param
    field = next((n for n, s in other.fields.items() if s.refers == own.name and n != other.identifier), None)
    if field is None and operation.kind == "get":
        field = f"{own.name.replace(' ', '_')}_id"
        made = FieldModel(name=field, schema={"type": "string"}, refers=own.name)
        entities[other.name] = replace(other, fields={**other.fields, field: made})
    return param if field is None else replace(param, field=own.identifier, via=field)


def through(operation: Operation, arguments: JsonObject, store: Store) -> Iterator[frozenset[str]]:
    """For each parameter that names another thing which says what belongs to it: the keys of what does. Raises
    CallFailedError where there is no such thing."""
    for param in operation.params:
        value = given(arguments, param.path) if param.via else None
        if value is None:
            continue
        holder = store.get(param.parent, value)
        if holder is None:
            raise CallFailedError("not_found", f"there is no {param.parent} {value!r}")
        yield held(holder, param.via)


def held(holder: Mapping[str, object], field: str) -> frozenset[str]:
    """The keys that a field of a record holds."""
    value = holder.get(field)
    return frozenset(key_of(item) for item in (value if isinstance(value, list | tuple) else (value,)) if item)  # type: ignore[arg-type]
