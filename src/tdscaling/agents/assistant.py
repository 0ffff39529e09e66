"""The procedural assistant: carries out a blueprint with what it has heard and seen in this very dialogue."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from random import Random

from tdscaling.agents.phrases import result
from tdscaling.agents.protocols import RoleError
from tdscaling.agents.retries import Retries
from tdscaling.agents.telling import LINE, Field, Finding, tell
from tdscaling.agents.wording import enumeration, spoken
from tdscaling.semantics.words import words
from tdscaling.types import (
    AnswerFact,
    Blueprint,
    Constant,
    FromFact,
    FromOutput,
    JsonValue,
    Message,
    OfferedTool,
    Request,
    Step,
    Tool,
    ToolCall,
    ToolKey,
    Turn,
)
from tdscaling.values import Scope, UnresolvedError, at, parse

_BEFORE = ("Let me do that.", "One moment.", "I'll take care of it.", "Sure, on it.", "Let me check.", "Right away.")
_LOOKING = ("Let me look that up first.", "First I need to find the right one.", "I'll check what is there.")
_CHECKING = ("I'll make sure that it worked.", "Let me verify the result.", "A quick check that it is really there.")
_COMPUTING = ("I'll work that out with a few lines of code.", "Let me compute that.", "That is best computed.")
_RETRYING = ("That didn't work, so I'll see what there is.", "It failed; let me find the right name.")
_AGAIN = ("That failed for the moment, so I'll try again.", "No luck this time; once more.", "Let me repeat that.")
_DONE = ("Done.", "That's done.", "All set.", "It went through.", "Finished.")
_ASKING = ("Which {} should I use?", "What is the {}?", "Could you tell me the {}?", "I still need the {}: what is it?")
_REFUSING = ("I'm sorry, but {}.", "I can't do that: {}.", "Unfortunately {}.", "I have to stop here: {}.")
_SLOT = re.compile(r"<answer (\d+)>")
_SHORT = 40
"""Characters up to which a value may stand for the thing that it names."""
_IN_A_KEY = 2
"""Values that may stand for it together."""
_KEYS = frozenset("id name number key code path uuid gid".split())


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
        self._retries = Retries(blueprint)
        self._nouns: dict[ToolKey, str] = {}

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        """The next message. Raises RoleError when a value it needs was neither said nor returned."""
        if not self._nouns:
            self._nouns = {tool.key: _noun(tool) for tool in tools if tool.key is not None}
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
        again = self._retries.due()
        if again:
            return self._call(again, self._scope(messages), tools, _AGAIN)
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
            if step is not None and not self._retries.take(step, message):
                self._outputs[step] = parse(message.content)
                self._last_failed = message.is_error

    def _call(
        self, steps: Sequence[Step], scope: Scope, tools: Sequence[OfferedTool], said: Sequence[str] = ()
    ) -> Message:
        calls: list[ToolCall] = []
        for step in steps:
            offered = next((tool for tool in tools if tool.key == step.tool), None)
            if offered is None:
                raise RoleError("assistant", f"{step.tool} is not offered")
            self._calls += 1
            call = ToolCall(id=f"call_{self._calls:03}", name=offered.name, arguments=_arguments(step, scope))
            self._pending[call.id] = step.id
            calls.append(call)
        return Message(role="assistant", content=self._rng.choice(said or self._lead(steps)), tool_calls=tuple(calls))

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
        return ("\n\n" if "\n" in parts[0] else " ").join(part for part in parts if part) if parts else ""

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
        return tell(self._findings(told, scope), self._rng)

    def _findings(self, told: Sequence[tuple[AnswerFact, JsonValue]], scope: Scope) -> list[Finding]:
        """The values that are told, result by result."""
        steps = {step.id: step for turn in self._blueprint.turns for step in turn.steps}
        by_step: dict[str, dict[str, list[tuple[AnswerFact, JsonValue]]]] = {}
        for fact, value in told:
            step = fact.binding.step if isinstance(fact.binding, FromOutput) else ""
            by_step.setdefault(step, {}).setdefault(_label(fact), []).append((fact, value))
        given = {name: _said(steps[name], scope) for name in by_step if name in steps}
        shared = set[str].intersection(*map(set, given.values())) if len(given) > 1 else set[str]()
        found: list[Finding] = []
        for name, fields in by_step.items():
            key = enumeration([text for text in given.get(name, ()) if text not in shared][-_IN_A_KEY:] or [""])
            noun = self._nouns.get(steps[name].tool, "entry") if name in steps else "result"
            own = name in steps and _names_itself(steps[name], noun)
            told_of = tuple(self._field(label, facts) for label, facts in fields.items())
            found.append(Finding(noun, key, told_of, own))
        return found

    def _field(self, name: str, told: Sequence[tuple[AnswerFact, JsonValue]]) -> Field:
        binding = told[0][0].binding
        values = tuple(spoken(value) for _, value in told)
        total, more = len(told), 0
        if isinstance(binding, FromOutput) and binding.path.count("[]") == 1 and len(told) > 1:
            found = at(self._outputs.get(binding.step), binding.path)
            total, more = len(found), len({spoken(leaf.value) for leaf in found}.difference(values))
        computed = name == "result" and not (isinstance(binding, FromOutput) and binding.path)
        return Field(name, values, total, computed, more)


def _noun(tool: OfferedTool) -> str:
    """What its results are about: one thing, or many."""
    known = Tool(server=tool.server or "", name=tool.tool or tool.name, description=tool.description)
    return result(known)


def _names_itself(step: Step, noun: str) -> bool:
    """Whether the call's arguments name the very thing that its result is about."""
    named = [set(words(name)) - _KEYS for name, bound in step.arguments.items() if not isinstance(bound, Constant)]
    return any(not name or name & set(words(noun)) for name in named)


def _said(step: Step, scope: Scope) -> list[str]:
    """The values that tell one call from another, as people say them."""
    found = (scope.resolve(bound) for bound in step.arguments.values() if isinstance(bound, FromFact | FromOutput))
    return [_abbreviated(text) for value in found if len(text := spoken(value)) <= _SHORT]


def _abbreviated(text: str) -> str:
    """A hash as people write it in passing.

    >>> _abbreviated("4d2a8738425af4f44720cb7b406b7d8ac5a8ab4b"), _abbreviated("Budget")
    ('4d2a8738', 'Budget')
    """
    return text[:8] if re.fullmatch(r"[0-9a-f]{20,}", text) else text


def _label(fact: AnswerFact) -> str:
    return {"value": LINE, "": LINE}.get(fact.label, fact.label)


def _arguments(step: Step, scope: Scope) -> Mapping[str, JsonValue]:
    try:
        return {name: scope.resolve(binding) for name, binding in step.arguments.items()}
    except UnresolvedError as exc:
        raise RoleError("assistant", f"{step.tool}: {exc}") from None
