"""The client of one endpoint: attempts, held back by its limits, until one succeeds or none is worth it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random

from tdscaling.config.models import ModelSettings
from tdscaling.llm.breaker import Breaker
from tdscaling.llm.clock import Clock
from tdscaling.llm.failures import BadRequestError, RateLimitedError, TransientError
from tdscaling.llm.flight import Flight
from tdscaling.llm.protocol import Completion, Usage
from tdscaling.llm.rates import Rates
from tdscaling.llm.retry import Backoff
from tdscaling.llm.transport import Transport


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint's client holds to: its own slots and the slots of all models, rates and breaker, and
    `ready`, which raises StoreError when an answer could not be kept."""

    own: asyncio.Semaphore
    everyone: asyncio.Semaphore
    rates: Rates
    breaker: Breaker
    ready: Callable[[], None]


class Client:
    """Sends a body until it is answered."""

    def __init__(
        self, transport: Transport, settings: ModelSettings, limits: Limits, clock: Clock, rng: Random
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._backoff = Backoff(rng)

    async def send(self, body: bytes, key: str, tokens: int, flight: Flight) -> Completion:
        """The answer to the request of this key, with what it took. `tokens` is an estimate that the rate limits go by.

        A failure that may pass is tried again, after what the endpoint asked for or else after waits that double; a
        429 counts against the deadline only, other failures also against `retries`. Neither a failed request that
        waits for its next attempt nor a model that is paused holds a slot of the others. What nobody waits for is not
        tried again, nor what fails where everything fails: see `lives`. Raises ProviderError, StoreError.
        """
        begun: float | None = None
        tries = failures = 0
        while True:
            try:
                async with self._admitted(tokens, flight):
                    begun = self._clock.now() if begun is None else begun
                    return await self._attempt(body, key, tokens)
            except TransientError as exc:
                tries += 1
                limited = isinstance(exc, RateLimitedError)
                failures += not limited
                wait = self._backoff.seconds(tries, exc.retry_after)
                late = begun is not None and self._clock.now() + wait - begun > self._settings.deadline
                doubted = self._limits.breaker.doubted and not limited
                if flight.left or late or doubted or failures > self._settings.retries:
                    raise
                self._limits.rates.settle(tokens, 0)
                if limited:
                    self._limits.rates.pause(exc.retry_after or 0.0)
            await self._clock.sleep(wait)

    async def lives(self, body: bytes, key: str, flight: Flight) -> Completion | None:
        """The answer to one attempt at something easy. None where the endpoint lives without it: it does not accept
        the request, or has answered others meanwhile. Raises DownError where it does not live, StopError.
        """
        breaker, tokens = self._limits.breaker, len(body) // 4
        heard = breaker.heard
        try:
            async with self._admitted(tokens, flight):
                return await self._attempt(body, key, tokens)
        except BadRequestError:
            return None
        except TransientError as exc:
            if breaker.heard == heard:
                raise breaker.give_up(str(exc)) from exc
            return None

    @asynccontextmanager
    async def _admitted(self, tokens: int, flight: Flight) -> AsyncGenerator[None]:
        """While an attempt is at work: from when all limits let it go out. Raises DownError, StoreError."""
        async with self._limits.own:
            await self._limits.rates.admit(tokens)
            async with self._limits.breaker.guarding(), self._limits.everyone:
                self._limits.ready()
                with flight.sending():
                    yield

    async def _attempt(self, body: bytes, key: str, tokens: int) -> Completion:
        started = self._clock.now()
        found = await self._transport.send(body, key)
        usage = _counted(found, body)
        self._limits.rates.settle(tokens, usage.tokens)
        sent, got = usage.prompt_tokens, usage.completion_tokens
        seconds, cost = self._clock.now() - started, self._settings.price.of(sent, got)
        took = Usage(prompt_tokens=sent, completion_tokens=got, seconds=seconds, cost=cost)
        return replace(found, usage=took, request=key)


def _counted(found: Completion, body: bytes) -> Usage:
    """The tokens as the endpoint counts them; four bytes for one where it does not."""
    if found.usage.tokens:
        return found.usage
    written = len(found.content) + len(found.reasoning or "") + sum(len(call.arguments) for call in found.calls)
    return Usage(prompt_tokens=len(body) // 4, completion_tokens=written // 4 + 1)
