"""One attempt over HTTP: bytes out, a Completion or a named error back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

import aiohttp

from tdscaling.config.models import ModelSettings
from tdscaling.llm.answer import completion
from tdscaling.llm.failures import MalformedError, TimedOutError, UnreachableError
from tdscaling.llm.protocol import Completion
from tdscaling.llm.refusals import failure
from tdscaling.llm.retry import retry_after
from tdscaling.llm.secrets import Secret, forms, redacted, without
from tdscaling.llm.stream import assembled
from tdscaling.values import dumps

MOST_BYTES = 32 * 1024 * 1024
"""Of one answer; beyond it the endpoint is flooding."""


class Transport(Protocol):
    """Sends one attempt. Raises ProviderError."""

    async def send(self, body: bytes, key: str) -> Completion: ...


class HttpTransport:
    """POSTs to one address over a shared session. Follows no redirect: it would carry the key elsewhere."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: ModelSettings, secret: Secret | None, wall: Callable[[], float]
    ) -> None:
        self._session = session
        self._url = f"{settings.base_url}/chat/completions"
        self._seconds = settings.timeout
        self._secret = secret
        self._forms = forms(secret)
        self._wall = wall
        self._stream = settings.stream
        self._headers: Mapping[str, str] = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {secret.value}"} if secret else {}),
        }

    async def send(self, body: bytes, key: str) -> Completion:
        """One attempt. `key` names the request, for endpoints that bill a name once."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(body, key)
        except TimeoutError:
            raise TimedOutError(f"the endpoint gave no answer in {self._seconds:g} s") from None
        except (aiohttp.ClientError, OSError) as exc:
            raise UnreachableError(redacted(f"no connection: {type(exc).__name__} {exc}", self._secret)) from None

    async def _post(self, body: bytes, key: str) -> Completion:
        headers = {**self._headers, "Idempotency-Key": key}
        async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                wait = retry_after(response.headers.get("Retry-After"), self._wall())
                raise failure(response.status, await _read(response, 65536), wait, self._secret)
            if self._stream and response.content_type == "text/event-stream":
                whole = await assembled(_limited(response))
                written = dumps(whole) if self._forms else b""  # a key may be cut over several events
                kept = without(written, self._forms)
                return completion(whole if kept is written else kept)
            return completion(without(await _read(response), self._forms))


async def _read(response: aiohttp.ClientResponse, most: int = MOST_BYTES) -> bytes:
    if response.content_length is not None and response.content_length <= most:
        return await response.read()
    return b"".join([chunk async for chunk in _limited(response, most)])


async def _limited(response: aiohttp.ClientResponse, most: int = MOST_BYTES) -> AsyncIterator[bytes]:
    """The body piece by piece. Raises MalformedError when there is no end of it."""
    seen = 0
    async for chunk in response.content.iter_any():
        seen += len(chunk)
        if seen > most:
            raise MalformedError(f"the endpoint sent more than {most} bytes")
        yield chunk
