"""Exploration by execution: which calls work, what they change, where parameters get their values."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tdscaling.errors import ServerError
from tdscaling.exploration.candidates import Candidate, assignments, candidates
from tdscaling.exploration.outputs import observed_outputs
from tdscaling.exploration.pool import Pool, affinity
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
from tdscaling.values.generate import Generator, accepts, words
from tdscaling.values.schema import optional, parameters, required

_DESTROYS = frozenset("delete remove drop clear reset purge destroy erase truncate unset revoke".split())
_READS = frozenset("get list read show search find describe view fetch status log diff count check query".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationLimits:
    """How much exploration may cost: calls tried until a tool works, and further values per parameter."""

    tries: int = 14
    more_values: int = 5
    readers: int = 12
    optional: int = 2


@dataclass(slots=True)
class _Findings:
    """What one server's exploration gathers."""

    pool: Pool = field(default_factory=Pool)
    successes: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    failures: dict[ToolKey, list[Observation]] = field(default_factory=dict[ToolKey, list[Observation]])
    params: dict[ToolKey, tuple[ParamProfile, ...]] = field(default_factory=dict[ToolKey, tuple[ParamProfile, ...]])
    edges: list[Edge] = field(default_factory=list[Edge])


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
    explored = [explorer for explorer in explorers if explorer.server in pools]
    problems.extend(line for explorer in explored for line in explorer.broken())
    for volatile in await asyncio.gather(*(explorer.repeat() for explorer in explored)):
        profiles.update({key: replace(profiles[key], volatile=True) for key in volatile})
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
        self.worked: dict[str, Candidate] = {}

    async def run(self) -> Exploration:
        try:
            self.paths = await (await self.probe.session()).paths()
            for _ in range(2):
                for tool in self.tools:
                    if tool.key not in self.found.successes:
                        await self._explore(tool)
            readbacks, edges = await read_backs(self.profiles(), self.probe, self.limits.readers)
            self.found.edges = sorted({*self._proved(), *edges}, key=lambda edge: (edge.consumer, edge.producer))
        finally:
            await self.probe.close()
        return Exploration(profiles=self.profiles(), edges=tuple(self.found.edges), readbacks=tuple(readbacks))

    def profiles(self) -> Mapping[ToolKey, ToolProfile]:
        return {
            tool.key: ToolProfile(
                tool=tool.key,
                effect=_effect(tool, self.found.successes[tool.key]),
                volatile=False,
                params=self.found.params[tool.key],
                outputs=observed_outputs(self.found.successes[tool.key]),
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
        for name, found in options.items():
            if name in self.worked:
                found.insert(0, self.worked[name])
        if not all(options.values()):
            return
        for tried, chosen in enumerate(assignments(options, self.generator.rng)):
            if tried >= self.limits.tries:
                return
            observation = await self._call(tool, {name: pick.value for name, pick in chosen.items()})
            if observation.result.fault:
                return
            if not failed(observation.result) and (not empty(observation.result) or observation.changed):
                await self._learn(tool, chosen, options, observation)
                return

    async def _call(self, tool: Tool, arguments: JsonObject) -> Observation:
        observation = await self.probe.call(tool.key, arguments)
        good = not failed(observation.result)
        worked = good and (observation.changed or not empty(observation.result))
        log = self.found.successes if worked else self.found.failures
        log.setdefault(tool.key, []).append(observation)
        if worked and not observation.changed:
            self.found.pool.add(observation)
        return observation

    async def _learn(
        self, tool: Tool, chosen: Mapping[str, Candidate], options: Mapping[str, list[Candidate]], first: Observation
    ) -> None:
        """Controls and further values for every parameter of the first call that worked."""
        self.found.successes.setdefault(tool.key, [first])
        for name, candidate in chosen.items():
            if candidate.origin in ("ambient", "pool"):
                self.worked[name] = replace(candidate, context=first.arguments)
        profiles: list[ParamProfile] = []
        for name, candidate in chosen.items():
            strict = await is_strict(self.probe, first, name, self.generator)
            values: list[JsonValue] = [candidate.value]
            for other in (*options[name], *self._neighbours(candidate)):
                if len(values) > self.limits.more_values:
                    break
                if other.origin == "made" or other.value in values or not _goes_with(other, first):
                    continue
                if (await self._works(tool, {**first.arguments, name: other.value})) and strict:
                    values.append(other.value)
            profiles.append(ParamProfile(name=name, kind=_kind(candidate, strict), strict=strict, values=tuple(values)))
        profiles.extend(await self._optional(tool, first))
        self.found.params[tool.key] = tuple(profiles)

    def _neighbours(self, candidate: Candidate) -> Iterator[Candidate]:
        """Values from the same output field as one that worked."""
        listy = isinstance(candidate.value, list) and len(candidate.value) == 1
        value = candidate.value[0] if isinstance(candidate.value, list) and listy else candidate.value
        if candidate.origin == "pool" and isinstance(value, str | int | float):
            for seen in self.found.pool.same_field(value, self.limits.more_values):
                yield Candidate([seen.value] if listy else seen.value, "pool", seen.context)

    async def _optional(self, tool: Tool, first: Observation) -> list[ParamProfile]:
        """Optional parameters that a value seen elsewhere clearly belongs into."""
        profiles: list[ParamProfile] = []
        for name, schema in optional(tool).items():
            if len(profiles) == self.limits.optional or not accepts(schema, "string"):
                continue
            for seen in self.found.pool.like(tool, name, True, 2):
                if max(affinity(tool, name, source) for source in seen.fields) < 1.0:
                    break
                observation = await self._call(tool, {**first.arguments, name: seen.value})
                if failed(observation.result) or empty(observation.result):
                    continue
                if await is_strict(self.probe, observation, name, self.generator):
                    profiles.append(ParamProfile(name=name, kind="produced", strict=True, values=(seen.value,)))
                    break
        return profiles

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

    def broken(self) -> Iterator[str]:
        """A line for every tool that never worked and whose call the server did not survive."""
        for tool in self.tools:
            tried = self.found.failures.get(tool.key, ())
            fault = next((seen.result.content for seen in tried if seen.result.fault), None)
            if fault is not None and tool.key not in self.found.successes:
                yield f"{tool.key}: {' '.join(fault.split())[:200]}"

    async def repeat(self) -> frozenset[ToolKey]:
        """Tools whose first success does not repeat on the same state: they read a clock, say.

        Called once all servers are explored, so that time has passed. Where the server fails by now, nothing
        repeats.
        """
        volatile: set[ToolKey] = set()
        try:
            for key, observations in sorted(self.found.successes.items()):
                again = await self.probe.call(key, observations[0].arguments)
                if again.result.content != observations[0].result.content:
                    volatile.add(key)
        except ServerError:
            return frozenset(self.found.successes)
        finally:
            await self.probe.close()
        return frozenset(volatile)


def _readers_first(tool: Tool) -> tuple[int, int, str]:
    said = set(words(tool.name))
    stage = 2 if said & _DESTROYS else 0 if tool.read_only or (tool.read_only is None and said & _READS) else 1
    return stage, len(required(tool)), tool.name


def _effect(tool: Tool, observations: Sequence[Observation]) -> Effect:
    if not any(observation.changed for observation in observations):
        return "read" if tool.read_only is not False else "write"
    return "destroy" if set(words(tool.name)) & _DESTROYS else "write"


def _kind(candidate: Candidate, strict: bool) -> ParamKind:
    if candidate.origin in ("ambient", "choice", "sql", "word"):
        return candidate.origin
    return "produced" if candidate.origin == "pool" and strict else "free"


def _goes_with(other: Candidate, first: Observation) -> bool:
    """Whether a value was shown by a call with the same arguments, where it shares parameters with this one."""
    return all(first.arguments.get(name, value) == value for name, value in other.context.items())
