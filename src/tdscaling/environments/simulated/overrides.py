"""Corrections of an inferred model from a small YAML file; a name that is wrong is answered with the nearest right
one.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from tdscaling.config.load import load
from tdscaling.environments.simulated.model import (
    Entity,
    IdKind,
    Kind,
    Lifecycle,
    Move,
    Operation,
    Param,
    ParamRole,
    ServiceModel,
)
from tdscaling.errors import ConfigError
from tdscaling.types import JsonValue


class MoveOverride(BaseModel):
    """What a verb does to the state."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: JsonValue = Field(description="The state that it leads to.")
    sources: tuple[JsonValue, ...] = Field(default=(), alias="from", description="The states that it starts from.")


class LifecycleOverride(BaseModel):
    """A life cycle in place of the inferred one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str = Field(description="The field that holds the state.")
    states: tuple[JsonValue, ...] = Field(min_length=1, description="All states.")
    initial: JsonValue = Field(description="The state of a new record.")
    final: tuple[JsonValue, ...] = Field(default=(), description="States that are not left.")
    moves: dict[str, MoveOverride] = Field(default_factory=dict, description="By verb: where it leads.")


class FieldOverride(BaseModel):
    """What is known better of a field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    refers: str | None = Field(default=None, description="The entity whose identifier it holds; empty for none.")
    non_negative: bool | None = Field(default=None, description="Whether its number may not fall below zero.")
    enum: tuple[JsonValue, ...] | None = Field(default=None, description="The values it takes.")
    required: bool | None = Field(default=None, description="Whether every record has it.")


class EntityOverride(BaseModel):
    """What is known better of an entity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    identifier: str | None = Field(default=None, description="The field that identifies a record.")
    id_kind: IdKind | None = Field(default=None, description="How ids look.")
    unique: tuple[str, ...] | None = Field(default=None, description="Fields that tell any two records apart.")
    scope: tuple[str, ...] | None = Field(default=None, description="References to what a record dies with.")
    fields: dict[str, FieldOverride] = Field(default_factory=dict, description="Fields by name.")
    lifecycle: LifecycleOverride | None = Field(default=None, description="A life cycle in place of the inferred one.")


class ToolOverride(BaseModel):
    """What is known better of a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind | None = Field(default=None, description="What it does; none leaves it out.")
    verb: str | None = Field(default=None, description="The move of the life cycle that it makes.")
    params: dict[str, str] = Field(
        default_factory=dict, description="By parameter: its role and field, as `simulate show` prints them."
    )


class ServerOverride(BaseModel):
    """Corrections for one server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entities: dict[str, EntityOverride] = Field(default_factory=dict, description="Entities by name.")
    tools: dict[str, ToolOverride] = Field(default_factory=dict, description="Tools by name.")


class Overrides(BaseModel):
    """An override file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    servers: dict[str, ServerOverride] = Field(default_factory=dict, description="Corrections by server.")


def read_overrides(path: Path, known: Iterable[str] | None = None) -> Overrides:
    """Reads an override file; with `known`, servers it speaks of must be among them. Raises ConfigError."""
    found = load(path, Overrides)
    if known is not None:
        for name in found.servers:
            must_be(name, list(known), f"{path}: servers")
    return found


def corrected(model: ServiceModel, overrides: Overrides) -> ServiceModel:
    """The model with its corrections. Raises ConfigError naming what is unknown and the nearest name there is."""
    found = overrides.servers.get(model.server)
    if found is None:
        return model
    entities = dict(model.entities)
    for name, change in found.entities.items():
        must_be(name, entities, f"{model.server}: entities")
        entities[name] = _entity(entities[name], change, entities, f"{model.server}: entities.{name}")
    operations = dict(model.operations)
    for name, change in found.tools.items():
        must_be(name, operations, f"{model.server}: tools")
        operations[name] = _operation(operations[name], change, entities, f"{model.server}: tools.{name}")
    return replace(model, entities=entities, operations=operations)


