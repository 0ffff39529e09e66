"""What to try for a parameter, most promising first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tdscaling.exploration.pool import Pool
from tdscaling.types import JsonObject, JsonValue, Tool
from tdscaling.values.ambient import ambient
from tdscaling.values.generate import Generator, accepts, choices, words
from tdscaling.values.schema import optional, parameters
from tdscaling.values.sql import is_sql, queries

Origin: TypeAlias = Literal["choice", "ambient", "pool", "word", "sql", "made", "hint"]
"""Where a value comes from; `hint`: quoted by an error message or by the schema of another tool's parameter."""

_SEARCHES = frozenset("query search keyword keywords term pattern q".split())
_LIMIT = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value to try for a parameter, and where it comes from; `context` holds the arguments of the call that
    showed it: where they name other parameters, they belong together."""

    value: JsonValue
    origin: Origin
    context: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What candidates come from beside a parameter's own schema: places in the workspace, values that results
    showed, and what the schemas of one server offer for parameters by name."""

    paths: Sequence[str]
    pool: Pool
    offered: Mapping[str, Sequence[JsonValue]]


def candidates(
    tool: Tool, name: str, schema: JsonObject, around: Surroundings, generator: Generator
) -> list[Candidate]:
    """Values for one parameter: choices, places in the workspace, values seen, words seen, what the server offers
    for that name elsewhere, values made up. Where the name says what to make up, the first one made comes second.
    """
    if is_sql(name, schema):
        return [Candidate(query, "sql") for query in queries(name, schema, _tables(tool, around.pool))]
    found = [Candidate(value, "choice") for value in choices(schema)][:_LIMIT]
    listy = accepts(schema, "array") and not accepts(schema, "string")
    items = schema.get("items")
    inner: JsonObject = items if listy and isinstance(items, Mapping) else schema
    known = generator.knows(name)
    if any(accepts(inner, kind) for kind in ("string", "integer", "number")):
        seen = [Candidate(path, "ambient") for path in ambient(tool, name, schema, around.paths)[:5]]
        if set(words(name)) & _SEARCHES:
            seen.extend(Candidate(word, "word") for word, _ in _common(around.pool))
        else:
            seen.extend(_pooled(tool, name, accepts(inner, "string"), around.pool, known=known))
        found.extend(Candidate([c.value], c.origin, c.context) if listy else c for c in seen)
    del found[_LIMIT:]
    found.extend(Candidate(v, "hint") for v in around.offered.get(name, ()) if all(v != c.value for c in found))
    made = Candidate(generator.value(name, schema), "made")
    if known and found:
        found.insert(1, Candidate(generator.value(name, schema), "made"))
    return [*found, made]


def offered_by_name(tools: Sequence[Tool]) -> dict[str, Sequence[JsonValue]]:
    """By parameter name: the texts that schemas of these tools offer for it in examples and descriptions, those that
    several offer first. An enum is its own parameter's matter."""
    counts: dict[str, Counter[str]] = {}
    for tool in tools:
        for name, schema in {**parameters(tool), **optional(tool)}.items():
            if "enum" not in schema and accepts(schema, "string"):
                shown = choices({key: item for key, item in schema.items() if key != "default"})
                counts.setdefault(name, Counter()).update(value for value in shown if isinstance(value, str))
    return {name: [value for value, _ in found.most_common(_LIMIT)] for name, found in sorted(counts.items())}


def _pooled(tool: Tool, name: str, text: bool, pool: Pool, *, known: bool) -> list[Candidate]:
    """Values that sound like the parameter; where a name says what to make up, unlike ones are not tried."""
    seen = pool.like(tool, name, text, _LIMIT, others=not known)
    return [Candidate(item.value, "pool", item.context) for item in seen]


def _common(pool: Pool) -> list[tuple[str, int]]:
    """Words that occur in several results but not in most: these find something."""
    return sorted(pool.vocabulary.items(), key=lambda item: (-min(item[1], 3), item[0]))[:_LIMIT]


def _tables(tool: Tool, pool: Pool) -> list[str]:
    """Names that a listing of this server shows as tables."""
    return sorted(
        str(seen.value)
        for seen in pool.entries.values()
        if any(s.server == tool.server and "table" in s.tool and s.field.endswith("name") for s in seen.fields)
        and not seen.context
        and str(seen.value).isidentifier()
    )
