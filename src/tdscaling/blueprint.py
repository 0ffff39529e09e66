"""A plan becomes a blueprint: executed twice with equal effects, its controls refused by its own checks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tdscaling.agents import PlanContext, PlanError, Planner, unsaid
from tdscaling.agents.planning.worth import rank, tellable
from tdscaling.agents.wording import label, spoken
from tdscaling.errors import ServerError
from tdscaling.outcome_checks import ANY, Outcome, outcome_checks, same_effects
from tdscaling.types import (
    AnswerFact,
    Binding,
    Blueprint,
    Change,
    Cluster,
    Computed,
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
from tdscaling.values import Scope, UnresolvedError, failed, leaves, normal, numbered, parse
from tdscaling.values.generate import Generator

_MORE_SWAPS = 6
_MOST_LEAVES = 60
"""Leaves of a result among which a telling one is looked for."""


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
    repairs: int = 0
    """How often the planner is asked again, told why its plans fell."""
    anew: bool = False
    """Whether it then has other chances, and another world where none is set: with the same it would plan the same."""
    world: int | None = None
    """The world that plans are made in; None for one drawn by each target's seed."""

    async def make(self, target: Target, cluster: Cluster, seed: int) -> Blueprint:
        """A checked blueprint, in one of the target's free bands where a plan comes to one. Raises PlanError with the
        reason the funnel counts, ServerError from the session."""
        reasons: tuple[str, ...] = ()
        spare: tuple[Blueprint, Random] | None = None
        for left in reversed(range(1 + self.repairs)):
            try:
                drawn = await self._drawn(target, cluster, seed, reasons)
                if drawn[0].can_stop_in(target.free):
                    return await self.admit(*drawn)
            except PlanError as exc:
                if not left and spare is None:
                    raise
                reasons = (*reasons, str(exc))
            else:
                spare = spare or drawn
                reasons = (*reasons, "no_free_band")
        assert spare is not None, "the last to fall was raised"
        return await self.admit(*spare)

    async def _drawn(
        self, target: Target, cluster: Cluster, seed: int, reasons: tuple[str, ...]
    ) -> tuple[Blueprint, Random]:
        """One attempt at a plan, in a session of its own, and the chances that are left."""
        again = f" again {len(reasons)}" if reasons and self.anew else ""
        rng = Random(f"plan {seed} {target.seed} {target.cluster} {target.mode} {target.band}{again}")
        drawn = rng.randrange(self.environment.worlds)
        world = drawn if self.world is None else self.world
        servers = {*cluster.servers, *self.extra_servers.get(target.mode, ())}
        async with self.environment.session(sorted(servers), world) as session:
            context = PlanContext(cluster, self.tools, self.exploration, session, world, rng, reasons)
            return await self.planner.plan(target, context), rng

    async def admit(self, plan: Blueprint, rng: Random) -> Blueprint:
        """The plan with its expected effects and answers, after the gold runs and the controls. Where a control would
        pass, the answer has to tell more: what the right solution shows and the control does not."""
        if (fact := unsaid(plan)) is not None:
            raise PlanError("fact_never_said", fact)
        first, second = await self._run(plan), await self._run(plan)
        for run in (first, second):
            if run.failure:
                raise PlanError("gold_run_failed", run.failure)
        plan = replace(plan, effects=_repeating(first.outcome.effects, second.outcome.effects))
        plan = _with_answers(plan, first)
        if not _passes(plan, second.outcome):
            raise PlanError("gold_not_repeatable", _failed(plan, second.outcome))
        nothing = Run({}, Outcome((), tuple("" for _ in plan.turns)))
        plan = self._told_apart(plan, (first, second), nothing, "noop_passes")
        return self._told_apart(plan, (first, second), await self._wrong(plan, first, rng), "wrong_solution_passes")

    def _told_apart(self, plan: Blueprint, gold: tuple[Run, Run], control: Run, reason: str) -> Blueprint:
        """The plan, where the control fails its checks; else with one more answer fact, by which it does. Raises
        PlanError with the reason where nothing tells the two apart."""
        if not _passes(plan, control.outcome):
            return plan
        for turn, fact in distinguishing(plan, gold, control.outputs, self._reads):
            turns = list(plan.turns)
            turns[turn] = replace(turns[turn], answer=(*turns[turn].answer, fact))
            more = replace(plan, turns=tuple(turns))
            if _passes(more, _told(more, gold[1])) and not _passes(more, _told(more, control)):
                return more
        raise PlanError(reason)

    def _reads(self, tool: ToolKey) -> bool:
        """Whether a tool only reads; what a writing one says of itself is no news."""
        profile = self.exploration.profiles.get(tool)
        return profile.effect == "read" if profile else bool(self.tools[tool].read_only)

    async def _run(self, plan: Blueprint, swap: Swap | None = None) -> Run:
        async with self.environment.session(plan.servers, plan.world) as session:
            return await execute(plan, session, swap)

    async def _wrong(self, plan: Blueprint, gold: Run, rng: Random) -> Run:
        """A solution with one argument changed to another value; with no step to change, a bare claim of success.
        An argument that no result and no state depends on (a header) is no mistake: another one is changed."""
        swaps = list(_swaps(plan, gold, self.exploration, rng))
        if not swaps:
            return Run({}, Outcome((), tuple("Done." for _ in plan.turns)))
        first = rng.choice(swaps)
        run = await self._run(plan, first)
        for swap in [other for other in swaps if other != first][:_MORE_SWAPS]:
            if run.outputs != gold.outputs or not same_effects(plan.effects, run.outcome.effects):
                break
            run = await self._run(plan, swap)
        return run


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


