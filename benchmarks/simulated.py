"""Measure: what share of the clusters of real corpora can be simulated well, and how fast.

Draws clusters with a fixed seed, half from MCP tools and half from OpenAPI specifications, and for each: tries the
laws, counts valid calls that succeed, and makes a gold chain of three or more steps with a write that passes every
check of admission, rollout and verification. The share is given over all clusters, and over those with a tool that
is read as writing: readers alone have no such chain.

    python -m benchmarks.simulated --openapi CATALOG CLUSTERS --mcp CATALOG CLUSTERS \
        [--count 500] [--seed 5] [--failures FILE] [--chains FILE]
"""

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.simulated_chains import WRITES, Draft, chains, operations

from tdscaling.agents import PlanError, ProceduralAssistant, ProceduralPlanner, ProceduralUser
from tdscaling.blueprint import BlueprintMaker
from tdscaling.catalog import load
from tdscaling.environments.simulated import Service, SimulatedEnvironment
from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.reading import readings
from tdscaling.environments.simulated.trial import Trial
from tdscaling.errors import ServerError
from tdscaling.exploration import explore
from tdscaling.graph import load_clusters
from tdscaling.metrics.descriptor import describe
from tdscaling.rollout import roll_out
from tdscaling.types import (
    Blueprint,
    Cluster,
    Exploration,
    Persona,
    Request,
    Target,
    Tool,
    ToolKey,
    Turn,
)
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

DRAFTS = 40
"""Chains that are tried for a cluster."""


async def verified(
    draft: Draft,
    cluster: Cluster,
    environment: SimulatedEnvironment,
    tools: dict[ToolKey, Tool],
    known: Exploration,
) -> str:
    """ "" when the chain passes everything, else what it fails at."""
    servers = tuple(sorted({step.tool.server for step in draft.steps}))
    target = Target(cluster=cluster.id, domain=cluster.domain, mode="sequential", band=1, seed=1)
    request = Request(action="take care of it", details=tuple(fact.id for fact in draft.facts))
    plan = Blueprint(
        id="chain", target=target, world=0, servers=servers, persona=Persona(name="A", role="analyst", style="plain"),
        goal="chain", context=(), facts=tuple(draft.facts), offered=tuple(sorted({step.tool for step in draft.steps})),
        turns=(Turn(kind="opening", requests=(request,), steps=tuple(draft.steps)),),
    )  # fmt: skip
    try:
        plan = await BlueprintMaker(ProceduralPlanner(), environment, tools, known).admit(plan, Random(3))
    except PlanError as exc:
        return exc.reason
    offered = offer(plan.offered, tools)
    async with environment.session(plan.servers, 0) as session:
        done = await roll_out(
            plan, ProceduralUser(plan, Random(1)), ProceduralAssistant(plan, Random(2)), session, offered
        )
    descriptor = describe(done.dialogue, cluster.domain, "sequential")
    evidence = Evidence(
        dialogue=done.dialogue, outcome=done.outcome, descriptor=descriptor, fault=done.fault, detail=done.detail
    )
    checks = (await verify(plan, evidence, known, environment)).checks
    return next((check.name for check in checks if not check.passed and check.name != "mode_confirmed"), "")


@dataclass
class Tally:
    clusters: int = 0
    chained: int = 0
    calls: int = 0
    refused: int = 0
    broken: Counter = field(default_factory=Counter)
    why: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    worlds: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    """The same worlds in processor time."""
    writers: int = 0
    chains: list[str] = field(default_factory=list)
    able: int = 0
    """Clusters with a tool that is read as writing, simulated or not."""


def written(tools: Sequence[Tool]) -> set[ToolKey]:
    """The tools of a server that are read as writing, those that delete nothing that they name among them."""
    return {one.tool.key for one in readings(tools) if one.kind in WRITES or one.view.role == "delete"}


