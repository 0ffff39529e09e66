"""Models over a fake endpoint, on a clock that does not wait."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.llm.fake_endpoint import FakeEndpoint, serving

from tdscaling.config.models import BudgetSettings, ModelSettings
from tdscaling.llm import Request, Sampling
from tdscaling.llm.clock import Clock
from tdscaling.llm.endpoint import Endpoint
from tdscaling.llm.opening import Opening, open_models
from tdscaling.types import Message, OfferedTool

TOOL = OfferedTool(
    name="add",
    description="Adds",
    parameters={"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
)


class FakeTime:
    """A clock that jumps ahead instead of waiting; `slept` are the waits."""

    def __init__(self, wall: float = 0.0) -> None:
        self.time = 0.0
        self.start = wall
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(0.0, seconds)
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, wall=lambda: self.start + self.time, sleep=self.sleep)


def ask(content: str = "Hi", seed: int | None = None, **more: Any) -> Request:
    return Request(messages=(Message(role="user", content=content),), sampling=Sampling(seed=seed), **more)


async def cancelled(asked: Endpoint, endpoint: FakeEndpoint, count: int, at_work: int) -> None:
    """So many requests, all cancelled when the endpoint is at work on `at_work` of them."""
    tasks = [asyncio.create_task(asked.complete(ask(f"{n}"))) for n in range(count)]
    await endpoint.at(at_work)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)


@asynccontextmanager
async def model(
    endpoint: FakeEndpoint,
    *,
    folder: Path | None = None,
    replay: Path | None = None,
    budget: BudgetSettings | None = None,
    time: FakeTime | None = None,
    environ: Mapping[str, str] | None = None,
    in_flight: int = 256,
    under_way: Callable[[int], None] = lambda _: None,
    notice: Callable[[str], None] = lambda _: None,
    **settings: Any,
) -> AsyncGenerator[Endpoint]:
    """The model `tiny` behind an endpoint."""
    async with serving(endpoint) as url:
        made = ModelSettings(**{"base_url": url, "model": "tiny-1", **settings})
        how = Opening(
            environ=environ or {},
            folder=folder,
            replay=replay,
            budget=budget or BudgetSettings(),
            in_flight=in_flight,
            clock=(time or FakeTime()).clock,
            rng=Random(1),
            under_way=under_way,
            notice=notice,
        )
        async with open_models({"tiny": made}, ["tiny"], how) as models:
            yield models.by_name["tiny"]
