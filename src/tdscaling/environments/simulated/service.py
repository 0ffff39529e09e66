"""A simulated service at work: a call in, a result out; a failed call changes nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from tdscaling.environments.simulated.checks import Check, compiled
from tdscaling.environments.simulated.failures import CallFailedError, failure
from tdscaling.environments.simulated.makers import Maker
from tdscaling.environments.simulated.model import Entity, Operation, Param, ServiceModel
from tdscaling.environments.simulated.plans import Plan, plan_of
from tdscaling.environments.simulated.policies import Rule
from tdscaling.environments.simulated.query import given, ordered, page, passes, selected
from tdscaling.environments.simulated.records import Place
from tdscaling.environments.simulated.relations import through
from tdscaling.environments.simulated.responder import ProceduralResponder, Responder
from tdscaling.environments.simulated.schemas import plain
from tdscaling.environments.simulated.shapes import Answer, answer_of
from tdscaling.environments.simulated.store import Record, Store, key_of
from tdscaling.environments.simulated.told import heed, known_ids
from tdscaling.environments.simulated.writes import Writer
from tdscaling.types import JsonObject, JsonValue, Tool, ToolResult
from tdscaling.values.texts import first_of

MAX_ARGUMENT_DEPTH = 40
MAX_NAMED = 8
"""Inputs that one error names."""
PROCEDURAL = ProceduralResponder()
_OBJECTS = (dict, Mapping)
"""What is read most comes first: asking whether something is any mapping takes ten times as long."""
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class Service:
    """The tools of one server over its model. It holds no state: the store comes in with each call."""

    model: ServiceModel
    tools: Mapping[str, Tool]
    rules: tuple[Rule, ...] = ()
    responder: Responder = PROCEDURAL

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        return {name: plan_of(entity) for name, entity in self.model.entities.items()}

    @cached_property
    def inputs(self) -> Mapping[str, JsonObject]:
        """The input schemas made plain, by tool."""
        return {name: plain(self.tools[name].input_schema) for name in self.model.simulated}

    @cached_property
    def made(self) -> dict[tuple[str, ...], Maker | None]:
        """Makers of arguments, by tool and path, as far as they have been asked for."""
        return {}

    @cached_property
    def places(self) -> dict[str, Place | None]:
        """Where each tool's answers hold records, as far as it has been asked for."""
        return {}

    @cached_property
    def _told(self) -> frozenset[str]:
        """Entities of which some field's values are told."""
        entities = self.model.entities.items()
        return frozenset(name for name, entity in entities if any(spec.told for spec in entity.fields.values()))

    @cached_property
    def _checks(self) -> dict[str, Check]:
        return {}

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        return {}

    def call(self, store: Store, name: str, arguments: JsonObject, seed: int = 0) -> ToolResult:
        """The result of a call. Every failure is a result."""
        tool, operation = self.tools.get(name), self.model.operations.get(name)
        if tool is None or operation is None:
            return failure(None, "not_found", f"unknown tool {name!r}")
        if operation.kind == "none":
            return failure(tool, "validation", f"{name} is not simulated: {operation.reason}")
        try:
            self._validate(tool, operation, arguments)
            return self._done(store, tool, operation, arguments, seed)
        except CallFailedError as exc:
            return failure(tool, exc.kind, str(exc))

    def _validate(self, tool: Tool, operation: Operation, arguments: JsonObject) -> None:
        if _depth(arguments) > MAX_ARGUMENT_DEPTH:
            raise CallFailedError("validation", "the arguments are nested too deeply")
        problem = self.problem(tool, arguments)
        if problem:
            raise CallFailedError("validation", problem)
        properties = tool.input_schema.get("properties")
        if isinstance(properties, Mapping) and not tool.input_schema.keys() & {"$ref", "allOf"}:
            unknown = min((name for name in arguments if name not in properties), default=None)
            if unknown is not None:
                raise CallFailedError("validation", f"unknown parameter {unknown!r}")
        refused = [p for p in operation.having("refused") if given(arguments, p.path) is not None]
        if refused:
            raise CallFailedError("validation", _unsupported(refused))

    def problem(self, tool: Tool, arguments: JsonObject) -> str:
        """What the tool's input schema has against the arguments, "" for nothing."""
        check = self._checks.get(tool.name)
        if check is None:
            check = self._checks[tool.name] = compiled(tool.input_schema)
        return check(arguments, "")

    def _done(self, store: Store, tool: Tool, operation: Operation, arguments: JsonObject, seed: int) -> ToolResult:
        entity = self.model.entities[operation.entity]
        if operation.entity in self._told:
            heed(operation, entity, arguments)
        writer = Writer(self.model, self.plans, self.responder, seed)
        match operation.kind:
            case "list" | "count":
                self._obey(operation, None, arguments)
                return self._list(store, tool, operation, entity, arguments)
            case "create" | "link":
                self._obey(operation, None, arguments)
                return self._one(tool, operation, entity, writer.create(store, operation, arguments))
            case _:
                pass
        record = self._find(store, operation, entity, arguments)
        self._obey(operation, record, arguments)
        match operation.kind:
            case "update":
                record = writer.update(store, operation, record, arguments)
            case "move":
                record = writer.move(store, operation, record, arguments)
            case "delete" | "unlink":
                writer.delete(store, operation, record)
                return self._gone(tool, operation, entity, record)
            case _:
                pass
        return self._one(tool, operation, entity, record)

    def _obey(self, operation: Operation, record: Record | None, arguments: JsonObject) -> None:
        for rule in self.rules:
            if rule.enforced and operation.tool in rule.tools and not rule.allows(record or {}, arguments):
                raise CallFailedError("permission", rule.text)

    def _find(self, store: Store, operation: Operation, entity: Entity, arguments: JsonObject) -> Record:
        """The one record that all keys name. Raises CallFailedError for none."""
        keys = [
            (param, value)
            for param in operation.having("key")
            if not param.via and (value := given(arguments, param.path)) is not None
        ]
        table = store.table(entity.name)
        for ids in through(self.model, operation, arguments, store):
            return _belonging(table, ids, keys, entity)
        if not keys:
            if entity.singleton and table:
                return next(iter(table.values()))
            raise CallFailedError("validation", f"which {entity.name} is not said")
        for param, value in keys:
            if param.field == entity.identifier:
                found = table.get(key_of(value))
                if found is not None and all(passes(found.get(p.field), p, v) for p, v in keys):
                    return found
                if found is not None:
                    raise CallFailedError(
                        "not_found", f"{entity.name} {key_of(value)!r} is elsewhere{_there(entity, store, keys)}"
                    )
                break
        else:
            for record in table.values():
                if all(passes(record.get(param.field), param, value) for param, value in keys):
                    return record
        named = next((value for param, value in keys if param.field == entity.identifier), keys[-1][1])
        raise CallFailedError("not_found", f"there is no {entity.name} {key_of(named)!r}{_there(entity, store, keys)}")

    def _list(
        self, store: Store, tool: Tool, operation: Operation, entity: Entity, arguments: JsonObject
    ) -> ToolResult:
        for param in operation.having("filter"):
            spec = entity.fields[param.field]
            value = given(arguments, param.path)
            must = param.required and spec.refers in self.model.entities and isinstance(value, str | int | float)
            if must and not param.via and store.get(spec.refers, value) is None:
                hint = known_ids(self.model.entities[spec.refers], store)
                raise CallFailedError("not_found", f"there is no {spec.refers} {key_of(value)!r}{hint}")
        found = selected(list(store.table(entity.name).values()), operation, arguments)
        for ids in through(self.model, operation, arguments, store):
            found = [record for record in found if key_of(record[entity.identifier]) in ids]
        if operation.kind == "count":
            return result({"count": len(found)})
        shown = page(ordered(found, entity, operation, arguments), operation, arguments)
        return result(self._answer(tool, operation, entity)(shown.records, shown))

    def _answer(self, tool: Tool, operation: Operation, entity: Entity) -> Answer:
        answer = self._answers.get(tool.name)
        if answer is None:
            answer = self._answers[tool.name] = answer_of(tool, operation, entity)
        return answer

    def _one(self, tool: Tool, operation: Operation, entity: Entity, record: Record) -> ToolResult:
        return result(self._answer(tool, operation, entity)([record], None))

    def _gone(self, tool: Tool, operation: Operation, entity: Entity, record: Record) -> ToolResult:
        if tool.output_schema:
            return result(self._answer(tool, operation, entity)([record], None))
        return result({entity.identifier: record[entity.identifier], "deleted": True})


