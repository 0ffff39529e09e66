"""Code tasks in a run: their targets, and the episodes they become."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tdscaling import __version__
from tdscaling.agents import ProceduralUser
from tdscaling.agents.planning.planner import persona
from tdscaling.code_tasks.admission import admit
from tdscaling.code_tasks.hidden import answered, judge_work
from tdscaling.code_tasks.make import DOMAINS, Workshop
from tdscaling.code_tasks.task import CodeTask, TaskRejectedError
from tdscaling.environments.code import SERVER
from tdscaling.environments.task import TaskEnvironment
from tdscaling.errors import ProviderError, SandboxError, ServerError
from tdscaling.llm.failures import StopError
from tdscaling.metrics.descriptor import describe
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.episode import Stopwatch
from tdscaling.rollout import Rollout, RolloutLimits, roll_out, with_call_ids
from tdscaling.store import Fault, Item, Outcome, Rejection
from tdscaling.types import (
    Blueprint,
    Check,
    CodeKind,
    CodeWork,
    Exploration,
    JsonValue,
    Mode,
    Target,
    Tool,
    ToolKey,
    Trajectory,
)
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

PREFIX = "code:"
"""What the cluster of a code task's target begins with; its kind follows."""
_MODES: dict[CodeKind, Mode] = {"repair": "recovering", "repository": "recovering"}
_NOTHING = Exploration(profiles={}, edges=(), readbacks=())


def is_code(target: Target) -> bool:
    """Whether a target is a code task's."""
    return target.cluster.startswith(PREFIX)


@dataclass
class CodeTargets:
    """Targets for code tasks: the kinds take turns; the user's own tasks come once each."""

    kinds: Sequence[CodeKind]
    seed: int
    given: int = 0
    asked: int = 0

    def ask(self, count: int) -> list[Target]:
        """The next targets; fewer when only own tasks are asked for and these run out."""
        targets: list[Target] = []
        while len(targets) < count and (self.kinds or self.asked < self.given):
            targets.append(self._next())
            self.asked += 1
        return targets

    def _next(self) -> Target:
        turn, place = divmod(self.asked, len(self.kinds) + 1)
        if place == 0 and turn < self.given:
            return _target("given", turn)
        return _target(self.kinds[self.asked % len(self.kinds)], self.seed * 1_000_003 + self.asked)


def _target(kind: CodeKind, seed: int) -> Target:
    mode = _MODES.get(kind, "computational")
    return Target(cluster=f"{PREFIX}{kind}", domain=DOMAINS[kind], mode=mode, band=2, seed=seed)


