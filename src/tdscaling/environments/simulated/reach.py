"""Which tools of a service can be called at all: those whose needed values a person or another tool can give."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdscaling.environments.simulated.model import Entity, Operation, Param, ServiceModel
from tdscaling.environments.simulated.schemas import enum_of, plain, properties_of
from tdscaling.environments.simulated.told import tellable, told_values
from tdscaling.types import Tool

_STRICT = ("key", "filter")
_SHOW = ("list", "get", "create", "update", "link")
_SHOW_OLD = ("list", "get")
"""The tools that show what there is already."""
_ROUNDS = 4


def reachable(model: ServiceModel, tools: Mapping[str, Tool]) -> ServiceModel:
    """The model with everything that nobody can supply settled: a required reference to a thing that the service
    does not keep becomes `context` (any value is taken), and a tool whose key no other tool shows is left out."""
    operations = dict(model.operations)
    shown = _shown(model, operations, tools)
    for name, operation in sorted(operations.items()):
        model = _told(model, operation, shown, tools[name])
        operations[name] = _loosened(model, operation, shown, tools[name])
    model = _all_named(model, operations, tools)
    shown = _shown(model, operations, tools)
    for name, operation in sorted(operations.items()):
        missing = _missing(model, operation, shown, tools[name])
        if missing is not None:
            place = ".".join(missing.path)
            operations[name] = Operation(tool=name, kind="none", reason=f"needs a `{place}` that no tool shows")
    used = _used(model, operations)
    return replace(model, operations=operations, entities={n: e for n, e in model.entities.items() if n in used})


def _all_named(model: ServiceModel, operations: Mapping[str, Operation], tools: Mapping[str, Tool]) -> ServiceModel:
    """The model with every entity told whose identifier some tool needs and nobody shows before a new one is made."""
    for _ in range(_ROUNDS):
        before, shown = model, _shown(model, operations, tools, _SHOW_OLD)
        for name, operation in sorted(operations.items()):
            model = _named(model, _missing(model, operation, shown, tools[name]), operation)
        if model == before:
            break
    return model


def _told(model: ServiceModel, operation: Operation, shown: set[tuple[str, str]], tool: Tool) -> ServiceModel:
    """The model with values for the parents that a tool needs and nobody shows."""
    if operation.kind == "none":
        return model
    entity = model.entities[operation.entity]
    for param in operation.params:
        if param.required and _stands_alone(model, entity, param) and tellable(param):
            spec = entity.fields[param.field]
            plain_answers = any(field.shown for field in entity.fields.values()) and not spec.shown
            open_to = not enum_of(spec.schema) and spec.schema.get("type") in ("string", "integer")
            if not spec.told and open_to and (plain_answers or not _supplied(model, entity, param, shown, tool)):
                values = told_values(model.server, param.path[-1], spec.schema)
                entity = replace(entity, fields={**entity.fields, param.field: replace(spec, told=values)})
    return replace(model, entities={**model.entities, entity.name: entity})


def _stands_alone(model: ServiceModel, entity: Entity, param: Param) -> bool:
    """Whether a parameter names a thing that the service does not keep."""
    if param.role not in _STRICT or param.via or param.field in entity.unique:
        return False
    return entity.fields[param.field].refers not in model.entities


def _named(model: ServiceModel, missing: Param | None, operation: Operation) -> ServiceModel:
    """The model with the entity told whose identifier a tool needs and nobody shows."""
    if missing is None or not tellable(missing):
        return model
    entity = model.entities[operation.entity]
    refers = missing.parent if missing.via else entity.fields[missing.field].refers
    wanted = model.entities.get(refers, entity if missing.field == entity.identifier else None)
    if wanted is None or wanted.fields[wanted.identifier].refers or wanted.singleton:
        return model
    return replace(model, entities={**model.entities, wanted.name: replace(wanted, told=True)})


def _shown(
    model: ServiceModel, operations: Mapping[str, Operation], tools: Mapping[str, Tool], kinds: Sequence[str] = _SHOW
) -> set[tuple[str, str]]:
    """Pairs of entity and field that some callable tool of these kinds shows."""
    shown: set[tuple[str, str]] = set()
    waiting = {name: op for name, op in operations.items() if op.kind in kinds}
    while True:
        ready = [name for name, op in sorted(waiting.items()) if _missing(model, op, shown, tools[name]) is None]
        if not ready:
            return shown
        for name in ready:
            entity = model.entities[waiting.pop(name).entity]
            for field, spec in entity.fields.items():
                shown.add((entity.name, field))
                if spec.refers in model.entities:
                    shown.add((spec.refers, model.entities[spec.refers].identifier))


def _missing(model: ServiceModel, operation: Operation, shown: set[tuple[str, str]], tool: Tool) -> Param | None:
    """The first required parameter whose value nobody can supply."""
    if operation.kind == "none":
        return None
    entity = model.entities[operation.entity]
    for param in operation.params:
        if param.required and _must_exist(param, entity) and not _supplied(model, entity, param, shown, tool):
            return param
    return None


def _must_exist(param: Param, entity: Entity) -> bool:
    if param.role in _STRICT:
        return param.comparison in ("equal", "any")
    return param.role == "value" and bool(entity.fields[param.field].refers)


def _supplied(model: ServiceModel, entity: Entity, param: Param, shown: set[tuple[str, str]], tool: Tool) -> bool:
    refers = param.parent if param.via else entity.fields[param.field].refers
    if entity.fields[param.field].told or model.entities.get(refers, entity).told:
        return True
    if refers in model.entities:
        return (refers, model.entities[refers].identifier) in shown
    if (entity.name, param.field) in shown:
        return True
    schema = plain(tool.input_schema)
    for name in param.path:
        schema = properties_of(schema).get(name, {})
    return bool(enum_of(schema)) or schema.get("type") == "boolean"


def _loosened(model: ServiceModel, operation: Operation, shown: set[tuple[str, str]], tool: Tool) -> Operation:
    if operation.kind == "none":
        return operation
    entity = model.entities[operation.entity]
    params = [
        replace(param, role="context")
        if param.required and _stands_alone(model, entity, param) and not _supplied(model, entity, param, shown, tool)
        else param
        for param in operation.params
    ]
    return replace(operation, params=tuple(params))


def _acted_on(operations: Mapping[str, Operation]) -> set[str]:
    """The entities of tools that work, and those through which they find things."""
    working = [op for op in operations.values() if op.kind != "none"]
    return {op.entity for op in working} | {param.parent for op in working for param in op.params if param.via}


def _used(model: ServiceModel, operations: Mapping[str, Operation]) -> set[str]:
    """Entities that some tool acts on, and those they refer to."""
    used: set[str] = set()
    waiting = sorted(_acted_on(operations))
    while waiting:
        name = waiting.pop()
        if name in used or name not in model.entities:
            continue
        used.add(name)
        waiting.extend(sorted({spec.refers for spec in model.entities[name].fields.values() if spec.refers}))
    return used


def restricted(model: ServiceModel, tools: Mapping[str, Tool]) -> ServiceModel:
    """The part of a service that some of its tools see: their entities and what these can't be without. Other
    references become plain values. What these tools need and only others show is told."""
    operations = {name: op for name, op in model.operations.items() if name in tools}
    kept = _acted_on(operations)
    waiting = sorted(kept)
    while waiting:
        entity = model.entities[waiting.pop()]
        needed = {
            spec.refers
            for name, spec in entity.fields.items()
            if spec.refers in model.entities
            and (spec.required or name in (entity.identifier, *entity.scope, *entity.joins))
        }
        waiting.extend(sorted(needed - kept))
        kept |= needed
    entities = {name: _cut(model.entities[name], kept) for name in sorted(kept)}
    part = replace(model, operations=operations, entities=entities)
    shown = _shown(part, operations, tools)
    for name, operation in sorted(operations.items()):
        part = _told(part, operation, shown, tools[name])
    return _all_named(part, operations, tools)


def _cut(entity: Entity, kept: set[str]) -> Entity:
    fields = {name: spec if spec.refers in kept else replace(spec, refers="") for name, spec in entity.fields.items()}
    return replace(entity, fields=fields)
