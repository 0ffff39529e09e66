"""Who writes the texts of what a simulated service creates: words only, the state is the service's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tdscaling.agents.model.voice import Voice
from tdscaling.agents.protocols import RoleError
from tdscaling.llm import Completion, Request, Sampling
from tdscaling.llm.reading import value
from tdscaling.prompts import render
from tdscaling.types import JsonObject, JsonScalar, Message

LONGEST = 400
"""Characters of one text."""
MOST_TOKENS = 600


@dataclass(frozen=True, slots=True)
class ModelSimulator:
    """Asks a model for the free texts of one record. `voice` gives the voice of the episode that makes it: the same
    record is asked for in the same words, so that an episode which is played again finds its answer."""

    voice: Callable[[], Voice]

    async def phrase(
        self, server: str, entity: str, record: JsonObject, fields: Mapping[str, JsonObject]
    ) -> Mapping[str, str]:
        """Texts by field; none where no answer can be read. Raises ProviderError where the endpoint fails."""
        schema: JsonObject = {
            "type": "object",
            "properties": {name: {"type": "string", "minLength": 1, "maxLength": LONGEST} for name in fields},
            "required": sorted(fields),
            "additionalProperties": False,
        }
        known: dict[str, JsonScalar] = {
            name: one
            for name, one in record.items()
            if name not in fields and (one is None or isinstance(one, str | int | float))
        }
        wanted = [(name, str(spec.get("description", ""))[:LONGEST]) for name, spec in sorted(fields.items())]
        prompt = render("simulator", server=server, entity=entity, known=known, wanted=wanted)
        request = Request(
            messages=(Message(role="user", content=prompt),), schema=schema, sampling=Sampling(max_tokens=MOST_TOKENS)
        )
        try:
            return await self.voice().ask(request, lambda completion: _texts(completion, schema))
        except RoleError:
            return {}


def _texts(completion: Completion, schema: JsonObject) -> Mapping[str, str]:
    found = value(completion, schema)
    return {name: str(text) for name, text in found.items()} if isinstance(found, Mapping) else {}
