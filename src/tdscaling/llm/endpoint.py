"""A configured model: answers from the cache, or pays for them once."""

import hashlib
from dataclasses import dataclass, field, replace

from tdscaling.config.models import ModelSettings
from tdscaling.llm.answers import Answers
from tdscaling.llm.budget import Budget, Reservation
from tdscaling.llm.client import Client
from tdscaling.llm.failures import ReplayMissError, TransientError
from tdscaling.llm.flight import Flight
from tdscaling.llm.fragments import Fragments
from tdscaling.llm.payload import body, most_tokens
from tdscaling.llm.protocol import Completion, Request, Sampling, Usage
from tdscaling.types import Message

_EASY = Request(messages=(Message(role="user", content="Say yes."),), sampling=Sampling(max_tokens=16))
"""What a model that can be asked at all has an answer to."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A `Model`. `name` is its name in the config; without a client it only replays.

    A request is its body's bytes: the same bytes are paid for once in a run, also when they are asked for twice at
    the same time, when the one who asks is cancelled, and after the run was killed.
    """

    name: str
    settings: ModelSettings
    answers: Answers
    budget: Budget
    client: Client | None
    flying: dict[str, Flight] = field(default_factory=dict[str, Flight])
    fragments: Fragments = field(default_factory=Fragments)

    async def complete(self, request: Request) -> Completion:
        """Raises ProviderError, StoreError."""
        sent = body(request, self.settings, self.fragments)
        key = hashlib.sha256(self.name.encode() + b"\n" + sent).hexdigest()[:32]
        found = self.answers.get(key)
        if found is not None:
            return found
        other = self.flying.get(key)
        if other is not None:
            return replace(await other.join(), cached=True)
        client = self.client
        if client is None:
            raise ReplayMissError(f"replay has no answer of {self.name} to request {key}: the run was another one")
        mine = self.flying[key] = Flight(
            lambda flight: self._pay(client, sent, key, request, flight), lambda flight: self._over(key, flight)
        )
        return await mine.join()

    async def land(self) -> None:
        """Returns when what was sent is answered and kept; what was not is dropped."""
        for flight in list(self.flying.values()):
            await flight.land()

    async def _pay(self, client: Client, sent: bytes, key: str, request: Request, flight: Flight) -> Completion:
        worst = self._worst(sent, request)
        reservation = await self.budget.reserve(worst)
        with self.budget.using(reservation):
            try:
                found = await client.send(self._on_the_wire(sent), key, worst.tokens, flight)
            except TransientError:
                if not flight.left:
                    await self._doubted(client, key, flight, reservation)
                raise
            reservation.spent = found.usage
            self.answers.put(key, self.name, found)
        return found

    async def _doubted(self, client: Client, failed: str, flight: Flight, room: Reservation) -> None:
        """Tells a request that can't be answered, whose attempts are used up, from an endpoint that answers nothing, by
        a short question in the room the request had reserved. Raises DownError when that has no answer either."""
        sent = self._on_the_wire(body(_EASY, self.settings, self.fragments))
        number = len(self.answers.requests())  # each such answer is kept, since each is paid for
        key = hashlib.sha256(f"{failed} lives {number}".encode()).hexdigest()[:32]
        found = await client.lives(sent, key, flight)
        if found is not None:
            room.spent = found.usage
            self.answers.put(key, self.name, found)

    def _over(self, key: str, flight: Flight) -> None:
        if self.flying.get(key) is flight:
            del self.flying[key]

    def _on_the_wire(self, sent: bytes) -> bytes:
        """How the answer travels is no part of the request."""
        if not self.settings.stream:
            return sent
        return sent[:-1] + b',"stream":true,"stream_options":{"include_usage":true}}'

    def _worst(self, sent: bytes, request: Request) -> Usage:
        """What a request takes at most: three bytes for a token of the prompt, and an answer of full length."""
        read, got = len(sent) // 3 + 1, most_tokens(request, self.settings)
        return Usage(prompt_tokens=read, completion_tokens=got, cost=self.settings.price.of(read, got))
