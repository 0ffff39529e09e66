"""One work item: a target becomes a verified trajectory, or a rejection with its reason."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from tdscaling import __version__
from tdscaling.agents import PlanError
from tdscaling.blueprint import BlueprintMaker
from tdscaling.config.simulation import FaultSettings
from tdscaling.environments.code import SERVER as CODE
from tdscaling.environments.faults import FaultyEnvironment, recoveries
from tdscaling.errors import ProviderError, ServerError
from tdscaling.evolution.mutations import Mutator
from tdscaling.llm.failures import StopError
from tdscaling.metrics.descriptor import describe
from tdscaling.metrics.marks import canonical, marked
from tdscaling.metrics.mixture import part_of
from tdscaling.metrics.modes import OTHERWISE, Condition
from tdscaling.pipeline.cast import Cast, Part
from tdscaling.pipeline.outcomes import Stopwatch, accounted, broken_off, played
from tdscaling.pipeline.simulation import Briefing, nothing_told
from tdscaling.pipeline.slots import Slots
from tdscaling.rollout import Rollout, RolloutLimits, roll_out, with_call_ids
from tdscaling.store import Fault, Item, Outcome, Rejection
from tdscaling.types import (
    Blueprint,
    Cluster,
    Descriptor,
    Dialogue,
    Environment,
    Exploration,
    JsonValue,
    Tool,
    ToolKey,
    Trajectory,
    Verdict,
)
from tdscaling.values.offer import offer
from tdscaling.verification import Evidence, verify


class Apart(Protocol):
    """Somebody who plans and checks in a process of its own the items that it takes: those in which nothing outside
    takes part beside models."""

    def take(self, item: Item) -> bool: ...

    def plans(self, item: Item) -> bool: ...

    def checks(self, item: Item) -> bool: ...

    async def plan(self, item: Item) -> Blueprint: ...

    async def examine(self, item: Item, blueprint: Blueprint, rollout: Rollout) -> tuple[Descriptor, Verdict]: ...


@dataclass(slots=True)
class Episodes:
    """Makes episodes; everything an item needs beside its target. Of items that `apart` takes, what is done here is
    done in one of `slots`; whoever makes others holds one for all of it."""

    environment: Environment
    cast: Cast
    tools: Mapping[ToolKey, Tool]
    clusters: Mapping[str, Cluster]
    exploration: Exploration
    seed: int
    limits: RolloutLimits
    faults: FaultSettings = field(default_factory=FaultSettings)
    briefing: Briefing = nothing_told
    apart: Apart | None = None
    slots: Slots | None = None

    async def run(self, item: Item) -> Outcome:
        """The outcome of an item, all checks made but the one against the other trajectories.

        Raises StopError where no episode can go on: the endpoint is gone or the budget is reached.
        """
        return await accounted(item, self.cast, self._outcome)

    async def _outcome(self, item: Item, watch: Stopwatch, part: Part) -> Outcome:
        cluster = self.clusters[item.target.cluster]
        try:
            with watch.stage("plan"):
                blueprint = await self._planned(item, part)
            trajectory, faults, misses = await played(
                self.cast.takes, lambda take: self._trajectory(item, blueprint, cluster, watch, part, take)
            )
        except PlanError as exc:
            rejection = Rejection(stage="blueprint", reason=exc.reason, detail=str(exc))
            return Outcome(item=item, rejection=rejection)
        except StopError:
            raise
        except ProviderError as exc:
            return broken_off(item, "provider_error", "models", exc)
        except ServerError as exc:
            return broken_off(item, "server_error", ",".join(cluster.servers), exc)
        return Outcome(item=item, trajectory=trajectory, blueprint=blueprint, faults=faults, misses=misses)

    def _slot(self, item: Item, plan: Blueprint | None = None) -> AbstractAsyncContextManager[None]:
        if self.slots is None or self.apart is None or not self.apart.take(item):
            return nullcontext()
        return self.slots.turn(item.order, plan and plan.messages)

    async def _planned(self, item: Item, part: Part) -> Blueprint:
        if self.apart is not None and self.apart.plans(item):
            return await self.apart.plan(item)
        async with self._slot(item):
            return await self.plan(item, part)

    async def plan(self, item: Item, part: Part | None = None) -> Blueprint:
        """A checked plan for an item, its servers' briefing in it. Raises PlanError, ServerError, ProviderError."""
        maker = self._maker(item, part or self.cast.part(item.hash))
        blueprint = await maker.make(item.target, self.clusters[item.target.cluster], self.seed)
        told = self.briefing(blueprint.servers)
        context, policy = (*blueprint.context, *told.context), (*blueprint.policy, *told.policy)
        return replace(blueprint, context=tuple(dict.fromkeys(context)), policy=tuple(dict.fromkeys(policy)))

    def _maker(self, item: Item, part: Part) -> BlueprintMaker:
        """The maker of an item's plan: by the planner, or by changing the plan of its parent in that one's world."""
        target, parent = item.target, item.parent
        extra: Mapping[str, Sequence[str]] = {"computational": (CODE,)}
        if not target.mutation:
            return BlueprintMaker(
                self.cast.planner(part),
                self.environment,
                self.tools,
                self.exploration,
                extra,
                self.cast.config.playing.repairs,
                anew=not self.cast.planned,
            )
        if parent is None:
            raise PlanError("parent_not_stored", target.parent)
        servers = (*parent.servers, *extra.get(target.mode, ()))
        return BlueprintMaker(
            Mutator(parent),
            self.environment,
            self.tools,
            self.exploration,
            {target.mode: servers},
            self.cast.config.playing.repairs,
            anew=True,
            world=parent.world,
        )

    async def _trajectory(
        self, item: Item, blueprint: Blueprint, cluster: Cluster, watch: Stopwatch, part: Part, take: int
    ) -> tuple[Trajectory, tuple[Fault, ...]]:
        tools = offer(blueprint.offered, self.tools)
        user, assistant = self.cast.user(part, blueprint, tools), self.cast.assistant(part, blueprint, take)
        environment = self.environment
        if self.faults.rate:
            environment = FaultyEnvironment(environment, self.faults, f"{self.seed} {item.hash}")
        async with self._slot(item, blueprint):
            with watch.stage("rollout"):
                async with environment.session(blueprint.servers, blueprint.world) as session:
                    rollout = await roll_out(blueprint, user, assistant, session, tools, self.limits)
        dialogue = self._marked(with_call_ids(rollout.dialogue, item.hash[:8]), blueprint)
        rollout = replace(rollout, dialogue=dialogue)
        with watch.stage("verify"):
            if self.apart is not None and self.apart.checks(item):
                descriptor, verdict = await self.apart.examine(item, blueprint, rollout)
            else:
                descriptor, verdict = await self.examine(item, blueprint, rollout, environment)
        verdict = await self._judged(verdict, blueprint, rollout, item, watch, part)
        struck = environment.sessions[0].struck if isinstance(environment, FaultyEnvironment) else []
        trajectory = Trajectory(
            id=item.hash[:16],
            dialogue=dialogue,
            target=item.target,
            descriptor=descriptor,
            verdict=verdict,
            provenance={
                **self._provenance(blueprint, dialogue),
                **({"faults": recoveries(dialogue, struck)} if struck else {}),
            },
        )
        faults = (Fault(kind=rollout.fault, subject=",".join(cluster.servers), detail=rollout.detail),)
        return trajectory, faults if rollout.fault else ()

    async def examine(
        self, item: Item, blueprint: Blueprint, rollout: Rollout, environment: Environment | None = None
    ) -> tuple[Descriptor, Verdict]:
        """Where a rollout lies, and the verdict of all checks but the judge's."""
        cluster, dialogue = self.clusters[item.target.cluster], rollout.dialogue
        names = {tool.key: tool.name for tool in dialogue.tools if tool.key is not None}
        order, told = _order(cluster, names), _conditions(blueprint, names)
        descriptor = describe(dialogue, cluster.domain, item.target.mode, order_edges=order, conditions=told)
        evidence = Evidence(
            dialogue=dialogue,
            outcome=rollout.outcome,
            descriptor=descriptor,
            fault=rollout.fault,
            detail=rollout.detail,
            free=self.cast.free,
        )
        return descriptor, await verify(blueprint, evidence, self.exploration, environment or self.environment)

    def _marked(self, dialogue: Dialogue, blueprint: Blueprint) -> Dialogue:
        """A model assistant's messages with their marks; what follows a checked plan needs none."""
        if not self.cast.free:
            return dialogue
        readers = {key for key, profile in self.exploration.profiles.items() if profile.effect == "read"}
        writers = {tool.name for tool in dialogue.tools if tool.key not in readers}
        meant = {step.tool for step in blueprint.steps if step.expect_error}
        names = {tool.name for tool in dialogue.tools if tool.key in meant}
        may_fail = {(call.name, canonical(call.arguments)) for _, call in dialogue.calls() if call.name in names}
        return marked(dialogue, writers=writers, may_fail=may_fail)

    async def _judged(
        self, verdict: Verdict, blueprint: Blueprint, rollout: Rollout, item: Item, watch: Stopwatch, part: Part
    ) -> Verdict:
        """The verdict with the judge's check: it is asked about what passed all others, and can only reject."""
        judge = self.cast.judge(part) if verdict.kept else None
        if judge is None:
            return verdict
        async with self._slot(item):
            with watch.stage("judge"):
                found = await judge.judge(blueprint, rollout.dialogue, rollout.outcome.effects)
        return Verdict((*verdict.checks, found))

    def _provenance(self, blueprint: Blueprint, dialogue: Dialogue) -> dict[str, JsonValue]:
        return {
            "version": __version__,
            "seed": self.seed,
            "blueprint": blueprint.id,
            "part": part_of(dialogue),
            **self.cast.provenance(),
            "environment": self.environment.provenance(blueprint.servers, blueprint.world),
        }


def _conditions(blueprint: Blueprint, names: Mapping[ToolKey, str]) -> list[Condition]:
    """The plan's conditions under the names of this dialogue."""
    return [
        Condition(branches=((b.value, names.get(b.taken, "")), (OTHERWISE, names.get(b.other, ""))))
        for b in blueprint.branchings
    ]


def _order(cluster: Cluster, names: Mapping[ToolKey, str]) -> frozenset[tuple[str, str]]:
    """The cluster's executed order edges under the names of this dialogue."""
    return frozenset(
        (names[edge.producer.key], names[edge.consumer.key])
        for edge in cluster.edges
        if edge.kind == "order" and edge.executed and edge.producer.key in names and edge.consumer.key in names
    )
