"""Arguments that a simulated service must accept, drawn from its own state: what checks and benchmarks call it with."""

import re
from random import Random

from tdscaling.environments.simulated.envelope import MISSING
from tdscaling.environments.simulated.lifecycle import may_move
from tdscaling.environments.simulated.makers import Maker, maker
from tdscaling.environments.simulated.model import Entity, Operation, Param
from tdscaling.environments.simulated.query import given
from tdscaling.environments.simulated.relations import held
from tdscaling.environments.simulated.schemas import enum_of, items_of, properties_of, required_of
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.shapes import fitting
from tdscaling.environments.simulated.store import Record, Store, key_of
from tdscaling.types import JsonObject, JsonValue

_WORD = re.compile(r"(?<![^\s])[^\W\d_]{3,}(?![^\s])")
_TRIES = 6
"""How often values are drawn anew where what would be created is there already."""
_OF_ONE = ("get", "update", "delete", "move", "unlink")


def arguments_for(
    service: Service,
    store: Store,
    operation: Operation,
    rng: Random,
    *,
    record: Record | None = None,
    share: float = 0.0,
) -> dict[str, JsonValue] | None:
    """Valid arguments: the required ones and a `share` of the optional values. Keys and filters are those of
    `record`, else of any record. None where the state or the schema allows none."""
    entity = service.model.entities[operation.entity]
    table = list(store.table(entity.name).values())
    if operation.kind == "move" and record is None:
        table = [one for one in table if may_move(entity, operation.verb, one)]
    chosen = record if record is not None else (rng.choice(table) if table else None)
    for _ in range(_TRIES):
        found = _drawn(service, store, operation, rng, chosen, share)
        if found is None or not _taken(service, store, operation, found):
            return found
    return None


def _drawn(
    service: Service, store: Store, operation: Operation, rng: Random, chosen: Record | None, share: float
) -> dict[str, JsonValue] | None:
    """Arguments that the schema allows, keys and filters those of the chosen record; None where there are none."""
    schema, entity = service.inputs[operation.tool], service.model.entities[operation.entity]
    found: dict[str, JsonValue] = {}
    for param in operation.params:
        wanted = param.required or (param.role == "key") or (param.role == "value" and rng.random() < share)
        if not wanted:
            continue
        spec = _at(schema, param.path)
        value = _value(service, store, operation, param, spec, chosen, rng)
        if value is MISSING:
            if param.required:
                return None
            continue
        _put(found, param.path, value)  # type: ignore[arg-type]
    if operation.kind in _OF_ONE and not entity.singleton and not _says_which(operation, found):
        return None
    _complete(service, operation, found, schema, rng)
    return found if not service.problem(service.tools[operation.tool], found) else None


def _taken(service: Service, store: Store, operation: Operation, arguments: JsonObject) -> bool:
    """Whether what would be created is there already: the link of two things, the one thing of its kind that another
    has."""
    if operation.kind not in ("create", "link"):
        return False
    entity = service.model.entities[operation.entity]
    said = {param.field: given(arguments, param.path) for param in operation.having("value")}
    pair = [key_of(said.get(name)) for name in entity.joins]
    table = store.table(entity.name)
    if pair and pair.count("None") < len(pair):
        return any([key_of(record.get(name)) for name in entity.joins] == pair for record in table.values())
    own = {name: value for name in entity.unique if (value := said.get(name)) is not None}
    return any(key_of(record.get(name)) == key_of(value) for name, value in own.items() for record in table.values())


def impossible(service: Service, operation: Operation) -> str:
    """Why no call of a tool can be made at all, whatever the state; "" where one can."""
    schema, entity = service.inputs[operation.tool], service.model.entities[operation.entity]
    if schema.get("type", "object") != "object":
        return "its inputs are no object"
    for param in operation.params:
        if not param.required or param.role in ("key", "filter") or param.via:
            continue
        spec = entity.fields.get(param.field)
        taken = spec is not None and (spec.told or spec.refers in service.model.entities)
        if not taken and _maker(service, operation, param.path, _at(schema, param.path)) is None:
            return f"no value of `{'.'.join(param.path)}` is found that its schema allows"
    return ""


