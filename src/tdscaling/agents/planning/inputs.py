"""What calls of the tools take, and which tools show values for it: worked out once for a plan, which asks for it a
hundred times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.types import Edge, Exploration, JsonObject, Tool, ToolKey
from tdscaling.values.generate import words
from tdscaling.values.schema import optional, parameters


@dataclass(frozen=True)
class Inputs:
    """The inputs of explored tools."""

    tools: Mapping[ToolKey, Tool]
    exploration: Exploration
    _taken: dict[ToolKey, Mapping[str, JsonObject]] = field(default_factory=dict[ToolKey, Mapping[str, JsonObject]])
    _order: dict[ToolKey, Sequence[str]] = field(default_factory=dict[ToolKey, Sequence[str]])
    _shown: dict[tuple[ToolKey, str], Sequence[Edge]] = field(default_factory=dict[tuple[ToolKey, str], Sequence[Edge]])

    def taken(self, tool: ToolKey) -> Mapping[str, JsonObject]:
        """The parameters that a call of the tool has: the required ones, and those that exploration found to be
        needed."""
        found = self._taken.get(tool)
        if found is None:
            spec = self.tools[tool]
            needed = {param.name for param in self.exploration.profiles[tool].params if param.needed}
            more = {name: schema for name, schema in optional(spec).items() if name in needed} if needed else {}
            found = self._taken[tool] = {**parameters(spec), **more}
        return found

    def order(self, tool: ToolKey) -> Sequence[str]:
        """The same by name, places in the workspace first, since others depend on them."""
        found = self._order.get(tool)
        if found is None:
            places = {param.name for param in self.exploration.profiles[tool].params if param.kind == "ambient"}
            found = self._order[tool] = sorted(self.taken(tool), key=lambda name: name not in places)
        return found

    def showing(self, tool: ToolKey, name: str) -> Sequence[Edge]:
        """Edges proved by execution from repeatable reading tools into a parameter: those of the same server first,
        then those that name it."""
        found = self._shown.get((tool, name))
        if found is None:
            edges = showing(self.exploration, tool, name)
            edges.sort(key=lambda edge: (edge.producer.server != tool.server, not _says(edge, name), edge.producer))
            found = self._shown[tool, name] = edges
        return found


def showing(known: Exploration, tool: ToolKey, name: str) -> list[Edge]:
    """Edges proved by execution from repeatable reading tools into a parameter."""
    return [
        edge
        for edge in known.producers(tool, name)
        if (profile := known.profiles.get(edge.producer.key)) and profile.effect == "read" and not profile.volatile
    ]


def _says(edge: Edge, name: str) -> bool:
    return bool(set(words(name)) & (set(words(edge.producer.field)) | set(words(edge.producer.tool))))
