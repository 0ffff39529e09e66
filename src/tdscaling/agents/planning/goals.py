"""Goals of one turn: told calls, look-ups, calls side by side, repetition and conditions."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tdscaling.agents.phrases import action
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.feasible import is_text, is_word, names_something, takes
from tdscaling.agents.planning.fill import (
    Filled,
    bind,
    fill,
    listed,
    listed_with,
    look_up,
    pick,
    produced,
    producer_step,
)
from tdscaling.agents.planning.pointing import aimed, named, once_for_each
from tdscaling.agents.planning.scouting import Wanted
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import noun
from tdscaling.types import (
    AnswerFact,
    FromOutput,
    JsonValue,
    Request,
    Step,
    ToolKey,
    ToolProfile,
)
from tdscaling.values import Leaf, at, normal

MANY = 3
"""Calls with values of one result that make an iteration."""
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
        if key in known
        and not known[key].volatile
        and known[key].successes
        and key not in draft.withheld_tools
        and not draft.confusable(key)
    ]
    chosen = [profile for profile in found if effect is None or profile.effect == effect]
    draft.rng.shuffle(chosen)
    return chosen


def differently_asked(draft: Draft, found: Sequence[ToolProfile]) -> list[ToolProfile]:
    """The first of those that are asked for in the same words."""
    by_words: dict[str, ToolProfile] = {}
    for profile in found:
        by_words.setdefault(action(draft.context.tools[profile.tool]), profile)
    return list(by_words.values())


async def first_that_works(
    draft: Draft, tries: Sequence[Callable[[], Awaitable[list[Goal]]]], limit: int = 5
) -> list[Goal]:
    """The first attempt that gives goals; the last reason when none does."""
    why = "no_tool_for_this", ""
    for attempt in tries[:limit]:
        before = draft.checkpoint()
        try:
            return await attempt()
        except PlanError as exc:
            why = exc.reason, exc.detail  # not the error, which holds this frame: a cycle of all that was tried
            draft.restore(before)
    raise PlanError(*why)


async def told(draft: Draft, profile: ToolProfile, filled: Filled | None = None, group: int | None = None) -> Goal:
    """A single call with everything said beforehand."""
    filled = filled or await fill(draft, profile.tool)
    if _changes_nothing(draft, profile, filled):
        raise PlanError("nothing_to_change", str(profile.tool))
    step = await draft.step(profile.tool, filled.arguments, group=group, may_be_empty=profile.effect != "read")
    answer = draft.answers(step) if profile.effect == "read" else []
    if profile.effect == "read" and not answer:
        raise PlanError("nothing_to_tell", str(profile.tool))
    request = Request(action=action(draft.context.tools[profile.tool]), details=filled.told)
    return Goal((request,), (step,), tuple(answer))


def _changes_nothing(draft: Draft, profile: ToolProfile, filled: Filled) -> bool:
    """Whether a call would update a thing and say no more than which."""
    words_told = action(draft.context.tools[profile.tool]).split()
    if profile.effect == "read" or words_told[0] not in ("update", "edit", "modify", "change"):
        return False
    return not any(noun(name) for name in filled.arguments)


async def direct(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """One call with told arguments."""
    suited = [p for p in profiles(draft, tools) if takes(p) and p.effect != "destroy"]
    suited += [p for p in profiles(draft, tools, effect="destroy") if takes(p)][:1]

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
        request = Request(action=aimed(draft.context.tools[profile.tool], found.pointed), details=others.told)
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
    suited = [p for p in profiles(draft, tools, effect="read") if takes(p)]
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
    for profile in differently_asked(draft, suited)[:4]:
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
        wanted = Wanted(lambda value: is_word(value) and normal(value) not in draft.used, least=MANY)
        found = await produced(draft, profile.tool, name, draft.resolve(others.arguments), wanted)
        if found is None:
            raise PlanError("fewer_than_three_values", f"{profile.tool} {name}")
        producer, told_too = await producer_step(draft, found, others.arguments)
        path = found.leaves[0].path
        there = at(draft.outputs[producer.id], path)
        chosen = _leading(draft, there, {normal(leaf.value) for leaf in found.leaves})
        example = next(param.values[0] for param in profile.params if param.name == name)
        together = draft.group() if draft.rng.random() < 0.4 else None
        steps: list[Step] = []
        for index in range(chosen):
            binding = FromOutput(step=producer.id, path=path, index=index)
            arguments = {**others.arguments, name: listed(binding, example)}
            steps.append(await draft.step(profile.tool, arguments, group=together))
        answer = draft.answers_alike(steps)
        if not answer:
            raise PlanError("nothing_to_tell", str(profile.tool))
        about = named(name, path, draft.context.tools[producer.tool])
        first = "" if chosen == len(there) else _ORDINALS[chosen]
        text = once_for_each(draft.context.tools[profile.tool], about, first, listed_with(draft, told_too))
        return [Goal((Request(action=text, details=others.told),), _new(draft, producer, *steps), tuple(answer))]

    return await first_that_works(draft, [lambda p=p, n=n: attempt(p, n) for p, n in pairs], limit=8)


def _leading(draft: Draft, there: Sequence[Leaf], fresh: Collection[str]) -> int:
    """How many of the first records are spoken of: all different and each with a name, enough of them `fresh`. Who
    hears of "the first three" takes these, whatever was said of one of them before."""
    suited: dict[int, list[int]] = {}
    for count in range(MANY, min(max(_ORDINALS), len(there)) + 1):
        first = there[:count]
        values = {normal(leaf.value) for leaf in first if is_word(leaf.value)}
        in_place = all(leaf.place == (place,) for place, leaf in enumerate(first) if len(leaf.place) == 1)
        if len(values) == count and in_place and len(values.intersection(fresh)) >= MANY:
            suited.setdefault(len(values.difference(fresh)), []).append(count)
    if not suited:
        raise PlanError("not_the_first_listed")
    return draft.rng.choice(suited[min(suited)])