def _says_which(operation: Operation, arguments: JsonObject) -> bool:
    return any(given(arguments, param.path) is not None for param in operation.having("key"))


def _at(schema: JsonObject, path: tuple[str, ...]) -> JsonObject:
    for name in path:
        schema = properties_of(schema).get(name, {})
    return schema


def _value(
    service: Service,
    store: Store,
    operation: Operation,
    param: Param,
    schema: JsonObject,
    record: Record | None,
    rng: Random,
) -> object:
    entity = service.model.entities[operation.entity]
    if param.via:
        return _holder(service, store, param, record[entity.identifier] if record is not None else None, schema)
    if param.role in ("key", "filter"):
        held = record.get(param.field) if record is not None else None
        if param.role == "filter" and held is None:
            return _any(service, store, entity.fields[param.field].refers, schema, rng)
        return fitting(schema)(held) if held is not None else MISSING
    told = entity.fields[param.field].told if param.field in entity.fields else ()
    if told:
        held_value = record.get(param.field) if record is not None else None
        return fitting(schema)(held_value if held_value is not None else told[0])
    if param.role == "text" and record is not None and not enum_of(schema) and (word := _word(record, entity, rng)):
        return fitting(schema)(word)
    if param.role == "value":
        if operation.kind in ("update", "move") and param.field == entity.identifier and record is not None:
            return fitting(schema)(record[param.field])
        refers = entity.fields[param.field].refers
        if refers in service.model.entities:
            return _any(service, store, refers, schema, rng)
    made = _maker(service, operation, param.path, schema)
    return made(rng) if made is not None else MISSING


def _word(record: Record, entity: Entity, rng: Random) -> str:
    """A word that a record says, "" for none: what somebody who looks for it would search."""
    texts = [value for name, value in record.items() if name != entity.identifier and isinstance(value, str)]
    words = [found[0] for text in texts if (found := _WORD.search(text))]
    return rng.choice(words) if words else ""


def _holder(service: Service, store: Store, param: Param, key: JsonValue, schema: JsonObject) -> object:
    """The identifier of the thing that says of a record that it belongs to it."""
    name = service.model.entities[param.parent].identifier
    holders = store.table(param.parent).values()
    found = next((one[name] for one in holders if key_of(key) in held(one, param.via)), None)
    return fitting(schema)(found) if found is not None else MISSING


def _any(service: Service, store: Store, refers: str, schema: JsonObject, rng: Random) -> object:
    """The identifier of some record of an entity, in the form that a schema asks for."""
    table = store.table(refers)
    if not table:
        return MISSING
    value = table[rng.choice(list(table))][service.model.entities[refers].identifier]
    listed: JsonValue = [value] if items_of(schema) is not None else value
    return fitting(schema)(listed)


def _put(found: dict[str, JsonValue], path: tuple[str, ...], value: JsonValue) -> None:
    if len(path) == 1:
        found[path[0]] = value
        return
    inner = found.setdefault(path[0], {})
    if isinstance(inner, dict):
        _put(inner, path[1:], value)


def _maker(service: Service, operation: Operation, path: tuple[str, ...], schema: JsonObject) -> Maker | None:
    key = (operation.tool, *path)
    if key not in service.made:
        service.made[key] = maker(path[-1], schema, operation.entity)
    return service.made[key]


def _complete(
    service: Service, operation: Operation, found: dict[str, JsonValue], schema: JsonObject, rng: Random
) -> None:
    """What is required and no parameter stands for: the bodies that hold only optional fields."""
    for name in sorted(required_of(schema) - found.keys()):
        spec = properties_of(schema).get(name, {})
        if properties_of(spec):
            found[name] = {}
            continue
        made = _maker(service, operation, (name,), spec)
        if made is not None:
            found[name] = made(rng)
