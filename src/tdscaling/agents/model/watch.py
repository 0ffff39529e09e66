"""A model that watches the simulated user, after the rules have found nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from tdscaling.agents.model.monitor import Due, Fault
from tdscaling.agents.model.voice import Voice
from tdscaling.agents.protocols import RoleError
from tdscaling.agents.wording import spoken
from tdscaling.llm import Completion, Request, Sampling
from tdscaling.llm.reading import value
from tdscaling.prompts import render
from tdscaling.types import JsonObject, Message

KINDS = ("leak", "contradiction", "agrees_and_leaves", "early_stop", "agents_job")
"""The faults a model can see; what is left out or said too early are matters of rules alone."""

MOST_TOKENS = 200
_NONE = "none"
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"why": {"type": "string", "maxLength": 160}, "fault": {"type": "string", "enum": [_NONE, *KINDS]}},
    "required": ["why", "fault"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Watch:
    """Asks its model about each message of the user."""

    voice: Voice

    async def fault(self, said: str, due: Due, messages: Sequence[Message]) -> Fault | None:
        """What the model finds wrong with `said`; None for nothing, and where its answer can't be read: then the rules
        have decided. Raises ProviderError where the endpoint fails."""
        prompt = render(
            "monitor",
            answering=due.answering,
            facts=[(fact.label, spoken(fact.value)) for fact in due.may],
            talk=[(one.role, one.content) for one in messages if one.role in ("user", "assistant") and one.content],
            said=said,
        )
        sampling = Sampling(temperature=0.0, max_tokens=MOST_TOKENS)
        request = Request(messages=(Message(role="user", content=prompt),), schema=_SCHEMA, sampling=sampling)
        try:
            return await self.voice.ask(request, _found)
        except RoleError:
            return None


def _found(completion: Completion) -> Fault | None:
    """Raises NotJsonError and what `text` raises."""
    answer = value(completion, _SCHEMA)
    assert isinstance(answer, dict)
    kind = str(answer["fault"])
    return None if kind == _NONE else Fault(kind, str(answer["why"]) or kind)
