"""The procedural assistant: carries out a blueprint with what it has heard and seen in this very dialogue."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from random import Random

from tdscaling.agents.protocols import RoleError
from tdscaling.agents.wording import enumeration, label, sentence, spoken
from tdscaling.types import (
    AnswerFact,
    Blueprint,
    FromOutput,
    JsonValue,
    Message,
    OfferedTool,
    Request,
    Step,
    ToolCall,
    Turn,
)
from tdscaling.values import Scope, UnresolvedError, parse

_BEFORE = ("Let me do that.", "One moment.", "I'll take care of it.", "Sure, on it.", "Let me check.", "Right away.")
_LOOKING = ("Let me look that up first.", "First I need to find the right one.", "I'll check what is there.")
_CHECKING = ("I'll make sure that it worked.", "Let me verify the result.", "A quick check that it is really there.")
_COMPUTING = ("I'll work that out with a few lines of code.", "Let me compute that.", "That is best computed.")
_RETRYING = ("That didn't work, so I'll see what there is.", "It failed; let me find the right name.")
_CORRECTED = ("I found a close match and try again with it.", "There is a similar one; using that.")
_DONE = ("Done.", "That's done.", "All set.", "It went through.", "Finished.")
_TELLING = ("Here is what I found:", "The result:", "This is what came back:", "I found the following:", "Here you go:",
            "I looked it up:", "This is what it shows:")  # fmt: skip
_ASKING = ("Which {} should I use?", "What is the {}?", "Could you tell me the {}?", "I still need the {}: what is it?")
_REFUSING = ("I'm sorry, but {}.", "I can't do that: {}.", "Unfortunately {}.", "I have to stop here: {}.")
_SINGLE = ("the {name} is {value}", "it says {value} for the {name}", "as {name} I see {value}",
           "the {name} turns out to be {value}", "for the {name} there is {value}")  # fmt: skip
_SEVERAL = ("the {name} are {value}", "there are these {name}: {value}", "as {name} I see {value}",
            "among the {name} I find {value}")  # fmt: skip
_HEADS = ("what | value", "item | result", "question | answer")
_FOR_A_TABLE = 4
"""Values from which a table may be clearer than a sentence."""
_AS_A_TABLE = 0.5
_SLOT = re.compile(r"<answer (\d+)>")


class ProceduralAssistant:
    """Knows the plan's steps, takes every value from what was said or returned, never from the plan."""

    def __init__(self, blueprint: Blueprint, rng: Random) -> None:
        self._blueprint = blueprint
        self._rng = rng
        self._turn = -1
        self._asked = False
        self._groups: list[list[Step]] = []
        self._pending: dict[str, str] = {}
        self._outputs: dict[str, JsonValue] = {}
        self._calls = 0
        self._last_failed = False

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        """The next message. Raises RoleError when a value it needs was neither said nor returned."""
        last = messages[-1]
        if last.role == "user":
            if self._turn < 0 or not self._asked or not self._blueprint.turns[self._turn].withheld:
                self._open_turn()
                if self._blueprint.turns[self._turn].withheld:
                    self._asked = True
                    return Message(role="assistant", content=self._question())
            self._asked = False
        else:
            self._take_results(messages)
        if self._groups:
            return self._call(self._groups.pop(0), self._scope(messages), tools)
        return Message(role="assistant", content=self._answer(self._blueprint.turns[self._turn], self._scope(messages)))

    def _open_turn(self) -> None:
        self._turn += 1
        if self._turn >= len(self._blueprint.turns):
            raise RoleError("assistant", "the user asked for more than the plan holds")
        steps = self._blueprint.turns[self._turn].steps
        self._groups = [list(found) for _, found in groupby(steps, key=lambda step: step.group)]
        self._asked = False

    def _scope(self, messages: Sequence[Message]) -> Scope:
        """Facts are known once their value stands in a user or system message."""
        heard = "\n".join(message.content for message in messages if message.role in ("user", "system"))
        known = {fact.id: fact.value for fact in self._blueprint.facts if spoken(fact.value) in heard}
        return Scope(known, self._outputs)

    def _take_results(self, messages: Sequence[Message]) -> None:
        for message in reversed(messages):
            if message.role != "tool":
                break
            step = self._pending.pop(message.tool_call_id or "", None)
            if step is not None:
                self._outputs[step] = parse(message.content)
                self._last_failed = message.is_error

    def _call(self, steps: Sequence[Step], scope: Scope, tools: Sequence[OfferedTool]) -> Message:
        calls: list[ToolCall] = []
        for step in steps:
            offered = next((tool for tool in tools if tool.key == step.tool), None)
            if offered is None:
                raise RoleError("assistant", f"{step.tool} is not offered")
            self._calls += 1
            call = ToolCall(id=f"call_{self._calls:03}", name=offered.name, arguments=_arguments(step, scope))
            self._pending[call.id] = step.id
            calls.append(call)
        return Message(role="assistant", content=self._rng.choice(self._lead(steps)), tool_calls=tuple(calls))

    def _lead(self, steps: Sequence[Step]) -> Sequence[str]:
        """What is said beside the calls; often nothing, as assistants do."""
        if steps[0].says:
            return (steps[0].says,)
        purpose = steps[0].purpose
        if self._last_failed:
            return _RETRYING
        if purpose == "verify":
            return _CHECKING
        if purpose == "compute":
            return _COMPUTING
        if purpose == "look up":
            return (*_LOOKING, "")
        return ("", "", *_BEFORE)

    def _question(self) -> str:
        facts = {fact.id: fact for fact in self._blueprint.facts}
        names = [facts[name].label for name in self._blueprint.turns[self._turn].withheld]
        return self._rng.choice(_ASKING).format(enumeration(names))

    def _answer(self, turn: Turn, scope: Scope) -> str:
        parts: list[str] = []
        refused = [request for request in turn.requests if request.refusal]
        if turn.steps:
            parts.append(self._report(turn, scope))
        parts.extend(self._refusal(request) for request in refused)
        return " ".join(part for part in parts if part)

    def _refusal(self, request: Request) -> str:
        return self._rng.choice(_REFUSING).format(request.refusal)

    def _report(self, turn: Turn, scope: Scope) -> str:
        if not turn.answer and not turn.report:
            return self._rng.choice(_DONE)
        try:
            told = [(fact, scope.resolve(fact.binding)) for fact in turn.answer]
        except UnresolvedError as exc:
            raise RoleError("assistant", f"a result lacks what the answer needs: {exc}") from None
        if turn.report:
            return _SLOT.sub(lambda match: spoken(told[int(match[1])][1]), turn.report)
        lead = self._rng.choice(_TELLING)
        grouped: dict[tuple[str, str], list[str]] = {}
        for fact, value in told:
            step = fact.binding.step if isinstance(fact.binding, FromOutput) else ""
            grouped.setdefault((step, _label(fact)), []).append(spoken(value))
        parts = [(name if len(values) == 1 else _plural(name), values) for (_, name), values in grouped.items()]
        return self._laid_out(lead, parts)

    def _laid_out(self, lead: str, parts: Sequence[tuple[str, list[str]]]) -> str:
        """Values in a sentence or two; as a list or a small table where there are many."""
        many = len(parts) > 1
        if many and sum(len(values) for _, values in parts) >= _FOR_A_TABLE and self._rng.random() < _AS_A_TABLE:
            rows = [f"| {name} | {enumeration(values)} |" for name, values in parts]
            if not any("|" in value for _, values in parts for value in values):
                return "\n".join([lead, "", f"| {self._rng.choice(_HEADS)} |", "| --- | --- |", *rows])
        if many and self._rng.random() < 0.4:
            return lead + "".join(f"\n- {name}: {enumeration(values)}" for name, values in parts)
        said = [self._clause(name, values) for name, values in parts]
        if many and self._rng.random() < 0.5:
            return " ".join(sentence(text) for text in said)
        return sentence(f"{lead} {'; '.join(said)}") if self._rng.random() < 0.4 else sentence("; ".join(said))

    def _clause(self, name: str, values: list[str]) -> str:
        one = len(values) == 1
        return self._rng.choice(_SINGLE if one else _SEVERAL).format(name=name, value=enumeration(values))


def _plural(name: str) -> str:
    """
    >>> _plural("entry"), _plural("name"), _plural("address")
    ('entries', 'names', 'addresses')
    """
    if name.endswith("y") and not name.endswith(("ay", "ey", "oy")):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch")) else f"{name}s"


def _label(fact: AnswerFact) -> str:
    name = label(fact.label)
    return {"value": "result", "line": "entry", "": "result"}.get(name, name)


def _arguments(step: Step, scope: Scope) -> Mapping[str, JsonValue]:
    try:
        return {name: scope.resolve(binding) for name, binding in step.arguments.items()}
    except UnresolvedError as exc:
        raise RoleError("assistant", f"{step.tool}: {exc}") from None
