"""A code task made ready to be played: its plan, its environment, and how what it leaves is taken."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tdscaling.agents import ProceduralPlanner
from tdscaling.agents.planning.planner import persona
from tdscaling.blueprint import BlueprintMaker
from tdscaling.code_tasks.admission import admit, check_controls
from tdscaling.code_tasks.hidden import judge_work
from tdscaling.code_tasks.make import Workshop
from tdscaling.code_tasks.repository import git_server, repository
from tdscaling.code_tasks.task import SERVER, CodeTask, TaskRejectedError
from tdscaling.environments.code import TOOLS, code_tools
from tdscaling.environments.planted import PlantedEnvironment, committed, outputs_of
from tdscaling.environments.standby import Beside
from tdscaling.environments.task import TaskEnvironment, TaskSession
from tdscaling.types import (
    Blueprint,
    CodeKind,
    Environment,
    Exploration,
    Session,
    Target,
    TaskFile,
    Tool,
    ToolKey,
)

_TAKEN = frozenset(tool.name for tool in TOOLS)
"""Names that the sandbox's tools must keep."""
NOTHING = Exploration(profiles={}, edges=(), readbacks=())


@dataclass(frozen=True, slots=True)
class Hosting:
    """The live git server that repository tasks are made in."""

    environment: Environment
    server: str
    tools: Sequence[Tool]


def hosting(environment: Environment, live: Sequence[Tool]) -> Hosting | None:
    """The git server among live servers; None where there is none."""
    server = git_server(live)
    return None if server is None else Hosting(environment, server, [tool for tool in live if tool.server == server])


@dataclass(frozen=True, slots=True)
class Prepared:
    """`left` takes the task's outputs out of a session that is still open. `strict`: the plan's own effects must come
    about, not only what the hidden tests ask for."""

    task: CodeTask
    blueprint: Blueprint
    environment: Environment
    tools: Mapping[ToolKey, Tool]
    left: Callable[[Session], Awaitable[dict[str, bytes]]]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Others:
    """The other tools of a run, and where they act: some of them are offered beside those a code task needs."""

    environment: Environment
    tools: Sequence[Tool]

    def beside(self, kind: CodeKind, seed: int) -> Beside | None:
        """Between three and ten tools of one or two servers, by kind and seed; None where there is no other tool."""
        rng = Random(f"beside {kind} {seed}")
        known = sorted((tool for tool in self.tools if tool.server != SERVER), key=lambda tool: tool.key)
        servers = sorted({tool.server for tool in known})
        chosen = rng.sample(servers, min(len(servers), rng.randint(1, 2)))
        there = [tool for tool in known if tool.server in chosen and tool.name not in _TAKEN]
        some = rng.sample(there, min(len(there), rng.randint(3, 10)))
        if not some:
            return None
        return Beside(self.environment, tuple(sorted(some, key=lambda tool: tool.key)), seed % self.environment.worlds)


async def prepare(
    kind: CodeKind, target: Target, workshop: Workshop, hosting: Hosting | None, others: Others | None = None
) -> Prepared:
    """The task after all its controls. Raises TaskRejectedError, PlanError, SandboxError, ServerError."""
    if kind == "repository":
        return await _hosted(target, workshop, hosting)
    task = await asyncio.to_thread(lambda: admit(workshop.make(kind, target.seed), workshop.sandbox)[0])
    beside = others.beside(kind, target.seed) if others else None
    environment = TaskEnvironment(workshop.sandbox, task.work, beside)
    tools = {tool.key: tool for tool in environment.tools()}
    servers = (SERVER, *(beside.servers if beside else ()))
    return Prepared(task, _plan(task, target, servers, 0, tools), environment, tools, _left)


async def _left(session: Session) -> dict[str, bytes]:
    return await session.left() if isinstance(session, TaskSession) else {}


async def _hosted(target: Target, workshop: Workshop, hosting: Hosting | None) -> Prepared:
    if hosting is None:
        raise TaskRejectedError("no_git_server")
    sandbox, seed = workshop.sandbox, target.seed
    made = await asyncio.to_thread(repository, seed, sandbox, hosting.server)
    work = made.task.work
    await asyncio.to_thread(check_controls, made.task, sandbox)
    sound = {file.path: file.data for file in made.sound if file.path in work.outputs}
    if not (await asyncio.to_thread(judge_work, sandbox, work, sound)).passed:
        raise TaskRejectedError("gold_fails")
    versions = [(made.messages[0], _contents(made.sound)), (made.messages[1], work.contents())]
    environment = PlantedEnvironment(
        hosting.environment, sandbox, await asyncio.to_thread(committed, made.folder, versions)
    )
    tools = {tool.key: tool for tool in (*hosting.tools, *code_tools(sandbox.abilities))}
    world = seed % environment.worlds
    blueprint = _plan(made.task, target, (hosting.server, SERVER), world, tools)
    maker = BlueprintMaker(ProceduralPlanner(), environment, tools, NOTHING)
    blueprint = await maker.admit(blueprint, Random(f"repository {seed}"))

    async def left(session: Session) -> dict[str, bytes]:
        return await asyncio.to_thread(outputs_of, session, work.outputs)

    return Prepared(made.task, blueprint, environment, tools, left, strict=True)


def _contents(files: Sequence[TaskFile]) -> dict[str, bytes]:
    return {file.path: file.data for file in files}


def _plan(
    task: CodeTask, target: Target, servers: tuple[str, ...], world: int, tools: Mapping[ToolKey, Tool]
) -> Blueprint:
    """The task as a plan; all tools of its servers are offered. Raises TaskRejectedError where one it needs is not."""
    missing = {step.tool for step in task.steps} - tools.keys()
    if missing:
        raise TaskRejectedError("tool_missing", str(min(missing)))
    asked = "; ".join(request.action for turn in task.turns for request in turn.requests)
    identity = f"{task.kind}|{task.work.seed}|{task.origin}|{asked}|{task.work.tests}|{task.turns}"
    return Blueprint(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        target=replace(target, mode=task.mode, domain=task.domain),
        world=world,
        servers=servers,
        persona=persona(Random(f"persona {task.kind} {task.work.seed}")),
        goal=asked,
        context=task.context,
        facts=(),
        turns=task.turns,
        offered=tuple(sorted(tools)),
        code=task.work,
        provenance={"planner": "procedural", "code_task": task.kind},
    )
