"""The judge: named criteria over a transcript and what it changed. It can only reject."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tdscaling.agents.model.voice import Voice
from tdscaling.agents.protocols import RoleError
from tdscaling.llm import Completion, Request, Sampling
from tdscaling.llm.reading import value
from tdscaling.prompts import render
from tdscaling.types import Blueprint, Check, Dialogue, JsonObject, JsonValue, Message, StateDiff

MOST_TOKENS = 500
LONGEST_RESULT = 1200
"""Characters of one tool result that the judge is shown."""


@dataclass(frozen=True, slots=True)
class ModelJudge:
    """Asks its model `votes` times; a criterion that most votes find broken rejects. `criteria` are written
    `name: what must hold`."""

    voice: Voice
    criteria: Sequence[str]
    votes: int

    async def judge(self, blueprint: Blueprint, dialogue: Dialogue, effects: StateDiff) -> Check:
        """The check `judge`. A vote that can't be read counts for no criterion; without any vote the check fails.
        Raises ProviderError where the endpoint fails."""
        schema = _schema([one.partition(":")[0].strip() for one in self.criteria])
        prompt = render("judge", criteria=self.criteria, goal=blueprint.goal, talk=_transcript(dialogue),
                        effects=[f"{change.kind} {change.path}" for change in effects])  # fmt: skip
        request = Request(
            messages=(Message(role="user", content=prompt),), schema=schema, sampling=Sampling(max_tokens=MOST_TOKENS)
        )
        cast: list[Mapping[str, bool]] = []
        for _ in range(self.votes):
            try:
                cast.append(await self.voice.ask(request, lambda completion: _vote(completion, schema)))
            except RoleError:
                continue
        return _decided(cast)


def _decided(votes: Sequence[Mapping[str, bool]]) -> Check:
    """
    >>> _decided([{"a": True, "b": False}, {"a": True, "b": False}, {"a": False, "b": True}]).detail
    'b broken by 2 of 3 votes'
    """
    if not votes:
        return Check(name="judge", passed=False, detail="no vote could be read")
    counts = {name: sum(not vote[name] for vote in votes) for name in votes[0]}
    broken = [f"{name} broken by {count} of {len(votes)} votes" for name, count in counts.items()
              if count * 2 > len(votes)]  # fmt: skip
    return Check(name="judge", passed=not broken, detail="; ".join(broken) or f"{len(votes)} votes")


def _vote(completion: Completion, schema: JsonObject) -> Mapping[str, bool]:
    found = value(completion, schema)
    return {name: _holds(entry) for name, entry in found.items()} if isinstance(found, Mapping) else {}


def _holds(entry: JsonValue) -> bool:
    return isinstance(entry, Mapping) and entry.get("holds") is True


def _schema(names: Sequence[str]) -> JsonObject:
    one: JsonObject = {
        "type": "object",
        "properties": {"why": {"type": "string", "maxLength": 160}, "holds": {"type": "boolean"}},
        "required": ["why", "holds"],
        "additionalProperties": False,
    }
    return {"type": "object", "properties": dict.fromkeys(names, one), "required": list(names),
            "additionalProperties": False}  # fmt: skip


def _transcript(dialogue: Dialogue) -> list[tuple[str, str]]:
    """Who said what; calls as `name(arguments)`, long results cut."""
    talk: list[tuple[str, str]] = []
    for message in dialogue.messages:
        said = message.content if message.role != "tool" else message.content[:LONGEST_RESULT]
        calls = [f"calls {call.name}({json.dumps(call.arguments, ensure_ascii=False)})" for call in message.tool_calls]
        text = "\n".join(part for part in (said, *calls) if part)
        if message.role != "system" and text:
            talk.append((message.role, text))
    return talk
