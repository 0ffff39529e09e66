"""The endpoint of the benchmarks answers what clients send, however it arrives."""

import asyncio
import json

import pytest
from benchmarks.light_endpoint import Connection
from tests.llm.asking import ask
from tests.llm.fake_endpoint import echo

from tdscaling.config.models import ModelSettings
from tdscaling.llm.fragments import Fragments
from tdscaling.llm.payload import body

SENT = body(ask('He said "messages": [{'), ModelSettings(base_url="http://localhost/v1", model="m"), Fragments())


@pytest.mark.requirement("llm.wire")
@pytest.mark.parametrize("piece", [7, 100, 10**6])
async def test_requests_in_pieces_and_one_after_the_other_are_answered(piece: int) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(echo, 0.01), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        for _ in range(3):
            whole = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(SENT) + SENT
            for place in range(0, len(whole), piece):
                writer.write(whole[place : place + piece])
                await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length:")[2].split()[0])
            said = json.loads(await reader.readexactly(size))
            assert said["choices"][0]["message"]["content"] == 'You said: He said "messages": [{'
            assert said["usage"]["prompt_tokens"] > 0
        writer.close()
