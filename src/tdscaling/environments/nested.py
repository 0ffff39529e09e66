"""Calls of the episode's tools by code in the sandbox: only what is offered, checked, made in the session, recorded."""

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tdscaling.types import JsonObject, NestedCall, OfferedTool, Session, ToolKey, ToolResult
from tdscaling.values import failed, parse
from tdscaling.values.validation import validator_of

CALL_SECONDS = 30.0
"""Seconds one call may take."""
ALL_SECONDS = 120.0
"""Seconds that all calls of one piece of code may take together."""
KEPT = 10_000
"""Characters of a result that the record keeps; the code gets all of it."""


@runtime_checkable
class TakesOffer(Protocol):
    """A session whose code can call tools: it must be told which, or there are none."""

    def offer(self, tools: Sequence[OfferedTool]) -> None: ...


def announce(session: Session, tools: Sequence[OfferedTool]) -> None:
    """Tells a session what its episode offers, by the names that calls use."""
    if isinstance(session, TakesOffer):
        session.offer(tools)


class NestedCalls:
    """The calls of one piece of code, made from its thread in the loop that the session belongs to."""

    def __init__(
        self, session: Session, offered: Sequence[OfferedTool], server: str, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._session = session
        self._offered = {tool.name: tool for tool in offered if tool.key is not None and tool.server != server}
        self._loop = loop
        self._left = ALL_SECONDS
        self.made: list[NestedCall] = []
        self.fault: str | None = None

    def __call__(self, name: str, arguments: JsonObject) -> JsonObject:
        """As a `ToolHandler`: blocks until the call is made; a call that is refused is recorded as well."""
        result = self._result(name, arguments)
        bad = failed(result)
        self.fault = self.fault or result.fault
        self.made.append(NestedCall(name=name, arguments=arguments, content=result.content[:KEPT], is_error=bad))
        return {"error": result.content} if bad else {"value": parse(result.content)}

    def _result(self, name: str, arguments: JsonObject) -> ToolResult:
        tool = self._offered.get(name)
        if tool is None or tool.key is None:
            names = ", ".join(sorted(self._offered)) or "none"
            return ToolResult(content=f"Unknown tool: {name}; tools that code can call: {names}", is_error=True)
        if trouble := misfit(tool, arguments):
            return ToolResult(content=f"{name}: {trouble}", is_error=True)
        if self._left <= 0:
            return ToolResult(content="the time for calls of this piece of code is used up", is_error=True)
        return self._made(tool.key, arguments)

    def _made(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        started = self._loop.time()
        future = asyncio.run_coroutine_threadsafe(self._session.call(key, arguments), self._loop)
        try:
            return future.result(min(CALL_SECONDS, self._left))
        except TimeoutError:
            future.cancel()
            return ToolResult(content=f"{key} did not answer in time", is_error=True, fault="timeout")
        finally:
            self._left -= self._loop.time() - started


def misfit(tool: OfferedTool, arguments: JsonObject) -> str:
    """Why a tool's schema does not accept the arguments, "" when it does.

    >>> tool = OfferedTool(name="get", parameters={"type": "object", "required": ["id"]})
    >>> misfit(tool, {}), misfit(tool, {"id": 1})
    ("'id' is a required property", '')
    """
    error = validator_of(tool.parameters).error(arguments)
    return "" if error is None else error.message[:300]
