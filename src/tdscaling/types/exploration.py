"""What calling the tools has shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from tdscaling.types.graph import Edge, FieldRef
from tdscaling.types.json import JsonObject, JsonValue
from tdscaling.types.tools import ToolKey, ToolResult
from tdscaling.types.world import Snapshot

Effect: TypeAlias = Literal["read", "write", "destroy"]

ParamKind: TypeAlias = Literal["ambient", "produced", "choice", "word", "sql", "free"]
"""Where a parameter's value comes from: a place in the workspace, another tool's result, a choice that the schema
names, a word of earlier results, a query, or anywhere (made up by its name and type)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One executed call: in which world, with what arguments, to what end."""

    tool: ToolKey
    arguments: JsonObject
    result: ToolResult
    changed: bool
    world: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamProfile:
    """What is known of one parameter: its kind, and values that worked.

    `strict`: a random value of the same type was refused or found nothing. `needed`: the schema lets it be left out,
    but the call that worked had it because an error asked for it.
    """

    name: str
    kind: ParamKind
    strict: bool
    values: tuple[JsonValue, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProfile:
    """What is known of a tool after exploration: `params` are those of its first successful call.

    `volatile`: the same call on the same state gave two different results. `outputs` is the observed output
    schema: the paths of the results of successful calls, each with its JSON type.
    """

    tool: ToolKey
    effect: Effect
    volatile: bool
    params: tuple[ParamProfile, ...]
    outputs: tuple[tuple[str, str], ...]
    successes: tuple[Observation, ...]
    failures: tuple[Observation, ...]

    def param(self, name: str) -> ParamProfile | None:
        return next((param for param in self.params if param.name == name), None)


class ReadBack(NamedTuple):
    """A reader that finds what a writer wrote: it failed before the write and succeeded after it,
    with the value of the writer's `writer_param` in its `reader_param`.
    """

    writer: ToolKey
    writer_param: str
    reader: ToolKey
    reader_param: str


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """The executed knowledge of some tools: profiles, the edges proved, and what reads back what.

    `repeated`: states that differ though the same write made them from the same state, at two times. `unknown`: tools
    of which no call worked, with what the first one gave.
    """

    profiles: Mapping[ToolKey, ToolProfile]
    edges: tuple[Edge, ...] = ()
    readbacks: tuple[ReadBack, ...] = ()
    repeated: tuple[tuple[Snapshot, Snapshot], ...] = ()
    unknown: Mapping[ToolKey, str] = field(default_factory=dict[ToolKey, str])

    @cached_property
    def _into(self) -> Mapping[FieldRef, list[Edge]]:
        """The value edges by parameter: plans ask for them hundreds of times."""
        found: dict[FieldRef, list[Edge]] = {}
        for edge in self.edges:
            if edge.kind == "value":
                one = edge.consumer
                found.setdefault(one, []).append(edge)
                if one.field.endswith("[]"):
                    found.setdefault(one._replace(field=one.field[:-2]), []).append(edge)
        return found

    def producers(self, tool: ToolKey, param: str) -> tuple[Edge, ...]:
        """Proved value edges into a parameter or its items, best first."""
        return tuple(self._into.get(FieldRef(tool.server, tool.name, param), ()))
