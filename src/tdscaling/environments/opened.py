"""A sandbox session for as long as a block runs, opened and closed beside the event loop."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tdscaling.acquiring import acquired, finished
from tdscaling.sandbox import Sandbox, SandboxSession


@asynccontextmanager
async def opened(sandbox: Sandbox) -> AsyncGenerator[SandboxSession]:
    """The session is closed in any case, also where it is being opened as its waiter is cancelled. Raises what `open`
    raises."""
    loop = asyncio.get_running_loop()
    session = await acquired(
        loop.run_in_executor(None, sandbox.open), lambda late: loop.run_in_executor(None, late.close)
    )
    try:
        yield session
    finally:
        await finished(loop.run_in_executor(None, session.close))
