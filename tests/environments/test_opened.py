"""A sandbox session belongs to the block that opened it, however that ends."""

import asyncio
import threading
from contextlib import suppress
from typing import cast

import pytest

from tdscaling.environments.opened import opened
from tdscaling.errors import SandboxError
from tdscaling.sandbox import Sandbox, SandboxSession


class SlowSandbox:
    """Opens when it is let; knows whether it has been closed. `fails`: it does not open then."""

    def __init__(self, *, fails: bool = False) -> None:
        self.begun, self.may_go = threading.Event(), threading.Event()
        self.closed = False
        self._fails = fails

    def open(self) -> SandboxSession:
        self.begun.set()
        assert self.may_go.wait(10)
        if self._fails:
            raise SandboxError("no session")
        return cast("SandboxSession", self)

    def close(self) -> None:
        self.closed = True


async def held(sandbox: SlowSandbox) -> None:
    async with opened(cast("Sandbox", sandbox)):
        raise AssertionError("the block must not begin")


@pytest.mark.requirement("environments.cancelled")
@pytest.mark.parametrize("fails", [False, True])
def test_a_session_that_is_being_opened_when_its_loop_ends_is_closed(fails: bool) -> None:
    sandbox = SlowSandbox(fails=fails)

    async def ends() -> None:
        waiting = asyncio.create_task(held(sandbox))
        await asyncio.to_thread(sandbox.begun.wait, 10)
        waiting.cancel()
        sandbox.may_go.set()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(ends())
    assert sandbox.closed is not fails


@pytest.mark.requirement("environments.cancelled")
async def test_a_session_is_closed_when_its_block_ends_or_fails() -> None:
    sandbox = SlowSandbox()
    sandbox.may_go.set()
    with pytest.raises(AssertionError, match="must not begin"):
        await held(sandbox)
    assert sandbox.closed


@pytest.mark.requirement("environments.cancelled")
def test_a_session_that_is_being_opened_when_its_loop_cancels_all_tasks_is_closed() -> None:
    sandbox = SlowSandbox()

    async def left_behind() -> None:
        with suppress(asyncio.CancelledError):
            await held(sandbox)

    async def ends() -> None:
        tasks.append(asyncio.create_task(left_behind()))
        await asyncio.to_thread(sandbox.begun.wait, 10)
        asyncio.get_running_loop().call_later(0.05, sandbox.may_go.set)

    tasks: list[asyncio.Task[None]] = []
    asyncio.run(ends())
    assert sandbox.closed
