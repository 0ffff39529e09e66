"""The planner as a language model: it writes a plan, and every step of it is called while it is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tdscaling.agents.model.plan_form import Plan, PlannedArgument, PlannedTurn, plan_of, plan_schema
from tdscaling.agents.model.voice import Voice
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.planner import WANTED_CALLS, assembled
from tdscaling.agents.protocols import PlanContext, PlanError, RoleError
from tdscaling.llm import Completion, Request
from tdscaling.llm.reading import value
from tdscaling.prompts import render
from tdscaling.types import (
    AnswerFact,
    Binding,
    Blueprint,
    Constant,
    FromFact,
    FromOutput,
    JsonObject,
    Message,
    Mode,
    Step,
    Target,
    Tool,
    ToolKey,
    ToolProfile,
)
from tdscaling.types import Request as Wish
from tdscaling.values.offer import offer

MOST_SEEN = 3
"""Readers without parameters that are called, so that the planner sees what there is."""

MEANINGS: Mapping[Mode, str] = {
    "direct": "The user says everything that a call needs.",
    "sequential": "A call needs a value that only an earlier call's result gives.",
    "parallel": "Two or more calls that need nothing of each other are made at once: give them the same group.",
    "exploratory": "A reading call finds an identifier, which a later call uses; the user does not know it.",
    "conditional": "What is done depends on a value in a result; the request names both cases, starting with `if`.",
    "iterative": "The same tool is called for three or more values that one earlier result lists.",
    "computational": "The code tool works something out from earlier results.",
    "verifying": "After a write, a reading call checks that it is there, though nobody asked for that.",
    "recovering": "A call fails since the user's value is slightly wrong; another call finds the right one.",
    "clarifying": "The user leaves out a value that a call needs, and tells it when asked: put it into `withheld`.",
    "revising": "After a call the user changes a value, and the call is made again with it: a turn of kind `revision`.",
    "abstaining": "A part of what is asked can't be served by any tool: a request with a `refusal` and no steps.",
}


@dataclass(frozen=True, slots=True)
class ModelPlanner:
    """Asks for a plan as JSON, checks it and calls its steps in the planner's session. What made earlier plans for
    the target fall is in the context's `reasons`, and goes into the prompt."""

    voice: Voice

    async def plan(self, target: Target, context: PlanContext) -> Blueprint:
        """Raises PlanError, ServerError, and ProviderError where the endpoint fails."""
        keys = sorted(key for key in context.cluster.tools if key in context.exploration.profiles)
        offered = offer(keys, context.tools)
        names = {tool.name: key for tool in offered if (key := tool.key) is not None}
        draft = Draft(context)
        prompt = render(
            "planner",
            mode=target.mode,
            meaning=MEANINGS[target.mode],
            calls=WANTED_CALLS[min(target.band, len(WANTED_CALLS) - 1)],
            tools=[
                _described(name, context.tools[key], context.exploration.profiles[key]) for name, key in names.items()
            ],
            seen=await _seen(draft, names),
            reasons=context.reasons,
        )
        schema = plan_schema(tuple(names))
        request = Request(messages=(Message(role="user", content=prompt),), schema=schema)

        def read(completion: Completion) -> Plan:
            return plan_of(value(completion, schema))

        try:
            planned = await self.voice.ask(request, read)
        except RoleError as exc:
            raise PlanError("planner_unusable", str(exc)) from None
        await _Builder(draft, names).build(planned)
        made = assembled(target, draft)
        return replace(made, goal=planned.goal, provenance={"planner": "model"})


@dataclass(slots=True)
class _Builder:
    """Puts a model's plan into a draft, step by step. Raises PlanError."""

    draft: Draft
    names: Mapping[str, ToolKey]

    async def build(self, planned: Plan) -> None:
        facts = {fact.id: self.draft.fact(fact.label, fact.value) for fact in planned.facts}
        steps: dict[str, Step] = {}
        for number, turn in enumerate(planned.turns):
            await self._turn(turn, number, facts, steps)

    async def _turn(
        self, turn: PlannedTurn, number: int, facts: Mapping[str, FromFact], steps: dict[str, Step]
    ) -> None:
        made: list[Step] = []
        groups: dict[int, int] = {}
        for step in turn.steps:
            key = self.names.get(step.tool)
            if key is None or step.id in steps:
                raise PlanError("planner_bad_step", f"{step.id}: {step.tool}")
            arguments = {one.name: _binding(one, facts, steps) for one in step.arguments}
            group = groups.setdefault(step.group, self.draft.group()) if step.group else None
            steps[step.id] = await self.draft.step(key, arguments, group=group)
            made.append(steps[step.id])
        wishes = [
            Wish(action=one.action, details=tuple(_fact(name, facts).fact for name in one.details), refusal=one.refusal)
            for one in turn.requests
        ]
        answer: list[AnswerFact] = []
        for name in turn.tell:
            if name not in steps:
                raise PlanError("planner_bad_reference", f"tell names the step {name!r}, which is not there")
            answer += self.draft.answers(steps[name])
        withheld = [_fact(name, facts).fact for name in turn.withheld]
        self.draft.turn(wishes, made, withheld=withheld, answer=answer, revision=turn.kind == "revision" and number > 0)


def _binding(one: PlannedArgument, facts: Mapping[str, FromFact], steps: Mapping[str, Step]) -> Binding:
    if one.fact is not None:
        return _fact(one.fact, facts)
    if one.step is not None:
        if one.step not in steps:
            raise PlanError(
                "planner_bad_reference", f"{one.name} comes from the step {one.step!r}, which is not before it"
            )
        return FromOutput(step=steps[one.step].id, path=one.path, index=one.index)
    if one.constant is None:
        raise PlanError("planner_bad_reference", f"{one.name} comes from nowhere")
    return Constant(value=one.constant)


def _fact(name: str, facts: Mapping[str, FromFact]) -> FromFact:
    if name not in facts:
        raise PlanError("planner_bad_reference", f"there is no fact {name!r}")
    return facts[name]


def _described(name: str, tool: Tool, profile: ToolProfile) -> JsonObject:
    values = {param.name: list(param.values[:4]) for param in profile.params if param.values}
    return {
        "name": name,
        "about": " ".join(tool.description.split())[:240],
        "parameters": json.dumps(tool.input_schema, ensure_ascii=False)[:1200],
        "values": json.dumps(values, ensure_ascii=False)[:500] if values else "",
        "outputs": ", ".join(f"{path} ({kind})" for path, kind in profile.outputs[:12]),
    }


async def _seen(draft: Draft, names: Mapping[str, ToolKey]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, key in names.items():
        profile = draft.context.exploration.profiles[key]
        if profile.effect == "read" and not profile.params and len(found) < MOST_SEEN:
            shown = await draft.scout(key, {})
            if shown is not None:
                found.append((name, " ".join(shown.content.split())[:600]))
    return found
