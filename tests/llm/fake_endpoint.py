"""An OpenAI-compatible endpoint on the loopback that fails as it is told to, the same way for the same seed."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from random import Random
from typing import Any, TypeAlias

from aiohttp import web
from pydantic_core import from_json

Body: TypeAlias = dict[str, Any]
Reply: TypeAlias = Callable[[Body], Body]
"""From the body of a request to the assistant message, `finish_reason` in it where it is not the usual one."""

KINDS = ("429", "429 date", "500", "stall", "cut", "cut stream", "garbage", "html", "empty", "wrong ids", "slow")


def echo(body: Body) -> Body:
    return {"role": "assistant", "content": f"You said: {body['messages'][-1]['content']}"}


@dataclass
class FakeEndpoint:
    """`faults`: how often each kind of KINDS strikes, by chance; `script`: kinds that strike first, one a request.

    `attempts` and `paid` count by the request's key: what came in, and what was answered to the last byte. `gone` are
    requests whose client went away; `at_work` those that are being answered. `arrivals` are the keys in order of
    coming, and `on_arrival` is told their number. While there is a `gate` that is not set, nothing is answered.
    Who counts up `deaths` says that all clients have died: nothing that came in before is answered, or paid.
    """

    reply: Reply = echo
    faults: Mapping[str, float] = field(default_factory=dict[str, float])
    script: list[str] = field(default_factory=list[str])
    seed: int = 0
    keep_bodies: bool = True
    latency: float = 0.0
    gate: asyncio.Event | None = None
    retry_after: str = "0"
    key: str | None = None
    error: tuple[int, Body] | None = None
    attempts: Counter[str] = field(default_factory=Counter[str])
    paid: Counter[str] = field(default_factory=Counter[str])
    bodies: list[Body] = field(default_factory=list[Body])
    arrivals: list[str] = field(default_factory=list[str])
    on_arrival: Callable[[int], None] = lambda _: None
    gone: int = 0
    deaths: int = 0
    at_work: int = 0
    most_at_work: int = 0
    waiting: list[tuple[int, asyncio.Event]] = field(default_factory=list[tuple[int, asyncio.Event]])

    async def at(self, count: int) -> None:
        """Returns when that many requests are being answered."""
        event = asyncio.Event()
        self.waiting.append((count, event))
        self._count(0)
        await event.wait()

    def _count(self, change: int) -> None:
        self.at_work += change
        self.most_at_work = max(self.most_at_work, self.at_work)
        for count, event in self.waiting:
            if count == self.at_work:
                event.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._count(1)
        try:
            return await self._answer(request)
        except (asyncio.CancelledError, ConnectionError):
            self.gone += 1
            raise
        finally:
            self._count(-1)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        deaths = self.deaths
        body: Body = from_json(await request.read())
        name = request.headers.get("Idempotency-Key", "?")
        self.attempts[name] += 1
        self.arrivals.append(name)
        self.on_arrival(len(self.arrivals))
        if self.keep_bodies:
            self.bodies.append(body)
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            said = {"error": {"message": f"Incorrect API key provided: {request.headers.get('Authorization')}"}}
            return web.json_response(said, status=401)
        if self.error is not None:
            return web.json_response(self.error[1], status=self.error[0])
        kind = self._fault(name)
        if self.latency:
            await asyncio.sleep(self.latency)
        if self.gate is not None:
            await self.gate.wait()
        failed = await self._fail(kind, request)
        if failed is not None:
            return failed
        if deaths != self.deaths or request.transport is None or request.transport.is_closing():
            raise ConnectionResetError  # nobody is there to be served, or to pay
        response = await self._stream(request, body, kind) if body.get("stream") else self._whole(body, kind)
        if isinstance(response, web.Response):
            await response.prepare(request)
            await response.write_eof()
        if kind != "cut stream":
            self.paid[name] += 1
        return response

    def _fault(self, name: str) -> str:
        if self.script:
            return self.script.pop(0)
        if not self.faults:
            return ""
        chance = Random(f"{self.seed} {name} {self.attempts[name]}").random()
        for kind, rate in self.faults.items():
            chance -= rate
            if chance < 0:
                return kind
        return ""

    async def _fail(self, kind: str, request: web.Request) -> web.StreamResponse | None:
        if kind.startswith("429"):
            when = formatdate(0, usegmt=True) if kind == "429 date" else self.retry_after
            return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": when})
        if kind == "500":
            return web.json_response({"error": {"message": "internal"}}, status=500)
        if kind == "stall":
            await asyncio.Event().wait()
        if kind == "cut":
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        if kind == "garbage":
            return web.Response(body=b"\x00\xff{{{" * 50, content_type="application/json")
        if kind == "html":
            return web.Response(text="<html><body>Bad gateway</body></html>", content_type="text/html")
        return None

    def _whole(self, body: Body, kind: str) -> web.Response:
        message, finish = self._message(body, kind)
        choices = [] if kind == "empty" else [{"index": 0, "message": message, "finish_reason": finish}]
        return web.json_response({"id": "x", "model": body["model"], "choices": choices, "usage": usage(body, message)})

    def _message(self, body: Body, kind: str) -> tuple[Body, str]:
        message = self.reply(body)
        finish = message.pop("finish_reason", "tool_calls" if message.get("tool_calls") else "stop")
        if kind == "wrong ids":
            for call in message.get("tool_calls", ()):
                call["id"] = "call_0"
        return message, finish

    async def _stream(self, request: web.Request, body: Body, kind: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        message, finish = self._message(body, kind)
        content = message.get("content") or ""
        pieces: list[Body] = [{"content": content[at : at + 5]} for at in range(0, len(content), 5)]
        pieces += [{"reasoning_content": message["reasoning_content"]}] if "reasoning_content" in message else []
        for index, call in enumerate(message.get("tool_calls", ())):
            text = call["function"]["arguments"]
            first = {**call["function"], "arguments": text[:4]}
            pieces.append({"tool_calls": [{"index": index, "id": call["id"], "function": first}]})
            pieces.append({"tool_calls": [{"index": index, "function": {"arguments": text[4:]}}]})
        if kind == "cut stream":
            pieces = pieces[: len(pieces) // 2]
        for piece in pieces:
            await event(response, {"choices": [{"delta": piece}]}, slow=kind == "slow")
        if kind != "cut stream":
            await event(response, {"choices": [{"delta": {}, "finish_reason": finish}]})
            await event(response, {"choices": [], "usage": usage(body, message)})
            await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


async def event(response: web.StreamResponse, document: Body, slow: bool = False) -> None:
    data = b"data: " + json.dumps(document).encode() + b"\n\n"
    for part in (data[:9], data[9:]) if slow else (data,):
        await response.write(part)
        await asyncio.sleep(0)


def usage(body: Body, message: Body) -> dict[str, int]:
    said = sum(len(one["content"] or "") // 4 + 4 for one in body["messages"])
    return {"prompt_tokens": said, "completion_tokens": len(str(message)) // 4}


@asynccontextmanager
async def serving(endpoint: FakeEndpoint, port: int = 0) -> AsyncGenerator[str]:
    """The endpoint's base URL, while it serves."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", endpoint.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
