"""Goals of one turn: told calls, look-ups, calls side by side, repetition and conditions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tdscaling.agents.planning.draft import Draft, tellable
from tdscaling.agents.planning.feasible import is_text, names_something
from tdscaling.agents.planning.fill import Filled, bind, fill, listed, look_up, pick, produced, producer_step
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import action, label, noun
from tdscaling.types import (
    AnswerFact,
    Branching,
    FromOutput,
    JsonValue,
    Request,
    Step,
    ToolKey,
    ToolProfile,
)
from tdscaling.values import at, leaves, normal

_ORDINALS = {3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class Goal:
    """Something the user wants, the steps that serve it and what the answer must tell."""

    requests: tuple[Request, ...]
    steps: tuple[Step, ...]
    answer: tuple[AnswerFact, ...] = ()
    withheld: tuple[str, ...] = ()
    revision: bool = False


Recipe: TypeAlias = Callable[[Draft, Sequence[ToolKey]], Awaitable[list[Goal]]]


def profiles(draft: Draft, tools: Sequence[ToolKey], *, effect: str | None = None) -> list[ToolProfile]:
    """The explored, repeatable tools among `tools`, shuffled; by effect where one is named."""
    known = draft.context.exploration.profiles
    found = [
        known[key]
        for key in tools
        if key in known and not known[key].volatile and known[key].successes and key not in draft.withheld_tools
    ]
    chosen = [profile for profile in found if effect is None or profile.effect == effect]
    draft.rng.shuffle(chosen)
    return chosen


async def first_that_works(
    draft: Draft, tries: Sequence[Callable[[], Awaitable[list[Goal]]]], limit: int = 5
) -> list[Goal]:
    """The first attempt that gives goals; the last reason when none does."""
    reason = PlanError("no_tool_for_this")
    for attempt in tries[:limit]:
        before = draft.checkpoint()
        try:
            return await attempt()
        except PlanError as exc:
            reason = exc
            draft.restore(before)
    raise reason


async def told(draft: Draft, profile: ToolProfile, filled: Filled | None = None, group: int | None = None) -> Goal:
    """A single call with everything said beforehand."""
    filled = filled or await fill(draft, profile.tool)
    step = await draft.step(profile.tool, filled.arguments, group=group, may_be_empty=profile.effect != "read")
    answer = draft.answers(step) if profile.effect == "read" else []
    if profile.effect == "read" and not answer:
        raise PlanError("nothing_to_tell", str(profile.tool))
    request = Request(action=action(draft.context.tools[profile.tool]), details=filled.told)
    return Goal((request,), (step,), tuple(answer))


async def direct(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """One call with told arguments."""
    suited = [p for p in profiles(draft, tools) if p.params and p.effect != "destroy"]
    suited += [p for p in profiles(draft, tools, effect="destroy") if p.params][:1]

    async def attempt(profile: ToolProfile) -> list[Goal]:
        return [await told(draft, profile)]

    return await first_that_works(draft, [lambda p=p: attempt(p) for p in suited])


async def sequential(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A look-up, then a call on what it shows."""
    pairs = [
        (p, q.name)
        for p in profiles(draft, tools)
        for q in p.params
        if names_something(q) and draft.context.exploration.producers(p.tool, q.name)
    ]
    draft.rng.shuffle(pairs)

    async def attempt(profile: ToolProfile, name: str) -> list[Goal]:
        others = await _others(draft, profile, name)
        found = await look_up(draft, profile.tool, name, others.arguments)
        example = next(param.values[0] for param in profile.params if param.name == name)
        arguments = {**others.arguments, name: listed(found.binding, example)}
        step = await draft.step(profile.tool, arguments, may_be_empty=profile.effect != "read")
        answer = draft.answers(step) if profile.effect == "read" else []
        if profile.effect == "read" and not answer:
            raise PlanError("nothing_to_tell", str(profile.tool))
        text = f"{action(draft.context.tools[profile.tool])} for {found.phrase}"
        request = Request(action=text, details=tuple(dict.fromkeys((*found.told, *others.told))))
        return [Goal((request,), _new(draft, found.step, step), tuple(answer))]

    return await first_that_works(draft, [lambda p=p, n=n: attempt(p, n) for p, n in pairs], limit=6)


def _new(draft: Draft, *steps: Step) -> tuple[Step, ...]:
    """The steps that no earlier turn has made."""
    made = {step.id for turn in draft.turns for step in turn.steps}
    return tuple(step for step in steps if step.id not in made)


async def _others(draft: Draft, profile: ToolProfile, name: str) -> Filled:
    """Bindings for all required parameters but one."""
    sample: JsonValue = next((param.values[0] for param in profile.params if param.name == name), None)
    picks = await pick(draft, profile.tool, {name: sample})
    arguments, said = bind(draft, profile.tool, picks)
    return Filled(arguments, said)


