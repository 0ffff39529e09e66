"""Things found through others: a section's teacher, the students of a class, by whichever record says so."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tdscaling.environments.simulated.failures import CallFailedError
from tdscaling.environments.simulated.model import Entity, FieldModel, Operation, Param, ServiceModel
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.store import Store, key_of
from tdscaling.environments.simulated.told import known_ids
from tdscaling.types import JsonObject


def related(model: ServiceModel) -> ServiceModel:
    """The model with each parameter that names another thing reading the side that says who belongs to whom: the
    thing's own field where its records show one, else a field of the other. Where no record shows any, the many hold
    the one.
    """
    entities, operations = dict(model.entities), dict(model.operations)
    made = {
        (op.entity, param.field)
        for op in operations.values()
        if op.kind in ("create", "link")
        for param in op.having("value")
    }
    for name, operation in sorted(operations.items()):
        if operation.reads and any(param.parent in entities for param in operation.params):
            params = tuple(
                param if (operation.entity, param.field) in made else _through(entities, operation, param)
                for param in operation.params
            )
            operations[name] = replace(operation, params=params)
    _tell_apart(entities, operations)
    operations = {name: _telling(entities, operation) for name, operation in operations.items()}
    return replace(model, entities=entities, operations=operations)


def _telling(entities: Mapping[str, Entity], operation: Operation) -> Operation:
    """The operation, left out where what it names a thing by does not tell it from others."""
    if operation.kind not in ("get", "update", "delete", "move", "unlink"):
        return operation
    entity, keys = entities[operation.entity], operation.having("key")
    named = any(param.via or param.field in entity.unique for param in keys)
    joined = bool(entity.joins) and {*entity.joins} <= {param.field for param in keys}
    if entity.singleton or named or joined:
        return operation
    return Operation(tool=operation.tool, kind="none", reason=f"does not say which {entity.name}")


def _tell_apart(entities: dict[str, Entity], operations: Mapping[str, Operation]) -> None:
    """Where tools name a thing by what it belongs to alone, there is one of it for each."""
    for _, operation in sorted(operations.items()):
        keys = [param for param in operation.having("key") if not param.via]
        if (
            operation.kind not in ("get", "update", "delete", "move")
            or not keys
            or len(keys) < len(operation.having("key"))
        ):
            continue
        entity = entities[operation.entity]
        needed = tuple(dict.fromkeys(param.field for param in keys if param.required))
        if needed and not entity.joins and not any(param.field in entity.unique for param in keys):
            entities[entity.name] = replace(entity, joins=needed)


def _through(entities: dict[str, Entity], operation: Operation, param: Param) -> Param:
    own, other = entities[operation.entity], entities.get(param.parent)
    if other is None or param.field in (*own.scope, own.identifier) or own.fields[param.field].shown:
        return param
    field = next((n for n, s in other.fields.items() if s.refers == own.name and n != other.identifier), None)
    names_own = any(p.role == "key" and p.field in own.unique for p in operation.params if p is not param)
    if names_own:
        return param
    if field is None and operation.kind == "get":
        field = f"{own.name.replace(' ', '_')}_id"
        made = FieldModel(name=field, schema={"type": "string"}, refers=own.name)
        entities[other.name] = replace(other, fields={**other.fields, field: made})
    return param if field is None else replace(param, field=own.identifier, via=field)


def through(model: ServiceModel, operation: Operation, arguments: JsonObject, store: Store) -> Iterator[frozenset[str]]:
    """For each parameter that names another thing which says what belongs to it: the keys of what does. Raises
    CallFailedError where there is no such thing."""
    for param in operation.params:
        value = given(arguments, param.path) if param.via else None
        if value is None:
            continue
        holder = store.get(param.parent, value)
        if holder is None:
            hint = known_ids(model.entities[param.parent], store)
            raise CallFailedError("not_found", f"there is no {param.parent} {key_of(value)!r}{hint}")
        yield held(holder, param.via)


def held(holder: Mapping[str, object], field: str) -> frozenset[str]:
    """The keys that a field of a record holds."""
    value = holder.get(field)
    return frozenset(key_of(item) for item in (value if isinstance(value, list | tuple) else (value,)) if item)  # type: ignore[arg-type]
