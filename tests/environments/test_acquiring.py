"""What is got hold of is let go of, whenever its waiter is cancelled."""

import asyncio
import gc
from pathlib import Path

import pytest
from tests.processes import children

from tdscaling.acquiring import acquired
from tdscaling.catalog.mcp.launch import direct_launch
from tdscaling.catalog.mcp.limits import Limits
from tdscaling.catalog.mcp.spec import ServerSpec
from tdscaling.catalog.mcp.stdio import stdio_transport


@pytest.mark.requirement("environments.cancelled")
async def test_what_comes_after_the_waiter_was_cancelled_is_released() -> None:
    may_go, released = asyncio.Event(), list[str]()

    async def getting() -> str:
        await may_go.wait()
        return "it"

    async def release(held: str) -> None:
        released.append(held)

    waiting = asyncio.create_task(acquired(getting(), release))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    assert released == []
    may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert released == ["it"]


@pytest.mark.requirement("environments.cancelled")
async def test_what_is_got_is_not_released_and_what_fails_is_raised() -> None:
    async def release(held: str) -> None:
        raise AssertionError(held)

    async def fails() -> str:
        raise OSError("no")

    async def gets() -> str:
        return "it"

    assert await acquired(gets(), release) == "it"
    with pytest.raises(OSError, match="no"):
        await acquired(fails(), release)


@pytest.mark.requirement("environments.cancelled")
async def test_a_server_whose_start_is_cancelled_at_any_moment_leaves_neither_process_nor_pipe(tmp_path: Path) -> None:
    """Cancelled once more while it ends, too. Pipes left open would be told by their warnings, which are errors."""
    launch = direct_launch(ServerSpec(name="s", command="/bin/sleep", args=("60",)), tmp_path, tmp_path)
    before = children()

    async def holds() -> None:
        async with stdio_transport(launch, Limits()) as (server, _):
            server.grace = 0.01
            await asyncio.Event().wait()

    for moments in range(12):
        held = asyncio.create_task(holds())
        for _ in range(moments):
            await asyncio.sleep(0)
        held.cancel()
        for _ in range(2):
            await asyncio.sleep(0)
        held.cancel()
        with pytest.raises(asyncio.CancelledError):
            await held
    gc.collect()
    assert children() == before
