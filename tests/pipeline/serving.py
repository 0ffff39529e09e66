"""A fake endpoint beside the command line, and a config whose roles are played by a model behind it."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager

from tests.llm.fake_endpoint import FakeEndpoint, serving

ROLES = """\
models:
  tiny: {{base_url: "{url}", model: tiny-1, api_key_env: TINY_KEY, protocol: native,
          price: {{prompt: 1, completion: 4}}, max_tokens: 400, timeout: 2, retries: 20}}
roles: {{user: tiny, assistant: tiny}}
playing: {{hints: true}}
"""


@contextmanager
def in_thread(endpoint: FakeEndpoint) -> Generator[str]:
    """The endpoint's base URL, while it serves from a thread of its own."""
    started, found = threading.Event(), dict[str, str]()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with serving(endpoint) as url:
            found["url"] = url
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    started.wait()
    try:
        yield found["url"]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
