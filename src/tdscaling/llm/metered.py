"""Who asked a model for what: usage by role."""

from dataclasses import dataclass

from tdscaling.llm.protocol import Completion, Model, Request, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """One answered request: by which role, of which model of the config, and what it took when it was paid for."""

    role: str
    model: str
    request: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Metered:
    """A model that notes in `ledger` what one role has asked it for."""

    model: Model
    name: str
    role: str
    ledger: list[Spent]

    async def complete(self, request: Request) -> Completion:
        found = await self.model.complete(request)
        self.ledger.append(Spent(role=self.role, model=self.name, request=found.request, usage=found.usage))
        return found
