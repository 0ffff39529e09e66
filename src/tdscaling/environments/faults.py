"""Faults put between an assistant and any session: typed, seeded, at a configured rate, each recorded.

A fault strikes a call by the call itself and how often it has been made, so that the same calls meet the same faults.
What strikes before the call reaches the server changes nothing there; nothing strikes one call more than twice.
"""

import json
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import cast

from tdscaling.config.simulation import FaultName, FaultSettings
from tdscaling.types import (
    Dialogue,
    Environment,
    JsonObject,
    JsonValue,
    Session,
    Snapshot,
    Tool,
    ToolCall,
    ToolKey,
    ToolResult,
)
from tdscaling.values import failed

MAX_STRIKES = 2
_ERRORS: Mapping[FaultName, tuple[str, str]] = {
    "timeout": ("timeout", "The request timed out. It was not carried out; try again."),
    "rate_limit": ("rate_limit", "Too many requests. Try again."),
    "transient": ("unavailable", "The service is unavailable for a moment. Try again."),
    "permission_denied": ("permission", "Permission denied: the session had expired and was renewed. Try again."),
}
_STALE = "{} is no longer valid: it was replaced. Look it up again."


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that struck: the number of the call in the session (from 0), its kind and the tool."""

    call: int
    kind: FaultName
    tool: ToolKey


class FaultySession:
    """A session in which some calls go wrong. `struck` says which."""

    def __init__(self, inner: Session, settings: FaultSettings, seed: str) -> None:
        self._inner = inner
        self._settings = settings
        self._seed = seed
        self._made: dict[str, int] = {}
        self._strikes: dict[str, int] = {}
        self._calls = 0
        self._new_of: dict[str, str] = {}
        self._renamed: dict[ToolKey, str] = {}
        self.struck: list[Struck] = []

    @property
    def tools(self) -> Sequence[Tool]:
        return self._inner.tools

    async def snapshot(self) -> Snapshot:
        return await self._inner.snapshot()

    async def paths(self) -> Sequence[str]:
        return await self._inner.paths()

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        number, self._calls = self._calls, self._calls + 1
        gone = next((old for old in _texts(arguments) if old in self._new_of), None)
        if gone is not None:
            return _error("gone", _STALE.format(gone))
        real = cast("JsonObject", _swapped(arguments, {new: old for old, new in self._new_of.items()}))
        text = f"{key} {json.dumps(arguments, sort_keys=True, default=str)}"
        time = self._made[text] = self._made.get(text, 0) + 1
        rng = Random(f"{self._seed} {text} {time}")
        kind = rng.choice(self._settings.kinds) if rng.random() < self._settings.rate else None
        if kind is not None and self._strikes.get(text, 0) < MAX_STRIKES:
            broken = await self._strike(kind, key, real, rng)
            if broken is not None:
                self._strikes[text] = self._strikes.get(text, 0) + 1
                self.struck.append(Struck(number, kind, key))
                return broken
        return self._shown(key, await self._inner.call(key, real))

    async def _strike(self, kind: FaultName, key: ToolKey, arguments: JsonObject, rng: Random) -> ToolResult | None:
        """The result of a call that a fault strikes; None where this fault has nothing to strike."""
        if kind in _ERRORS:
            return _error(*_ERRORS[kind])
        if kind == "stale_id":
            return self._make_stale(arguments)
        result = self._shown(key, await self._inner.call(key, arguments))
        if failed(result):
            return None
        return _cut(result) if kind == "partial_page" else self._rename(key, result, rng)

    def _make_stale(self, arguments: JsonObject) -> ToolResult | None:
        """An identifier in the arguments gets a new form, which later results show and later calls must use."""
        old = next((text for name, text in _named(arguments) if name.lower().endswith("id") and len(text) > 3), None)
        if old is None:
            return None
        self._new_of[old] = f"{old}-r{len(self._new_of) + 2}"
        return _error("gone", _STALE.format(old))

    def _rename(self, key: ToolKey, result: ToolResult, rng: Random) -> ToolResult | None:
        """One field of this tool's results has another name from now on."""
        value = _json(result.content)
        names = sorted(value) if isinstance(value, Mapping) else []
        if not names or key in self._renamed:
            return None
        self._renamed[key] = rng.choice(names)
        return self._shown(key, result)

    def _shown(self, key: ToolKey, result: ToolResult) -> ToolResult:
        name = self._renamed.get(key)
        if not self._new_of and name is None:
            return result
        value = _json(result.content)
        if isinstance(value, str) or value is None:
            return result
        value = _swapped(value, self._new_of)
        if name is not None and isinstance(value, Mapping) and name in value:
            value = {f"{key_name}_v2" if key_name == name else key_name: item for key_name, item in value.items()}
        return replace(result, content=json.dumps(value, ensure_ascii=False), structured=None)


class FaultyEnvironment:
    """An environment whose sessions have faults. `seed` names the episode; `sessions` are those that were opened."""

    def __init__(self, inner: Environment, settings: FaultSettings, seed: str) -> None:
        self._inner = inner
        self._settings = settings
        self._seed = seed
        self.sessions: list[FaultySession] = []

    @property
    def worlds(self) -> int:
        return self._inner.worlds

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Session]:
        async with self._inner.session(servers, world) as session:
            faulty = FaultySession(session, self._settings, self._seed)
            self.sessions.append(faulty)
            yield faulty

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return self._inner.provenance(servers, world)


def recoveries(dialogue: Dialogue, struck: Sequence[Struck]) -> list[JsonValue]:
    """Each fault with how the assistant got over it: `retried` (the same call, later, went well), `changed` (the same
    tool with other arguments), `other_tool`, or None."""
    calls = [call for _, call in dialogue.calls()]
    good = {m.tool_call_id for m in dialogue.messages if m.role == "tool" and not m.is_error}
    found: list[JsonValue] = []
    for one in struck:
        how = _recovery(calls[one.call :], good)
        found.append({"call": one.call, "kind": one.kind, "tool": str(one.tool), "recovered": how})
    return found


def _recovery(calls: Sequence[ToolCall], good: Collection[str | None]) -> str | None:
    """How the first of these calls was got over by those after it that went well."""
    if not calls:
        return None
    mine, later = calls[0], [call for call in calls[1:] if call.id in good]
    same = [call for call in later if call.name == mine.name]
    if same:
        return "retried" if any(call.arguments == mine.arguments for call in same) else "changed"
    return "other_tool" if later else None


def _error(code: str, message: str) -> ToolResult:
    return ToolResult(content=json.dumps({"error": {"code": code, "message": message}}), is_error=True)


def _cut(result: ToolResult) -> ToolResult | None:
    """Half of a list, and a word that it is not all; None where the result is no object with a list."""
    value = _json(result.content)
    if not isinstance(value, Mapping):
        return None
    for name, item in value.items():
        if isinstance(item, list) and len(item) > 1:
            half = item[: len(item) // 2]
            shown = {**value, name: half, "incomplete": "Only a part arrived. Call again for all of it."}
            return replace(result, content=json.dumps(shown, ensure_ascii=False), structured=None)
    return None


def _json(text: str) -> JsonValue:
    try:
        return cast("JsonValue", json.loads(text))
    except (ValueError, RecursionError):
        return None


def _swapped(value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _swapped(item, names) for key, item in value.items()}
    return [_swapped(item, names) for item in value] if isinstance(value, list | tuple) else value


def _named(arguments: JsonObject) -> list[tuple[str, str]]:
    return [(name, value) for name, value in arguments.items() if isinstance(value, str)]


def _texts(arguments: JsonObject) -> list[str]:
    return [value for _, value in _named(arguments)]
