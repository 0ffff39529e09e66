"""What to try for a parameter, most promising first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal, TypeAlias

from tdscaling.exploration.pool import Pool
from tdscaling.types import JsonObject, JsonValue, Tool
from tdscaling.values.ambient import ambient
from tdscaling.values.generate import Generator, accepts, choices, words
from tdscaling.values.sql import is_sql, queries

Origin: TypeAlias = Literal["choice", "ambient", "pool", "word", "sql", "made"]

_SEARCHES = frozenset("query search keyword keywords term pattern q".split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value to try for a parameter, and where it comes from; `context` holds the arguments of the call that
    showed it: where they name other parameters, they belong together."""

    value: JsonValue
    origin: Origin
    context: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


def candidates(
    tool: Tool, name: str, schema: JsonObject, paths: Sequence[str], pool: Pool, generator: Generator, limit: int = 8
) -> list[Candidate]:
    """Values for one parameter: choices, places in the workspace, values seen, words seen, values made up."""
    if is_sql(name, schema):
        return [Candidate(query, "sql") for query in queries(name, schema, _tables(tool, pool))]
    found = [Candidate(value, "choice") for value in choices(schema)][:limit]
    listy = accepts(schema, "array") and not accepts(schema, "string")
    items = schema.get("items")
    inner: JsonObject = items if listy and isinstance(items, Mapping) else schema
    if accepts(inner, "string") or accepts(inner, "integer"):
        seen = [Candidate(path, "ambient") for path in ambient(tool, name, schema, paths)[:5]]
        if set(words(name)) & _SEARCHES:
            seen.extend(Candidate(word, "word") for word, _ in _common(pool, limit))
        else:
            seen.extend(_pooled(tool, name, accepts(inner, "string"), pool, known=generator.knows(name), limit=limit))
        found.extend(Candidate([c.value], c.origin, c.context) if listy else c for c in seen)
    made = Candidate(generator.value(name, schema), "made")
    return [*found[:limit], made]


def _pooled(tool: Tool, name: str, text: bool, pool: Pool, *, known: bool, limit: int) -> list[Candidate]:
    """Values that sound like the parameter; where a name says what to make up, unlike ones are not tried."""
    seen = pool.like(tool, name, text, limit, others=not known)
    return [Candidate(item.value, "pool", item.context) for item in seen]


def _common(pool: Pool, limit: int) -> list[tuple[str, int]]:
    """Words that occur in several results but not in most: these find something."""
    return sorted(pool.vocabulary.items(), key=lambda item: (-min(item[1], 3), item[0]))[:limit]


def _tables(tool: Tool, pool: Pool) -> list[str]:
    """Names that a listing of this server shows as tables."""
    return sorted(
        str(seen.value)
        for seen in pool.entries.values()
        if any(s.server == tool.server and "table" in s.tool and s.field.endswith("name") for s in seen.fields)
        and not seen.context
        and str(seen.value).isidentifier()
    )


def assignments(options: Mapping[str, list[Candidate]], rng: Random) -> Iterator[dict[str, Candidate]]:
    """The best guess for all, then one parameter changed at a time, then random mixtures.

    A value brings along the arguments of the call that showed it: a sheet its workbook.
    """
    best = {name: found[0] for name, found in options.items()}
    yield best
    widest = max((len(found) for found in options.values()), default=0)
    for position in range(widest):
        for name, found in options.items():
            if position < len(found) and (position or found[position].context):
                yield _together({**best, name: found[position]}, name)
    while widest > 1:
        yield {name: rng.choice(found) for name, found in options.items()}


def _together(chosen: dict[str, Candidate], name: str) -> dict[str, Candidate]:
    for other, value in chosen[name].context.items():
        if other in chosen and other != name:
            chosen[other] = Candidate(value, chosen[other].origin if chosen[other].origin != "pool" else "ambient")
    return chosen
