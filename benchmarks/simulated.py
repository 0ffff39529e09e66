"""Measure: what share of the clusters of real corpora can be simulated well, and how fast.

Draws clusters with a fixed seed, half from MCP tools and half from OpenAPI specifications, and for each: tries the
laws, counts valid calls that succeed, and makes a gold chain of three or more steps with a write that passes every
check of admission, rollout and verification. The share is given over all clusters, and over those with a tool that
is read as writing: readers alone have no such chain.

    python -m benchmarks.simulated --openapi CATALOG CLUSTERS --mcp CATALOG CLUSTERS \
        [--count 500] [--seed 5] [--failures FILE]
"""

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tdscaling.agents import PlanError, ProceduralAssistant, ProceduralPlanner, ProceduralUser
from tdscaling.blueprint import BlueprintMaker
from tdscaling.catalog import load
from tdscaling.environments.simulated import Service, SimulatedEnvironment
from tdscaling.environments.simulated.arguments import arguments_for
from tdscaling.environments.simulated.laws import violations
from tdscaling.environments.simulated.model import Operation
from tdscaling.environments.simulated.reading import readings
from tdscaling.environments.simulated.store import Store, key_of
from tdscaling.environments.simulated.trial import Trial
from tdscaling.errors import ServerError
from tdscaling.graph import load_clusters
from tdscaling.metrics.descriptor import describe
from tdscaling.rollout import roll_out
from tdscaling.types import (
    Binding,
    Blueprint,
    Cluster,
    Exploration,
    Fact,
    FromFact,
    FromOutput,
    Persona,
    Request,
    Step,
    Target,
    Tool,
    ToolKey,
    Turn,
)
from tdscaling.values import leaves, parse
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

WRITES = ("create", "update", "move", "delete", "link", "unlink")
SHAPES = (
    ("create", "get", "update"), ("list", "get", "update"), ("list", "get", "move"), ("list", "move", "get"),
    ("create", "get", "delete"), ("list", "get", "delete"), ("create", "update", "delete"), ("list", "update",
    "delete"),
    ("create", "move", "get"), ("create", "get", "list"), ("create", "list", "get"), ("list", "update", "list"),
    ("create", "list", "update"), ("create", "list", "delete"), ("list", "update", "update"), ("list", "move", "list"),
    ("list", "delete", "list"), ("list", "create", "list"), ("create", "update", "list"), ("create", "update",
    "update"),
    ("get", "update", "get"), ("list", "delete", "create"), ("create", "delete", "create"),
)  # fmt: skip


@dataclass
class Draft:
    """A chain in the making."""

    facts: list[Fact] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, object] = field(default_factory=dict)
    writes: int = 0


