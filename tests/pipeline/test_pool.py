"""Calls in other processes: what comes back, in which order, and what is left when one of them dies."""

import asyncio
import multiprocessing
import os
import pickle
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.pipeline.called import UnreadableError, begin, fail, noted, unreadable, until

from tdscaling.pipeline.pool import AHEAD, DiedError, Pool, opened

CONTEXT = multiprocessing.get_context("forkserver")


@pytest.mark.requirement("pipeline.processes")
async def test_a_call_gives_or_raises_what_it_does_in_a_process_that_has_begun() -> None:
    async with opened(2, CONTEXT, begin) as pool:
        assert await pool.call(os.getenv, "BEGUN") == "yes"
        pids = await asyncio.gather(*[pool.call(os.getpid) for _ in range(8)])
        assert len(set(pids)) == 2
        assert os.getpid() not in pids
        with pytest.raises(LookupError, match="not here") as raised:
            await pool.call(fail)
        assert any("in fail" in note for note in raised.value.__notes__), "it says where"
        with pytest.raises((AttributeError, pickle.PicklingError)):
            await pool.call(lambda: None)  # can't be sent, which is nobody else's trouble
        big = os.urandom(20_000_000)
        assert await asyncio.gather(*[pool.call(bytes, big) for _ in range(4)]) == [big] * 4
    assert multiprocessing.active_children() == []
    with pytest.raises(DiedError):
        await pool.call(os.getpid)


@pytest.mark.requirement("pipeline.processes")
async def test_calls_are_begun_in_their_order_and_not_for_who_was_cancelled_while_they_waited(tmp_path: Path) -> None:
    async with opened(1, CONTEXT, begin) as pool:
        first = asyncio.create_task(pool.call(until, tmp_path / "go"))
        rest = [asyncio.create_task(pool.call(noted, tmp_path / "said", word)) for word in "abcd"]
        await asyncio.sleep(0)
        for gone in (rest[AHEAD - 2], rest[2]):  # one that the process holds, and one that waits
            gone.cancel()
        (tmp_path / "go").touch()
        assert await first == "go"
        assert [await rest[1], await rest[3]] == ["b", "d"]
    assert (tmp_path / "said").read_text(encoding="utf-8").split() == ["a", "b", "d"]


@pytest.mark.requirement("pipeline.worker_killed")
async def test_when_one_process_dies_every_call_says_so(tmp_path: Path) -> None:
    async with opened(2, CONTEXT, begin) as pool:
        calls = [asyncio.create_task(pool.call(until, tmp_path / "go")) for _ in range(6)]
        await asyncio.sleep(0.1)
        multiprocessing.active_children()[0].kill()
        found = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in found] == [DiedError] * 6
        with pytest.raises(DiedError):
            await pool.call(os.getpid)
        (tmp_path / "go").touch()  # the other one is at work still
    assert multiprocessing.active_children() == []


async def ask_what_can_not_be_read(pool: Pool) -> None:
    with pytest.raises(DiedError):
        await pool.call(unreadable)


@pytest.mark.requirement("pipeline.workers_end")
async def test_what_can_not_be_read_ends_the_pool_and_is_told() -> None:
    with pytest.raises(TypeError, match="second"):
        async with opened(1, CONTEXT, begin) as pool:
            await ask_what_can_not_be_read(pool)
    assert multiprocessing.active_children() == []


@pytest.mark.requirement("pipeline.worker_killed")
@pytest.mark.parametrize(
    "fails", [partial(os._exit, 3), partial(print, UnreadableError("one", "two"), bytes(10_000_000))]
)
async def test_a_process_that_can_not_begin_is_one_that_died(fails: Callable[[], None]) -> None:
    """The second dies while it is still being told what to begin with."""
    async with opened(1, CONTEXT, fails) as pool:
        with pytest.raises(DiedError):
            await pool.call(os.getpid)
    assert multiprocessing.active_children() == []


@pytest.mark.requirement("pipeline.workers_end")
@pytest.mark.parametrize("size", [100, 5_000_000])
async def test_a_pool_ends_while_calls_are_under_way_that_nobody_waits_for(size: int) -> None:
    """Small answers lie here unread, and large calls and answers are half-way, as it ends."""
    async with opened(1, CONTEXT, begin) as pool:
        await pool.call(os.getpid)
        processes = multiprocessing.active_children()
        calls = [asyncio.create_task(pool.call(bytes, bytes(size))) for _ in range(3)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        time.sleep(0.3)  # noqa: ASYNC251 the loop can't read meanwhile
    assert [process.exitcode for process in processes] == [0]
