"""What the plan would do next: private guidance for a model assistant, which never gets into the data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tdscaling.agents.wording import spoken
from tdscaling.types import Binding, Blueprint, JsonObject, JsonValue, Message, OfferedTool, Step, ToolCall
from tdscaling.values import Scope, UnresolvedError, normal, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The next thing to do: ask for something, or make calls, or tell something; all empty where the plan has none."""

    ask: tuple[str, ...] = ()
    calls: tuple[tuple[str, JsonObject], ...] = ()
    tell: tuple[tuple[str, str], ...] = ()
    refuse: tuple[str, ...] = ()


@dataclass(slots=True)
class _Done:
    """The calls of the dialogue with their results, as yet unclaimed by a step."""

    calls: list[tuple[ToolCall, str]] = field(default_factory=list[tuple[ToolCall, str]])

    def claim(self, name: str, arguments: JsonObject) -> str | None:
        for place, (call, result) in enumerate(self.calls):
            if call.name == name and (call.arguments == arguments or _same(call.arguments, arguments)):
                del self.calls[place]
                return result
        return None


@dataclass(frozen=True, slots=True)
class Worked:
    """What was worked out in an episode before, whose dialogue only grows: arguments by step, results by their text."""

    arguments: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    results: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    def of(self, step: Step, scope: Scope) -> JsonObject | None:
        """The arguments of a step; None while a value is missing."""
        found = self.arguments.get(step.id)
        if found is None:
            try:
                found = {name: scope.resolve(binding) for name, binding in step.arguments.items()}
            except UnresolvedError:
                return None
            self.arguments[step.id] = found
        return found

    def parsed(self, result: str) -> JsonValue:
        if result not in self.results:
            self.results[result] = parse(result)
        return self.results[result]


def guidance(
    blueprint: Blueprint, messages: Sequence[Message], tools: Sequence[OfferedTool], worked: Worked | None = None
) -> Guidance:
    """What the plan would do next in this dialogue, with every value from what was said or returned in it."""
    worked = worked or Worked()
    turn_index, asked_now = _turn(blueprint, messages)
    turn = blueprint.turns[turn_index]
    if asked_now:
        labels = {fact.id: fact.label for fact in blueprint.facts}
        return Guidance(ask=tuple(labels[name] for name in turn.withheld))
    names = {tool.key: tool.name for tool in tools}
    done = _done(messages)
    heard = "\n".join(message.content for message in messages if message.role in ("user", "system"))
    known = {fact.id: fact.value for fact in blueprint.facts if spoken(fact.value) in heard}
    outputs: dict[str, JsonValue] = {}
    scope = Scope(known, outputs)
    steps = [step for one in blueprint.turns[: turn_index + 1] for step in one.steps]
    for _, group in groupby(steps, key=lambda step: step.group):
        pending: list[tuple[str, JsonObject]] = []
        for step in group:
            name = names.get(step.tool, step.tool.name)
            arguments = worked.of(step, scope)
            if arguments is None:
                return Guidance()
            result = done.claim(name, arguments)
            if result is None:
                pending.append((name, arguments))
            else:
                outputs[step.id] = worked.parsed(result)
        if pending:
            return Guidance(calls=tuple(pending))
    tell = [
        (fact.label, spoken(value)) for fact in turn.answer if (value := _resolved(scope, fact.binding)) is not None
    ]
    refused = tuple(request.refusal for request in turn.requests if request.refusal)
    return Guidance(tell=tuple(tell), refuse=refused)


def _turn(blueprint: Blueprint, messages: Sequence[Message]) -> tuple[int, bool]:
    """The turn of the plan that the dialogue is in, and whether its withheld facts are to be asked for now."""
    said = sum(message.role == "user" for message in messages)
    for index, turn in enumerate(blueprint.turns):
        takes = 2 if turn.withheld else 1
        if said <= takes:
            return index, bool(turn.withheld) and said == 1
        said -= takes
    return len(blueprint.turns) - 1, False


def _done(messages: Sequence[Message]) -> _Done:
    results = {m.tool_call_id: m.content for m in messages if m.role == "tool"}
    return _Done([(call, results[call.id]) for m in messages for call in m.tool_calls if call.id in results])


def _resolved(scope: Scope, binding: Binding) -> JsonValue:
    try:
        return scope.resolve(binding)
    except UnresolvedError:
        return None


def _same(one: JsonObject, two: JsonObject) -> bool:
    return {name: _folded(value) for name, value in one.items()} == {name: _folded(v) for name, v in two.items()}


def _folded(value: JsonValue) -> JsonValue:
    return normal(value) if isinstance(value, str | int | float) or value is None else value
