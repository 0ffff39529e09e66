"""A service over one world as laws try it: valid calls, counted, and what answers show."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import cast

from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.model import Entity, Kind, Operation
from tdscaling.environments.simulated.naming import canonical
from tdscaling.environments.simulated.records import place_of
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Record, Store, Template, key_of
from tdscaling.types import JsonObject, JsonValue, ToolResult

MAX_PAGES = 60


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that does not hold, for which tool, and what was seen."""

    law: str
    tool: str
    seen: str


@dataclass(slots=True)
class Trial:
    """A service over one world, called with one source of randomness."""

    service: Service
    world: Template
    rng: Random
    calls: int = 0
    refused: int = 0
    """Valid calls that failed."""

    def store(self) -> Store:
        return Store(self.world)

    def of(self, kind: Kind, entity: str) -> list[Operation]:
        operations = sorted(self.service.model.operations.items())
        return [op for _, op in operations if op.kind == kind and op.entity == entity]

    def valid(
        self, store: Store, operation: Operation, record: Record | None = None, share: float = 0.0
    ) -> tuple[JsonObject, ToolResult] | None:
        """A valid call, counted; None where the state allows none."""
        arguments = arguments_for(self.service, store, operation, self.rng, record=record, share=share)
        if arguments is None:
            return None
        result = self.service.call(store, operation.tool, arguments)
        self._count(result)
        return arguments, result

    def _count(self, result: ToolResult) -> None:
        self.calls += 1
        self.refused += result.is_error

    def twin(self, store: Store, create: Operation, arguments: JsonObject) -> tuple[JsonObject, ToolResult] | None:
        """The same thing created twice, with nothing new but what tells two apart: the second call and its answer; None
        where that is refused."""
        self.service.call(store, create.tool, arguments)
        other = arguments_for(self.service, store, create, self.rng, share=1.0) or {}
        unique = self.service.model.entities[create.entity].unique
        apart = {param.path[0] for param in create.having("value") if param.field in unique}
        again = {name: other[name] if name in apart and name in other else value for name, value in arguments.items()}
        result = self.service.call(store, create.tool, again)
        return None if result.is_error else (again, result)

    def shown(self, operation: Operation, result: ToolResult) -> list[JsonObject]:
        """The records that an answer shows, where it shows records."""
        value = cast("JsonValue", json.loads(result.content))
        tool = self.service.tools[operation.tool]
        many = operation.kind == "list"
        if tool.name not in self.service.places:
            phrase = tuple(operation.entity.split(" "))
            self.service.places[tool.name] = place_of(tool.output_schema, phrase, many)
        place = self.service.places[tool.name]
        path = place.path if place is not None else ()
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if many and isinstance(value, Mapping):
            value = next((item for item in value.values() if isinstance(item, list)), None)
        found: Sequence[JsonValue] = value if isinstance(value, list) else [value]
        return [item for item in found if isinstance(item, Mapping)]

    def named(self, record: JsonObject, entity: Entity, field: str) -> JsonValue:
        """The value that a shown record has for a field, under whichever name, also where it lies in an envelope called
        as the thing is (`{"track": {"id": …}}`); None for none."""
        phrase = tuple(entity.name.split(" "))
        found = next((v for n, v in record.items() if canonical(n, phrase) == canonical(field, phrase)), None)
        return self.named(found, entity, field) if isinstance(found, Mapping) else found

    def all_pages(
        self, store: Store, operation: Operation, arguments: JsonObject, *, fits: bool = True
    ) -> list[JsonObject] | None:
        """What a list shows over all its pages, by whichever way it pages; None where a call fails. `fits`: whether the
        arguments were drawn together, so that the call is a valid one."""
        found: list[JsonObject] = []
        for number in range(MAX_PAGES):
            call = dict(arguments)
            cursors = [*operation.having("cursor"), *operation.having("offset"), *operation.having("page")]
            if number and cursors:
                param = cursors[0]
                first = 0 if param.default == 0 else 1
                position: JsonValue = f"c{len(found)}" if param.role == "cursor" else len(found)
                call[param.path[0]] = number + first if param.role == "page" else position
            result = self.service.call(store, operation.tool, call)
            if fits and not number and not self.service.problem(self.service.tools[operation.tool], call):
                self._count(result)
            if result.is_error:
                return found if number else None
            records = self.shown(operation, result)
            found.extend(records)
            if not cursors or not records:
                break
        return found


def mistakable(operation: Operation, table: Sequence[Record]) -> Record | None:
    """A record that what the tool names things by does not tell from one before it; None for none."""
    fields = [param.field for param in operation.having("key") if not param.via]
    for number in range(len(table) - 1, 0, -1):
        names = {field: key_of(table[number][field]) for field in fields if table[number].get(field) is not None}
        if names and any(
            all(key_of(other.get(field)) == mark for field, mark in names.items()) for other in table[:number]
        ):
            return table[number]
    return None
