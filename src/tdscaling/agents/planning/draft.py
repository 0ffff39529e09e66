"""A plan in the making: facts, steps that have been executed in the planner's session, turns."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from random import Random

from tdscaling.agents.phrases import action
from tdscaling.agents.planning.inputs import Inputs
from tdscaling.agents.planning.scouting import Shown, shown, spelt
from tdscaling.agents.planning.worth import Place, alike, worth_telling
from tdscaling.agents.protocols import PlanContext, PlanError
from tdscaling.agents.wording import label
from tdscaling.errors import ServerError
from tdscaling.types import (
    AnswerFact,
    Binding,
    Branching,
    Fact,
    FromFact,
    FromOutput,
    JsonValue,
    Request,
    Snapshot,
    Step,
    ToolKey,
    ToolResult,
    Turn,
)
from tdscaling.values import Scope, UnresolvedError, empty, failed, normal, parse, within
from tdscaling.values.generate import Generator


@dataclass
class Draft:
    """Grows turn by turn; every step is called as soon as it is planned, so later steps see real results."""

    context: PlanContext
    facts: dict[str, Fact] = field(default_factory=dict[str, Fact])
    notes: list[str] = field(default_factory=list[str])
    turns: list[Turn] = field(default_factory=list[Turn])
    outputs: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    arguments: dict[str, Mapping[str, JsonValue]] = field(default_factory=dict[str, Mapping[str, JsonValue]])
    """Of each step, as it was called."""
    policy: list[str] = field(default_factory=list[str])
    branchings: list[Branching] = field(default_factory=list[Branching])
    withheld_tools: set[ToolKey] = field(default_factory=set[ToolKey])
    extra_tools: set[ToolKey] = field(default_factory=set[ToolKey])
    scouted: dict[str, Shown | None] = field(default_factory=dict[str, Shown | None])
    """By call; None for one that fails or finds nothing."""
    used: set[str] = field(default_factory=set[str])
    calls: int = 0
    groups: int = 0
    writes: int = 0
    made: dict[str, Step] = field(default_factory=dict[str, Step])
    written: set[str] = field(default_factory=set[str])
    """Calls that may have changed something: nobody asks for the very same twice."""
    state: Snapshot | None = None
    """Of the session, where it has been looked at since the last step that might have changed it."""

    @cached_property
    def generator(self) -> Generator:
        return Generator(Random(self.context.rng.getrandbits(64)))

    @cached_property
    def inputs(self) -> Inputs:
        return Inputs(self.context.tools, self.context.exploration)

    @property
    def rng(self) -> Random:
        return self.context.rng

    def fact(self, label: str, value: JsonValue) -> FromFact:
        """The user knows `value` under `label`; the same pair is one fact."""
        for known in self.facts.values():
            if known.label == label and known.value == value:
                return FromFact(fact=known.id)
        fact = Fact(id=f"f{len(self.facts) + 1}", label=label, value=value)
        self.facts[fact.id] = fact
        if isinstance(value, str):
            self.used.add(normal(value))
        return FromFact(fact=fact.id)

    def confusable(self, tool: ToolKey) -> bool:
        """Whether a request for the tool would be heard as one for another that the plan uses, offers or lacks."""
        spoken = {step.tool for turn in self.turns for step in turn.steps} | self.extra_tools | self.withheld_tools
        return any(self._alike(tool, other) for other in spoken)

    def can_show(self, producer: ToolKey, tool: ToolKey) -> bool:
        """Whether a look-up by the producer for the tool is known for what it is."""
        return producer not in self.withheld_tools and not self._alike(producer, tool) and not self.confusable(producer)

    def _alike(self, one: ToolKey, two: ToolKey) -> bool:
        known = self.context.tools
        return one != two and one in known and two in known and action(known[one]) == action(known[two])

    def note(self, text: str) -> None:
        """A line of context for the system prompt."""
        if text not in self.notes:
            self.notes.append(text)

    def group(self) -> int:
        """A new group number: steps of one group are called in one assistant message."""
        self.groups += 1
        return self.groups

    @property
    def scope(self) -> Scope:
        return Scope({fact.id: fact.value for fact in self.facts.values()}, self.outputs)

    async def step(
        self,
        tool: ToolKey,
        arguments: Mapping[str, Binding],
        *,
        group: int | None = None,
        purpose: str = "",
        expect_error: bool = False,
        may_be_empty: bool = False,
    ) -> Step:
        """Plans and calls a step. Raises PlanError when the call does not end as expected, ServerError when the
        server failed."""
        resolved = self.resolve(arguments)
        if self.made_before(tool, resolved) is not None or spelt(tool, resolved) in self.written:
            raise PlanError("same_call_again", str(tool))
        before = await self._seen() if self._changes(tool) and not expect_error else None
        result = await self.result(tool, resolved)
        if failed(result) != expect_error:
            raise PlanError("step_did_not_work", f"{tool} {'worked' if expect_error else result.content[:80]}")
        if not expect_error and not may_be_empty and empty(result):
            raise PlanError("step_found_nothing", str(tool))
        after = await self.context.session.snapshot() if before else None
        if before is not None and before == after:
            raise PlanError("nothing_to_change", str(tool))
        self.calls += 1
        parts = [part for binding in arguments.values() for part in within(binding)]
        step = Step(
            id=f"s{self.calls}",
            tool=tool,
            arguments=dict(arguments),
            after=tuple(sorted({part.step for part in parts if isinstance(part, FromOutput)})),
            group=self.group() if group is None else group,
            purpose=purpose,
            expect_error=expect_error,
        )
        self.outputs[step.id] = parse(result.content)
        self.took(step, resolved)
        self.state = after or self.state
        return step

    def _changes(self, tool: ToolKey) -> bool:
        """Whether calls of a tool were seen to change the state."""
        profile = self.context.exploration.profiles.get(tool)
        return profile is not None and profile.effect != "read" and any(seen.changed for seen in profile.successes)

    async def _seen(self) -> Snapshot:
        """The state of the session."""
        if self.state is None:
            self.state = await self.context.session.snapshot()
        return self.state

    def took(self, step: Step, resolved: Mapping[str, JsonValue]) -> None:
        """Remembers a step that was called: after a write nothing that was read before need still hold."""
        profile = self.context.exploration.profiles.get(step.tool)
        if profile is not None and profile.effect != "read":
            self.writes += 1
            self.written.add(spelt(step.tool, resolved))
            self.forget_scouting()
            self.state = None
        self.arguments[step.id] = resolved
        self.made[spelt(step.tool, resolved)] = step

    def made_before(self, tool: ToolKey, resolved: Mapping[str, JsonValue]) -> Step | None:
        """The step that made this very call, where nothing has been written since: its result still stands."""
        return self.made.get(spelt(tool, resolved))

    def resolve(self, arguments: Mapping[str, Binding]) -> dict[str, JsonValue]:
        scope = self.scope
        try:
            return {name: scope.resolve(binding) for name, binding in arguments.items()}
        except UnresolvedError as exc:
            raise PlanError("binding_unresolved", str(exc)) from None

    async def scout(self, tool: ToolKey, arguments: Mapping[str, JsonValue]) -> Shown | None:
        """A read call outside the plan, to know what the world holds; None when it fails or finds nothing."""
        call = spelt(tool, arguments)
        if call not in self.scouted:
            result = await self.result(tool, arguments)
            self.scouted[call] = None if failed(result) or empty(result) else shown(result.content)
        return self.scouted[call]

    async def result(self, tool: ToolKey, arguments: Mapping[str, JsonValue]) -> ToolResult:
        """What a call gives: a failed server says nothing about the plan. Raises ServerError."""
        result = await self.context.session.call(tool, arguments)
        if result.fault:
            raise ServerError(f"{tool}: {result.content[:200]}")
        return result

    def checkpoint(self) -> "Draft":
        """A copy to return to when an attempt fails half-way."""
        return replace(self, **{name: copy(getattr(self, name)) for name in _planned()})

    def restore(self, before: "Draft") -> None:
        """Back to the checkpoint. Raises PlanError when the failed attempt has changed the session's state."""
        if self.writes != before.writes:
            raise PlanError("attempt_left_a_change")
        for name in _planned():
            setattr(self, name, getattr(before, name))

    def forget_scouting(self) -> None:
        """After a write what was scouted or read may be stale."""
        self.scouted.clear()
        self.made.clear()

    def turn(
        self,
        requests: Sequence[Request],
        steps: Sequence[Step],
        *,
        withheld: Sequence[str] = (),
        answer: Sequence[AnswerFact] = (),
        revision: bool = False,
    ) -> None:
        kind = "revision" if revision else "follow_up" if self.turns else "opening"
        self.turns.append(
            Turn(
                kind=kind, requests=tuple(requests), steps=tuple(steps), withheld=tuple(withheld), answer=tuple(answer)
            )
        )

    def merge_turn(self, requests: Sequence[Request], steps: Sequence[Step], answer: Sequence[AnswerFact]) -> None:
        """Adds a goal to the last turn: two requests in one message."""
        last = self.turns[-1]
        self.turns[-1] = replace(
            last,
            requests=(*last.requests, *requests),
            steps=(*last.steps, *steps),
            answer=(*last.answer, *answer),
        )

    def answers(self, step: Step, limit: int = 3) -> list[AnswerFact]:
        """Values of a step's result worth telling: of a list up to `limit` values of its most telling field, else
        up to `limit` single values. What the user has said is left out."""
        found = worth_telling(self.outputs[step.id], self._given(step), limit, self.rng)
        return [_answer(step, place) for place in found]

    def answers_alike(self, steps: Sequence[Step]) -> list[AnswerFact]:
        """The same field of every step's result; where they have none in common, the best of each."""
        found = alike([self.outputs[step.id] for step in steps], [self._given(step) for step in steps])
        if found:
            return [_answer(steps[number], place) for number, place in found]
        return [fact for step in steps for fact in self.answers(step, limit=1)]

    def _given(self, step: Step) -> set[str]:
        """What the step's arguments have said already."""
        return {normal(v) for v in self.arguments[step.id].values() if isinstance(v, str | int | float)}


_OF_THE_WORLD = ("context", "scouted", "writes", "state")


@cache
def _planned() -> tuple[str, ...]:
    """The fields that hold the plan. What was scouted is knowledge of the world and outlives a failed attempt."""
    return tuple(one.name for one in fields(Draft) if one.name not in _OF_THE_WORLD)


def _answer(step: Step, place: Place) -> AnswerFact:
    binding = FromOutput(step=step.id, path=place.path, index=place.index)
    return AnswerFact(label=label(place.path), binding=binding, value=place.value)
