"""Goals of two branches: what is read decides which of two actions is taken."""

from collections.abc import Sequence

from tdscaling.agents.phrases import action, thing
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.fill import fill
from tdscaling.agents.planning.goals import Goal, differently_asked, first_that_works, profiles, told
from tdscaling.agents.planning.worth import LEAST, nameless, rank, tellable
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import label
from tdscaling.types import Branching, JsonValue, Request, Step, ToolKey, ToolProfile
from tdscaling.values import at, leaves, normal


async def conditional(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A reading call, and then one of two actions, by what it showed."""
    readers = profiles(draft, tools, effect="read")
    acting = [p for p in profiles(draft, tools) if p.params and p.effect != "destroy"]

    async def attempt(reader: ToolProfile) -> list[Goal]:
        filled = await fill(draft, reader.tool)
        step = await draft.step(reader.tool, filled.arguments)
        condition = _condition(draft, step)
        branches = differently_asked(draft, [reader, *(p for p in acting if p.tool != reader.tool)])[1:7]
        if len(branches) < 2:
            raise PlanError("no_two_branches")
        taken = await told(draft, branches[0])
        other_tool, other = await _unexecuted(draft, branches[1:])
        seen, holds, value = condition
        draft.branchings.append(Branching(value=value, taken=branches[0].tool, other=other_tool))
        look = action(draft.context.tools[reader.tool])
        yes, no = (taken.requests[0], other) if holds else (other, taken.requests[0])
        requests = (
            Request(action=look, details=filled.told),
            Request(action=f"if {seen}, {yes.action}", details=yes.details),
            Request(action=f"otherwise {no.action}", details=no.details),
        )
        return [Goal(requests, (step, *taken.steps), taken.answer)]

    return await first_that_works(draft, [lambda p=p: attempt(p) for p in readers])


def _condition(draft: Draft, step: Step) -> tuple[str, bool, str]:
    """A statement on one value of the result, whether it holds, and the value that decides."""
    said = draft.used
    found = [
        leaf
        for leaf in leaves(draft.outputs[step.id], limit=40)
        if _testable(leaf.value) and normal(leaf.value) not in said
    ]
    found = [leaf for leaf in found if rank(leaf.path, leaf.value) < LEAST] or found
    found = [leaf for leaf in found if leaf.path and not nameless(leaf.path)] or found
    if not found:
        raise PlanError("nothing_to_test", str(step.tool))
    leaf = draft.rng.choice(found[:6])
    others = [item.value for item in found if item.path == leaf.path and normal(item.value) != normal(leaf.value)]
    holds = not others or draft.rng.random() < 0.6
    value = leaf.value if holds else draft.rng.choice(others)
    name = label(leaf.path)
    name = f"first {thing(draft.context.tools[step.tool])}" if name in ("line", "value") else name
    if isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool):
        limit = int(leaf.value) + draft.rng.choice((-2, -1, 1, 2))
        return f"the {name} is above {limit}", leaf.value > limit, normal(leaf.value)
    if leaf.place and others:
        first = at(draft.outputs[step.id], leaf.path)[0]
        thing_called = thing(draft.context.tools[step.tool])
        first_one = f"first {thing_called}" if name.endswith(thing_called) else f"{name} of the first {thing_called}"
        return (
            f'the {first_one} is "{value}"',
            normal(first.value) == normal(value),
            normal(first.value),
        )
    return f'the {name} is "{value}"', holds, normal(leaf.value)


def _testable(value: JsonValue) -> bool:
    return tellable(value) and (not isinstance(value, str) or len(value) <= 40)


async def _unexecuted(draft: Draft, branches: Sequence[ToolProfile]) -> tuple[ToolKey, Request]:
    """A request for the branch not taken: its facts are said, its call is never made."""
    for profile in branches:
        try:
            filled = await fill(draft, profile.tool)
        except PlanError:
            continue
        draft.extra_tools.add(profile.tool)
        return profile.tool, Request(action=action(draft.context.tools[profile.tool]), details=filled.told)
    raise PlanError("no_two_branches")
