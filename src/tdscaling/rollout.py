"""THE loop: a user and an assistant talk, the assistant's calls reach a session, until the user is done."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TypeVar

from tdscaling.agents import Assistant, RoleError, User
from tdscaling.environments.nested import announce
from tdscaling.outcome_checks import Outcome
from tdscaling.prompts import render
from tdscaling.types import (
    Blueprint,
    Dialogue,
    Message,
    OfferedTool,
    Session,
    ToolCall,
    ToolResult,
    diff,
)
from tdscaling.values import failed

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutLimits:
    """What ends an episode that does not end by itself. Seconds count while a role thinks: a call is never cut off."""

    user_turns: int = 12
    steps_per_turn: int = 40
    turn_seconds: float | None = None
    episode_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A finished episode. `fault` names what broke it, if something did: "server:timeout", "user", "assistant"."""

    dialogue: Dialogue
    outcome: Outcome
    fault: str = ""
    detail: str = ""


@dataclass(slots=True)
class _Episode:
    session: Session
    tools: Sequence[OfferedTool]
    messages: list[Message]
    fault: str = ""
    detail: str = ""

    async def answer(self, call: ToolCall) -> None:
        """Makes one call and appends what came back; a call of a tool that is not offered is an error result."""
        offered = next((tool for tool in self.tools if tool.name == call.name), None)
        key = offered.key if offered else None
        if key is None:
            result = ToolResult(content=f"Unknown tool: {call.name}", is_error=True)
        else:
            result = await self.session.call(key, call.arguments)
        if result.fault and not self.fault:
            self.fault, self.detail = f"server:{result.fault}", result.content[:200]
        self.messages.append(
            Message(
                role="tool",
                content=result.content,
                tool_call_id=call.id,
                name=call.name,
                is_error=failed(result),
                nested=result.nested,
            )
        )


async def roll_out(
    blueprint: Blueprint,
    user: User,
    assistant: Assistant,
    session: Session,
    tools: Sequence[OfferedTool],
    limits: RolloutLimits | None = None,
) -> Rollout:
    """One episode in a fresh session. A role's or a server's failure ends it and is said in the result."""
    limits = limits or RolloutLimits()
    system = render("assistant_system", context=blueprint.context, policy=blueprint.policy)
    episode = _Episode(session, tools, [Message(role="system", content=system)])
    announce(session, tools)
    before = await session.snapshot()
    try:
        await _converse(episode, user, assistant, limits)
    except RoleError as exc:
        episode.fault, episode.detail = exc.role, str(exc)
    effects = diff(before, await session.snapshot())
    answers = _final_answers(episode.messages, blueprint)
    dialogue = Dialogue(messages=tuple(episode.messages), tools=tuple(tools))
    return Rollout(dialogue=dialogue, outcome=Outcome(effects, answers), fault=episode.fault, detail=episode.detail)


async def _converse(episode: _Episode, user: User, assistant: Assistant, limits: RolloutLimits) -> None:
    now = asyncio.get_running_loop().time
    end = now() + (limits.episode_seconds or inf)
    for _ in range(limits.user_turns):
        last = min(end, now() + (limits.turn_seconds or inf))
        said = await _before(last, user.speak(episode.messages))
        if said is None:
            return
        episode.messages.append(Message(role="user", content=said))
        for _ in range(limits.steps_per_turn):
            message = await _before(last, assistant.act(episode.messages, episode.tools))
            episode.messages.append(message)
            for call in message.tool_calls:
                await episode.answer(call)
            if not message.tool_calls or episode.fault:
                break
        else:
            raise RoleError("assistant", f"no answer after {limits.steps_per_turn} steps")
        if episode.fault:
            return


async def _before(deadline: float, thinking: Coroutine[Any, Any, T]) -> T:
    """What a role says until the deadline (in the loop's time). Raises RoleError when it has passed."""
    if deadline == inf:
        return await thinking
    try:
        async with asyncio.timeout_at(deadline):
            return await thinking
    except TimeoutError:
        raise RoleError("deadline", "the seconds of the turn or of the episode are over") from None


def _final_answers(messages: Sequence[Message], blueprint: Blueprint) -> tuple[str, ...]:
    """The assistant's texts by turn of the plan. What is said between a question and its answer belongs to
    the same turn; where the user took another number of turns than planned, all text is every turn's."""
    spoken: list[str] = []
    for message in messages:
        if message.role == "user":
            spoken.append("")
        elif message.role == "assistant" and spoken and message.content:
            spoken[-1] = f"{spoken[-1]}\n{message.content}".strip()
    merged: list[str] = []
    rest = list(spoken)
    for turn in blueprint.turns:
        take = 2 if turn.withheld else 1
        merged.append("\n".join(rest[:take]))
        rest = rest[take:]
    planned = sum(2 if turn.withheld else 1 for turn in blueprint.turns)
    return tuple(merged) if len(spoken) == planned else tuple("\n".join(spoken) for _ in blueprint.turns)


def with_call_ids(dialogue: Dialogue, prefix: str) -> Dialogue:
    """The dialogue with call ids that are unique over a data set: `prefix` and the call's number."""
    names: dict[str, str] = {}
    for number, (_, call) in enumerate(dialogue.calls(), start=1):
        names[call.id] = f"call_{prefix}_{number:02}"
    messages = tuple(
        replace(
            message,
            tool_calls=tuple(replace(call, id=names[call.id]) for call in message.tool_calls),
            tool_call_id=names.get(message.tool_call_id) if message.tool_call_id else None,
        )
        if message.tool_calls or message.tool_call_id
        else message
        for message in dialogue.messages
    )
    return replace(dialogue, messages=messages)
