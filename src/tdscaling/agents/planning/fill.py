"""Where a step's arguments come from: the system prompt, the user, or an earlier result."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.pointing import Pointed, attribute, named, seen_beside, telling_field, told_with
from tdscaling.agents.planning.scouting import ANY, Wanted
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import label
from tdscaling.types import (
    Binding,
    Computed,
    Constant,
    Edge,
    FromOutput,
    JsonObject,
    JsonScalar,
    JsonValue,
    ParamProfile,
    Step,
    ToolKey,
)
from tdscaling.values import Leaf, at, leaves, normal
from tdscaling.values.ambient import alike, ambient
from tdscaling.values.generate import TIMEZONES, words
from tdscaling.values.schema import required

_MAX_PRODUCERS = 3
_MAX_DEPTH = 2

_OPAQUE = re.compile(r"[0-9a-f]{12,}|[0-9a-fA-F-]{32,}")
"""What nobody says in a message: hashes and the like."""
How: TypeAlias = Literal["note", "fact", "constant"]
Value = TypeVar("Value", bound=JsonValue)


@dataclass(frozen=True, slots=True)
class Pick:
    """A value for a parameter, and how the assistant learns it."""

    value: JsonValue
    how: How


@dataclass(frozen=True, slots=True)
class Produced:
    """Values that a producer's result holds: the call that shows them and their places in its result."""

    edge: Edge
    arguments: Mapping[str, Pick]
    output: JsonValue
    leaves: Sequence[Leaf]


@dataclass(frozen=True, slots=True)
class Filled:
    """Arguments as bindings, and the facts the user has to tell for them."""

    arguments: dict[str, Binding]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A value found by a step of its own: the step, the binding to it and how people would point at it."""

    step: Step
    binding: FromOutput
    pointed: Pointed


async def fill(draft: Draft, tool: ToolKey, given: Mapping[str, Binding] | None = None) -> Filled:
    """Arguments for a call in which everything that is not `given` is told. Raises PlanError."""
    given = dict(given or {})
    picks = await pick(draft, tool, draft.resolve(given))
    bound, told = bind(draft, tool, picks)
    every = {**bound, **given}
    arguments = {name: every[name] for name in draft.inputs.taken(tool) if name in every}
    return Filled(arguments, told)


def bind(draft: Draft, tool: ToolKey, picks: Mapping[str, Pick]) -> tuple[dict[str, Binding], tuple[str, ...]]:
    """Picks as bindings: notes go to the system prompt, facts to the user."""
    bound: dict[str, Binding] = {}
    told: list[str] = []
    for name, chosen in picks.items():
        if chosen.how == "fact":
            fact = draft.fact(label(name), chosen.value)
            bound[name] = fact
            told.append(fact.fact)
            continue
        if chosen.how == "note":
            draft.note(f"{label(name).capitalize()} for {tool.server}: {chosen.value}")
        bound[name] = Constant(value=chosen.value)
    return bound, tuple(told)


async def pick(draft: Draft, tool: ToolKey, given: Mapping[str, JsonValue], depth: int = 0) -> dict[str, Pick]:
    """A value for every required parameter that is not given; places in the workspace first. Raises PlanError when one
    can't be had in this world."""
    profile = draft.context.exploration.profiles[tool]
    schemas = draft.inputs.taken(tool)
    picks: dict[str, Pick] = {}
    for name in draft.inputs.order(tool):
        if name not in given:
            known = {**given, **{other: chosen.value for other, chosen in picks.items()}}
            picks[name] = await _pick_one(draft, tool, name, schemas[name], profile.param(name), known, depth)
    return {name: picks[name] for name in schemas if name in picks}


