"""The circuit breaker: an endpoint that keeps failing is left alone for a while, and in the end given up."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from tdscaling.llm.clock import Clock
from tdscaling.llm.failures import DownError, ProviderError, RateLimitedError, TransientError

FAILURES = 8
COOLDOWN = 1.0
LONGEST = 60.0
TRIPS = 8


class Breaker:
    """Opens after FAILURES failures in a row, of any kind that may pass but a 429, which tells nothing. While it is
    open everyone waits; when the cooldown is over one try goes through: its success closes the breaker, its failure
    opens it for twice as long. After TRIPS openings without a success between them the endpoint is `doubted`, as it may
    be the requests that can't be answered; once it is given up in that state every caller gets DownError.

    `notice` is told in a line that the endpoint is waited for, at its first failure where it never answered, else when
    the breaker opens; and that it answers again.
    """

    def __init__(self, name: str, address: str, clock: Clock, notice: Callable[[str], None] = lambda _: None) -> None:
        self.heard = 0
        """How many requests the endpoint has answered, those too that it does not accept."""
        self._name = name
        self._address = address
        self._clock = clock
        self._failures = 0
        self._trips = 0
        self._open_until: float | None = None
        self._trial: asyncio.Event | None = None
        self._given_up: DownError | None = None
        self._notice = notice
        self._waited_for = False

    @property
    def doubted(self) -> bool:
        """Whether a request that fails now is better followed by an easy one than tried again."""
        return self._trips > TRIPS

    @asynccontextmanager
    async def guarding(self) -> AsyncGenerator[None]:
        """Admits one attempt, and learns how it ends. Raises DownError."""
        mine = await self._admit()
        try:
            yield
        except RateLimitedError:
            raise
        except TransientError as exc:
            self._failed(str(exc))
            raise
        except ProviderError:
            self._succeeded()  # it answered: it lives
            raise
        else:
            self._succeeded()
        finally:
            if mine is not None and self._trial is mine:
                self._trial = None
                mine.set()

    def give_up(self, why: str) -> DownError:
        """The error of an endpoint that answers nothing, not even something easy."""
        error = DownError(f"{self._name} is down ({self._where}{why}): run the same command again when it is back")
        if self.doubted:
            self._given_up = error
        return error

    @property
    def _where(self) -> str:
        return "" if self._address in self._name else f"{self._address}: "

    async def _admit(self) -> asyncio.Event | None:
        """None when closed; the event of the trial when this attempt is the one that tries."""
        while self._open_until is not None:
            if self._given_up is not None:
                raise DownError(str(self._given_up))
            wait = self._open_until - self._clock.now()
            if wait > 0:
                await self._clock.sleep(wait)
            elif self._trial is None:
                self._trial = asyncio.Event()
                return self._trial
            else:
                await self._trial.wait()
        return None

    def _failed(self, why: str) -> None:
        self._failures += 1
        if not self._waited_for and (self._failures == FAILURES or not self.heard):
            self._waited_for = True
            self._notice(f"{self._name} does not answer ({self._where}{why}): waiting for it, some minutes at most")
        if self._failures < FAILURES:
            return
        now = self._clock.now()
        if self._open_until is None or now >= self._open_until:
            self._open_until = now + min(LONGEST, COOLDOWN * 2.0**self._trips)
            self._trips += 1

    def _succeeded(self) -> None:
        if self._waited_for:
            self._waited_for = False
            self._notice(f"{self._name} answers")
        self.heard += 1
        self._failures = 0
        self._trips = 0
        self._open_until = self._given_up = None
