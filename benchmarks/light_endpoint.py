"""An endpoint for benchmarks that costs as little as it can, since it shares the machine with what is measured.

It reads of a request what its answer needs, the first message, and answers after the latency. How an endpoint fails is
`tests.llm.fake_endpoint`'s: this one has no limit and no fault of its own.

    python -m benchmarks.light_endpoint [--latency 0.2] [--reply echo]
"""

import argparse
import asyncio
import json
from typing import cast

from tests.agents import players
from tests.llm.fake_endpoint import Body, Reply, echo

REPLIES: dict[str, Reply] = {"echo": echo, "players": players.well}
_DECODER = json.JSONDecoder()
_MESSAGES = '"messages":'


class Connection(asyncio.Protocol):
    """One kept connection: requests one after the other, each with its length."""

    def __init__(self, reply: Reply, latency: float) -> None:
        self._reply = reply
        self._latency = latency
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0:
            return
        end = head + 4 + _length(self._received[:head])
        if len(self._received) >= end:
            body, self._received = self._received[head + 4 : end], self._received[end:]
            self._loop.call_later(self._latency, self._answer, body)

    def _answer(self, body: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        message = self._reply({"messages": [_first(body.decode())]})
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(str(message)) // 4}
        said = json.dumps({"id": "x", "model": "m", "choices": [choice], "usage": usage}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n"
        self._transport.write(head.encode() + said)


def _length(head: bytes) -> int:
    """The length of the body that a head announces."""
    lines = head.lower().split(b"\r\n")
    return next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)


def _first(text: str) -> Body:
    """The first message of a request."""
    place = text.index("{", text.index(_MESSAGES))
    return _DECODER.raw_decode(text, place)[0]


async def serve(reply: Reply, latency: float) -> None:
    """Prints its base URL and serves until it is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(reply, latency), "127.0.0.1", 0, backlog=2048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--reply", choices=sorted(REPLIES), default="echo")
    given = parser.parse_args()
    asyncio.run(serve(REPLIES[given.reply], given.latency))


if __name__ == "__main__":
    main()
