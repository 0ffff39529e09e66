"""Getting hold of something, and letting go of it, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Held = TypeVar("Held")


async def acquired(getting: Awaitable[Held], release: Callable[[Held], Awaitable[None]]) -> Held:
    """What `getting` gives. Raises what it raises.

    It is not cancelled with its waiter, since a thread can't be. Where the waiter is cancelled, what came of `getting`
    is released before the cancellation goes on.
    """
    task = asyncio.ensure_future(getting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await finished(_released(task, release))
        raise


async def _released(task: asyncio.Future[Held], release: Callable[[Held], Awaitable[None]]) -> None:
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        await release(task.result())


async def finished(ending: Awaitable[None]) -> None:
    """Waits for the end of `ending`, however often the waiter is cancelled; the cancellation goes on afterwards.

    Raises what `ending` raises.
    """
    task = asyncio.ensure_future(ending)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as exc:
            cancelled = exc
    task.result()
    if cancelled is not None:
        raise cancelled
