"""Mutations that add to a kept plan: more steps, another goal, a question, a change of mind, a rule, a computation."""

from collections.abc import Callable, Sequence

from tdscaling.agents import PlanContext, PlanError
from tdscaling.agents.planning.computing import computational
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.goals import Goal, Recipe, direct, iterative, parallel, profiles, sequential
from tdscaling.agents.planning.planner import WANTED_CALLS, add
from tdscaling.agents.planning.turns import forbidden_by_rule, recovering, revised
from tdscaling.evolution.mutations.replaying import replayed
from tdscaling.types import Blueprint, Target, ToolKey

_TRIES = 16
Others = Callable[[Blueprint, Sequence[ToolKey]], Sequence[ToolKey]]
"""The tools of a cluster that a mutation plans with, by the parent."""


def _all(parent: Blueprint, tools: Sequence[ToolKey]) -> Sequence[ToolKey]:
    return tools


def elsewhere(parent: Blueprint, tools: Sequence[ToolKey]) -> Sequence[ToolKey]:
    """Tools of servers that the parent does not call. Raises PlanError where there are none."""
    used = {step.tool.server for step in parent.steps}
    found = [tool for tool in tools if tool.server not in used]
    if not found:
        raise PlanError("no_other_service")
    return found


async def deepen(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Dependent steps, each a turn of its own, until the target's band is reached."""
    return await _grown(target, parent, context, (sequential,), merge=False)


async def merge(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Further goals in the same message as the parent's last, until the target's band is reached."""
    return await _grown(target, parent, context, (direct, parallel, sequential), merge=True)


async def cross_service(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Goals that another service of the cluster serves."""
    return await _grown(target, parent, context, (sequential, direct), merge=False, among=elsewhere)


async def _grown(
    target: Target,
    parent: Blueprint,
    context: PlanContext,
    recipes: Sequence[Recipe],
    *,
    merge: bool,
    among: Others = _all,
) -> Draft:
    tools = among(parent, sorted(context.cluster.tools))
    draft = await replayed(parent, context)
    wanted, begun, why = WANTED_CALLS[target.band], draft.calls, ("nothing_to_add", "")
    for _ in range(_TRIES):
        if draft.calls > begun and draft.calls >= wanted:
            return draft
        before = draft.checkpoint()
        try:
            goals = await draft.rng.choice(recipes)(draft, tools)
        except PlanError as exc:
            why = exc.reason, exc.detail  # not the error, which holds this frame
            draft.restore(before)
            continue
        for goal in goals:
            add(draft, goal, merge=merge)
    if draft.calls == begun:
        raise PlanError(*why)
    return draft


async def _with(parent: Blueprint, context: PlanContext, recipe: Recipe) -> Draft:
    """The parent and what one recipe adds to it."""
    draft = await replayed(parent, context)
    for goal in await recipe(draft, sorted(context.cluster.tools)):
        add(draft, goal)
    return draft


async def iterate(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """The same call for several values of one result."""
    return await _with(parent, context, iterative)


async def add_computation(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Code over what a call shows."""
    return await _with(parent, context, computational)


async def fault(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """A call that fails, as the user has a name slightly wrong, and is got over."""
    return await _with(parent, context, recovering)


async def parallelise(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Independent calls side by side."""
    return await _with(parent, context, parallel)


async def add_policy(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """A rule against a tool that is offered, and a request that it forbids."""

    async def forbidden(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
        used = {step.tool for step in parent.steps}
        acting = [one for one in profiles(draft, tools) if one.params and one.effect != "read" and one.tool not in used]
        if not acting:
            raise PlanError("nothing_to_forbid")
        return [await forbidden_by_rule(draft, acting[0])]

    return await _with(parent, context, forbidden)


async def revise(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """The user wants the last call again with another value."""

    async def again(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
        last = draft.turns[-1]
        known = context.exploration.profiles
        made = [step for step in last.steps if step.tool in known and not step.expect_error]
        made = [step for step in made if known[step.tool].effect != "destroy" and not known[step.tool].volatile]
        if last.withheld or len(last.requests) > 1 or not made:
            raise PlanError("nothing_to_revise")
        return [await revised(draft, known[made[-1].tool], made[-1])]

    return await _with(parent, context, again)