async def _pick_one(
    draft: Draft,
    tool: ToolKey,
    name: str,
    schema: JsonObject,
    param: ParamProfile | None,
    known: Mapping[str, JsonValue],
    depth: int,
) -> Pick:
    if schema.get("x-in") == "header" and (param is None or param.kind in ("free", "choice")):
        return _header(draft, tool, name, schema, param)
    if param is None or param.kind == "free":
        value = draft.generator.fresh(name, schema, param.values[0] if param else None)
        if not _speakable(value):
            raise PlanError("value_not_speakable", f"{tool} {name}")
        return Pick(value, "fact")
    if param.kind == "sql":
        raise PlanError("query_not_told", f"{tool} {name}")
    if param.kind == "ambient":
        return await _pick_place(draft, tool, name, schema, param)
    if param.kind == "produced":
        found = await produced(draft, tool, name, known, depth=depth)
        if found is None:
            raise PlanError("no_value_in_this_world", f"{tool} {name}")
        values = [leaf.value for leaf in found.leaves if not _OPAQUE.fullmatch(str(leaf.value))]
        if not values:
            raise PlanError("only_opaque_values", f"{tool} {name}")
        fresh = [value for value in values if normal(value) not in draft.used] or values
        value: JsonValue = draft.rng.choice(_unlike(fresh, known))
        return Pick([value] if isinstance(param.values[0], list) else value, "fact")
    return Pick(draft.rng.choice(_unlike(options(param), known)), "fact")


def _unlike(values: Sequence[Value], known: Mapping[str, JsonValue]) -> Sequence[Value]:
    """The values that no other argument of the call has, where there are any: nobody relates a thing to itself.

    >>> _unlike(["UTC", "Asia/Dubai"], {"source": "UTC"}), _unlike(["UTC"], {"source": "UTC"})
    (['Asia/Dubai'], ['UTC'])
    """
    return [value for value in values if value not in known.values()] or values


def _header(draft: Draft, tool: ToolKey, name: str, schema: JsonObject, param: ParamProfile | None) -> Pick:
    """What goes with every request to a server is the assistant's to know, and the same all along."""
    lead = f"{label(name).capitalize()} for {tool.server}: "
    known = next((note.removeprefix(lead) for note in draft.notes if note.startswith(lead)), None)
    worked = param.values[0] if param is not None and param.kind == "choice" else None
    value = known or worked or draft.generator.value(name, schema)
    return Pick(value, "note" if isinstance(value, str) else "constant")


def _speakable(value: JsonValue) -> bool:
    """Whether a person would type it into a message: no objects, no lists of truth values."""
    if isinstance(value, list | tuple):
        return bool(value) and all(_speakable(item) and not isinstance(item, bool) for item in value)
    return not isinstance(value, Mapping) and value is not None


def options(param: ParamProfile) -> list[JsonValue]:
    """The choices of a parameter: what worked, and all time zones where it takes one."""
    found = list(param.values)
    if set(words(param.name)) & {"timezone", "tz"}:
        found.extend(zone for zone in TIMEZONES if zone not in found)
    return found


async def _pick_place(draft: Draft, tool: ToolKey, name: str, schema: JsonObject, param: ParamProfile) -> Pick:
    places = await _places(draft, tool, name, schema, param)
    if not places:
        raise PlanError("no_place_in_this_world", f"{tool} {name}")
    return Pick(places[0], "note") if len(places) == 1 else Pick(draft.rng.choice(places), "fact")


async def _places(draft: Draft, tool: ToolKey, name: str, schema: JsonObject, param: ParamProfile) -> list[str]:
    paths = await draft.context.session.paths()
    fitting = ambient(draft.context.tools[tool], name, schema, paths)
    return [path for path in fitting if alike(path, param.values, paths)]


async def produced(
    draft: Draft,
    tool: ToolKey,
    name: str,
    known: Mapping[str, JsonValue],
    wanted: Wanted = ANY,
    depth: int = 0,
) -> Produced | None:
    """Values for a parameter that a reading tool shows in this world, through an edge proved by execution."""
    if depth >= _MAX_DEPTH:
        return None
    edges = [edge for edge in draft.inputs.showing(tool, name) if draft.can_show(edge.producer.key, tool)]
    if wanted.least > 1:
        edges = [edge for edge in edges if "[]" in edge.producer.field]
    if len(edges) > 1 and draft.rng.random() < 0.3:
        draft.rng.shuffle(edges)
    for edge in edges[:_MAX_PRODUCERS]:
        found = await _through(draft, edge, known, wanted, depth)
        if found is not None:
            return found
    return None


