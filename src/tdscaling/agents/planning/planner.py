"""The procedural planner: a core goal for the target's mode, then further goals until the band is reached."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from tdscaling.agents.planning.computing import computational
from tdscaling.agents.planning.conditional import conditional
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.goals import Goal, Recipe, direct, iterative, parallel, sequential
from tdscaling.agents.planning.size import Stages
from tdscaling.agents.planning.turns import abstaining, clarifying, recovering, revising, verifying
from tdscaling.agents.protocols import PlanContext, PlanError
from tdscaling.types import Blueprint, Mode, Persona, Target, ToolKey
from tdscaling.values.generate import faker

RECIPES: Mapping[Mode, Recipe] = {
    "direct": direct,
    "sequential": sequential,
    "exploratory": sequential,
    "parallel": parallel,
    "iterative": iterative,
    "conditional": conditional,
    "computational": computational,
    "verifying": verifying,
    "recovering": recovering,
    "clarifying": clarifying,
    "revising": revising,
    "abstaining": abstaining,
}
_MORE: tuple[Recipe, ...] = (direct, direct, parallel, sequential, sequential, iterative)
WANTED_CALLS = (1, 2, 5, 9, 16, 30)
"""Calls to aim at, by CAC band: a call weighs between two and four."""
_MAX_EXTRA_TRIES = 8
"""Of further goals; where the bands wanted are named, in a row without one."""
MOST_TURNS = 10
"""Of a plan; what more is wanted is asked for in the last message, as an episode has an end."""
_ROLES = (
    "office manager", "analyst", "developer", "team lead", "bookkeeper", "support agent", "consultant", "researcher",
    "project manager", "operations planner",
)  # fmt: skip
STYLES = ("brief", "polite", "chatty", "formal", "hurried", "plain", "learner")


class ProceduralPlanner:
    """Plans without a model: every step is called in the planner's session while the plan grows."""

    async def plan(self, target: Target, context: PlanContext) -> Blueprint:
        """A plan for the target's mode of about its band. Raises PlanError."""
        recipe = RECIPES.get(target.mode)
        if recipe is None:
            raise PlanError("mode_not_plannable", target.mode)
        draft = Draft(context)
        tools = sorted(context.cluster.tools)
        before = context.rng.random() < 0.25 and target.band > 1
        if before:
            await self._more(draft, tools, 1 + draft.calls)
        for goal in await recipe(draft, tools):
            add(draft, goal)
        if target.wanted:
            return await self._steered(target, draft, tools)
        await self._more(draft, tools, WANTED_CALLS[min(target.band, len(WANTED_CALLS) - 1)])
        return assembled(target, draft)

    async def _steered(self, target: Target, draft: Draft, tools: Sequence[ToolKey]) -> Blueprint:
        """The plan grown to the target's band or as far as that goes, left in the band on the way wanted most."""
        stages = Stages(target.wanted)
        while stages.see(draft) < target.band:
            calls = draft.calls
            try:
                await self._more(draft, tools, calls + 1)
            except PlanError:
                break
            if draft.calls == calls:
                break
        return replace(assembled(target, stages.best), bands=stages.bands)

    async def _more(self, draft: Draft, tools: Sequence[ToolKey], wanted: int) -> None:
        """Further goals until the number of calls is reached, or nothing more can be found."""
        for _ in range(_MAX_EXTRA_TRIES):
            if draft.calls >= wanted:
                return
            checkpoint = draft.checkpoint()
            try:
                goals = await draft.rng.choice(_MORE)(draft, tools)
            except PlanError:
                draft.restore(checkpoint)
                continue
            for goal in goals:
                add(draft, goal, merge=draft.rng.random() < 0.35)


def assembled(target: Target, draft: Draft) -> Blueprint:
    """The plan of a finished draft, with somebody to ask for it and tools that it does not need."""
    context = draft.context
    needed = {step.tool for turn in draft.turns for step in turn.steps} | draft.extra_tools
    servers = sorted({key.server for key in (*context.cluster.tools, *needed)})
    offered = needed | _distractors(draft, servers, needed)
    steps = [step for turn in draft.turns for step in turn.steps]
    identity = f"{target}|{context.world}|{[(step.tool, step.arguments) for step in steps]}|{draft.turns}"
    return Blueprint(
        id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        target=target,
        world=context.world,
        servers=tuple(servers),
        persona=persona(context.rng),
        goal="; ".join(request.action for turn in draft.turns for request in turn.requests),
        context=tuple(draft.notes),
        facts=tuple(draft.facts.values()),
        turns=tuple(draft.turns),
        offered=tuple(sorted(offered)),
        policy=tuple(draft.policy),
        branchings=tuple(draft.branchings),
        provenance={"planner": "procedural"},
    )


def add(draft: Draft, goal: Goal, *, merge: bool = False) -> None:
    """A goal as a turn of its own, or, with `merge` or when there are MOST_TURNS, and where that can be, as a further
    request of the last one."""
    merge = merge or len(draft.turns) >= MOST_TURNS
    if merge and draft.turns and not draft.turns[-1].withheld and draft.turns[-1].kind != "revision":
        draft.merge_turn(goal.requests, goal.steps, goal.answer)
        return
    draft.turn(goal.requests, goal.steps, withheld=goal.withheld, answer=goal.answer, revision=goal.revision)


def _distractors(draft: Draft, servers: Sequence[str], needed: set[ToolKey]) -> set[ToolKey]:
    """Tools of the same servers that this session has and the plan does not need, between three and ten."""
    there = {tool.key for tool in draft.context.session.tools}
    others = [
        key
        for key in sorted(draft.context.tools.keys() & there)
        if key.server in servers and key not in needed and key not in draft.withheld_tools and not draft.confusable(key)
    ]
    count = min(len(others), draft.rng.randint(3, 10))
    return set(draft.rng.sample(others, count))


def persona(rng: Random) -> Persona:
    """Somebody to play the user."""
    fake = faker(rng.getrandbits(32))
    return Persona(name=fake.first_name(), role=rng.choice(_ROLES), style=rng.choice(STYLES))
