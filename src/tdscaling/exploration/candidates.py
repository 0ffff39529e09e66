"""What to try for a parameter, most promising first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tdscaling.types import FieldRef, JsonObject, JsonScalar, JsonValue, Observation, Tool
from tdscaling.values import leaves, normal, parse
from tdscaling.values.ambient import ambient
from tdscaling.values.generate import Generator, accepts, choices, words

Origin: TypeAlias = Literal["choice", "ambient", "pool", "made"]

_TOO_COMMON = frozenset("get list read show set add create delete name id value the of".split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value to try for a parameter, and where it comes from; `fields` are the outputs that hold it."""

    value: JsonValue
    origin: Origin
    fields: tuple[FieldRef, ...] = ()


@dataclass(slots=True)
class Pool:
    """Values seen in results, by canonical text, with every output field that held them."""

    entries: dict[str, tuple[JsonScalar, list[FieldRef]]]

    def add(self, observation: Observation) -> None:
        """Takes the scalar leaves of a successful result that could name something."""
        result = observation.result
        for leaf in leaves(parse(result.content), limit=400):
            if not nameable(leaf.value):
                continue
            field = FieldRef(*observation.tool, leaf.path)
            _, fields = self.entries.setdefault(normal(leaf.value), (leaf.value, []))
            if field not in fields:
                fields.append(field)

    def holds(self, value: JsonScalar) -> Sequence[FieldRef]:
        entry = self.entries.get(normal(value))
        return entry[1] if entry else ()


def nameable(value: JsonScalar) -> bool:
    """Whether a value could identify something: not a flag, a small count or a long text.

    >>> [nameable(v) for v in ("main", 7, 4711, True, "", "x" * 200)]
    [True, False, True, False, False, False]
    """
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) >= 100
    return 0 < len(value) <= 120 and "\n" not in value


def candidates(
    tool: Tool, name: str, schema: JsonObject, paths: Sequence[str], pool: Pool, generator: Generator, limit: int = 8
) -> list[Candidate]:
    """At most `limit` values for one parameter: choices, paths of the workspace, values seen, values made up."""
    found = [Candidate(value, "choice") for value in choices(schema)][:limit]
    listy = accepts(schema, "array") and not accepts(schema, "string")
    items = schema.get("items")
    inner: JsonObject = items if listy and isinstance(items, Mapping) else schema
    if accepts(inner, "string") or accepts(inner, "integer"):
        seen = [*_ambient(tool, name, schema, paths), *_from_pool(tool, name, inner, pool)][:limit]
        found.extend(Candidate([c.value], c.origin, c.fields) if listy else c for c in seen)
    made = generator.value(name, schema)
    found.append(Candidate(made, "made"))
    return found


def _ambient(tool: Tool, name: str, schema: JsonObject, paths: Sequence[str]) -> list[Candidate]:
    return [Candidate(path, "ambient") for path in ambient(tool, name, schema, paths)[:5]]


def _from_pool(tool: Tool, name: str, schema: JsonObject, pool: Pool) -> list[Candidate]:
    wanted = (set(words(name)) | set(words(tool.name))) - _TOO_COMMON
    scored: list[tuple[float, str, Candidate]] = []
    for text, (value, fields) in pool.entries.items():
        if isinstance(value, str) != accepts(schema, "string"):
            continue
        score = max(_affinity(tool, name, wanted, field) for field in fields)
        if score > 0:
            scored.append((-score, text, Candidate(value, "pool", tuple(fields))))
    scored.sort(key=lambda item: item[:2])
    return [candidate for _, _, candidate in scored]


def _affinity(tool: Tool, name: str, wanted: set[str], field: FieldRef) -> float:
    """How much an output field sounds like the parameter: names first, then the nouns of the two tools."""
    last = set(words(field.field.rpartition(".")[2]))
    own = set(words(name))
    score = 2.0 * len(own & last) / max(1, len(own | last))
    produced = (set(words(field.tool)) | set(words(field.field))) - _TOO_COMMON
    score += len(_stems(wanted) & _stems(produced)) / max(1, len(wanted))
    return score + (0.2 if field.server == tool.server and score else 0.0)


def _stems(names: set[str]) -> set[str]:
    return {name[:-1] if name.endswith("s") and len(name) > 3 else name for name in names}
