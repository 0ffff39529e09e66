"""Getting hold of something, and letting go of it, whoever is cancelled meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Held = TypeVar("Held")


async def acquired(getting: Awaitable[Held], release: Callable[[Held], Awaitable[None]]) -> Held:
    """What `getting` gives. Raises what it raises.

    It is not cancelled with its waiter, since a thread can't be. Where the waiter is cancelled, what came of `getting`
    is released before the cancellation goes on. Work of a thread is given as the future of `run_in_executor`: a task
    around it, as of `to_thread`, would be cancelled with all others when the loop ends, and its result lost.
    """
    future = asyncio.ensure_future(getting)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await _settled(future)
        if not future.cancelled() and future.exception() is None:
            await finished(release(future.result()))
        raise


async def finished(ending: Awaitable[None]) -> None:
    """Waits for the end of `ending`, however often the waiter is cancelled; the cancellation goes on afterwards.

    Raises what `ending` raises.
    """
    future = asyncio.ensure_future(ending)
    cancelled = await _settled(future)
    future.result()
    if cancelled is not None:
        raise cancelled


async def _settled(future: asyncio.Future[Held]) -> asyncio.CancelledError | None:
    """Returns once the future is done, with the last cancellation of the waiter."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as exc:
            cancelled = exc
    return cancelled
