"""The simulated part of a run: which servers, which of their clusters, and what calling them shows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias

from tdscaling.config.run import RunConfig
from tdscaling.environments.mixed import MixedEnvironment
from tdscaling.environments.simulated import (
    Overrides,
    SimulatedEnvironment,
    check_rules,
    must_be,
    read_overrides,
)
from tdscaling.errors import ConfigError
from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.graph import find_clusters, find_edges
from tdscaling.measurement.drawn import Drawn, LeftOut
from tdscaling.pipeline.prepare import MIN_EXPLORED
from tdscaling.types import Cluster, Environment, Exploration, Tool


@dataclass(frozen=True, slots=True)
class Simulation:
    """The environment, the tools that episodes may use, and the clusters that were drawn to be simulated."""

    environment: SimulatedEnvironment
    tools: tuple[Tool, ...]
    clusters: tuple[Cluster, ...]

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(sorted({tool.server for tool in self.tools}))

    def drawn(self, exploration: Exploration | None = None) -> Drawn:
        """The clusters with the reason of each that can't serve, before or after its tools were explored."""
        found: list[LeftOut] = []
        for cluster in sorted(self.clusters, key=lambda one: (one.name, one.id)):
            reason = self._reason(cluster)
            if not reason and exploration is not None:
                worked = sum(key in exploration.profiles for key in cluster.tools)
                reason = "" if worked >= MIN_EXPLORED else f"{worked} of its tools worked when they were tried"
            if reason:
                found.append(LeftOut(cluster.id, cluster.name, reason))
        return Drawn(len(self.clusters), tuple(found))

    def _reason(self, cluster: Cluster) -> str:
        """Why too few tools of a cluster are simulated, in one line; "" where enough are."""
        operations = [self.environment.model(key.server).operations[key.name] for key in cluster.tools]
        reasons = Counter(operation.reason for operation in operations if operation.kind == "none")
        if len(operations) - reasons.total() >= MIN_EXPLORED:
            return ""
        most = max(sorted(reasons), key=lambda reason: reasons[reason])
        return most if reasons.total() == len(operations) else f"one tool alone is simulated; of the others: {most}"


def check_servers(config: RunConfig, servers: Collection[str], live: Collection[str]) -> None:
    """Raises ConfigError where a domain or rules are given to a server that there isn't, or rules to a live one, which
    nothing would hold to them."""
    for name in config.domains:
        must_be(name, servers, "domains")
    for name in config.simulation.rules:
        must_be(name, servers, "simulation.rules")
        if name in live:
            raise ConfigError(f"simulation.rules: {name!r} is a live server; rules bind simulated ones alone")


def simulation(tools: Sequence[Tool], live: Collection[str], config: RunConfig, base: Path) -> Simulation | None:
    """The simulated services of a run; None where nothing is to be simulated. Raises ConfigError."""
    settings = config.simulation
    if settings.simulate is False or (settings.simulate == "auto" and live):
        return None
    found = [tool for tool in tools if tool.server not in live]
    if settings.servers:
        unknown = sorted(set(settings.servers) - {tool.server for tool in found})
        if unknown:
            raise ConfigError(f"simulation.servers: no server {unknown[0]!r} without a live one among the sources")
        found = [tool for tool in found if tool.server in settings.servers]
    if not found:
        return None
    clusters = list(find_clusters(found, find_edges(found)))
    Random(config.seed).shuffle(clusters)
    clusters = clusters[: settings.clusters]
    used = {key for cluster in clusters for key in cluster.tools}
    servers = {key.server for key in used}
    overrides = _overrides(config, base, servers)
    check_rules(settings.rules, found, overrides)
    environment = SimulatedEnvironment(
        [tool for tool in found if tool.server in servers],
        settings,
        worlds=config.environment.worlds,
        seed=config.seed,
        used=used,
        overrides=overrides,
    )
    kept = tuple(
        tool
        for tool in found
        if tool.key in used and tool.server in servers and tool.name in environment.model(tool.server).simulated
    )
    return Simulation(environment, kept, tuple(clusters))


def _overrides(config: RunConfig, base: Path, servers: Collection[str]) -> Overrides:
    if not config.simulation.overrides:
        return Overrides()
    return read_overrides(base / config.simulation.overrides, servers)


async def explore_simulated(part: Simulation, config: RunConfig) -> tuple[Exploration, tuple[str, ...]]:
    """What calling the simulated tools shows."""
    limits = ExplorationLimits(
        tries=config.exploration.tries, more_values=config.exploration.more_values, readers=config.exploration.readers
    )
    return await explore(part.environment.known(part.tools), part.environment, seed=config.seed, limits=limits)


class Brief(NamedTuple):
    """What the assistant is told of some servers beforehand."""

    context: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    """Their business rules in plain words."""


Briefing: TypeAlias = Callable[[Sequence[str]], Brief]


def briefing_of(part: Simulation | None) -> Briefing:
    """What is told of servers that are simulated; of others nothing is."""
    return partial(_brief, part.environment) if part is not None else nothing_told


def nothing_told(servers: Sequence[str]) -> Brief:
    return Brief()


def _brief(environment: SimulatedEnvironment, servers: Sequence[str]) -> Brief:
    return Brief(environment.knowledge(servers), environment.policy(servers))


def joined(live: Environment, servers: Iterable[str], part: Simulation | None) -> Environment:
    """The environment of a run: live servers, simulated ones, or both side by side."""
    if part is None:
        return live
    return MixedEnvironment({**dict.fromkeys(servers, live), **dict.fromkeys(part.servers, part.environment)})
