"""A plan becomes a blueprint: executed twice with equal effects, its controls refused by its own checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tdscaling.agents import PlanContext, PlanError, Planner
from tdscaling.agents.wording import spoken
from tdscaling.errors import ServerError
from tdscaling.outcome_checks import ANY, Outcome, outcome_checks
from tdscaling.types import (
    Blueprint,
    Change,
    Cluster,
    Environment,
    Exploration,
    FromFact,
    FromOutput,
    JsonValue,
    Session,
    StateDiff,
    Step,
    Target,
    Tool,
    ToolKey,
    diff,
)
from tdscaling.values import Scope, UnresolvedError, failed, parse
from tdscaling.values.generate import Generator


@dataclass(frozen=True, slots=True)
class Run:
    """A plan's steps as executed: parsed results by step, effects and answers."""

    outputs: Mapping[str, JsonValue]
    outcome: Outcome
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Swap:
    """A value put in the place of one argument of one step: what makes a solution wrong."""

    step: str
    argument: str
    value: JsonValue


@dataclass(slots=True)
class BlueprintMaker:
    """Plans for targets and admits the plans that hold."""

    planner: Planner
    environment: Environment
    tools: Mapping[ToolKey, Tool]
    exploration: Exploration
    extra_servers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By mode: servers that its plans need beside the cluster's."""

    async def make(self, target: Target, cluster: Cluster, seed: int) -> Blueprint:
        """A checked blueprint. Raises PlanError with the reason the funnel counts, ServerError from the session."""
        rng = Random(f"plan {seed} {target.seed} {target.cluster} {target.mode} {target.band}")
        world = rng.randrange(self.environment.worlds)
        servers = {*cluster.servers, *self.extra_servers.get(target.mode, ())}
        async with self.environment.session(sorted(servers), world) as session:
            context = PlanContext(cluster, self.tools, self.exploration, session, world, rng)
            plan = await self.planner.plan(target, context)
        return await self.admit(plan, rng)

    async def admit(self, plan: Blueprint, rng: Random) -> Blueprint:
        """The plan with its expected effects and answers, after the gold runs and the controls."""
        first, second = await self._run(plan), await self._run(plan)
        for run in (first, second):
            if run.failure:
                raise PlanError("gold_run_failed", run.failure)
        plan = replace(plan, effects=_repeating(first.outcome.effects, second.outcome.effects))
        plan = _with_answers(plan, first)
        if not _passes(plan, second.outcome):
            raise PlanError("gold_not_repeatable", _failed(plan, second.outcome))
        if _passes(plan, Outcome((), tuple("" for _ in plan.turns))):
            raise PlanError("noop_passes")
        if _passes(plan, await self._wrong(plan, first, rng)):
            raise PlanError("wrong_solution_passes")
        return plan

    async def _run(self, plan: Blueprint, swap: Swap | None = None) -> Run:
        async with self.environment.session(plan.servers, plan.world) as session:
            return await execute(plan, session, swap)

    async def _wrong(self, plan: Blueprint, gold: Run, rng: Random) -> Outcome:
        """A solution with one argument changed to another value; with no step to change, a bare claim of success."""
        swaps = list(_swaps(plan, gold, self.exploration, rng))
        if not swaps:
            return Outcome((), tuple("Done." for _ in plan.turns))
        run = await self._run(plan, rng.choice(swaps))
        return run.outcome


