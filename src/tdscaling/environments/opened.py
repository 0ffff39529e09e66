"""A sandbox session for as long as a block runs, opened and closed beside the event loop."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tdscaling.sandbox import Sandbox, SandboxSession


@asynccontextmanager
async def opened(sandbox: Sandbox) -> AsyncGenerator[SandboxSession]:
    """The session is closed in any case: a thread that opens one can't be stopped, so where its waiter is cancelled
    meanwhile, what it has opened is closed before the cancellation goes on. Raises what `open` raises."""
    opening = asyncio.get_running_loop().run_in_executor(None, sandbox.open)
    try:
        session = await asyncio.shield(opening)
    except asyncio.CancelledError:
        await asyncio.wait([opening])
        if opening.exception() is None:
            await asyncio.to_thread(opening.result().close)
        raise
    try:
        yield session
    finally:
        await asyncio.to_thread(session.close)
