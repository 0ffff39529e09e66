"""A kept plan as a draft again: its steps are called anew, so that more can be planned on what they show."""

import re

from tdscaling.agents import PlanContext, PlanError
from tdscaling.agents.phrases import action
from tdscaling.agents.planning.draft import Draft
from tdscaling.types import Blueprint, Step, ToolKey
from tdscaling.values import failed, normal, parse

_NUMBER = re.compile(r"\d+")


async def replayed(parent: Blueprint, context: PlanContext) -> Draft:
    """The parent's plan in the session of `context`, ready to be continued. Raises PlanError where a step does not end
    as it did, ServerError when the server failed."""
    draft = Draft(context)
    draft.facts = {fact.id: fact for fact in parent.facts}
    draft.used = {normal(fact.value) for fact in parent.facts if isinstance(fact.value, str)}
    draft.notes, draft.policy, draft.branchings = [*parent.context], [*parent.policy], [*parent.branchings]
    draft.extra_tools = set(parent.offered)
    draft.withheld_tools = _untouchable(parent, context)
    for step in parent.steps:
        await _called(draft, step)
    draft.turns = [*parent.turns]
    draft.calls = max((_number(step.id) for step in parent.steps), default=0)
    draft.groups = max((step.group for step in parent.steps), default=0)
    return draft


def _untouchable(parent: Blueprint, context: PlanContext) -> set[ToolKey]:
    """Tools that nothing may be planned with: those that the parent says it lacks, and those that a rule forbids."""
    refuses = any(request.refusal for turn in parent.turns for request in turn.requests)
    lacking = set(context.tools) - set(parent.offered) if refuses else set[ToolKey]()
    rules = "\n".join(parent.policy)
    used = {step.tool for step in parent.steps}
    offered = (key for key in parent.offered if key in context.tools and key not in used)
    return lacking | {key for key in offered if f"You must not {action(context.tools[key])}:" in rules}


async def _called(draft: Draft, step: Step) -> None:
    arguments = draft.resolve(step.arguments)
    result = await draft.result(step.tool, arguments)
    if failed(result) != step.expect_error:
        raise PlanError("parent_does_not_hold", f"{step.tool}: {result.content[:80]}")
    draft.outputs[step.id] = parse(result.content)
    draft.took(step, arguments)


def _number(step: str) -> int:
    found = _NUMBER.search(step)
    return int(found[0]) if found else 0