def judge(cluster: Cluster, tools: dict[ToolKey, Tool], servers: dict[str, list[Tool]], tally: Tally) -> None:
    own = [tool for name in cluster.servers for tool in servers[name]]
    environment = SimulatedEnvironment(own, used=cluster.tools, seed=5)
    writing = {key for name in cluster.servers for key in written(servers[name])} & set(cluster.tools)
    tally.able += bool(writing)
    reason, services = "no tool writes" if not writing else "no tool that writes is simulated", list[Service]()
    for server in cluster.servers:
        service = environment.service(server)
        if service.model.reason:
            continue
        services.append(service)
        begun, worked = time.perf_counter(), time.process_time()
        world = environment.template(server, 0)
        tally.worlds.append(time.perf_counter() - begun)
        tally.worked.append(time.process_time() - worked)
        trial = Trial(service, world, Random(11))
        for violation in violations(trial):
            tally.broken[violation.law] += 1
            tally.why[f"law: {violation.law}"].append(f"{server}/{violation.tool}: {violation.seen}")
        tally.calls, tally.refused = tally.calls + trial.calls, tally.refused + trial.refused
    if any(operations(service, WRITES) for service in services):
        reason = "no chain of three calls with a write is found"
        tally.writers += 1
        offered = [service.tools[name] for service in services for name in service.model.simulated]
        known, _ = asyncio.run(explore(environment.known(offered), environment, seed=5))
        for number, draft in enumerate(chains(services, environment, Random(7))):
            reason = asyncio.run(verified(draft, cluster, environment, tools, known))
            if not reason:
                tally.chained += 1
                tally.chains.append(f"{cluster.id} {cluster.name}: {' '.join(step.tool.name for step in draft.steps)}")
                return
            if number >= DRAFTS:
                break
    tally.why[reason].append(f"{cluster.id} {cluster.name} {'/'.join(cluster.servers)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openapi", nargs=2, type=Path, required=True, metavar=("CATALOG", "CLUSTERS"))
    parser.add_argument("--mcp", nargs=2, type=Path, required=True, metavar=("CATALOG", "CLUSTERS"))
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--failures", type=Path, help="a file that gets a line for every cluster without a chain")
    parser.add_argument("--chains", type=Path, help="a file that gets a line for every chain that holds")
    given = parser.parse_args()
    failures: list[str] = []
    held: list[str] = []
    for name, (catalog, clusters) in (("openapi", given.openapi), ("mcp", given.mcp)):
        tools = {tool.key: tool for tool in load(catalog)}
        servers: dict[str, list[Tool]] = defaultdict(list)
        for tool in tools.values():
            servers[tool.server].append(tool)
        tally, drawn = Tally(), Random(given.seed).sample(load_clusters(clusters), given.count // 2)
        for cluster in drawn:
            tally.clusters += 1
            try:
                judge(cluster, tools, servers, tally)
            except ServerError as exc:
                tally.why[f"{exc}"].append(cluster.id)
        report(name, tally)
        failures += [f"{name}\t{why}\t{place}\n" for why, places in sorted(tally.why.items()) for place in places]
        held += [f"{name}\t{chain}\n" for chain in tally.chains]
    if given.chains:
        given.chains.write_text("".join(held), encoding="utf-8")
    if given.failures:
        given.failures.write_text("".join(failures), encoding="utf-8")


def spread(seconds: list[float]) -> list[float]:
    """The middle and the 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return [round(1000 * ordered[int(len(ordered) * share)], 2) for share in (0.5, 0.95)]


def report(name: str, tally: Tally) -> None:
    print(
        json.dumps(
            {
                "corpus": name,
                "clusters": tally.clusters,
                "verified chains": tally.chained,
                "share": round(tally.chained / tally.clusters, 3),
                "with a writing tool": tally.able,
                "share of these": round(tally.chained / max(1, tally.able), 3),
                "with a simulated writing tool": tally.writers,
                "valid calls": tally.calls,
                "succeeded": round(1 - tally.refused / max(1, tally.calls), 4),
                "laws broken": dict(tally.broken),
                "world ms, median and 95th": spread(tally.worlds),
                "of processor time": spread(tally.worked),
            }
        )
    )
    for why, places in sorted(tally.why.items(), key=lambda item: -len(item[1])):
        print(f"  {len(places):4} {why[:110]}  e.g. {places[0][:120]}")


if __name__ == "__main__":
    main()
