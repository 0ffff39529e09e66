"""Requests and tokens per minute, and the pause an endpoint asked for."""

from collections.abc import Callable

from tdscaling.llm.clock import Clock


class Bucket:
    """Lets `per_minute` through, a tenth of them at once at most. What is taken too early is a debt: whoever makes
    it waits until it is paid, in the order of coming.

    >>> bucket = Bucket(60, lambda: 0.0)
    >>> [bucket.take(1) for _ in range(8)]
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0]
    """

    def __init__(self, per_minute: float, now: Callable[[], float]) -> None:
        self._rate = per_minute / 60.0
        self._most = max(1.0, per_minute / 10.0)
        self._level = self._most
        self._now = now
        self._seen = now()

    def take(self, amount: float) -> float:
        """Takes `amount`; returns the seconds to wait before using it."""
        now = self._now()
        self._level = min(self._most, self._level + (now - self._seen) * self._rate) - amount
        self._seen = now
        return max(0.0, -self._level / self._rate)

    def give_back(self, amount: float) -> None:
        """What was taken and not used; negative for what was used beyond it."""
        self._level += amount


class Rates:
    """The limits of one model."""

    def __init__(self, rpm: int | None, tpm: int | None, clock: Clock) -> None:
        self._requests = Bucket(rpm, clock.now) if rpm else None
        self._tokens = Bucket(tpm, clock.now) if tpm else None
        self._clock = clock
        self._not_before = 0.0

    async def admit(self, tokens: int) -> None:
        """Returns when a request of that many tokens may go out. A caller that is cancelled takes nothing."""
        while (pause := self._not_before - self._clock.now()) > 0:
            await self._clock.sleep(pause)
        if self._requests is None and self._tokens is None:
            return
        wait = max(
            self._requests.take(1) if self._requests else 0.0, self._tokens.take(tokens) if self._tokens else 0.0
        )
        if wait:
            went = False
            try:
                await self._clock.sleep(wait)
                went = True
            finally:
                if not went:
                    self._give_back(1, tokens)

    def settle(self, estimated: int, used: int) -> None:
        """Sets right what was taken for a request once its tokens are known."""
        self._give_back(0, estimated - used)

    def pause(self, seconds: float) -> None:
        """Nothing goes out for that long: the endpoint said so."""
        self._not_before = max(self._not_before, self._clock.now() + seconds)

    def _give_back(self, requests: int, tokens: int) -> None:
        if self._requests:
            self._requests.give_back(requests)
        if self._tokens:
            self._tokens.give_back(tokens)
