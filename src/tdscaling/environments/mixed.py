"""Several environments as one: each server belongs to one of them, and an episode may need servers of several."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tdscaling.environments.router import RoutedSession
from tdscaling.errors import ServerError
from tdscaling.types import Environment, JsonObject, Session


class MixedEnvironment:
    """Live and simulated servers side by side. `parts` maps each server to its environment."""

    def __init__(self, parts: Mapping[str, Environment]) -> None:
        self._parts = dict(parts)

    @property
    def worlds(self) -> int:
        """The worlds that all parts have."""
        return min((part.worlds for part in self._parts.values()), default=1)

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Session]:
        """One session of each environment that the servers belong to. Raises ServerError."""
        groups = self._groups(servers)
        async with AsyncExitStack() as stack:
            routes: dict[str, Session] = {}
            for part, names in groups:
                session = await stack.enter_async_context(part.session(names, world))
                routes.update(dict.fromkeys(names, session))
            yield RoutedSession(routes)

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        """That of the one environment, or `mixed` with that of each."""
        found = [part.provenance(names, world) for part, names in self._groups(servers)]
        return found[0] if len(found) == 1 else {"kind": "mixed", "parts": found}

    def _groups(self, servers: Sequence[str]) -> list[tuple[Environment, list[str]]]:
        groups: list[tuple[Environment, list[str]]] = []
        for name in sorted(set(servers)):
            part = self._parts.get(name)
            if part is None:
                raise ServerError(f"server {name!r} is neither live nor simulated")
            known = next((names for other, names in groups if other is part), None)
            if known is None:
                groups.append((part, [name]))
            else:
                known.append(name)
        return groups
