"""Mutations that change a kept plan or take from it: what is told, what is offered, what is asked for."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from tdscaling.agents import PlanContext, PlanError
from tdscaling.agents.phrases import action
from tdscaling.agents.planning.computing import PYTHON
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.goals import direct, sequential
from tdscaling.agents.planning.planner import add
from tdscaling.agents.wording import content_words
from tdscaling.evolution.mutations.replaying import replayed
from tdscaling.types import Blueprint, FromFact, FromOutput, Mode, Step, Target, ToolKey, Turn
from tdscaling.values import within
from tdscaling.values.schema import parameters

_LOOK_ALIKES = 5


async def withhold_parameter(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """A value that a call needs is left out until the assistant asks for it."""
    choices = list(_withholdable(parent, context))
    if not choices:
        raise PlanError("nothing_to_withhold")
    place, fact = context.rng.choice(choices)
    turns = [*parent.turns]
    turns[place] = replace(turns[place], withheld=(fact,))
    return await replayed(replace(parent, turns=tuple(turns)), context)


def _withholdable(parent: Blueprint, context: PlanContext) -> Iterator[tuple[int, str]]:
    """Turns and what could be left out of them: a text told as a detail that a required argument needs, and that
    nobody has said before."""
    values = {fact.id: fact.value for fact in parent.facts}
    heard = "\n".join((*parent.context, *parent.policy))
    for place, turn in enumerate(parent.turns):
        details = [detail for request in turn.requests for detail in request.details if not request.refusal]
        needed = {fact for step in turn.steps for fact in _required(step, context)}
        if turn.kind != "revision" and not turn.withheld:
            for fact in sorted(needed.intersection(details)):
                value = values[fact]
                if isinstance(value, str) and value not in heard:
                    yield place, fact
        said = (str(values.get(detail, "")) for detail in details)
        heard = "\n".join((heard, *said, *(request.action for request in turn.requests)))


def _required(step: Step, context: PlanContext) -> Iterator[str]:
    for name in parameters(context.tools[step.tool]):
        bound = step.arguments.get(name)
        if isinstance(bound, FromFact) and not step.expect_error:
            yield bound.fact


async def withhold_tool(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """A tool that the plan needs is not offered, nor one like it: the assistant has to say so."""
    places = [place for place in range(len(parent.turns)) if separable(parent, place)]
    for place in context.rng.sample(places, len(places)):
        turn = parent.turns[place]
        tool = turn.steps[-1].tool
        rest = [step for other, one in enumerate(parent.turns) if other != place for step in one.steps]
        what = content_words(action(context.tools[tool]))
        like = {key for key in parent.offered if _alike(what, key, context)} | {tool}
        if not what or like & {step.tool for step in rest}:
            continue
        request = turn.requests[0]
        refused = replace(request, refusal=f"none of the tools I have can {action(context.tools[tool])}")
        turns = [*parent.turns]
        turns[place] = Turn(kind=turn.kind, requests=(refused,), steps=())
        draft = await replayed(replace(parent, turns=tuple(turns)), context)
        draft.extra_tools -= like
        draft.withheld_tools |= like
        return draft
    raise PlanError("no_tool_to_withhold")


def _alike(what: Collection[str], key: ToolKey, context: PlanContext) -> bool:
    """Whether a tool might serve what is asked of another."""
    own = content_words(action(context.tools[key]))
    return len(own.intersection(what)) >= max(1, len(what) // 2)


def separable(parent: Blueprint, place: int) -> bool:
    """Whether a turn asks for one thing by one call, and no other turn rests on it."""
    turn = parent.turns[place]
    plain = len(turn.requests) == 1 and len(turn.steps) == 1 and not turn.withheld and turn.kind != "revision"
    return plain and "{" not in turn.requests[0].action and not _rests_on(parent, place)


def _rests_on(parent: Blueprint, place: int) -> bool:
    """Whether a later turn uses what a turn shows, or revises it."""
    made = {step.id for step in parent.turns[place].steps}
    later = parent.turns[place + 1 :]
    bound = [binding for turn in later for step in turn.steps for binding in step.arguments.values()]
    bound += [fact.binding for turn in later for fact in turn.answer]
    used = {part.step for binding in bound for part in within(binding) if isinstance(part, FromOutput)}
    return bool(used & made) or (bool(later) and later[0].kind == "revision")


async def distract(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """Tools that look like those that the plan needs are offered beside them, and one of these is needed once more."""
    there = {tool.key for tool in context.session.tools} & context.tools.keys()
    used = [key for key in dict.fromkeys(step.tool for step in parent.steps) if key in there and key != PYTHON]
    draft = await replayed(parent, context)
    free = [key for key in sorted(there - set(parent.offered) - draft.withheld_tools) if key.server in parent.servers]
    found = sorted(free, key=lambda key: -max((_likeness(key, mine, context) for mine in used), default=0))
    found = [key for key in found if any(_likeness(key, mine, context) for mine in used)][:_LOOK_ALIKES]
    if not found:
        raise PlanError("nothing_looks_alike")
    draft.extra_tools |= set(found)
    for goal in await direct(draft, used):
        add(draft, goal)
    return draft


def _likeness(one: ToolKey, other: ToolKey, context: PlanContext) -> int:
    """Words that what two tools do has in common."""
    return len(content_words(action(context.tools[one])) & content_words(action(context.tools[other])))


async def insert(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """The last call is made on something that has to be looked up first, where it was told before."""
    if not can_be_looked_up_for(parent):
        raise PlanError("no_call_to_look_up_for")
    draft = await replayed(replace(parent, turns=parent.turns[:-1]), context)
    for goal in await sequential(draft, [parent.turns[-1].steps[0].tool]):
        add(draft, goal)
    return draft


def can_be_looked_up_for(parent: Blueprint) -> bool:
    """Whether the last turn is one call by itself, which may be made on something that was looked up."""
    return separable(parent, len(parent.turns) - 1) and not parent.turns[-1].requests[0].refusal


async def simplify(target: Target, parent: Blueprint, context: PlanContext) -> Draft:
    """A turn less that the target's mode does not need."""
    places = droppable(parent, target.mode)
    if not places:
        raise PlanError("nothing_to_leave_out")
    gone = context.rng.choice(places)
    turns = [turn for place, turn in enumerate(parent.turns) if place != gone]
    if gone == 0:
        turns[0] = replace(turns[0], kind="opening")
    return await replayed(replace(parent, turns=tuple(turns)), context)