async def parallel(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """Independent reading calls in one assistant message: one tool on several values, or several tools."""
    suited = [p for p in profiles(draft, tools, effect="read") if p.params]
    tries: list[Callable[[], Awaitable[list[Goal]]]] = [lambda p=p: _same_tool(draft, p) for p in suited]
    if len(suited) > 1:
        tries.insert(draft.rng.randrange(2), lambda: _several_tools(draft, suited))
    return await first_that_works(draft, tries)


async def _same_tool(draft: Draft, profile: ToolProfile) -> list[Goal]:
    group = draft.group()
    goals: list[Goal] = []
    seen: set[str] = set()
    for _ in range(draft.rng.choice((2, 2, 3))):
        filled = await fill(draft, profile.tool)
        if not filled.told:
            raise PlanError("no_value_in_this_world", str(profile.tool))
        values = str(draft.resolve(filled.arguments))
        if values in seen:
            continue
        seen.add(values)
        goals.append(await told(draft, profile, filled, group))
    return [_joined(goals)]


async def _several_tools(draft: Draft, suited: Sequence[ToolProfile]) -> list[Goal]:
    group = draft.group()
    goals: list[Goal] = []
    for profile in suited[:4]:
        if len(goals) == 3:
            break
        try:
            goals.append(await told(draft, profile, group=group))
        except PlanError:
            continue
    return [_joined(goals)]


def _joined(goals: Sequence[Goal]) -> Goal:
    if len(goals) < 2:
        raise PlanError("not_enough_side_by_side")
    return Goal(
        tuple(request for goal in goals for request in goal.requests),
        tuple(step for goal in goals for step in goal.steps),
        tuple(fact for goal in goals for fact in goal.answer),
    )


async def iterative(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """The same call for three or more values of one result."""
    pairs = [
        (p, q.name)
        for p in profiles(draft, tools, effect="read")
        for q in p.params
        if is_text(q) and draft.context.exploration.producers(p.tool, q.name)
    ]

    async def attempt(profile: ToolProfile, name: str) -> list[Goal]:
        others = await _others(draft, profile, name)
        found = await produced(draft, profile.tool, name, draft.resolve(others.arguments))
        found = [
            item for item in found if normal(item.leaf.value) not in draft.used and isinstance(item.leaf.value, str)
        ]
        if len(found) < 3:
            raise PlanError("fewer_than_three_values", f"{profile.tool} {name}")
        producer, told_too = await producer_step(draft, found[0], others.arguments)
        places = [leaf.value for leaf in at(draft.outputs[producer.id], found[0].leaf.path)]
        chosen = found[: draft.rng.randint(3, min(6, len(found)))]
        example = next(param.values[0] for param in profile.params if param.name == name)
        together = draft.group() if draft.rng.random() < 0.4 else None
        steps: list[Step] = []
        answer: list[AnswerFact] = []
        for item in chosen:
            binding = FromOutput(step=producer.id, path=item.leaf.path, index=places.index(item.leaf.value))
            arguments = {**others.arguments, name: listed(binding, example)}
            step = await draft.step(profile.tool, arguments, group=together)
            steps.append(step)
            answer.extend(draft.answers(step, limit=1))
        if not answer:
            raise PlanError("nothing_to_tell", str(profile.tool))
        many = "every" if len(chosen) == len(places) else f"each of the first {_ORDINALS[len(chosen)]}"
        thing = f"{noun(name)} there is" if many == "every" else f"{noun(name)}s there are"
        text = f"{action(draft.context.tools[profile.tool])}, once for {many} {thing}"
        request = Request(action=text, details=tuple(dict.fromkeys((*told_too, *others.told))))
        return [Goal((request,), _new(draft, producer, *steps), tuple(answer))]

    return await first_that_works(draft, [lambda p=p, n=n: attempt(p, n) for p, n in pairs], limit=8)


async def conditional(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A reading call, and then one of two actions, by what it showed."""
    readers = profiles(draft, tools, effect="read")
    acting = [p for p in profiles(draft, tools) if p.params and p.effect != "destroy"]

    async def attempt(reader: ToolProfile) -> list[Goal]:
        filled = await fill(draft, reader.tool)
        step = await draft.step(reader.tool, filled.arguments)
        condition = _condition(draft, step)
        branches = [p for p in acting if p.tool != reader.tool][:6]
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
    found = [leaf for leaf in found if leaf.path and not leaf.path.rpartition(".")[2].startswith("column")] or found
    if not found:
        raise PlanError("nothing_to_test", str(step.tool))
    leaf = draft.rng.choice(found[:6])
    others = [item.value for item in found if item.path == leaf.path and normal(item.value) != normal(leaf.value)]
    holds = not others or draft.rng.random() < 0.6
    value = leaf.value if holds else draft.rng.choice(others)
    name = label(leaf.path)
    name = "first entry" if name in ("line", "value") else name
    if isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool):
        limit = int(leaf.value) + draft.rng.choice((-2, -1, 1, 2))
        return f"the {name} is above {limit}", leaf.value > limit, normal(leaf.value)
    if leaf.place and others:
        name = f"first {name}" if not any(leaf.place) else f"{name} of the last one listed"
        first = at(draft.outputs[step.id], leaf.path)[0]
        return f'the first {label(leaf.path)} is "{value}"', normal(first.value) == normal(value), normal(first.value)
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