def add(draft: Draft, service: Service, store: Store, operation: Operation, rng: Random, record=None) -> bool:
    """Plans and makes one call; values that an earlier result shows are taken from it."""
    arguments = arguments_for(service, store, operation, rng, record=record)
    if arguments is None:
        return False
    bindings: dict[str, Binding] = {}
    for name, value in arguments.items():
        found = shown(draft, value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        if found is None:
            fact = Fact(id=f"f{len(draft.facts) + 1}", label=name, value=value)
            draft.facts.append(fact)
            found = FromFact(fact=fact.id)
        bindings[name] = found
    result = service.call(store, operation.tool, arguments)
    if result.is_error:
        return False
    step = Step(
        id=f"s{len(draft.steps) + 1}",
        tool=ToolKey(service.model.server, operation.tool),
        arguments=bindings,
        after=tuple(sorted({b.step for b in bindings.values() if isinstance(b, FromOutput)})),
        group=len(draft.steps) + 1,
    )
    draft.steps.append(step)
    draft.outputs[step.id] = parse(result.content)
    draft.writes += operation.kind in WRITES
    return True


def shown(draft: Draft, value: object) -> FromOutput | None:
    for name, output in draft.outputs.items():
        count: Counter[str] = Counter()
        for leaf in leaves(output):
            if leaf.value == value and len(str(value)) > 2:
                return FromOutput(step=name, path=leaf.path, index=count[leaf.path])
            count[leaf.path] += 1
    return None


def chains(service: Service, environment: SimulatedEnvironment, rng: Random) -> Iterator[Draft]:
    """Chains of three calls on one entity, of every shape its tools allow; then of four over two entities."""
    model = service.model
    by_kind: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for _, operation in sorted(model.operations.items()):
        by_kind[operation.entity, operation.kind].append(operation)
    for entity in sorted(model.entities):
        for shape in SHAPES:
            options = [by_kind[entity, kind] for kind in shape]
            if all(options):
                draft, store = Draft(), Store(environment.template(model.server, 0))
                if follow(draft, service, store, entity, [rng.choice(found) for found in options], rng):
                    yield draft
    readers = [op for _, op in sorted(model.operations.items()) if op.kind in ("list", "get")]
    writers = [op for _, op in sorted(model.operations.items()) if op.kind in WRITES]
    for writer in writers:
        draft, store = Draft(), Store(environment.template(model.server, 0))
        for reader in readers[:4]:
            add(draft, service, store, reader, rng)
        for other in (writer, *[op for op in writers if op is not writer][:2]):
            add(draft, service, store, other, rng)
        if len(draft.steps) >= 3 and draft.writes:
            yield draft


def follow(
    draft: Draft, service: Service, store: Store, entity: str, operations: Sequence[Operation], rng: Random
) -> bool:
    record = None
    for operation in operations:
        before = set(store.table(entity))
        if not add(draft, service, store, operation, rng, record):
            return False
        if operation.kind == "create":
            record = store.table(entity)[next(key for key in store.table(entity) if key not in before)]
        elif record is None and store.table(entity):
            record = rng.choice(list(store.table(entity).values())[:5])
        elif record is not None:
            record = store.table(entity).get(key_of(record[service.model.entities[entity].identifier]))
    return True


async def verified(
    draft: Draft, cluster: Cluster, environment: SimulatedEnvironment, tools: dict[ToolKey, Tool]
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
    known = Exploration(profiles={})
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
    writers: int = 0
    able: int = 0
    """Clusters with a tool that is read as writing, simulated or not."""


def written(tools: Sequence[Tool]) -> set[ToolKey]:
    """The tools of a server that are read as writing."""
    return {reading.tool.key for reading in readings(tools) if reading.kind in WRITES}


def judge(cluster: Cluster, tools: dict[ToolKey, Tool], servers: dict[str, list[Tool]], tally: Tally) -> None:
    own = [tool for name in cluster.servers for tool in servers[name]]
    environment = SimulatedEnvironment(own, used=cluster.tools, seed=5)
    writing = {key for name in cluster.servers for key in written(servers[name])} & set(cluster.tools)
    tally.able += bool(writing)
    reason, writes = "no tool writes" if not writing else "no tool that writes is simulated", False
    for server in cluster.servers:
        service = environment.service(server)
        if service.model.reason:
            reason = f"not simulated: {service.model.reason.partition(': ')[2]}"
            continue
        begun = time.perf_counter()
        world = environment.template(server, 0)
        tally.worlds.append(time.perf_counter() - begun)
        trial = Trial(service, world, Random(11))
        for violation in violations(trial):
            tally.broken[violation.law] += 1
            tally.why[f"law: {violation.law}"].append(f"{server}/{violation.tool}: {violation.seen}")
        tally.calls, tally.refused = tally.calls + trial.calls, tally.refused + trial.refused
        if any(op.kind in WRITES for op in service.model.operations.values()):
            reason, writes = "no chain of three calls with a write is found", True
        for number, draft in enumerate(chains(service, environment, Random(7))):
            reason = asyncio.run(verified(draft, cluster, environment, tools))
            if not reason:
                tally.chained += 1
                tally.writers += 1
                return
            if number > 12:
                break
    tally.writers += writes
    tally.why[reason].append(f"{cluster.id} {cluster.name} {'/'.join(cluster.servers)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openapi", nargs=2, type=Path, required=True, metavar=("CATALOG", "CLUSTERS"))
    parser.add_argument("--mcp", nargs=2, type=Path, required=True, metavar=("CATALOG", "CLUSTERS"))
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--failures", type=Path, help="a file that gets a line for every cluster without a chain")
    given = parser.parse_args()
    failures: list[str] = []
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
    if given.failures:
        given.failures.write_text("".join(failures), encoding="utf-8")


def report(name: str, tally: Tally) -> None:
    worlds = sorted(tally.worlds)
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
                "world ms, median": round(1000 * worlds[len(worlds) // 2], 2),
                "world ms, 95th": round(1000 * worlds[int(len(worlds) * 0.95)], 2),
            }
        )
    )
    for why, places in sorted(tally.why.items(), key=lambda item: -len(item[1])):
        print(f"  {len(places):4} {why[:110]}  e.g. {places[0][:120]}")


if __name__ == "__main__":
    main()
