"""A request on its way: once it is sent its answer is paid for, so it lands although nobody waits for it any more."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from tdscaling.llm.protocol import Completion


class Flight:
    """One request, and all who wait for its answer. `work` pays for it and says when it is `sending`; `over` is called
    once there is nothing to join any more."""

    def __init__(
        self, work: Callable[["Flight"], Coroutine[Any, Any, Completion]], over: Callable[["Flight"], None]
    ) -> None:
        self._over = over
        self._waiting = 0
        self._sent = False
        self._task = asyncio.create_task(work(self))
        self._task.add_done_callback(self._ended)

    @property
    def left(self) -> bool:
        """Nobody waits any more."""
        return not self._waiting

    @contextmanager
    def sending(self) -> Generator[None]:
        """While the endpoint may be at work on an attempt, which is not cancelled then."""
        self._sent = True
        try:
            yield
        finally:
            self._sent = False

    async def join(self) -> Completion:
        """The answer. When the last one who waits is cancelled, what is not sent is dropped. Raises ProviderError,
        StoreError."""
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            self._drop()

    async def land(self) -> None:
        """Returns when the request has ended, one way or the other."""
        self._drop()
        await asyncio.wait([self._task])

    def _drop(self) -> None:
        if self.left and not self._sent and not self._task.done():
            self._task.cancel()
            self._over(self)

    def _ended(self, task: asyncio.Task[Completion]) -> None:
        self._over(self)
        if not task.cancelled():
            task.exception()  # seen: a failure that nobody waited for is none of the program's
