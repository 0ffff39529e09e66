"""Exploration by execution: which calls work, what they change, where parameters get their values."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.errors import ServerError
from tdscaling.exploration.candidates import Candidate, Pool, candidates
from tdscaling.exploration.probe import Probe
from tdscaling.exploration.proof import cross_edges, is_strict, read_backs
from tdscaling.types import (
    EXECUTED,
    Edge,
    Effect,
    Environment,
    Exploration,
    FieldRef,
    JsonObject,
    JsonScalar,
    JsonValue,
    Observation,
    ParamKind,
    ParamProfile,
    ReadBack,
    Tool,
    ToolKey,
    ToolProfile,
)
from tdscaling.values import empty, failed
from tdscaling.values.generate import Generator, words
from tdscaling.values.schema import parameters, required

_DESTROYS = frozenset("delete remove drop clear reset purge destroy erase truncate unset revoke".split())
_READS = frozenset("get list read show search find describe view fetch status log diff count check query".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationLimits:
    """How much exploration may cost: calls tried until a tool works, and further values per parameter."""

    tries: int = 14
    more_values: int = 5
    readers: int = 12


@dataclass(slots=True)
class _Findings:
    """What one server's exploration gathers."""

    pool: Pool = field(default_factory=lambda: Pool({}))
    successes: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    failures: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    params: dict[ToolKey, tuple[ParamProfile, ...]] = field(default_factory=dict[ToolKey, tuple[ParamProfile, ...]])
    edges: list[Edge] = field(default_factory=list[Edge])
    volatile: set[ToolKey] = field(default_factory=set[ToolKey])


async def explore(
    tools: Sequence[Tool], environment: Environment, *, seed: int, limits: ExplorationLimits | None = None
) -> tuple[Exploration, tuple[str, ...]]:
    """Calls every tool in world 0 and returns what worked, with one line for each server that failed.

    Servers are explored side by side, each with randomness of its own, so the order of events does not matter.
    """
    limits = limits or ExplorationLimits()
    servers = sorted({tool.server for tool in tools})
    explorers = [
        _Explorer([tool for tool in tools if tool.server == name], environment, name, seed, limits) for name in servers
    ]
    outcomes = await asyncio.gather(*(explorer.run() for explorer in explorers), return_exceptions=True)
    profiles: dict[ToolKey, ToolProfile] = {}
    edges: list[Edge] = []
    readbacks: list[ReadBack] = []
    pools: dict[str, Pool] = {}
    problems: list[str] = []
    for explorer, outcome in zip(explorers, outcomes, strict=True):
        if isinstance(outcome, ServerError):
            problems.append(f"server {explorer.server!r} was not explored: {outcome}")
            continue
        if isinstance(outcome, BaseException):
            raise outcome
        profiles.update(outcome.profiles)
        edges.extend(outcome.edges)
        readbacks.extend(outcome.readbacks)
        pools[explorer.server] = explorer.found.pool
    edges.extend(cross_edges(profiles, pools))
    return Exploration(profiles=profiles, edges=tuple(edges), readbacks=tuple(readbacks)), tuple(problems)


