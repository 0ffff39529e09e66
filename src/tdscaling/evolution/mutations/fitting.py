"""Which mutations a plan allows, as far as the plan itself shows it: what it rules out need not be tried."""

from collections.abc import Callable, Mapping

from tdscaling.agents.planning.computing import PYTHON
from tdscaling.evolution.mutations.changing import can_be_looked_up_for, droppable, separable
from tdscaling.types import Blueprint, FromFact, Turn


def fitting(plan: Blueprint, mutations: Mapping[str, object]) -> frozenset[str]:
    """Those of the mutations that the plan does not rule out."""
    return frozenset(name for name in mutations if name not in _NEEDED or _NEEDED[name](plan))


def _revisable(plan: Blueprint) -> bool:
    """Whether the last turn is one request whose last call has something told in it."""
    last = plan.turns[-1]
    made = [step for step in last.steps if not step.expect_error and step.tool != PYTHON]
    values = {fact.id: fact.value for fact in plan.facts}
    bound = made[-1].arguments.values() if made else ()
    told = any(isinstance(one, FromFact) and isinstance(values.get(one.fact), str | int) for one in bound)
    return not last.withheld and len(last.requests) <= 1 and told


def _other_service(plan: Blueprint) -> bool:
    used = {step.tool.server for step in plan.steps}
    return any(server not in used and server != PYTHON.server for server in plan.servers)


def _tool_to_withhold(plan: Blueprint) -> bool:
    return any(separable(plan, place) for place in range(len(plan.turns)))


def _parameter_to_withhold(plan: Blueprint) -> bool:
    texts = {fact.id for fact in plan.facts if isinstance(fact.value, str)}
    return any(texts & _told(turn) for turn in plan.turns if turn.kind != "revision" and not turn.withheld)


def _told(turn: Turn) -> set[str]:
    return {detail for request in turn.requests if not request.refusal for detail in request.details}


_NEEDED: Mapping[str, Callable[[Blueprint], bool]] = {
    "revise": _revisable,
    "insert": can_be_looked_up_for,
    "cross_service": _other_service,
    "withhold_tool": _tool_to_withhold,
    "withhold_parameter": _parameter_to_withhold,
    "simplify": lambda plan: bool(droppable(plan, plan.target.mode)),
}
