"""Episodes on the services in memory, played by the procedural roles or by others."""

import re
from collections.abc import Sequence
from random import Random

from tests.fakes import BY_KEY, TOOLS, FakeEnvironment, cluster

from tdscaling.agents import Assistant, PlanError, ProceduralAssistant, ProceduralPlanner, ProceduralUser, User
from tdscaling.blueprint import BlueprintMaker
from tdscaling.exploration import explore
from tdscaling.metrics.descriptor import describe
from tdscaling.metrics.modes import OTHERWISE, Condition
from tdscaling.rollout import Rollout, roll_out
from tdscaling.types import Blueprint, Descriptor, Exploration, Message, Mode, Target, ToolKey, Verdict
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

SEED = 7
_explored: dict[int, Exploration] = {}


async def known(seed: int = SEED) -> Exploration:
    """What exploration finds in the services; made once."""
    if seed not in _explored:
        _explored[seed], problems = await explore(TOOLS, FakeEnvironment(), seed=seed)
        assert problems == ()
    return _explored[seed]


async def maker(environment: FakeEnvironment | None = None) -> BlueprintMaker:
    return BlueprintMaker(ProceduralPlanner(), environment or FakeEnvironment(), BY_KEY, await known())


async def blueprint(mode: Mode, band: int = 1, number: int = 0, servers: Sequence[str] = ("stock",)) -> Blueprint:
    """The blueprint of a target. Raises PlanError."""
    used = cluster(*servers)
    target = Target(cluster=used.id, domain=used.domain, mode=mode, band=band, seed=number)
    return await (await maker()).make(target, used, SEED)


async def blueprints(mode: Mode, count: int, band: int | None = None) -> list[Blueprint]:
    """Those of `count` targets that can be planned, over all bands where none is named."""
    found: list[Blueprint] = []
    for number in range(count):
        try:
            found.append(await blueprint(mode, number % 4 if band is None else band, number))
        except PlanError:
            continue
    return found


async def played(
    plan: Blueprint, seed: int = 1, user: User | None = None, assistant: Assistant | None = None
) -> Rollout:
    """Procedural is who is not given."""
    environment = FakeEnvironment()
    speaker = user or ProceduralUser(plan, Random(f"user {seed}"))
    server = assistant or ProceduralAssistant(plan, Random(f"assistant {seed}"))
    async with environment.session(plan.servers, plan.world) as session:
        return await roll_out(plan, speaker, server, session, offer(plan.offered, BY_KEY))


async def judged(plan: Blueprint, rollout: Rollout, *, free: bool = True) -> Verdict:
    """The verdict on an episode whose assistant found its own way, or should have kept to the plan's."""
    evidence = Evidence(
        dialogue=rollout.dialogue,
        outcome=rollout.outcome,
        descriptor=described(plan, rollout),
        fault=rollout.fault,
        detail=rollout.detail,
        free=free,
    )
    return await verify(plan, evidence, await known(), FakeEnvironment())


def described(plan: Blueprint, rollout: Rollout) -> Descriptor:
    names = {ToolKey(tool.server or "", tool.tool or ""): tool.name for tool in rollout.dialogue.tools}
    conditions = [
        Condition(branches=((b.value, names.get(b.taken, "")), (OTHERWISE, names.get(b.other, ""))))
        for b in plan.branchings
    ]
    return describe(rollout.dialogue, plan.target.domain, plan.target.mode, conditions=conditions)


def said_by(role: str, messages: Sequence[Message]) -> str:
    return "\n".join(message.content for message in messages if message.role == role)


def holds(text: str, value: object) -> bool:
    """Whether a text holds a value as a whole."""
    return re.search(rf"(?<![\w-]){re.escape(str(value))}(?![\w-])", text) is not None
