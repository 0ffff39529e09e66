"""Computations over many calls: code in the sandbox loops over a list, calls a reading tool for each, and sums up."""

import re
from collections.abc import Mapping, Sequence

from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.fill import bind, listed_with, pick, produced, producer_step
from tdscaling.agents.planning.goals import Goal, first_that_works, profiles
from tdscaling.agents.planning.pointing import named, once_for_each
from tdscaling.agents.planning.sums import PYTHON, Computation, fitting
from tdscaling.agents.planning.worth import LEAST, rank
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import label
from tdscaling.types import (
    AnswerFact,
    Binding,
    Computed,
    Constant,
    FromOutput,
    JsonScalar,
    JsonValue,
    Request,
    ToolKey,
    ToolProfile,
)
from tdscaling.values import Leaf, at, leaves, normal
from tdscaling.values.offer import offer

FEWEST, MOST = 4, 25
"""Calls that one loop makes."""
_PLAIN = re.compile(r"\w+(\.\w+)*")


async def looping(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A list, then code that calls a tool for each of its items; the plan makes the same calls by itself."""
    pairs = [
        (profile, param.name)
        for profile in profiles(draft, tools, effect="read")
        for param in profile.params
        if draft.context.exploration.producers(profile.tool, param.name) and _called(draft, profile.tool)
    ]
    return await first_that_works(draft, [lambda p=p, n=n: _attempt(draft, p, n) for p, n in pairs], limit=6)


async def _attempt(draft: Draft, profile: ToolProfile, name: str) -> list[Goal]:
    example = next(param.values[0] for param in profile.params if param.name == name)
    others, told = bind(draft, profile.tool, await pick(draft, profile.tool, {name: example}))
    found = await produced(draft, profile.tool, name, draft.resolve(others))
    if found is None or any(isinstance(binding, FromOutput) for binding in others.values()):
        raise PlanError("nothing_to_loop_over", str(profile.tool))
    producer, told_too = await producer_step(draft, found, others)
    path = found.leaves[0].path
    items = [leaf.value for leaf in at(draft.outputs[producer.id], path)]
    if not FEWEST <= len(items) <= MOST or any(type(item) is not type(example) for item in items):
        raise PlanError("nothing_to_loop_over", f"{len(items)} at {path}")
    field, values = await _field(draft, profile.tool, name, items, draft.resolve(others))
    chosen = draft.rng.choice([one for one in fitting(values) if one.over_values])
    template = Constant(value=_code(draft, profile.tool, name, field, others, chosen))
    inputs = (template, FromOutput(step=producer.id, path=path), *others.values())
    code = Computed(function="code", inputs=inputs)
    compute = await draft.step(PYTHON, {"code": code}, purpose="compute")
    if normal(chosen.value(values)) != normal(str(draft.outputs[compute.id])):
        raise PlanError("computed_otherwise", f"{chosen.asked} {field}")
    draft.extra_tools.add(profile.tool)
    about = named(name, path, draft.context.tools[producer.tool])
    text = once_for_each(draft.context.tools[profile.tool], about, within=listed_with(draft, told_too))
    request = Request(action=f"{text}, and work out {chosen.asked} the {label(field)} values", details=told)
    answer = AnswerFact(label="result", binding=FromOutput(step=compute.id, path=""), value=chosen.value(values))
    return [Goal((request,), (producer, compute), (answer,))]


def _called(draft: Draft, tool: ToolKey) -> str:
    """The name that code calls the tool by; "" where it could be another one's in this session."""
    there = {found.key: found for found in draft.context.session.tools if found.server != PYTHON.server}
    own = offer([tool], there)[0].name if tool in there else ""
    return own if [found.name for found in offer(sorted(there), there)].count(own) == 1 else ""


async def _field(
    draft: Draft, tool: ToolKey, name: str, items: Sequence[JsonScalar], others: Mapping[str, JsonValue]
) -> tuple[str, list[JsonScalar]]:
    """A field that every item's result has once, and its values. Raises PlanError."""
    results: list[dict[str, JsonScalar]] = []
    for item in items:
        shown = await draft.scout(tool, {**others, name: item})
        if shown is None:
            raise PlanError("nothing_to_loop_over", f"{tool} fails for {item}")
        results.append(_single(list(leaves(shown.output, limit=100))))
    common = [path for path in results[0] if all(path in result for result in results) and path != name]
    suited = {path: [result[path] for result in results] for path in common}
    numeric = [path for path, values in suited.items() if all(type(value) in (int, float) for value in values)]
    usable = [
        path
        for path in numeric or common
        if rank(path, suited[path][0]) < LEAST and any(one.over_values for one in fitting(suited[path]))
    ]
    if not usable:
        raise PlanError("no_list_to_compute_over", str(tool))
    field = draft.rng.choice(usable)
    return field, suited[field]


def _single(found: Sequence[Leaf]) -> dict[str, JsonScalar]:
    return {leaf.path: leaf.value for leaf in found if _PLAIN.fullmatch(leaf.path)}


def _code(draft: Draft, tool: ToolKey, name: str, field: str, others: dict[str, Binding], chosen: Computation) -> str:
    given = "".join(f", {other!r}: {{}}" for other in others)
    place = "".join(f"[{part!r}]" for part in field.split("."))
    call = f"tools.call({_called(draft, tool)!r}, {{{name!r}: item{given}}}){place}"
    loop = f"import tools\nvalues = []\nfor item in {{}}:\n    values.append({call})\n"
    return loop + chosen.code.replace("values = {}\n", "")
