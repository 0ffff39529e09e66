"""Kept plans become new ones. Nothing here calls a model: every change is planned by calling tools in a session.

What a mutation makes is a plan like any other: it is executed twice and its controls must fail before it is played.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from tdscaling.agents import PlanContext, PlanError
from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.planner import assembled
from tdscaling.agents.planning.size import complexity
from tdscaling.evolution.mutations.changing import (
    distract,
    insert,
    simplify,
    withhold_parameter,
    withhold_tool,
)
from tdscaling.evolution.mutations.growing import (
    add_computation,
    add_policy,
    cross_service,
    deepen,
    fault,
    iterate,
    merge,
    parallelise,
    revise,
)
from tdscaling.metrics.complexity import band
from tdscaling.types import Blueprint, Mode, Target

Make: TypeAlias = Callable[[Target, Blueprint, PlanContext], Awaitable[Draft]]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A way to change a plan. `mode`: the mode of what comes of it, None for the parent's own. `bands`: by how many
    bands the parent may lie below the target, from least to most (a negative number: above it)."""

    make: Make
    mode: Mode | None = None
    bands: tuple[int, int] = (0, 1)


MUTATIONS: Mapping[str, Mutation] = {
    "deepen": Mutation(deepen, bands=(1, 2)),
    "merge": Mutation(merge, bands=(1, 2)),
    "cross_service": Mutation(cross_service, bands=(0, 2)),
    "insert": Mutation(insert, "sequential"),
    "parallelise": Mutation(parallelise, "parallel"),
    "iterate": Mutation(iterate, "iterative", (0, 2)),
    "withhold_parameter": Mutation(withhold_parameter, "clarifying", (0, 0)),
    "withhold_tool": Mutation(withhold_tool, "abstaining", (-1, 0)),
    "distract": Mutation(distract, bands=(0, 1)),
    "fault": Mutation(fault, "recovering", (0, 2)),
    "revise": Mutation(revise, "revising"),
    "add_policy": Mutation(add_policy, "abstaining", (0, 0)),
    "add_computation": Mutation(add_computation, "computational", (0, 2)),
    "simplify": Mutation(simplify, bands=(-2, -1)),
}


@dataclass(frozen=True, slots=True)
class Mutator:
    """A planner whose plans are changes of one kept plan."""

    parent: Blueprint

    async def plan(self, target: Target, context: PlanContext) -> Blueprint:
        """The changed plan. Raises PlanError."""
        mutation = MUTATIONS.get(target.mutation)
        if mutation is None:
            raise PlanError("unknown_mutation", target.mutation)
        draft = await mutation.make(target, self.parent, context)
        plan = assembled(target, draft)
        steps = {step.tool for step in plan.steps}
        identity = f"{self.parent.id}|{target.mutation}|{plan.id}"
        return replace(
            plan,
            id=hashlib.sha256(identity.encode()).hexdigest()[:16],
            offered=tuple(sorted(steps | draft.extra_tools)),
            bands=(band(complexity(draft)),),
            provenance={**self.parent.provenance, "parent": self.parent.id, "mutation": target.mutation},
        )