def droppable(parent: Blueprint, mode: Mode) -> Sequence[int]:
    """Turns on which no other rests and without which a plan still shows a mode."""
    return [
        place
        for place in range(len(parent.turns))
        if not _rests_on(parent, place)
        and any(carries(parent, turn, mode) for other, turn in enumerate(parent.turns) if other != place)
    ]


def carries(parent: Blueprint, turn: Turn, mode: Mode) -> bool:
    """Whether a turn shows a mode by itself."""
    bound = [part for step in turn.steps for one in step.arguments.values() for part in within(one)]
    calls = [step.tool for step in turn.steps]
    shown: dict[Mode, bool] = {
        "abstaining": any(request.refusal for request in turn.requests),
        "revising": turn.kind == "revision",
        "clarifying": bool(turn.withheld),
        "recovering": any(step.expect_error for step in turn.steps),
        "verifying": any(step.purpose == "verify" for step in turn.steps),
        "computational": PYTHON in calls,
        "iterative": any(calls.count(tool) > 2 for tool in calls),
        "conditional": any(one.taken in calls for one in parent.branchings),
        "exploratory": any(isinstance(part, FromOutput) for part in bound),
        "parallel": _side_by_side(turn.steps),
        "sequential": any(isinstance(part, FromOutput) for part in bound),
        "direct": any(isinstance(part, FromFact) for part in bound),
    }
    return shown[mode]


def _side_by_side(steps: Sequence[Step]) -> bool:
    groups = [step.group for step in steps]
    return any(groups.count(group) > 1 for group in groups)
