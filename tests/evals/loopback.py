"""An endpoint on the loopback for commands, which run an event loop of their own."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tests.llm.fake_endpoint import Body, FakeEndpoint, Reply, serving


@contextmanager
def loopback(answer: Callable[[str], str]) -> Generator[tuple[str, FakeEndpoint]]:
    """Its base URL while it serves; `answer` is given the last message."""

    def reply(body: Body) -> Body:
        return {"role": "assistant", "content": answer(body["messages"][-1]["content"])}

    with talking(reply) as found:
        yield found


@contextmanager
def talking(reply: Reply) -> Generator[tuple[str, FakeEndpoint]]:
    """The same for one that makes its whole message from the body of a request."""
    endpoint = FakeEndpoint(reply=reply)
    ready, stop, urls = threading.Event(), asyncio.Event(), list[str]()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with serving(endpoint) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    try:
        yield urls[0], endpoint
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()
