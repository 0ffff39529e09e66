"""Simulated services as an environment: a model for each server, a seeded world for each episode, nothing outside."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

from tdscaling.config.simulation import RuleSettings, SimulationSettings
from tdscaling.environments.simulated.failures import failure
from tdscaling.environments.simulated.infer import infer
from tdscaling.environments.simulated.model import ServiceModel
from tdscaling.environments.simulated.overrides import Overrides, corrected
from tdscaling.environments.simulated.phrasing import Phraser, phrased
from tdscaling.environments.simulated.policies import rule
from tdscaling.environments.simulated.proof import proved
from tdscaling.environments.simulated.reach import restricted
from tdscaling.environments.simulated.recall import Recall
from tdscaling.environments.simulated.responder import ProceduralResponder, Responder
from tdscaling.environments.simulated.service import Service
from tdscaling.environments.simulated.store import Store, Template
from tdscaling.environments.simulated.told import VALUES, sentences
from tdscaling.environments.simulated.world import Seeder
from tdscaling.environments.state.values import digest
from tdscaling.errors import ServerError
from tdscaling.types import JsonObject, Snapshot, Tool, ToolKey, ToolResult

Named: TypeAlias = tuple[Snapshot, Mapping[str, str]]
"""A service's state, and the same with the service's name before each path."""


class SimulatedSession:
    """One episode over one or more services, each with a store of its own."""

    def __init__(
        self,
        services: Mapping[str, Service],
        stores: Mapping[str, Store],
        seed: int,
        recall: Recall,
        named: Mapping[str, Named],
        phraser: Phraser | None = None,
    ) -> None:
        self._services = dict(services)
        self._stores = dict(stores)
        self._seed = seed
        self._recall = recall
        self._phraser = phraser
        self._named = dict(named)

    @property
    def tools(self) -> Sequence[Tool]:
        """The tools that are simulated, sorted."""
        return tuple(
            service.tools[name] for _, service in sorted(self._services.items()) for name in service.model.simulated
        )

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        """The result of a call. Raises ProviderError only, where a model phrases texts and its endpoint fails."""
        service = self._services.get(key.server)
        operation = service.model.operations.get(key.name) if service is not None else None
        if self._phraser is None or service is None or operation is None:
            return self.call_now(key, arguments)
        store = self._stores[key.server]
        service = await phrased(service, store, operation, arguments, self._seed, self._phraser)
        return service.call(store, key.name, arguments, self._seed)

    def call_now(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        """The same without a loop, texts made up by rule."""
        service = self._services.get(key.server)
        if service is None:
            return failure(None, "not_found", f"unknown server {key.server!r}")
        return self._recall.call(service, self._stores[key.server], key.name, arguments, self._seed)

    async def snapshot(self) -> Snapshot:
        return self.snapshot_now()

    def snapshot_now(self) -> Snapshot:
        """The whole state; with several services, `SERVER:` stands before each path."""
        if len(self._stores) == 1:
            return next(iter(self._stores.values())).snapshot()
        leaves: dict[str, str] = {}
        for name, store in sorted(self._stores.items()):
            leaves.update(self._leaves(name, store.snapshot()))
        return Snapshot(leaves)

    def _leaves(self, name: str, state: Snapshot) -> Mapping[str, str]:
        """The state of a service with its name before each path, made anew where it has changed."""
        known = self._named.get(name)
        if known is None or known[0] is not state:
            known = self._named[name] = _named(name, state)
        return known[1]

    async def paths(self) -> Sequence[str]:
        return ()


def _named(name: str, state: Snapshot) -> Named:
    return state, {f"{name}:{path}": value for path, value in state.leaves.items()}


class SimulatedEnvironment:
    """Sessions over services that are inferred from schemas, each when it is first asked for.

    `tools` are all tools of the servers: a service is inferred from all of them. `used` are those that sessions offer
    (all, where not given): worlds hold what these can see.
    """

    def __init__(
        self,
        tools: Sequence[Tool],
        settings: SimulationSettings | None = None,
        *,
        worlds: int = 1,
        seed: int = 0,
        used: Iterable[ToolKey] | None = None,
        overrides: Overrides | None = None,
        responder: Responder | None = None,
    ) -> None:
        self._settings = settings or SimulationSettings()
        self._tools: dict[str, list[Tool]] = {}
        for tool in tools:
            self._tools.setdefault(tool.server, []).append(tool)
        self._worlds = worlds
        self._seed = seed
        self._overrides = overrides or Overrides()
        self._responder = responder or ProceduralResponder()
        self._used = frozenset(used) if used is not None else None
        self._services: dict[str, Service] = {}
        self._seeders: dict[str, Seeder] = {}
        self._templates: dict[tuple[str, int], Template] = {}
        self._named: dict[tuple[str, int], Named] = {}
        self._digests: dict[tuple[str, int], str] = {}
        self._models: dict[str, str] = {}
        self._phraser: Phraser | None = None
        self._recall = Recall()
        self._proved: dict[str, ServiceModel] = {}

    def __getstate__(self) -> dict[str, object]:
        """What another process needs to make the same sessions: models that were proved are not tried again, all else
        is made anew."""
        known = {**self._proved, **{name: service.model for name, service in self._services.items()}}
        made = ("_services", "_seeders", "_templates", "_named", "_digests", "_models")
        empty: dict[str, object] = {name: {} for name in made}
        return {**self.__dict__, **empty, "_proved": known, "_recall": Recall()}

    @property
    def worlds(self) -> int:
        return self._worlds

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(sorted(self._tools))

    def service(self, server: str) -> Service:
        """The service of a server. Raises ServerError where it is unknown, ConfigError where its overrides are
        wrong.
        """
        found = self._services.get(server)
        if found is None:
            if server not in self._tools:
                raise ServerError(f"server {server!r} is not simulated; servers: {', '.join(self.servers)[:300]}")
            found = self._services[server] = self._made(server)
            self._seeders[server] = Seeder(found.model, self._settings.size)
        return found

    def _made(self, server: str) -> Service:
        tools, known = {tool.name: tool for tool in self._tools[server]}, self._proved.get(server)
        model = known or corrected(infer(list(tools.values())), self._overrides)
        if self._used is not None:
            names = frozenset(key.name for key in self._used if key.server == server)
            tools = {name: tool for name, tool in tools.items() if name in names}
            model = known or restricted(model, tools)
        service = Service(model, tools, tuple(rule(settings) for settings in self._rules(server)), self._responder)
        return service if known else proved(service, self._settings.size)

    def model(self, server: str) -> ServiceModel:
        return self.service(server).model

    def phrase_by(self, phraser: Phraser | None) -> None:
        """Sessions opened from now on have free texts of new records phrased by it; None: made up by rule."""
        self._phraser = phraser

    def known(self, tools: Iterable[Tool]) -> list[Tool]:
        """The tools with what their model knows of them: those that look things up say that they only read."""
        return [
            replace(tool, annotations={**tool.annotations, "readOnlyHint": True})
            if self.model(tool.server).operations[tool.name].reads
            else tool
            for tool in tools
        ]

    def knowledge(self, servers: Sequence[str]) -> tuple[str, ...]:
        """What no tool of these servers shows and a caller has to know, for the system prompt. Of servers that are not
        simulated there is nothing."""
        return tuple(sentence for name in self._simulated(servers) for sentence in self._told(name))

    def policy(self, servers: Sequence[str]) -> tuple[str, ...]:
        """The rules of these servers in plain words, for the system prompt; live servers have none."""
        return tuple(settings.text for name in self._simulated(servers) for settings in self._rules(name))

    def _simulated(self, servers: Sequence[str]) -> list[str]:
        return sorted(set(servers) & self._tools.keys())

    def _told(self, server: str) -> list[str]:
        model = self.model(server)
        first = {
            name: [r[entity.identifier] for r in list(self.template(server, 0).tables[name].values())[:VALUES]]
            for name, entity in model.entities.items()
            if entity.told
        }
        return list(sentences(model, first))

    def _rules(self, server: str) -> tuple[RuleSettings, ...]:
        return self._settings.rules.get(server, ())

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[SimulatedSession]:
        """A fresh session. Raises ServerError for a server that is unknown or of which nothing can be simulated."""
        yield self.open(servers, world)

    def open(self, servers: Sequence[str], world: int) -> SimulatedSession:
        """The same without a loop."""
        names = sorted(set(servers))
        services = {name: self.service(name) for name in names}
        for service in services.values():
            if service.model.reason:
                raise ServerError(f"can't be simulated: {service.model.reason}")
        stores = {name: Store(self.template(name, world)) for name in names}
        named = {name: self._begun(name, world) for name in names} if len(names) > 1 else {}
        return SimulatedSession(services, stores, self._seed * 1000 + world, self._recall, named, self._phraser)

    def _begun(self, server: str, world: int) -> Named:
        """The initial state of a world for sessions of several services, made once."""
        found = self._named.get((server, world))
        if found is None:
            found = self._named[server, world] = _named(server, self.template(server, world).snapshot)
        return found

    def template(self, server: str, world: int) -> Template:
        """The initial state of a world, made once."""
        found = self._templates.get((server, world))
        if found is None:
            self.service(server)
            found = self._seeders[server].seed(self._seed * 1000 + world)
            self._templates[server, world] = found
        return found

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        names = sorted(set(servers))
        return {
            "kind": "simulated",
            "world": world,
            "seed": self._seed,
            "initial_state": digest([self._initial(name, world) for name in names]),
            "servers": {name: {"model": self._model(name)} for name in names},
        }

    def _model(self, server: str) -> str:
        """The digest of a server's model, worked out once."""
        if server not in self._models:
            self._models[server] = self.model(server).digest
        return self._models[server]

    def _initial(self, server: str, world: int) -> str:
        if (server, world) not in self._digests:
            self._digests[server, world] = digest(dict(self.template(server, world).snapshot.leaves))
        return self._digests[server, world]
