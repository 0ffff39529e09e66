"""Exploration by execution: which calls work, what they change, where parameters get their values."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tdscaling.errors import ServerError
from tdscaling.exploration.candidates import Candidate, Surroundings, candidates, offered_by_name
from tdscaling.exploration.findings import Findings, readers_first
from tdscaling.exploration.pool import Pool, affinity
from tdscaling.exploration.probe import Probe
from tdscaling.exploration.proof import cross_edges, found_nothing, is_strict, read_backs
from tdscaling.exploration.search import Assignment, Search, like_others
from tdscaling.types import (
    Edge,
    Environment,
    Exploration,
    JsonObject,
    JsonValue,
    Observation,
    ParamKind,
    ParamProfile,
    ReadBack,
    Snapshot,
    Tool,
    ToolKey,
    ToolProfile,
)
from tdscaling.values import empty, failed
from tdscaling.values.generate import Generator, accepts
from tdscaling.values.schema import optional, parameters, required

_MISSES = 3
"""Further values that may fail before the search for them ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationLimits:
    """How much exploration may cost: calls tried until a tool works, and further values per parameter."""

    tries: int = 14
    more_values: int = 5
    readers: int = 12
    optional: int = 2


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
    problems.extend(line for explorer in explored for line in explorer.found.broken(explorer.tools))
    repeated: list[tuple[Snapshot, Snapshot]] = []
    for volatile, states in await asyncio.gather(*(explorer.repeat() for explorer in explored)):
        profiles.update({key: replace(profiles[key], volatile=True) for key in volatile})
        repeated.extend(states)
    edges.extend(cross_edges(profiles, pools))
    found = Exploration(
        profiles=profiles,
        edges=tuple(edges),
        readbacks=tuple(readbacks),
        repeated=tuple(repeated),
        unknown={key: why for explorer in explored for key, why in explorer.found.unknown(explorer.tools)},
    )
    return found, tuple(problems)


