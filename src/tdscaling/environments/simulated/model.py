"""What a simulated service is: entities with fields and life cycles, and what each tool does to them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from tdscaling.types import JsonObject, JsonValue

Kind: TypeAlias = Literal["create", "get", "list", "count", "update", "delete", "move", "link", "unlink", "none"]
"""What a tool does. `move` takes an entity to another state, `link` joins two; `none` is not simulated."""

IdKind: TypeAlias = Literal["integer", "uuid", "slug", "code"]

ParamRole: TypeAlias = Literal[
    "key", "value", "filter", "text", "limit", "offset", "page", "cursor", "sort", "direction", "context", "refused"
]
"""What a parameter is for. `key` selects the entity, `value` sets a field, `filter` and `text` select among
many; `context` (credentials, output format) changes nothing; `refused` has a meaning that can't be inferred, so a call
that gives it fails."""

Comparison: TypeAlias = Literal["equal", "any", "least", "most", "contains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldModel:
    """A field of an entity: the schema of its values, the entity whose identifier it holds ("" for none), and
    whether its number may fall below zero."""

    name: str
    schema: JsonObject
    refers: str = ""
    required: bool = False
    non_negative: bool = False
    given: bool = False
    """Whether a caller may set it."""
    shown: bool = False
    """Whether a tool's output shows it."""
    told: tuple[JsonValue, ...] = ()
    """The values that there are, where no tool shows them: the same in every world, told to whoever calls. Values of
    one position belong together: the second repository is the second owner's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A verb's effect on the state: to `to`, from any of `sources` (empty: from any state that is not final)."""

    to: JsonValue
    sources: tuple[JsonValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """The states of an entity, kept in `field`; nothing but a verb that names them leads out of `final` ones."""

    field: str
    states: tuple[JsonValue, ...]
    initial: JsonValue
    final: tuple[JsonValue, ...] = ()
    moves: Mapping[str, Move] = dataclasses.field(default_factory=dict[str, Move])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of thing that the service keeps. `unique` fields tell any two apart; `scope` are references to the
    entities it lives in and dies with. `singleton`: there is exactly one, and nobody names it."""

    name: str
    fields: Mapping[str, FieldModel]
    identifier: str
    id_kind: IdKind
    unique: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None
    singleton: bool = False
    told: bool = False
    """Whether no tool shows its identifiers: a few are the same in every world and told to whoever calls."""
    joins: tuple[str, ...] = ()
    """Of a link between two entities: the fields that together tell it from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A parameter: the path of names to it in the arguments, what it is for and the field it speaks of."""

    path: tuple[str, ...]
    role: ParamRole
    field: str = ""
    comparison: Comparison = "equal"
    required: bool = False
    default: JsonValue = None
    parent: str = ""
    """The entity that the value names, where that is not the tool's own."""
    via: str = ""
    """The field of the parent that holds the identifiers of what is meant; "" where the thing's own field does."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one tool does. `verb` names the move of the entity's life cycle; `reason` says why it is not simulated."""

    tool: str
    kind: Kind
    entity: str = ""
    params: tuple[Param, ...] = ()
    verb: str = ""
    reason: str = ""

    @property
    def reads(self) -> bool:
        """Whether it looks things up and changes nothing."""
        return self.kind in ("get", "list", "count")

    @cached_property
    def _by_role(self) -> Mapping[ParamRole, tuple[Param, ...]]:
        roles: set[ParamRole] = {param.role for param in self.params}
        return {role: tuple(param for param in self.params if param.role == role) for role in roles}

    def having(self, role: ParamRole) -> tuple[Param, ...]:
        return self._by_role.get(role, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceModel:
    """A server as simulated."""

    server: str
    entities: Mapping[str, Entity]
    operations: Mapping[str, Operation]

    @property
    def simulated(self) -> tuple[str, ...]:
        """The tools that work, sorted."""
        return tuple(sorted(name for name, op in self.operations.items() if op.kind != "none"))

    @property
    def reason(self) -> str:
        """Why nothing of the service can be simulated, in one line; "" where something can."""
        if self.simulated:
            return ""
        reasons = [op.reason for _, op in sorted(self.operations.items())]
        return f"{self.server}: {max(set(reasons), key=lambda r: (reasons.count(r), r)) if reasons else 'no tools'}"

    @property
    def digest(self) -> str:
        """The first 16 digits of the SHA-256 of the whole model: what provenance names it by."""
        text = json.dumps(as_json(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_json(model: ServiceModel) -> dict[str, JsonValue]:
    """The model as data, in the form an override file has."""
    return {
        "server": model.server,
        "entities": {name: _entity(entity) for name, entity in sorted(model.entities.items())},
        "tools": {name: _operation(operation) for name, operation in sorted(model.operations.items())},
    }


def _entity(entity: Entity) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {"identifier": entity.identifier, "id_kind": entity.id_kind}
    if entity.unique:
        found["unique"] = list(entity.unique)
    if entity.scope:
        found["scope"] = list(entity.scope)
    for name, said in (("singleton", entity.singleton), ("told", entity.told)):
        if said:
            found[name] = True
    if entity.joins:
        found["joins"] = list(entity.joins)
    found["fields"] = {name: _field(spec) for name, spec in entity.fields.items()}
    cycle = entity.lifecycle
    if cycle is not None:
        found["lifecycle"] = {
            "field": cycle.field,
            "states": list(cycle.states),
            "initial": cycle.initial,
            "final": list(cycle.final),
            "moves": {
                verb: {"to": move.to, **({"from": list(move.sources)} if move.sources else {})}
                for verb, move in sorted(cycle.moves.items())
            },
        }
    return found


def _field(spec: FieldModel) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {"type": spec.schema.get("type", "any")}
    for key in ("format", "enum", "minimum", "maximum"):
        if key in spec.schema:
            found[key] = spec.schema[key]
    for key, value in (("refers", spec.refers), ("required", spec.required), ("non_negative", spec.non_negative)):
        if value:
            found[key] = value
    if spec.told:
        found["told"] = list(spec.told)
    return found


def _operation(operation: Operation) -> dict[str, JsonValue]:
    if operation.kind == "none":
        return {"kind": "none", "reason": operation.reason}
    found: dict[str, JsonValue] = {"kind": operation.kind, "entity": operation.entity}
    if operation.verb:
        found["verb"] = operation.verb
    found["params"] = {".".join(param.path): _param(param) for param in operation.params}
    return found


def _param(param: Param) -> str:
    """`filter created_at least`: role, field and comparison in words."""
    parts = [param.role, param.field if param.field else ""]
    parts.append(param.comparison if param.comparison != "equal" else "")
    parts.append(f"via {param.parent}.{param.via}" if param.via else "")
    return " ".join(part for part in parts if part)