def _belonging(
    table: Mapping[str, Record], ids: frozenset[str], keys: Sequence[tuple[Param, JsonValue]], entity: Entity
) -> Record:
    """The first record of these that the keys name. Raises CallFailedError for none."""
    for key in sorted(ids & table.keys()):
        if all(passes(table[key].get(param.field), param, value) for param, value in keys):
            return table[key]
    raise CallFailedError("not_found", f"it has no {entity.name}")


def _unsupported(refused: Sequence[Param]) -> str:
    """What an error says of inputs whose meaning can't be inferred, all in one line."""
    names = first_of([".".join(param.path) for param in refused], MAX_NAMED)
    return f"{names} {'is' if len(refused) == 1 else 'are'} not supported by this simulated service"


def _there(entity: Entity, store: Store, keys: Sequence[tuple[Param, JsonValue]]) -> str:
    """What an error says of the told things that all keys but their own fit."""
    others = [(param, value) for param, value in keys if param.field != entity.identifier]
    return known_ids(entity, store, lambda record: all(passes(record.get(p.field), p, v) for p, v in others))


def result(value: JsonValue) -> ToolResult:
    return ToolResult(content=_ENCODER.encode(value))


def _depth(value: object) -> int:
    """How deeply a value is nested, counted up to a little more than what is allowed."""
    level: Sequence[object] = [value]
    depth = 0
    while level and depth <= MAX_ARGUMENT_DEPTH:
        below: list[object] = []
        for item in level:
            if isinstance(item, _OBJECTS):
                below.extend(cast("Mapping[str, object]", item).values())
            elif isinstance(item, list | tuple):
                below.extend(cast("Sequence[object]", item))
        level, depth = below, depth + 1
    return depth