class _Explorer:
    """Explores the tools of one server in world 0."""

    def __init__(
        self, tools: Sequence[Tool], environment: Environment, server: str, seed: int, limits: ExplorationLimits
    ) -> None:
        self.server = server
        self.tools = sorted(tools, key=readers_first)
        self.found = Findings()
        self.limits = limits
        self.probe = Probe(environment, [server], 0)
        self.generator = Generator(Random(f"explore {seed} {server}"))
        self.around = Surroundings((), self.found.pool, {})
        self.worked: list[Assignment] = []
        self.familiar: dict[str, list[JsonValue]] = {}
        self.tried: dict[ToolKey, set[str]] = {}
        self.left: dict[ToolKey, Snapshot] = {}

    async def run(self) -> Exploration:
        try:
            paths = await (await self.probe.session()).paths()
            self.around = Surroundings(paths, self.found.pool, offered_by_name(self.tools))
            for _ in range(2):
                for tool in self.tools:
                    if tool.key not in self.found.successes:
                        await self._explore(tool)
            readbacks, edges = await read_backs(self.found.profiles(self.tools), self.probe, self.limits.readers)
            self.found.edges = sorted({*self.found.proved(), *edges}, key=lambda edge: (edge.consumer, edge.producer))
        finally:
            await self.probe.close()
        return Exploration(
            profiles=self.found.profiles(self.tools), edges=tuple(self.found.edges), readbacks=tuple(readbacks)
        )

    async def _explore(self, tool: Tool) -> None:
        """Tries assignments until one works, or until the tries are spent."""
        schemas, extra = parameters(tool), optional(tool)
        options = {
            name: candidates(tool, name, schema, self.around, self.generator) for name, schema in schemas.items()
        }
        if not all(options.values()):
            return
        search = Search(
            name=tool.name,
            options=options,
            extra=extra,
            schemas=schemas,
            start=like_others(self.worked, options, schemas),
            alike={name: one for worked in reversed(self.worked) for name, one in worked.items()},
            make=self._made,
            more=lambda name, schema: candidates(tool, name, schema, self.around, self.generator),
            rng=self.generator.rng,
            tried=self.tried.setdefault(tool.key, set()),
        )
        for _ in range(self.limits.tries):
            chosen = search.next()
            if chosen is None:
                return
            observation = await self._call(tool, {name: pick.value for name, pick in chosen.items()})
            if observation.result.fault:
                return
            if _worked(observation):
                self._keep_state(tool, observation)
                await self._learn(tool, *(await self._needed(tool, chosen, observation)), options)
                return
            search.failed(chosen, observation.result.content)

    def _made(self, name: str, schema: JsonObject, like: JsonValue, message: str) -> JsonValue:
        """A value made up: new but like the one given, else with the properties that an error message asks for."""
        if like is not None:
            return self.generator.fresh(name, schema, like)
        return self.generator.value(name, schema, asked=message)

    async def _call(self, tool: Tool, arguments: JsonObject) -> Observation:
        observation = await self.probe.call(tool.key, arguments)
        worked = _worked(observation)
        log = self.found.successes if worked else self.found.failures
        log.setdefault(tool.key, []).append(observation)
        if worked and not observation.changed:
            self.found.pool.add(observation)
        return observation

    def _keep_state(self, tool: Tool, observation: Observation) -> None:
        """Keeps the state that a write left, to see whether it comes out so again."""
        if observation.changed and self.probe.after is not None:
            self.left[tool.key] = self.probe.after

    async def _needed(self, tool: Tool, chosen: Assignment, first: Observation) -> tuple[Assignment, Observation]:
        """The call without those of its optional parameters that it works without."""
        for name in [name for name in chosen if name not in required(tool)]:
            fewer = {other: one for other, one in chosen.items() if other != name}
            observation = await self._call(tool, {other: one.value for other, one in fewer.items()})
            if _worked(observation) and observation.changed == first.changed:
                self._keep_state(tool, observation)
                chosen, first = fewer, observation
        return chosen, first

    async def _learn(
        self, tool: Tool, chosen: Assignment, first: Observation, options: Mapping[str, list[Candidate]]
    ) -> None:
        """Controls and further values for every parameter of the first call that worked."""
        logged = self.found.successes.setdefault(tool.key, [])
        logged[:] = [first, *(seen for seen in logged if seen is not first)]
        self.worked.append({name: replace(one, context={}) for name, one in chosen.items()})
        profiles: list[ParamProfile] = []
        for name, candidate in chosen.items():
            strict = await is_strict(self.probe, first, name, self.generator)
            values = [candidate.value]
            if strict:
                others = (*options.get(name, ()), *self._neighbours(candidate))
                values += await self._more(tool, first, name, others)
            kind = self._kind(candidate, strict)
            profiles.append(
                ParamProfile(
                    name=name, kind=kind, strict=strict, values=tuple(values), needed=name not in required(tool)
                )
            )
        profiles.extend(await self._optional(tool, first))
        self.found.params[tool.key] = tuple(profiles)

    async def _more(self, tool: Tool, first: Observation, name: str, others: Sequence[Candidate]) -> list[JsonValue]:
        """Further values that work in the place of the one that did; one will do where tools alike took theirs."""
        familiar = first.arguments[name] in self.familiar.setdefault(name, [])
        most = min(self.limits.more_values, 1) if familiar else self.limits.more_values
        self.familiar[name].append(first.arguments[name])
        fitting = [one.value for one in others if one.origin != "made" and _goes_with(one, first)]
        unlike = [value for value in fitting if value != first.arguments[name]]
        found: list[JsonValue] = []
        for value in unlike[: most + _MISSES]:
            if len(found) < most and value not in found and await self._works(tool, {**first.arguments, name: value}):
                found.append(value)
        return found

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
                if found_nothing(observation.result):
                    continue
                if await is_strict(self.probe, observation, name, self.generator):
                    profiles.append(ParamProfile(name=name, kind="produced", strict=True, values=(seen.value,)))
                    break
        return profiles

    def _kind(self, candidate: Candidate, strict: bool) -> ParamKind:
        if candidate.origin in ("ambient", "choice", "sql", "word"):
            return candidate.origin
        value = candidate.value[0] if isinstance(candidate.value, list) and candidate.value else candidate.value
        shown = candidate.origin == "pool" or (isinstance(value, str | int | float) and self.found.pool.holds(value))
        if strict and shown:
            return "produced"
        return "choice" if candidate.origin == "hint" and strict else "free"

    async def _works(self, tool: Tool, arguments: JsonObject) -> bool:
        return not found_nothing((await self._call(tool, arguments)).result)

    async def repeat(self) -> tuple[frozenset[ToolKey], list[tuple[Snapshot, Snapshot]]]:
        """Tools whose first success does not repeat on the same state (they read a clock, say), and the states of
        writes that came out otherwise than the first time.

        Called once all servers are explored, so that time has passed. Where the server fails by now, nothing
        repeats.
        """
        volatile: set[ToolKey] = set()
        states: list[tuple[Snapshot, Snapshot]] = []
        try:
            for key, observations in sorted(self.found.successes.items()):
                again = await self.probe.call(key, observations[0].arguments, anew=True)
                if again.result.content != observations[0].result.content:
                    volatile.add(key)
                before, after = self.left.get(key), self.probe.after
                if before and after and again.changed and before != after:
                    states.append((before, after))
        except ServerError:
            return frozenset(self.found.successes), states
        finally:
            await self.probe.close()
        return frozenset(volatile), states


def _worked(observation: Observation) -> bool:
    return not failed(observation.result) and (observation.changed or not empty(observation.result))


def _goes_with(other: Candidate, first: Observation) -> bool:
    """Whether a value was shown by a call with the same arguments, where it shares parameters with this one."""
    return all(first.arguments.get(name, value) == value for name, value in other.context.items())