def must_be(name: str, known: Iterable[str], where: str) -> None:
    """Raises ConfigError where a name is not known, with the nearest that is or with those that are."""
    names = sorted(known)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)[:200] or 'none'}"
        raise ConfigError(f"{where}: unknown {name!r}; {hint}")


def _entity(entity: Entity, change: EntityOverride, entities: Mapping[str, Entity], where: str) -> Entity:
    fields = dict(entity.fields)
    for name, better in change.fields.items():
        must_be(name, fields, f"{where}.fields")
        if better.refers:
            must_be(better.refers, entities, f"{where}.fields.{name}.refers")
        spec = fields[name]
        schema = spec.schema if better.enum is None else {**spec.schema, "enum": list(better.enum)}
        given = better.model_dump(exclude_none=True, include={"refers", "non_negative", "required"})
        fields[name] = replace(spec, schema=schema, **given)
    for name in (*(change.unique or ()), *(change.scope or ()), *([change.identifier] if change.identifier else [])):
        must_be(name, fields, where)
    identifier = change.identifier or entity.identifier
    unique = change.unique if change.unique is not None else entity.unique
    return replace(
        entity,
        fields=fields,
        identifier=identifier,
        unique=tuple(dict.fromkeys((identifier, *unique))),
        id_kind=change.id_kind or entity.id_kind,
        scope=change.scope if change.scope is not None else entity.scope,
        lifecycle=_lifecycle(change.lifecycle, fields, where) if change.lifecycle else entity.lifecycle,
    )


def _lifecycle(change: LifecycleOverride, fields: Mapping[str, object], where: str) -> Lifecycle:
    must_be(change.field, fields, f"{where}.lifecycle.field")
    states = [str(state) for state in change.states]
    for move in change.moves.values():
        for state in (move.to, *move.sources):
            must_be(str(state), states, f"{where}.lifecycle.moves")
    for state in (change.initial, *change.final):
        must_be(str(state), states, f"{where}.lifecycle")
    return Lifecycle(
        field=change.field,
        states=change.states,
        initial=change.initial,
        final=change.final,
        moves={verb: Move(to=move.to, sources=move.sources) for verb, move in change.moves.items()},
    )


def _operation(operation: Operation, change: ToolOverride, entities: Mapping[str, Entity], where: str) -> Operation:
    if change.kind == "none":
        return Operation(tool=operation.tool, kind="none", reason="left out by the override file")
    if operation.kind == "none":
        raise ConfigError(f"{where}: is not simulated ({operation.reason}); it can only be left out")
    params = {".".join(param.path): param for param in operation.params}
    for name, text in change.params.items():
        must_be(name, params, f"{where}.params")
        params[name] = _param(params[name], text, entities[operation.entity], f"{where}.params.{name}")
    kind, verb = change.kind or operation.kind, change.verb or operation.verb
    cycle = entities[operation.entity].lifecycle
    if kind == "move":
        must_be(verb, cycle.moves if cycle else (), f"{where}.verb")
    return replace(operation, kind=kind, verb=verb, params=tuple(params.values()))


def _param(param: Param, text: str, entity: Entity, where: str) -> Param:
    """`filter created_at least` as `simulate show` prints it."""
    role, _, rest = text.partition(" ")
    roles: dict[str, ParamRole] = {role: role for role in get_args(ParamRole)}
    must_be(role, roles, where)
    field, _, comparison = rest.partition(" ")
    if roles[role] in ("key", "value", "filter"):
        must_be(field, entity.fields, where)
    match comparison or "equal":
        case "equal" | "any" | "least" | "most" | "contains" as found:
            return replace(param, role=roles[role], field=field, comparison=found)
        case _:
            raise ConfigError(
                f"{where}: unknown comparison {comparison!r}; there are equal, any, least, most, contains"
            )
