"""What the plan would do next: private guidance for a model assistant, which never gets into the data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from tdscaling.agents.wording import spoken
from tdscaling.types import Binding, Blueprint, JsonObject, JsonValue, Message, OfferedTool, Step, ToolCall, ToolKey
from tdscaling.values import Scope, UnresolvedError, normal, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The next thing to do: ask for something, or make calls, or tell something; all empty where the plan has none."""

    ask: tuple[str, ...] = ()
    calls: tuple[tuple[str, JsonObject], ...] = ()
    tell: tuple[tuple[str, str], ...] = ()
    refuse: tuple[str, ...] = ()


@dataclass(slots=True)
class Worked:
    """What was worked out in an episode before, whose dialogue only grows: of each message nothing is read twice."""

    known: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """The facts that were said, by id."""
    outputs: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """The results of the steps that were made."""
    said: int = 0
    """Messages of the user."""
    _names: dict[ToolKey | None, str] = field(default_factory=dict[ToolKey | None, str])
    _arguments: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    _read: int = 0
    _asked: dict[str, ToolCall] = field(default_factory=dict[str, ToolCall])
    _unclaimed: list[tuple[ToolCall, str]] = field(default_factory=list[tuple[ToolCall, str]])

    def take(self, blueprint: Blueprint, messages: Sequence[Message]) -> None:
        """Reads what is new in the dialogue."""
        news, self._read = messages[self._read :], len(messages)
        self.said += sum(message.role == "user" for message in news)
        heard = "\n".join(message.content for message in news if message.role in ("user", "system"))
        unsaid = [fact for fact in blueprint.facts if fact.id not in self.known] if heard else []
        self.known.update((fact.id, fact.value) for fact in unsaid if spoken(fact.value) in heard)
        for message in news:
            self._asked.update((call.id, call) for call in message.tool_calls)
            call = self._asked.pop(message.tool_call_id or "", None) if message.role == "tool" else None
            if call is not None:
                self._unclaimed.append((call, message.content))

    def name(self, step: Step, tools: Sequence[OfferedTool]) -> str:
        """What a step's tool is called in the episode, which offers the same tools all along."""
        if not self._names:
            self._names.update((tool.key, tool.name) for tool in tools)
        return self._names.get(step.tool, step.tool.name)

    def of(self, step: Step) -> JsonObject | None:
        """The arguments of a step; None while a value is missing."""
        found = self._arguments.get(step.id)
        if found is None:
            scope = Scope(self.known, self.outputs)
            try:
                found = {name: scope.resolve(binding) for name, binding in step.arguments.items()}
            except UnresolvedError:
                return None
            self._arguments[step.id] = found
        return found

    def claim(self, step: Step, name: str, arguments: JsonObject) -> bool:
        """Whether the step's call was made; its result is then the step's alone."""
        for place, (call, result) in enumerate(self._unclaimed):
            if call.name == name and (call.arguments == arguments or _same(call.arguments, arguments)):
                del self._unclaimed[place]
                self.outputs[step.id] = parse(result)
                return True
        return False


def guidance(
    blueprint: Blueprint, messages: Sequence[Message], tools: Sequence[OfferedTool], worked: Worked | None = None
) -> Guidance:
    """What the plan would do next in this dialogue, with every value from what was said or returned in it."""
    worked = worked or Worked()
    worked.take(blueprint, messages)
    turn_index, asked_now = _turn(blueprint, worked.said)
    turn = blueprint.turns[turn_index]
    if asked_now:
        labels = {fact.id: fact.label for fact in blueprint.facts}
        return Guidance(ask=tuple(labels[name] for name in turn.withheld))
    steps = [step for one in blueprint.turns[: turn_index + 1] for step in one.steps if step.id not in worked.outputs]
    for _, group in groupby(steps, key=lambda step: step.group):
        pending: list[tuple[str, JsonObject]] = []
        for step in group:
            name = worked.name(step, tools)
            arguments = worked.of(step)
            if arguments is None:
                return Guidance()
            if not worked.claim(step, name, arguments):
                pending.append((name, arguments))
        if pending:
            return Guidance(calls=tuple(pending))
    scope = Scope(worked.known, worked.outputs)
    tell = [
        (fact.label, spoken(value)) for fact in turn.answer if (value := _resolved(scope, fact.binding)) is not None
    ]
    refused = tuple(request.refusal for request in turn.requests if request.refusal)
    return Guidance(tell=tuple(tell), refuse=refused)


def _turn(blueprint: Blueprint, said: int) -> tuple[int, bool]:
    """The turn of the plan that the dialogue is in after so many messages of the user, and whether its withheld facts
    are to be asked for now."""
    for index, turn in enumerate(blueprint.turns):
        takes = 2 if turn.withheld else 1
        if said <= takes:
            return index, bool(turn.withheld) and said == 1
        said -= takes
    return len(blueprint.turns) - 1, False


def _resolved(scope: Scope, binding: Binding) -> JsonValue:
    try:
        return scope.resolve(binding)
    except UnresolvedError:
        return None


def _same(one: JsonObject, two: JsonObject) -> bool:
    return {name: _folded(value) for name, value in one.items()} == {name: _folded(v) for name, v in two.items()}


def _folded(value: JsonValue) -> JsonValue:
    return normal(value) if isinstance(value, str | int | float) or value is None else value
