"""What calling the tools has shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tdscaling.types.graph import Edge
from tdscaling.types.json import JsonObject
from tdscaling.types.tools import ToolKey, ToolResult

Effect: TypeAlias = Literal["read", "write", "destroy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One executed call: in which world, with what arguments, to what end."""

    tool: ToolKey
    arguments: JsonObject
    result: ToolResult
    changed: bool
    world: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProfile:
    """What is known of a tool after exploration.

    `volatile`: the same call on the same state gave two different results.
    """

    tool: ToolKey
    effect: Effect
    volatile: bool
    successes: tuple[Observation, ...]
    failures: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """The executed knowledge of a cluster: profiles by tool and the edges proved."""

    profiles: Mapping[ToolKey, ToolProfile]
    edges: tuple[Edge, ...]
