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
        self._waiting: list[asyncio.Future[Completion]] = []
        self._sent = False
        self._task = asyncio.create_task(self._fly(work(self)))
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
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            return await mine
        finally:
            self._waiting.remove(mine)
            if mine.done() and not mine.cancelled():
                mine.exception()  # seen, also by one who was cancelled as it came
            self._drop()

    async def land(self) -> None:
        """Returns when the request has ended, one way or the other."""
        self._drop()
        await asyncio.wait([self._task])

    async def _fly(self, work: Coroutine[Any, Any, Completion]) -> None:
        """The work, at whose end all who wait are told at once: to wait for the task would take them two turns of the
        loop more."""
        try:
            found = await work
        except Exception as exc:
            failed = exc
            self._tell(lambda one: one.set_exception(failed))
            raise
        self._tell(lambda one: one.set_result(found))

    def _tell(self, how: Callable[[asyncio.Future[Completion]], object]) -> None:
        self._over(self)
        for one in self._waiting:
            if not one.done():
                how(one)

    def _drop(self) -> None:
        if self.left and not self._sent and not self._task.done():
            self._task.cancel()
            self._over(self)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tell(lambda one: one.cancel())  # who has not been told waits for what was called off
        if not task.cancelled():
            task.exception()  # seen: a failure that nobody waited for is none of the program's
