"""The simulated part of a run: which servers, which of their clusters, and what calling them shows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeAlias

from tdscaling.config.run import RunConfig
from tdscaling.environments.mixed import MixedEnvironment
from tdscaling.environments.simulated import Overrides, SimulatedEnvironment, read_overrides
from tdscaling.errors import ConfigError
from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.graph import find_clusters, find_edges
from tdscaling.types import Environment, Exploration, Tool


@dataclass(frozen=True, slots=True)
class Simulation:
    """The environment, the tools that episodes may use, and a line for every server of which none can be used."""

    environment: SimulatedEnvironment
    tools: tuple[Tool, ...]
    problems: tuple[str, ...]

    @property
    def servers(self) -> tuple[str, ...]:
        return tuple(sorted({tool.server for tool in self.tools}))


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
    used = {key for cluster in clusters[: settings.clusters] for key in cluster.tools}
    servers = {key.server for key in used}
    overrides = _overrides(config, base, servers)
    environment = SimulatedEnvironment(
        [tool for tool in found if tool.server in servers],
        settings,
        worlds=config.environment.worlds,
        seed=config.seed,
        used=used,
        overrides=overrides,
    )
    reasons = [f"not simulated: {reason}" for name in sorted(servers) if (reason := environment.model(name).reason)]
    kept = tuple(
        tool
        for tool in found
        if tool.key in used and tool.server in servers and tool.name in environment.model(tool.server).simulated
    )
    return Simulation(environment, kept, tuple(reasons))


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


Rules: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]
"""The business rules of some servers in plain words."""


def rules_of(part: Simulation | None) -> Rules:
    return part.environment.policy if part is not None else lambda servers: ()


def joined(live: Environment, servers: Iterable[str], part: Simulation | None) -> Environment:
    """The environment of a run: live servers, simulated ones, or both side by side."""
    if part is None:
        return live
    return MixedEnvironment({**dict.fromkeys(servers, live), **dict.fromkeys(part.servers, part.environment)})