async def _through(
    draft: Draft, edge: Edge, known: Mapping[str, JsonValue], wanted: Wanted, depth: int
) -> Produced | None:
    producer = edge.producer.key
    shared = {name: value for name, value in known.items() if name in required(draft.context.tools[producer])}
    try:
        picks = await pick(draft, producer, shared, depth + 1)
    except PlanError:
        return None
    arguments = {**{name: Pick(value, "constant") for name, value in shared.items()}, **picks}
    shown = await draft.scout(producer, {name: item.value for name, item in arguments.items()})
    if shown is None:
        return None
    put_in = {normal(item.value) for item in arguments.values() if isinstance(item.value, str | int | float)}
    naming = shown.naming(edge.producer.field)
    news = [leaf for leaf in naming if normal(leaf.value) not in put_in and wanted.fits(leaf.value)]
    return Produced(edge, arguments, shown.output, news) if len(news) >= wanted.least else None


async def look_up(draft: Draft, tool: ToolKey, name: str, given: Mapping[str, Binding]) -> LookedUp:
    """Plans the step that shows a value for `name`, one the user has not said. Raises PlanError."""
    found = await produced(
        draft, tool, name, draft.resolve(given), Wanted(lambda value: _to_look_up(value, draft.used))
    )
    if found is None:
        raise PlanError("nothing_to_look_up", f"{tool} {name}")
    chosen = draft.rng.choice(found.leaves)
    step, told = await producer_step(draft, found, given)
    about = named(name, chosen.path, draft.context.tools[found.edge.producer.key])
    within = listed_with(draft, told)
    pointed = telling_field(found.output, chosen)
    if pointed is not None:
        where, fact = pointed.path, draft.fact(label(pointed.path), pointed.value)
        about = seen_beside(about, chosen.path, where)
        how = f"whose {attribute(where, about.record)} is {{{fact.fact}}}"
        binding = FromOutput(step=step.id, path=chosen.path, where=where, equals=fact)
        return LookedUp(step, binding, Pointed(about, how, within))
    there = at(draft.outputs[step.id], chosen.path)
    last = draft.rng.random() < 0.4 and len(there) > 1
    if not _in_its_place(draft.outputs[step.id], there, last=last):
        raise PlanError("not_first_or_last", f"{tool} {name}")
    binding = FromOutput(step=step.id, path=chosen.path, index=-1 if last else 0)
    value = draft.resolve({"value": binding})["value"]
    if normal(value if isinstance(value, str | int | float) else None) in draft.used:
        raise PlanError("nothing_to_look_up", f"{tool} {name}")
    return LookedUp(step, binding, Pointed(about, ("last" if last else "first") if len(there) > 1 else "", within))


def listed_with(draft: Draft, told: Sequence[str]) -> str:
    """What the user says of a look-up, by the facts."""
    return told_with([(draft.facts[fact].label, fact) for fact in told])


def _in_its_place(output: JsonValue, there: Sequence[Leaf], *, last: bool) -> bool:
    """Whether the first (or last) value at a path is that of the first (or last) record: others may have none."""
    places = [leaf.place for leaf in leaves(output) if leaf.place]
    end = there[-1 if last else 0].place
    return not end or end == (max(places)[: len(end)] if last else (0,) * len(end))


def _to_look_up(value: JsonScalar, used: Collection[str]) -> bool:
    """Whether a value is one that nobody has said and nobody would guess."""
    return normal(value) not in used and (isinstance(value, str) or abs(float(value or 0)) >= 100)


async def producer_step(draft: Draft, found: Produced, given: Mapping[str, Binding]) -> tuple[Step, tuple[str, ...]]:
    """The step that calls the producer of values, its arguments shared with `given` where names are equal."""
    producer = found.edge.producer.key
    own = {name: item for name, item in found.arguments.items() if name not in given}
    bound, told = bind(draft, producer, own)
    arguments = {name: given.get(name, bound.get(name, Constant(value=None))) for name in found.arguments}
    earlier = draft.made_before(producer, draft.resolve(arguments))
    return earlier or await draft.step(producer, arguments, purpose="look up"), told


def listed(binding: Binding, example: JsonValue) -> Binding:
    """The binding wrapped in a list where the parameter takes one."""
    return Computed(function="list", inputs=(binding,)) if isinstance(example, list) else binding
