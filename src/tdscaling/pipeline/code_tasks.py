"""Code tasks in a run: their targets, and the episodes they become."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tdscaling import __version__
from tdscaling.agents import PlanError, ProceduralUser
from tdscaling.code_tasks.hidden import answered, judge_work
from tdscaling.code_tasks.make import Workshop
from tdscaling.code_tasks.task import DOMAINS, SERVER, TaskRejectedError
from tdscaling.errors import ProviderError, SandboxError, ServerError
from tdscaling.llm.failures import StopError
from tdscaling.metrics.descriptor import describe
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.code_plans import NOTHING, Hosting, Others, Prepared, prepare
from tdscaling.pipeline.outcomes import Stopwatch, accounted, broken_off, played
from tdscaling.rollout import Rollout, RolloutLimits, roll_out, with_call_ids
from tdscaling.sandbox import Judgement
from tdscaling.sandbox.degraded import DegradedSandbox
from tdscaling.store import Fault, Item, Outcome, Rejection
from tdscaling.types import Check, CodeKind, CodeWork, JsonValue, Mode, Target, Trajectory
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify

PREFIX = "code:"
"""What the cluster of a code task's target begins with; its kind follows."""
_MODES: dict[CodeKind, Mode] = {"repair": "recovering", "repository": "recovering"}


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


def _said(found: Judgement) -> str:
    """Why it failed, and the sandbox where it is weaker than a verdict is trusted to be."""
    weak = ["judged in the degraded sandbox"] if found.sandbox == DegradedSandbox.name else []
    return "; ".join([*weak, *([] if found.passed else [found.detail[-300:]])])


def _target(kind: CodeKind, seed: int) -> Target:
    mode = _MODES.get(kind, "computational")
    return Target(cluster=f"{PREFIX}{kind}", domain=DOMAINS[kind], mode=mode, band=2, seed=seed)


@dataclass(slots=True)
class CodeEpisodes:
    """Makes episodes of code tasks; tools of `others`, where a run has them, are offered beside the needed ones."""

    workshop: Workshop
    cast: Cast
    seed: int
    limits: RolloutLimits
    hosting: Hosting | None = None
    others: Others | None = None

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item, all checks made but the one against the other trajectories. Raises StopError."""
        return await accounted(item, self.cast, self._outcome)

    async def _outcome(self, item: Item, watch: Stopwatch, part: Part) -> Outcome:
        try:
            with watch.stage("plan"):
                kind: CodeKind = next(kind for kind in DOMAINS if item.target.cluster == f"{PREFIX}{kind}")
                ready = await prepare(kind, item.target, self.workshop, self.hosting, self.others)
            trajectory, faults, misses = await played(
                self.cast.takes, lambda take: self._trajectory(item, ready, watch, part, take)
            )
        except (TaskRejectedError, PlanError) as exc:
            rejection = Rejection(stage="blueprint", reason=exc.reason, detail=str(exc))
            return Outcome(item=item, rejection=rejection)
        except StopError:
            raise
        except (SandboxError, ServerError, ProviderError) as exc:
            reason = "provider_error" if isinstance(exc, ProviderError) else "server_error"
            return broken_off(item, reason, SERVER, exc)
        return Outcome(item=item, trajectory=trajectory, blueprint=ready.blueprint, faults=faults, misses=misses)

    async def _trajectory(
        self, item: Item, ready: Prepared, watch: Stopwatch, part: Part, take: int
    ) -> tuple[Trajectory, tuple[Fault, ...]]:
        blueprint = ready.blueprint
        tools = offer(blueprint.offered, ready.tools)
        # what a task says, it must say word for word: its user is never a model
        user = ProceduralUser(blueprint, Random(f"user {self.seed} {item.hash}"))
        assistant = self.cast.assistant(part, blueprint, take)
        with watch.stage("rollout"):
            async with ready.environment.session(blueprint.servers, blueprint.world) as session:
                rollout = await roll_out(blueprint, user, assistant, session, tools, self.limits)
                left = await ready.left(session)
        dialogue = with_call_ids(rollout.dialogue, item.hash[:8])
        with watch.stage("verify"):
            descriptor = describe(dialogue, ready.task.domain, blueprint.target.mode)
            evidence = Evidence(
                dialogue=dialogue,
                outcome=rollout.outcome,
                descriptor=descriptor,
                fault=rollout.fault,
                detail=rollout.detail,
                free=self.cast.free,
                hidden=await self._hidden(ready.task.work, left, rollout),
            )
            # where only the hidden tests say what is right, the replay is held to what the calls did
            strict = ready.strict and not self.cast.free
            shown = blueprint if strict else replace(blueprint, effects=rollout.outcome.effects)
            verdict = await verify(shown, evidence, NOTHING, ready.environment)
        trajectory = Trajectory(
            id=item.hash[:16],
            dialogue=dialogue,
            target=blueprint.target,
            descriptor=descriptor,
            verdict=verdict,
            provenance=self._provenance(ready),
        )
        faults = (Fault(kind=rollout.fault, subject=SERVER, detail=rollout.detail),)
        return trajectory, faults if rollout.fault else ()

    async def _hidden(self, work: CodeWork, left: dict[str, bytes], rollout: Rollout) -> Check:
        """How the hidden tests judge what the episode left, in a fresh sandbox; a repository must have a commit more.
        Raises SandboxError."""
        if work.kind == "repository" and not any("#refs/heads" in change.path for change in rollout.outcome.effects):
            return Check(name="hidden_tests", passed=False, detail="nothing was committed")
        last = rollout.outcome.answers[-1] if rollout.outcome.answers else ""
        solution = {**left, **answered(work, last)}
        found = await asyncio.to_thread(judge_work, self.workshop.sandbox, work, solution)
        return Check(name="hidden_tests", passed=found.passed, detail=_said(found))

    def _provenance(self, ready: Prepared) -> dict[str, JsonValue]:
        task, blueprint, played = ready.task, ready.blueprint, self.cast.provenance()
        roles = played.get("roles")
        roles = {**roles, "user": "procedural"} if isinstance(roles, dict) else roles
        return {
            "version": __version__,
            "seed": self.seed,
            "blueprint": blueprint.id,
            "part": "code",
            "code_task": {"kind": task.kind, "seed": task.work.seed, "origin": task.origin},
            **played,
            "roles": roles,
            "environment": ready.environment.provenance(blueprint.servers, blueprint.world),
        }
