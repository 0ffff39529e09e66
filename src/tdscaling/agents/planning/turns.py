"""Goals that take more than one turn or more care: asking back, changes of mind, checking, recovering, refusing."""

from collections.abc import Sequence
from random import Random

from tdscaling.agents.phrases import action
from tdscaling.agents.planning.computing import PYTHON
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.feasible import can_be_misspelt, is_misspellable, takes
from tdscaling.agents.planning.fill import Filled, bind, fill, pick, produced, producer_step
from tdscaling.agents.planning.goals import Goal, first_that_works, profiles, told
from tdscaling.agents.planning.scouting import Wanted
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import content_words, label, noun
from tdscaling.types import (
    Binding,
    Computed,
    FromFact,
    FromOutput,
    ReadBack,
    Request,
    Step,
    Tool,
    ToolKey,
    ToolProfile,
)
from tdscaling.values.generate import Generator
from tdscaling.values.schema import parameters
from tdscaling.values.validation import validator_of

_MIN_NAME = 4


async def clarifying(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A request that leaves out a required value: the assistant has to ask for it."""
    suited = [p for p in profiles(draft, tools) if takes(p) and p.effect != "destroy"]

    async def attempt(profile: ToolProfile) -> list[Goal]:
        filled = await fill(draft, profile.tool)
        bound = (filled.arguments.get(name) for name in parameters(draft.context.tools[profile.tool]))
        asked = {binding.fact for binding in bound if isinstance(binding, FromFact)}
        facts = [fact for fact in filled.told if fact in asked and _is_news(draft, fact)]
        if not facts:
            raise PlanError("nothing_to_withhold", str(profile.tool))
        goal = await told(draft, profile, filled)
        withheld = (draft.rng.choice(facts),)
        return [Goal(goal.requests, goal.steps, goal.answer, withheld=withheld)]

    return await first_that_works(draft, [lambda p=p: attempt(p) for p in suited])


def _is_news(draft: Draft, fact: str) -> bool:
    """Whether a fact's value is in nothing the user or the system prompt has said before."""
    value = draft.facts[fact].value
    earlier = [r for turn in draft.turns for request in turn.requests for r in request.details]
    return isinstance(value, str) and fact not in earlier and not any(value in note for note in draft.notes)


async def revising(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A call, and then the user wants it with another value."""
    suited = [p for p in profiles(draft, tools) if takes(p) and p.effect != "destroy"]
    if draft.rng.random() < 0.7:
        suited.sort(key=lambda profile: profile.effect != "read")

    async def attempt(profile: ToolProfile) -> list[Goal]:
        first = await told(draft, profile)
        return [first, await revised(draft, profile, first.steps[0])]

    return await first_that_works(draft, [lambda p=p: attempt(p) for p in suited])


async def revised(draft: Draft, profile: ToolProfile, made: Step) -> Goal:
    """The call of a step again, as the user wants another value in it. Raises PlanError."""
    name, fact = _replaceable(draft, made)
    old = draft.facts[fact].value
    given = {other: bound for other, bound in made.arguments.items() if other != name}
    for _ in range(4):
        second = await fill(draft, profile.tool, given)
        new = second.arguments[name]
        if isinstance(new, FromFact) and draft.facts[new.fact].value != old:
            goal = await told(draft, profile, Filled(second.arguments, (new.fact,)))
            what = f"make the {label(name)}" if noun(name) else "take"
            request = Request(action=f"{what} {{{new.fact}}} instead of {{{fact}}}")
            return Goal((request,), goal.steps, goal.answer, revision=True)
    raise PlanError("no_other_value", str(profile.tool))


def _replaceable(draft: Draft, made: Step) -> tuple[str, str]:
    bound = [(name, b.fact) for name, b in made.arguments.items() if isinstance(b, FromFact)]
    bound = [(name, fact) for name, fact in bound if isinstance(draft.facts[fact].value, str | int)]
    if not bound:
        raise PlanError("nothing_to_revise")
    return bound[-1] if draft.rng.random() < 0.7 else draft.rng.choice(bound)


async def verifying(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A write, and an unasked reading call that finds what was written."""
    known = draft.context.exploration
    pairs = [rb for rb in known.readbacks if rb.writer in tools and rb.reader in known.profiles]
    pairs = [rb for rb in pairs if not known.profiles[rb.writer].volatile and not known.profiles[rb.reader].volatile]
    draft.rng.shuffle(pairs)

    async def attempt(pair: ReadBack) -> list[Goal]:
        written = await fill(draft, pair.writer)
        entity = written.arguments.get(pair.writer_param)
        if entity is None:
            raise PlanError("nothing_to_verify", str(pair.writer))
        shared = {
            name: bound
            for name, bound in written.arguments.items()
            if name in parameters(draft.context.tools[pair.reader]) and name != pair.reader_param
        }
        given: dict[str, Binding] = {**shared, pair.reader_param: entity}
        reading = await fill(draft, pair.reader, given)
        if reading.told:
            raise PlanError("check_needs_more_facts", str(pair.reader))
        write = await draft.step(pair.writer, written.arguments, may_be_empty=True)
        draft.forget_scouting()
        read = await draft.step(pair.reader, reading.arguments, purpose="verify")
        request = Request(action=action(draft.context.tools[pair.writer]), details=written.told)
        return [Goal((request,), (write, read), tuple(draft.answers(read, limit=1)))]

    return await first_that_works(draft, [lambda rb=rb: attempt(rb) for rb in pairs])


async def recovering(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """The user has a name slightly wrong: the call fails, a listing shows the right one, the call is made again."""
    suited = [
        (p, q.name)
        for p in profiles(draft, tools)
        for q in p.params
        if can_be_misspelt(p, q) and draft.context.exploration.producers(p.tool, q.name)
    ]

    async def attempt(profile: ToolProfile, name: str) -> list[Goal]:
        param = profile.param(name)
        listy = param is not None and isinstance(param.values[0], list)
        picks = await pick(draft, profile.tool, {name: None})
        others, said = bind(draft, profile.tool, picks)
        wanted = Wanted(is_misspellable)
        found = await produced(draft, profile.tool, name, draft.resolve(others), wanted)
        if found is None:
            raise PlanError("no_name_to_misspell", f"{profile.tool} {name}")
        chosen = draft.rng.choice(found.leaves)
        wrong = draft.fact(label(name), misspelt(str(chosen.value), draft.rng))
        bad: Binding = Computed(function="list", inputs=(wrong,)) if listy else wrong
        arguments = {**others, name: bad}
        if not validator_of(draft.context.tools[profile.tool].input_schema).is_valid(draft.resolve(arguments)):
            raise PlanError("no_name_to_misspell", f"{profile.tool} {name}: its schema rules it out")
        failing = await draft.step(profile.tool, arguments, expect_error=True)
        listing, told_too = await producer_step(draft, found, others)
        match = Computed(function="closest", inputs=(wrong, FromOutput(step=listing.id, path=chosen.path)))
        good: Binding = Computed(function="list", inputs=(match,)) if listy else match
        if draft.resolve({"value": match})["value"] != chosen.value:
            raise PlanError("no_name_to_misspell", f"{profile.tool} {name}")
        if listing.id in {made.id for turn in draft.turns for made in turn.steps}:
            raise PlanError("listing_known_already", str(listing.tool))
        step = await draft.step(profile.tool, {**others, name: good}, may_be_empty=profile.effect != "read")
        request = Request(
            action=action(draft.context.tools[profile.tool]),
            details=tuple(dict.fromkeys((*said, *told_too, wrong.fact))),
        )
        answer = draft.answers(step) if profile.effect == "read" else []
        return [Goal((request,), (failing, listing, step), tuple(answer))]

    draft.rng.shuffle(suited)
    return await first_that_works(draft, [lambda p=p, n=n: attempt(p, n) for p, n in suited], limit=6)


def misspelt(name: str, rng: Random) -> str:
    """The name as someone might misremember it: two letters swapped, one dropped or doubled.

    >>> misspelt("Budget", Random(1)) != "Budget"
    True
    """
    stem, dot, ending = name.rpartition(".")
    stem, dot, ending = (stem, dot, ending) if dot and len(ending) <= 5 else (name, "", "")
    place = rng.randrange(max(1, len(stem) - 3), len(stem)) if len(stem) > 1 else 0
    kind = rng.randrange(3)
    if kind == 0 and place and stem[place] != stem[place - 1]:
        stem = stem[: place - 1] + stem[place] + stem[place - 1] + stem[place + 1 :]
    elif kind == 1 and len(stem) > _MIN_NAME:
        stem = stem[:place] + stem[place + 1 :]
    else:
        stem = stem[:place] + stem[place] + stem[place:]
    return stem + dot + ending


async def abstaining(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A request that nothing offered can serve, or that a rule forbids; the assistant says so and why."""
    forbidden = [p for p in profiles(draft, tools, effect="destroy") if p.params]
    if forbidden and draft.rng.random() < 0.4:
        try:
            return [await forbidden_by_rule(draft, forbidden[0])]
        except PlanError:
            pass
    servers = {key.server for key in draft.context.cluster.tools}
    foreign = [
        tool
        for key, tool in sorted(draft.context.tools.items())
        if key.server not in servers and key.server != PYTHON.server
    ]
    served = {action(tool) for key, tool in draft.context.tools.items() if key.server in servers}
    foreign = [tool for tool in foreign if content_words(action(tool)) and action(tool) not in served]
    if foreign and draft.rng.random() < 0.7:
        return [_unserved(draft, draft.rng.choice(foreign))]
    missing = _without_substitute(draft, tools)
    if missing is None:
        if not foreign:
            raise PlanError("every_request_can_be_served")
        return [_unserved(draft, draft.rng.choice(foreign))]
    return [_unserved(draft, missing)]


async def forbidden_by_rule(draft: Draft, profile: ToolProfile) -> Goal:
    """A rule against a tool that is offered all the same; no other goal of the plan may use it."""
    if any(step.tool == profile.tool for turn in draft.turns for step in turn.steps):
        raise PlanError("forbidden_tool_in_use", str(profile.tool))
    filled = await fill(draft, profile.tool)
    draft.withheld_tools.add(profile.tool)
    what = action(draft.context.tools[profile.tool])
    draft.policy.append(f"You must not {what}: this needs a person's approval, whoever asks.")
    draft.extra_tools.add(profile.tool)
    request = Request(action=what, details=filled.told, refusal=f"I am not allowed to {what}")
    return Goal((request,), ())


def _unserved(draft: Draft, tool: Tool) -> Goal:
    draft.withheld_tools.add(tool.key)
    generator = Generator(Random(draft.rng.getrandbits(64)))
    details: list[str] = []
    for name, schema in list(parameters(tool).items())[:2]:
        if not generator.knows(name):
            continue
        value = generator.value(name, schema)
        if isinstance(value, str | int) and not isinstance(value, bool):
            details.append(draft.fact(label(name), value).fact)
    what = action(tool)
    request = Request(action=what, details=tuple(details), refusal=f"none of the tools I have can {what}")
    return Goal((request,), ())


def _without_substitute(draft: Draft, tools: Sequence[ToolKey]) -> Tool | None:
    """A tool of the cluster that no other tool of its servers resembles in verb and noun."""
    needed = {step.tool for turn in draft.turns for step in turn.steps}
    servers = {key.server for key in draft.context.cluster.tools}
    known = [tool for key, tool in sorted(draft.context.tools.items()) if key.server in servers]
    said = {tool.key: content_words(action(tool)) for tool in known}
    alone: list[Tool] = []
    for tool in known:
        if tool.key in needed or tool.key not in tools:
            continue
        own = said[tool.key]
        if all(len(own & others) < max(1, len(own) // 2) for key, others in said.items() if key != tool.key):
            alone.append(tool)
    return draft.rng.choice(alone) if alone else None
