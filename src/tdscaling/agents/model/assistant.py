"""The assistant as a language model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tdscaling.agents.model.guidance import Guidance, Worked, guidance
from tdscaling.agents.model.tool_protocol import Protocol, read, written
from tdscaling.agents.model.voice import Voice
from tdscaling.llm import Completion, Request
from tdscaling.llm.failures import AnswerError
from tdscaling.llm.reading import calls, text
from tdscaling.prompts import render
from tdscaling.types import Blueprint, Message, OfferedTool, ToolCall

SAME_CALL = 3
"""Times that one call may show the same in a turn, before an answer is asked for without tools: small models can't
stop. What has changed meanwhile is worth another look, and what the plan wants is made."""

_MENTIONS = ("guidance", "hidden instruction", "private note")


class TellsHintError(AnswerError):
    """The assistant speaks of its private guidance."""


@dataclass(slots=True)
class ModelAssistant:
    """Asks its model for the next message; the calls in it fit their tools, or it was asked for once more.

    `hints`: the plan of which the model privately gets the next step; None for none. Its thoughts are then dropped,
    since they would speak of it. After `steps` messages of one turn it must answer: small models can't stop calling.
    """

    voice: Voice
    protocol: Protocol
    steps: int
    hints: Blueprint | None = None
    _worked: Worked = field(default_factory=Worked)

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        """Raises RoleError, and ProviderError where the endpoint fails."""
        hint = guidance(self.hints, messages, tools, self._worked) if self.hints is not None else None
        offered = () if self._must_answer(messages, hint) else tuple(tools)
        request = Request(messages=self._heard(messages, hint, bool(offered)), tools=offered)
        numbered = sum(len(message.tool_calls) for message in messages)

        def understood(completion: Completion) -> Message:
            found = read(completion, self.protocol, offered)
            made = calls(found, offered)
            said = found.content.strip() if made else text(found)
            if self.hints is not None and any(word in said.lower() for word in _MENTIONS):
                raise TellsHintError("you speak of your guidance, which nobody may see")
            named = tuple(
                ToolCall(id=f"call_{numbered + place:03}", name=call.name, arguments=call.arguments)
                for place, call in enumerate(made, start=1)
            )
            reasoning = found.reasoning if self.hints is None else None
            return Message(role="assistant", content=said, tool_calls=named, reasoning=reasoning)

        return await self.voice.ask(written(request, self.protocol), understood)

    def _heard(self, messages: Sequence[Message], hint: Guidance | None, may_call: bool) -> tuple[Message, ...]:
        system, rest = messages[0], messages[1:]
        parts = [system.content]
        if hint is not None:
            called = [(name, json.dumps(arguments, ensure_ascii=False)) for name, arguments in hint.calls]
            parts.append(render("guidance", hint=hint, calls=called))
        if not may_call:
            parts.append("Make no more calls now: answer with what you have.")
        return (replace(system, content="\n\n".join(parts)), *rest)

    def _must_answer(self, messages: Sequence[Message], hint: Guidance | None) -> bool:
        """Whether this turn has had all the calls it may have, or one call again and again to the same result."""
        turn: list[Message] = []
        for message in reversed(messages):
            if message.role == "user":
                break
            turn.append(message)
        made = [message for message in turn if message.role == "assistant"]
        if len(made) >= self.steps - 1:
            return True
        if hint is not None and hint.calls:
            return False
        calls_made = [call for message in made for call in message.tool_calls]
        if len(calls_made) < SAME_CALL:
            return False
        shown = {message.tool_call_id: message.content for message in turn if message.role == "tool"}
        seen = [json.dumps([call.name, call.arguments, shown.get(call.id)], sort_keys=True) for call in calls_made]
        return seen.count(seen[0]) >= SAME_CALL
