"""Calls made for knowledge: each in a session whose world is as it was at the start."""

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tdscaling.types import Environment, JsonObject, Observation, Session, Snapshot, ToolKey, diff


@dataclass(slots=True)
class Probe:
    """Makes single calls on the initial state of one world; opens a new session after every change."""

    environment: Environment
    servers: Sequence[str]
    world: int
    _stack: AsyncExitStack | None = None
    _session: Session | None = None
    after: Snapshot | None = None
    """The state that the last call left."""
    _base: Snapshot | None = None
    _known: dict[str, Observation] = field(default_factory=dict[str, Observation])

    async def session(self) -> Session:
        """The current clean session."""
        if self._session is None or self._stack is None:
            self._stack = AsyncExitStack()
            self._session = await self._stack.enter_async_context(self.environment.session(self.servers, self.world))
            self._base = await self._session.snapshot()
        return self._session

    async def call(self, tool: ToolKey, arguments: JsonObject, *, anew: bool = False) -> Observation:
        """One call on the initial state; what it changes is gone before the next. What a call has shown is known: it
        is made once, unless `anew`."""
        key = f"{tool} {json.dumps(arguments, sort_keys=True, default=str)}"
        if not anew and key in self._known:
            return self._known[key]
        found = self._known[key] = await self.continue_with(tool, arguments)
        if found.changed or found.result.fault:
            await self.close()
        return found

    async def continue_with(self, tool: ToolKey, arguments: JsonObject) -> Observation:
        """One call on the state that earlier calls left; `changed` is against the initial state."""
        session = await self.session()
        result = await session.call(tool, arguments)
        changed = False
        if result.fault is None and self._base is not None:
            self.after = await session.snapshot()
            changed = bool(diff(self._base, self.after))
        return Observation(tool=tool, arguments=arguments, result=result, changed=changed, world=self.world)

    async def close(self) -> None:
        stack, self._stack, self._session = self._stack, None, None
        if stack is not None:
            await stack.aclose()