def _told(plan: Blueprint, run: Run) -> Outcome:
    """The outcome of a run, its answers by what the plan now asks to be told."""
    scope = Scope({fact.id: fact.value for fact in plan.facts}, run.outputs)
    return Outcome(run.outcome.effects, tuple(_answer(plan, index, scope) for index in range(len(plan.turns))))


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


def distinguishing(
    plan: Blueprint, gold: tuple[Run, Run], control: Mapping[str, JsonValue], reads: Callable[[ToolKey], bool]
) -> Iterator[tuple[int, AnswerFact]]:
    """Values worth telling, with their turns, that both gold runs show at the same place of a reader's result and the
    control shows nowhere in it; what the user has said is left out. The last steps come first, and of each what tells
    most."""
    said = {normal(fact.value) for fact in plan.facts if isinstance(fact.value, str | int | float)}
    for index, turn in reversed([*enumerate(plan.turns)]):
        for step in reversed(turn.steps):
            if step.expect_error or not reads(step.tool):
                continue
            elsewhere = {normal(leaf.value) for leaf in leaves(control.get(step.id))}
            again = {(leaf.path, leaf.place): leaf.value for leaf in leaves(gold[1].outputs.get(step.id))}
            found: list[AnswerFact] = []
            for position, leaf in numbered(gold[0].outputs.get(step.id), limit=_MOST_LEAVES):
                new = tellable(leaf.value) and normal(leaf.value) not in elsewhere | said
                if new and again.get((leaf.path, leaf.place)) == leaf.value:
                    binding = FromOutput(step=step.id, path=leaf.path, index=position)
                    found.append(AnswerFact(label=label(leaf.path), binding=binding, value=leaf.value))
            yield from ((index, fact) for fact in sorted(found, key=_tells))


def _tells(fact: AnswerFact) -> int:
    """What tells a person most comes first."""
    path = fact.binding.path if isinstance(fact.binding, FromOutput) else ""
    return rank(path, fact.value if isinstance(fact.value, str | int | float) else None)


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


def _mistakable(binding: Binding) -> bool:
    """Whether an agent could put another value there: what was said, found, or chosen among what was found."""
    return isinstance(binding, FromFact | FromOutput) or (isinstance(binding, Computed) and binding.function != "code")


def _swaps(plan: Blueprint, gold: Run, exploration: Exploration, rng: Random) -> Sequence[Swap]:
    """Mistakes an agent could make: another valid value for an argument, or else a random one of its type.

    First come the steps that end a chain, since a look-up that goes wrong may change nothing.
    """
    scope = Scope({fact.id: fact.value for fact in plan.facts}, gold.outputs)
    used = {source for step in plan.steps for source in step.after}
    generator = Generator(Random(rng.getrandbits(64)))
    found: list[Swap] = []
    ends = [step for step in plan.steps if not step.expect_error and step.id not in used]
    changeable = [step for step in ends if any(_mistakable(binding) for binding in step.arguments.values())]
    for step in changeable or plan.steps:
        profile = exploration.profiles.get(step.tool)
        for name, binding in step.arguments.items():
            if not _mistakable(binding):
                continue
            value = scope.resolve(binding)
            param = profile.param(name) if profile else None
            others = [other for other in param.values if other != value] if param else []
            found.append(Swap(step.id, name, rng.choice(others) if others else generator.unlike(value)))
    return found