async def execute(plan: Blueprint, session: Session, swap: Swap | None = None) -> Run:
    """Calls the plan's steps in order with their bindings resolved; the first step that ends otherwise than
    planned is the run's failure, and the rest is still tried, as a mistaken agent would. Raises ServerError when
    the server failed: that says nothing about the plan."""
    facts = {fact.id: fact.value for fact in plan.facts}
    outputs: dict[str, JsonValue] = {}
    failure = ""
    before = await session.snapshot()
    for step in plan.steps:
        try:
            arguments = _arguments(step, Scope(facts, outputs), swap)
        except UnresolvedError as exc:
            failure = failure or f"{step.tool}: {exc}"
            continue
        result = await session.call(step.tool, arguments)
        if result.fault:
            raise ServerError(f"{step.tool}: {result.content[:200]}")
        if failed(result) != step.expect_error:
            failure = failure or f"{step.tool}: {result.content[:120]}"
        outputs[step.id] = parse(result.content)
    effects = diff(before, await session.snapshot())
    answers = tuple(_answer(plan, index, Scope(facts, outputs)) for index in range(len(plan.turns)))
    return Run(outputs, Outcome(effects, answers), failure)


def _arguments(step: Step, scope: Scope, swap: Swap | None) -> dict[str, JsonValue]:
    arguments = {name: scope.resolve(binding) for name, binding in step.arguments.items()}
    if swap is not None and swap.step == step.id:
        arguments[swap.argument] = swap.value
    return arguments


def _answer(plan: Blueprint, index: int, scope: Scope) -> str:
    """What an assistant that saw these results would tell at the end of a turn."""
    turn = plan.turns[index]
    parts: list[str] = [f"I can't: {request.refusal}." for request in turn.requests if request.refusal]
    for fact in turn.answer:
        try:
            parts.append(f"{fact.label} {spoken(scope.resolve(fact.binding))};")
        except UnresolvedError:
            parts.append("")
    return " ".join(parts)


def _with_answers(plan: Blueprint, run: Run) -> Blueprint:
    """The plan with the values that the gold run gave to its answer facts."""
    scope = Scope({fact.id: fact.value for fact in plan.facts}, run.outputs)
    try:
        turns = tuple(
            replace(turn, answer=tuple(replace(fact, value=scope.resolve(fact.binding)) for fact in turn.answer))
            for turn in plan.turns
        )
    except UnresolvedError as exc:
        raise PlanError("gold_not_repeatable", str(exc)) from None
    return replace(plan, turns=turns)


def _repeating(one: StateDiff, two: StateDiff) -> StateDiff:
    """The effects of two gold runs; a value that differs between them is masked. Raises PlanError when
    different pieces of state changed."""
    if [change[:2] for change in one] != [change[:2] for change in two]:
        raise PlanError("gold_not_repeatable", "the two gold runs changed different things")
    return tuple(
        first if first.value == second.value else Change(first.path, first.kind, ANY)
        for first, second in zip(one, two, strict=True)
    )


def _passes(plan: Blueprint, outcome: Outcome) -> bool:
    return all(check.passed for check in outcome_checks(plan, outcome))


def _failed(plan: Blueprint, outcome: Outcome) -> str:
    return next(f"{c.name}: {c.detail}" for c in outcome_checks(plan, outcome) if not c.passed)


def _swaps(plan: Blueprint, gold: Run, exploration: Exploration, rng: Random) -> Sequence[Swap]:
    """Mistakes an agent could make: another valid value for an argument, or else a random one of its type.

    First come the steps that end a chain, since a look-up that goes wrong may change nothing.
    """
    scope = Scope({fact.id: fact.value for fact in plan.facts}, gold.outputs)
    used = {source for step in plan.steps for source in step.after}
    generator = Generator(Random(rng.getrandbits(64)))
    found: list[Swap] = []
    ends = [step for step in plan.steps if not step.expect_error and step.id not in used]
    changeable = [step for step in ends if any(isinstance(b, FromFact | FromOutput) for b in step.arguments.values())]
    for step in changeable or plan.steps:
        profile = exploration.profiles.get(step.tool)
        for name, binding in step.arguments.items():
            if not isinstance(binding, FromFact | FromOutput):
                continue
            value = scope.resolve(binding)
            param = profile.param(name) if profile else None
            others = [other for other in param.values if other != value] if param else []
            found.append(Swap(step.id, name, rng.choice(others) if others else generator.unlike(value)))
    return found
