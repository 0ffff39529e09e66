"""Makes one finite JSON Schema of a schema with references, loops, deep `allOf` stacks and thousands of fields.

How it is cut, so that the result is bounded and still accepts whatever the original accepts:

- `$ref` is replaced by what it stands for; `x-schema` keeps the name of the component.
- `allOf` is merged into the node that holds it (the first word wins where two disagree); a union of one is
  merged too; `oneOf` becomes `anyOf`; `not`, conditions and the rarer applicators are dropped.
- A reference to something that the node lies within is not followed again: it keeps its plain keywords and
  gets `"x-cut": "recursion"`. A broken reference gets `"x-cut": "unresolved"` and is reported.
- Nodes are admitted level by level, so what is near the top survives: at most `Limits.depth` levels and
  `Limits.nodes` nodes. What does not fit is left out, and its parent gets `"x-cut": "depth"` or `"size"`; of an
  object's fields the required ones go first, and `required` keeps only names that are there.
- Toward a request, `readOnly` fields are left out; toward a response, `writeOnly` ones.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tdscaling.catalog.flat import CLOSED, Flat, Flattener, Part, Parts
from tdscaling.catalog.openapi_refs import References
from tdscaling.types import JsonObject, JsonValue

Direction = Literal["request", "response"]
_HIDDEN: dict[Direction | None, str] = {"request": "readOnly", "response": "writeOnly", None: ""}
MAX_BRANCHES = 40
"""Branches of one union; a longer union is left out."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one finite schema: nodes in all, levels below the root."""

    nodes: int = 400
    depth: int = 8


class _Job(NamedTuple):
    flat: Flat
    out: dict[str, JsonValue]
    level: int


def expand(
    flattener: Flattener, root: Flat, direction: Direction | None = None, limits: Limits | None = None
) -> dict[str, JsonValue]:
    """The finite schema of a merged node."""
    return _Expansion(flattener, direction, limits or Limits()).run(root)


class _Expansion:
    """One run of the level-by-level expansion with its budget of nodes."""

    def __init__(self, flattener: Flattener, direction: Direction | None, limits: Limits) -> None:
        self._flattener = flattener
        self._hidden = _HIDDEN[direction]
        self._depth = limits.depth
        self._left = limits.nodes - 1
        self._queue: deque[_Job] = deque()

    def run(self, root: Flat) -> dict[str, JsonValue]:
        out: dict[str, JsonValue] = {}
        self._queue.append(_Job(root, out, 0))
        while self._queue:
            self._fill(self._queue.popleft())
        return out

    def _fill(self, job: _Job) -> None:
        flat, out, _ = job
        out.update(flat.keywords)
        required = flat.required
        out.pop("required", None)
        if flat.cut:
            out["x-cut"] = flat.cut
        if job.level >= self._depth:
            if flat.properties or flat.items or flat.union or flat.prefix or flat.additional:
                out["x-cut"] = "depth"
            return
        self._properties(job, required)
        self._lists(job)
        self._maps(job)
        self._union(job)

    def _child(self, parts: Parts, level: int) -> dict[str, JsonValue]:
        return self._admit(self._flattener.flatten(*parts), level)

    def _admit(self, flat: Flat, level: int) -> dict[str, JsonValue]:
        child: dict[str, JsonValue] = {}
        self._left -= 1
        self._queue.append(_Job(flat, child, level + 1))
        return child

    def _properties(self, job: _Job, required: list[str]) -> None:
        flat, out, level = job
        if not flat.properties:
            if required:
                out["required"] = list(required)
            return
        first = [name for name in required if name in flat.properties]
        made: dict[str, dict[str, JsonValue]] = {}
        hidden: set[str] = set()
        for name in dict.fromkeys([*first, *flat.properties]):
            if self._left <= 0:
                out["x-cut"] = "size"
                break
            child = self._flattener.flatten(*flat.properties[name])
            if self._hidden and child.keywords.get(self._hidden) is True:
                hidden.add(name)
            else:
                made[name] = self._admit(child, level)
        out["properties"] = {name: made[name] for name in flat.properties if name in made}
        cut = len(made) + len(hidden) < len(flat.properties)
        kept = [name for name in required if name in made or (name not in flat.properties and not cut)]
        if kept:
            out["required"] = list(kept)
        if flat.additional == (CLOSED,) and not cut:
            out["additionalProperties"] = False

    def _lists(self, job: _Job) -> None:
        flat, out, level = job
        if flat.prefix:
            if len(flat.prefix) <= self._left:
                out["prefixItems"] = [self._child(parts, level) for parts in flat.prefix]
            else:
                out["x-cut"] = "size"
        if flat.items:
            if self._left > 0:
                out["items"] = self._child(flat.items, level)
            else:
                out["x-cut"] = "size"

    def _maps(self, job: _Job) -> None:
        flat, out, level = job
        if flat.patterns and len(flat.patterns) <= self._left:
            out["patternProperties"] = {name: self._child(parts, level) for name, parts in flat.patterns.items()}
        elif flat.patterns:
            out["x-cut"] = "size"
            out.pop("additionalProperties", None)
        if flat.additional and flat.additional != (CLOSED,):
            if out.get("x-cut") == "size" or self._left <= 0:
                out["x-cut"] = "size"
            else:
                out["additionalProperties"] = self._child(flat.additional, level)

    def _union(self, job: _Job) -> None:
        flat, out, level = job
        if not flat.union:
            return
        if len(flat.union) <= min(self._left, MAX_BRANCHES):
            out["anyOf"] = [self._child(parts, level) for parts in flat.union]
        else:
            out["x-cut"] = "size"


def finite(schema: JsonObject, direction: Direction | None = None, limits: Limits | None = None) -> JsonObject:
    """A schema that refers only to itself (`#/$defs/…`) as a finite one without references.

    >>> loop = {"type": "object", "properties": {"next": {"$ref": "#"}, "id": {"type": "integer"}}}
    >>> finite(loop)["properties"]["next"]
    {'type': 'object', 'properties': {'next': {'type': 'object', 'x-cut': 'recursion'}, 'id': {'type': 'integer'}}}
    """
    flattener = Flattener(References(schema).resolve)
    return expand(flattener, flattener.flatten(Part(schema)), direction, limits)
