"""What `benchmarks.llm` asks, and how it measures: the standard library alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Ask = Callable[[int], Awaitable[object]]


def text(number: int) -> str:
    return f"Request {number}: " + "say something useful about the orders of last week. " * 6


def body(number: int) -> dict[str, object]:
    return {
        "model": "m",
        "temperature": 0.7,
        "max_tokens": 256,
        "messages": [{"role": "user", "content": text(number)}],
    }


async def measured(ask: Ask, requests: int, in_flight: int) -> dict[str, float]:
    """Requests per second and milliseconds of CPU per request, after a warm-up that opens the connections."""
    gate = asyncio.Semaphore(in_flight)

    async def one(number: int) -> None:
        async with gate:
            await ask(number)

    await asyncio.gather(*(one(10**6 + n) for n in range(in_flight)))
    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(n) for n in range(requests)))
    seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    return {"per_second": requests / seconds, "cpu_ms": used / requests * 1000}
