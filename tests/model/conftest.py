"""A real small language model behind llama.cpp's server, once for all tests of this folder."""

import asyncio
from collections.abc import Generator
from importlib.util import find_spec

import pytest

from tdscaling.llm.local import PACKAGE, WEIGHTS, local_endpoint, packaged_model


@pytest.fixture(scope="session")
def local_url() -> Generator[str]:
    """The base URL of the endpoint; skips where the packages are not installed."""
    missing = [name for name in (PACKAGE, WEIGHTS) if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: see the extra `local` in docs/models.md")
    loop = asyncio.new_event_loop()
    serving = local_endpoint(packaged_model(), context=6144, slots=1)
    url = loop.run_until_complete(serving.__aenter__())
    yield url
    loop.run_until_complete(serving.__aexit__(None, None, None))
    loop.close()