class _Explorer:
    """Explores the tools of one server in world 0."""

    def __init__(
        self, tools: Sequence[Tool], environment: Environment, server: str, seed: int, limits: ExplorationLimits
    ) -> None:
        self.server = server
        self.tools = sorted(tools, key=_readers_first)
        self.found = _Findings()
        self.limits = limits
        self.probe = Probe(environment, [server], 0)
        self.generator = Generator(Random(f"explore {seed} {server}"))
        self.paths: Sequence[str] = ()

    async def run(self) -> Exploration:
        try:
            self.paths = await (await self.probe.session()).paths()
            for _ in range(2):
                for tool in self.tools:
                    if tool.key not in self.found.successes:
                        await self._explore(tool)
            readbacks, edges = await read_backs(self.profiles(), self.probe, self.limits.readers)
            self.found.edges = sorted({*self._proved(), *edges}, key=lambda edge: (edge.consumer, edge.producer))
            await self._repeat_all()
        finally:
            await self.probe.close()
        return Exploration(profiles=self.profiles(), edges=tuple(self.found.edges), readbacks=tuple(readbacks))

    def profiles(self) -> Mapping[ToolKey, ToolProfile]:
        return {
            tool.key: ToolProfile(
                tool=tool.key,
                effect=_effect(tool, self.found.successes[tool.key]),
                volatile=tool.key in self.found.volatile,
                params=self.found.params[tool.key],
                successes=tuple(self.found.successes[tool.key]),
                failures=tuple(self.found.failures.get(tool.key, ())),
            )
            for tool in self.tools
            if tool.key in self.found.params
        }

    async def _explore(self, tool: Tool) -> None:
        schemas = parameters(tool)
        options = {
            name: candidates(tool, name, schema, self.paths, self.found.pool, self.generator)
            for name, schema in schemas.items()
        }
        for tried, chosen in enumerate(_assignments(options, self.generator.rng)):
            if tried >= self.limits.tries:
                return
            observation = await self._call(tool, {name: pick.value for name, pick in chosen.items()})
            if observation.result.fault:
                return
            if not failed(observation.result) and (not empty(observation.result) or tried >= self.limits.tries // 2):
                await self._learn(tool, chosen, options, observation)
                return

    async def _call(self, tool: Tool, arguments: JsonObject) -> Observation:
        observation = await self.probe.call(tool.key, arguments)
        good = not failed(observation.result)
        log = self.found.successes if good and not empty(observation.result) else self.found.failures
        log.setdefault(tool.key, []).append(observation)
        if good and not observation.changed:
            self.found.pool.add(observation)
        return observation

    async def _learn(
        self, tool: Tool, chosen: Mapping[str, Candidate], options: Mapping[str, list[Candidate]], first: Observation
    ) -> None:
        """Controls and further values for every parameter of the first call that worked."""
        self.found.successes.setdefault(tool.key, [first])
        profiles: list[ParamProfile] = []
        for name, candidate in chosen.items():
            strict = await is_strict(self.probe, first, name, self.generator)
            values: list[JsonValue] = [candidate.value]
            for other in options[name]:
                if len(values) > self.limits.more_values or other.origin == "made" or other.value in values:
                    continue
                if (await self._works(tool, {**first.arguments, name: other.value})) and strict:
                    values.append(other.value)
            profiles.append(ParamProfile(name=name, kind=_kind(candidate, strict), strict=strict, values=tuple(values)))
        self.found.params[tool.key] = tuple(profiles)

    async def _works(self, tool: Tool, arguments: JsonObject) -> bool:
        observation = await self._call(tool, arguments)
        return not failed(observation.result) and not empty(observation.result)

    def _proved(self) -> Iterator[Edge]:
        """A value of another tool's result that worked where a random one did not proves the edge."""
        for tool, params in self.found.params.items():
            for param in params:
                for value in param.values if param.strict else ():
                    if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str | int | float):
                        yield from self._edges_to(FieldRef(*tool, f"{param.name}[]"), value[0])
                    elif isinstance(value, str | int | float):
                        yield from self._edges_to(FieldRef(*tool, param.name), value)

    def _edges_to(self, consumer: FieldRef, value: JsonScalar) -> Iterator[Edge]:
        for producer in self.found.pool.holds(value):
            if producer.key != consumer.key:
                yield Edge(producer=producer, consumer=consumer, kind="value", score=1.0, evidence=(EXECUTED,))

    async def _repeat_all(self) -> None:
        """A tool whose first success does not repeat on the same state is volatile (it reads a clock, say)."""
        for key, observations in self.found.successes.items():
            again = await self.probe.call(key, observations[0].arguments)
            if again.result.content != observations[0].result.content:
                self.found.volatile.add(key)


def _readers_first(tool: Tool) -> tuple[int, int, str]:
    said = set(words(tool.name))
    stage = 2 if said & _DESTROYS else 0 if tool.read_only or (tool.read_only is None and said & _READS) else 1
    return stage, len(required(tool)), tool.name


def _effect(tool: Tool, observations: Sequence[Observation]) -> Effect:
    if not any(observation.changed for observation in observations):
        return "read" if tool.read_only is not False else "write"
    return "destroy" if set(words(tool.name)) & _DESTROYS else "write"


def _kind(candidate: Candidate, strict: bool) -> ParamKind:
    if candidate.origin == "ambient":
        return "ambient"
    if candidate.origin == "choice":
        return "choice"
    return "produced" if candidate.origin == "pool" and strict else "choice" if strict else "free"


def _assignments(options: Mapping[str, list[Candidate]], rng: Random) -> Iterator[dict[str, Candidate]]:
    """The best guess for all, then one parameter changed at a time, then random mixtures."""
    best = {name: found[0] for name, found in options.items()}
    yield best
    widest = max((len(found) for found in options.values()), default=0)
    for position in range(1, widest):
        for name, found in options.items():
            if position < len(found):
                yield {**best, name: found[position]}
    while widest > 1:
        yield {name: rng.choice(found) for name, found in options.items()}
