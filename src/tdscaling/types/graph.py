"""Dependency edges and Business Clusters; see docs/definitions.md."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from tdscaling.types.json import JsonObject
from tdscaling.types.tools import ToolKey

EdgeKind: TypeAlias = Literal["value", "order"]
ClusterKind: TypeAlias = Literal["service", "resource", "cross_service"]

EXECUTED = "executed"
"""The evidence that outranks all other: the call was made and its control failed."""


class FieldRef(NamedTuple):
    """A leaf field of a tool's input or output; `field` is a dotted path, `[]` for list items.

    An `order` edge has no fields: `field` is "".
    """

    server: str
    tool: str
    field: str

    @property
    def key(self) -> ToolKey:
        return ToolKey._make(self[:2])  # half the time of the constructor, and graphs ask millions of times


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An output of `producer` is fed to an input of `consumer`, or must precede it."""

    producer: FieldRef
    consumer: FieldRef
    kind: EdgeKind
    score: float
    evidence: tuple[str, ...]

    @property
    def executed(self) -> bool:
        return EXECUTED in self.evidence


class WitnessStep(NamedTuple):
    """A call that was made and succeeded."""

    tool: ToolKey
    arguments: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A Business Cluster: 3 to 20 tools joined by dependency edges, with an acyclic `order`.

    `witness`: calls along the order that were executed, each fed by the one before it; () where none is known.
    """

    id: str
    name: str
    domain: str
    kind: ClusterKind
    tools: tuple[ToolKey, ...]
    edges: tuple[Edge, ...]
    order: tuple[ToolKey, ...]
    witness: tuple[WitnessStep, ...] = ()

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(sorted({key.server for key in self.tools}))
