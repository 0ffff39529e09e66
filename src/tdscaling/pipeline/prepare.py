"""From sources to what episodes are made of: tools, executed knowledge, edges and clusters."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tdscaling.catalog import build, save
from tdscaling.catalog.mcp import Launcher, ServerSpec, read_mcp_config
from tdscaling.catalog.sources import source_files
from tdscaling.config.run import RunConfig
from tdscaling.environments import learn_volatile
from tdscaling.environments.live import LiveEnvironment
from tdscaling.environments.live_session import Script
from tdscaling.errors import ConfigError, ServerError
from tdscaling.exploration import ExplorationLimits, explore
from tdscaling.graph import find_clusters, find_edges, save_clusters, save_edges, witness
from tdscaling.pipeline.knowledge import Knowledge
from tdscaling.pipeline.memory import in_order, showing, watch
from tdscaling.types import Cluster, Exploration, Tool, ToolKey

MIN_EXPLORED = 2
"""Tools of a cluster that must have worked for episodes to be made from it."""
MOST_SAID = 80
"""Characters of a result that a line says."""
MOST_NAMED = 5
"""Problems that one line names; `tdscaling catalog build` prints them all."""


def live_specs(sources: Sequence[Path]) -> dict[str, ServerSpec]:
    """The servers of every MCP client config among the sources. Raises ConfigError."""
    found: dict[str, ServerSpec] = {}
    for path in (file.path for file in source_files(sources)):
        if path.suffix == ".json" and '"mcpServers"' in path.read_text(encoding="utf-8", errors="replace"):
            found.update(read_mcp_config(path))
    return found


async def gather_tools(sources: Sequence[Path], launcher: Launcher | None, path: Path) -> tuple[list[Tool], list[str]]:
    """The catalogue of all sources, saved at `path`, and a line for everything left out.

    Raises ConfigError when nothing came out.
    """
    report = await build(sources, launcher=launcher)
    problems = [str(problem) for problem in report.problems]
    if not report.tools:
        raise ConfigError(_nothing(problems))
    save(report.tools, path)
    return list(report.tools), problems


def _nothing(problems: Sequence[str]) -> str:
    """One line, whatever the number of problems."""
    more = f"; {len(problems) - MOST_NAMED} more" if len(problems) > MOST_NAMED else ""
    return ": ".join(
        part for part in ("no tool came out of the sources", "; ".join(problems[:MOST_NAMED]) + more) if part
    )


async def get_to_know(
    tools: Sequence[Tool], environment: LiveEnvironment, config: RunConfig, problems: Sequence[str] = ()
) -> Knowledge:
    """Explores the live servers, then checks on what worked whether their processes may be reused; a server that
    fails the check is explored again with a fresh process for every session. `problems` are known before."""
    servers = sorted({tool.server for tool in tools})
    limits = ExplorationLimits(
        tries=config.exploration.tries, more_values=config.exploration.more_values, readers=config.exploration.readers
    )
    environment.assume_reuse(servers)
    exploration, found = await explore(tools, environment, seed=config.seed, limits=limits)
    problems = [*problems, *found]
    checks = await asyncio.gather(*(_check(environment, exploration, tools, server) for server in servers))
    verdicts = dict(zip(servers, checks, strict=True))
    again = [server for server in servers if environment.reuses and not verdicts[server].allowed]
    if again:
        second, more = await explore(
            [tool for tool in tools if tool.server in again], environment, seed=config.seed, limits=limits
        )
        exploration = _merged(exploration, second, again)
        problems.extend(more)
    volatile = learn_volatile(exploration.repeated)
    environment.mask(volatile)
    probes = {server: check.probes for server, check in verdicts.items() if check.probes}
    problems.extend(check.problem for check in verdicts.values() if check.problem)
    problems.extend(never_worked(exploration.unknown))
    reuse = {server: check.allowed for server, check in verdicts.items()}
    return Knowledge.of(exploration, reuse, tuple(dict.fromkeys(problems)), volatile, probes)


class _Checked(NamedTuple):
    """Whether a server's processes may be reused, the calls that show what it keeps in memory, and a line where
    nothing shows it."""

    allowed: bool
    probes: Script = ()
    problem: str = ""


async def _check(
    environment: LiveEnvironment, exploration: Exploration, tools: Sequence[Tool], server: str
) -> _Checked:
    worked = [one for one in exploration.profiles.values() if one.tool.server == server and one.successes]
    profiles = in_order(worked, tools)
    if not profiles:
        environment.refuse_reuse(server, "no call of it worked, so reuse could not be checked")
        return _Checked(False)
    try:
        verdict = await environment.self_check(server, [(p.tool.name, p.successes[0].arguments) for p in profiles])
        if not verdict.shown:
            return _Checked(verdict.allowed)
        probes = showing(verdict, profiles, tools)
        problem = await watch(environment, server, probes)
        return _Checked(False, () if problem else probes, problem)
    except ServerError as exc:
        environment.refuse_reuse(server, f"the check itself failed: {exc}")
        return _Checked(False)


def _merged(first: Exploration, second: Exploration, servers: Sequence[str]) -> Exploration:
    keep = {key: profile for key, profile in first.profiles.items() if key.server not in servers}
    edges = [edge for edge in first.edges if not {edge.producer.server, edge.consumer.server} & set(servers)]
    backs = [back for back in first.readbacks if back.writer.server not in servers]
    return Exploration(
        profiles={**keep, **second.profiles},
        edges=(*edges, *second.edges),
        readbacks=(*backs, *second.readbacks),
        repeated=(*first.repeated, *second.repeated),
        unknown={key: why for key, why in first.unknown.items() if key.server not in servers} | dict(second.unknown),
    )


def never_worked(unknown: Mapping[ToolKey, str]) -> Iterator[str]:
    """A line for each server of which some tools never worked, with what the first call of each gave."""
    for server in sorted({key.server for key in unknown}):
        found = [f"{key.name} ({_cut(why)})" for key, why in sorted(unknown.items()) if key.server == server]
        count = "1 tool" if len(found) == 1 else f"{len(found)} tools"
        named = ", ".join(found[:MOST_NAMED]) + (", …" if len(found) > MOST_NAMED else "")
        yield f"of server {server!r} {count} of which no call worked in exploration: {named}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SAID else f"{text[: MOST_SAID - 1]}…"


def without_clusters(folder: Path, exploration: Exploration, problems: Sequence[str]) -> str:
    """Why there is no cluster to make episodes from, in words for one line."""
    said = "no cluster of tools worked in exploration"
    if not (folder / "clusters.jsonl").stat().st_size:
        count = len(exploration.profiles)
        said = f"no cluster of tools: it takes 3 that feed one another, and {count} worked in exploration"
    return said + (f" ({'; '.join(problems[:3])})" if problems else "")


def usable_clusters(
    tools: Sequence[Tool], exploration: Exploration, domains: Mapping[str, str], folder: Path
) -> tuple[Cluster, ...]:
    """Edges and clusters of the catalogue, saved beside the run; those whose tools have been seen to work."""
    edges = find_edges(tools, executed=exploration.edges)
    clusters = tuple(_completed(cluster, domains, exploration) for cluster in find_clusters(tools, edges))
    save_edges(folder / "edges.jsonl", edges)
    save_clusters(folder / "clusters.jsonl", clusters)
    return tuple(c for c in clusters if sum(key in exploration.profiles for key in c.tools) >= MIN_EXPLORED)


def _completed(cluster: Cluster, domains: Mapping[str, str], exploration: Exploration) -> Cluster:
    """With the domain that the config gives it and the calls that were executed along its order."""
    named = [domains[server] for server in cluster.servers if server in domains]
    return replace(cluster, domain=(named or [cluster.domain])[0], witness=witness(cluster, exploration))