@dataclass(slots=True)
class CodeEpisodes:
    """Makes episodes of code tasks."""

    workshop: Workshop
    cast: Cast
    seed: int
    limits: RolloutLimits

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item, all checks made but the one against the other trajectories. Raises StopError."""
        watch = Stopwatch()
        part = self.cast.part(item.hash)
        outcome = await self._outcome(item, watch, part)
        faults = (*outcome.faults, *part.faults())
        return replace(outcome, timings=watch.seconds, usage=part.usage(), faults=faults)

    async def _outcome(self, item: Item, watch: Stopwatch, part: Part) -> Outcome:
        try:
            with watch.stage("plan"):
                task = await asyncio.to_thread(self._made, item.target)
                blueprint = plan(task, item.target, self.workshop)
            trajectory, faults = await self._trajectory(item, task, blueprint, watch, part)
        except TaskRejectedError as exc:
            rejection = Rejection(stage="blueprint", reason=exc.reason, detail=str(exc))
            return Outcome(item=item, rejection=rejection)
        except StopError:
            raise
        except (SandboxError, ServerError, ProviderError) as exc:
            kind = "provider_error" if isinstance(exc, ProviderError) else "server_error"
            rejection = Rejection(stage="environment", reason=kind, detail=str(exc))
            return Outcome(item=item, rejection=rejection, faults=(Fault(kind=kind, subject=SERVER, detail=str(exc)),))
        return Outcome(item=item, trajectory=trajectory, blueprint=blueprint, faults=faults)

    def _made(self, target: Target) -> CodeTask:
        kind: CodeKind = next(kind for kind in DOMAINS if target.cluster == f"{PREFIX}{kind}")
        return admit(self.workshop.make(kind, target.seed), self.workshop.sandbox)[0]

    async def _trajectory(
        self, item: Item, task: CodeTask, blueprint: Blueprint, watch: Stopwatch, part: Part
    ) -> tuple[Trajectory, tuple[Fault, ...]]:
        environment = TaskEnvironment(self.workshop.sandbox, task.work)
        known = {tool.key: tool for tool in environment.tools()}
        tools = offer(blueprint.offered, known)
        # what a task says, it must say word for word: its user is never a model
        user = ProceduralUser(blueprint, Random(f"user {self.seed} {item.hash}"))
        assistant = self.cast.assistant(part, blueprint)
        with watch.stage("rollout"):
            async with environment.session(blueprint.servers, 0) as session:
                rollout = await roll_out(blueprint, user, assistant, session, tools, self.limits)
                left = await session.left()
        dialogue = with_call_ids(rollout.dialogue, item.hash[:8])
        with watch.stage("verify"):
            descriptor = describe(dialogue, task.domain, blueprint.target.mode)
            evidence = Evidence(
                dialogue=dialogue,
                outcome=rollout.outcome,
                descriptor=descriptor,
                fault=rollout.fault,
                detail=rollout.detail,
                free=self.cast.free,
                hidden=await self._hidden(task.work, left, rollout),
            )
            # the hidden tests say what is right; the replay, that the calls bring about what they did
            shown = replace(blueprint, effects=rollout.outcome.effects)
            verdict = await verify(shown, evidence, _NOTHING, environment)
        trajectory = Trajectory(
            id=item.hash[:16],
            dialogue=dialogue,
            target=blueprint.target,
            descriptor=descriptor,
            verdict=verdict,
            provenance=self._provenance(task, blueprint, environment),
        )
        faults = (Fault(kind=rollout.fault, subject=SERVER, detail=rollout.detail),)
        return trajectory, faults if rollout.fault else ()

    async def _hidden(self, work: CodeWork, left: dict[str, bytes], rollout: Rollout) -> Check:
        """How the hidden tests judge what the episode left, in a fresh sandbox. Raises SandboxError."""
        last = rollout.outcome.answers[-1] if rollout.outcome.answers else ""
        solution = {**left, **answered(work, last)}
        judgement = await asyncio.to_thread(judge_work, self.workshop.sandbox, work, solution)
        return Check(
            name="hidden_tests", passed=judgement.passed, detail="" if judgement.passed else judgement.detail[-300:]
        )

    def _provenance(self, task: CodeTask, blueprint: Blueprint, environment: TaskEnvironment) -> dict[str, JsonValue]:
        played = self.cast.provenance()
        roles = played.get("roles")
        roles = {**roles, "user": "procedural"} if isinstance(roles, dict) else roles
        return {
            "version": __version__,
            "seed": self.seed,
            "blueprint": blueprint.id,
            "code_task": {"kind": task.kind, "seed": task.work.seed, "origin": task.origin},
            **played,
            "roles": roles,
            "environment": environment.provenance(blueprint.servers, 0),
        }


def plan(task: CodeTask, target: Target, workshop: Workshop) -> Blueprint:
    """The task as a checked plan."""
    rng = Random(f"persona {task.kind} {task.work.seed}")
    offered = _offered(TaskEnvironment(workshop.sandbox, task.work).tools(), task)
    asked = "; ".join(request.action for turn in task.turns for request in turn.requests)
    identity = f"{task.kind}|{task.work.seed}|{task.origin}|{asked}|{task.work.tests}|{task.turns}"
    return Blueprint(
        id=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        target=replace(target, mode=task.mode, domain=task.domain),
        world=0,
        servers=(SERVER,),
        persona=persona(rng),
        goal=asked,
        context=task.context,
        facts=(),
        turns=task.turns,
        offered=offered,
        code=task.work,
        provenance={"planner": "procedural", "code_task": task.kind},
    )


def _offered(tools: Sequence[Tool], task: CodeTask) -> tuple[ToolKey, ...]:
    """All the sandbox has. Raises TaskRejectedError where the gold solution needs more."""
    there = {tool.key for tool in tools}
    if not {step.tool for step in task.steps} <= there:
        raise TaskRejectedError("no_shell", "the sandbox of this machine runs Python only")
    return tuple(sorted(there))
