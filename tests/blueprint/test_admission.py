"""A plan becomes a blueprint only when it repeats and its controls fail."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random

import pytest
from tests.fakes import BY_KEY, FakeEnvironment, FakeSession, State, cluster

from tdscaling.agents import PlanContext, PlanError, unsaid
from tdscaling.blueprint import BlueprintMaker
from tdscaling.errors import ServerError
from tdscaling.outcome_checks import ANY
from tdscaling.types import (
    AnswerFact,
    Binding,
    Blueprint,
    Computed,
    Constant,
    Exploration,
    Fact,
    FromFact,
    FromOutput,
    JsonObject,
    Persona,
    Request,
    Snapshot,
    Step,
    Target,
    ToolKey,
    ToolResult,
    Turn,
)

TARGET = Target(cluster="stock", domain="retail", mode="sequential", band=1, seed=1)
GET, MOVE, LIST = (ToolKey("stock", name) for name in ("get_item", "move_item", "list_items"))


class Drifting(FakeSession):
    """A session of which something differs from one to the next, once a call was made."""

    number: int = 0
    drift: str = ""

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        result = await super().call(key, arguments)
        if self.drift == "deaf" and key == GET:
            return replace(result, content='{"title": "It"}', is_error=False)
        if self.drift == "answer" and key == GET:
            return replace(result, content=result.content.replace('"price": ', f'"price": {self.number}'))
        return result

    async def snapshot(self) -> Snapshot:
        leaves = dict((await super().snapshot()).leaves)
        if self.drift == "place" and self.calls:
            leaves[f"log/{self.number}"] = "x"
        if self.drift == "value" and self.calls:
            leaves["log"] = f"written by {self.number}"
        return Snapshot(leaves)


@dataclass
class DriftingEnvironment(FakeEnvironment):
    drift: str = ""

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[FakeSession]:
        async with super().session(servers, world) as session:
            session.__class__ = Drifting
            assert isinstance(session, Drifting)
            session.number, session.drift = self.opened, self.drift
            yield session


class Given:
    """A planner that has its plan already."""

    def __init__(self, make: Callable[[PlanContext], Blueprint]) -> None:
        self.make = make

    async def plan(self, _: Target, context: PlanContext) -> Blueprint:
        return self.make(context)


def maker(environment: FakeEnvironment, plan: Callable[[PlanContext], Blueprint] | None = None) -> BlueprintMaker:
    return BlueprintMaker(Given(plan or (lambda _: plan_of())), environment, BY_KEY, Exploration(profiles={}))


async def sku_and_shelf() -> tuple[str, str]:
    async with FakeEnvironment().session(["stock"], 0) as session:
        leaves = (await session.snapshot()).leaves
    return next(path.rpartition("/")[2] for path, held in leaves.items() if "cellar-rack" not in held), "cellar-rack"


def plan_of(*steps: Step, answer: Sequence[AnswerFact] = (), facts: Mapping[str, str] | None = None) -> Blueprint:
    known = tuple(Fact(id=name, label=name, value=value) for name, value in (facts or {}).items())
    request = Request(action="see to it", details=tuple(facts or {}))
    turn = Turn(kind="opening", requests=(request,), steps=steps, answer=tuple(answer))
    return Blueprint(
        id="b", target=TARGET, world=0, servers=("stock",), persona=Persona(name="Ada", role="analyst", style="plain"),
        goal="see to it", context=(), facts=known, turns=(turn,), offered=(GET, MOVE, LIST),
    )  # fmt: skip


def step(number: int, tool: ToolKey, *, expect_error: bool = False, **arguments: Binding) -> Step:
    return Step(id=f"s{number}", tool=tool, arguments=arguments, expect_error=expect_error)


async def good() -> Blueprint:
    """Tells the price of an item and moves it."""
    sku, shelf = await sku_and_shelf()
    return plan_of(
        step(1, GET, sku=FromFact(fact="f1")),
        step(2, MOVE, sku=FromFact(fact="f1"), shelf=FromFact(fact="f2")),
        answer=[AnswerFact(label="price", binding=FromOutput(step="s1", path="price"), value=None)],
        facts={"f1": sku, "f2": shelf},
    )


async def refused(plan: Blueprint, environment: FakeEnvironment | None = None) -> PlanError:
    environment = environment or FakeEnvironment()
    with pytest.raises(PlanError) as caught:
        await maker(environment).admit(plan, Random(1))
    assert environment.open == 0
    return caught.value


@pytest.mark.requirement("blueprint.admitted", "blueprint.fresh")
async def test_a_plan_that_holds_is_admitted_with_what_was_observed() -> None:
    environment = FakeEnvironment()
    found = await maker(environment).admit(await good(), Random(1))
    sku, _ = await sku_and_shelf()
    assert [(change.path, change.kind) for change in found.effects] == [(f"stock/items/{sku}", "changed")]
    assert isinstance(found.turns[0].answer[0].value, int)
    assert (environment.opened, environment.open) == (3, 0), "two gold runs and a wrong one, each in its own session"


@pytest.mark.requirement("blueprint.fresh")
async def test_the_planner_works_in_a_session_of_its_own_and_its_plan_is_admitted() -> None:
    environment = FakeEnvironment()
    sessions: list[int] = []
    plan = await good()

    def planned(context: PlanContext) -> Blueprint:
        sessions.append(environment.open)
        assert context.cluster.id == "stock"
        return replace(plan, world=0)

    found = await maker(environment, planned).make(TARGET, cluster(), 7)
    assert sessions == [1]
    assert found.effects
    assert (environment.opened, environment.open) == (4, 0)


@pytest.mark.requirement("blueprint.gold_run")
async def test_a_step_that_fails_rejects_the_plan_with_what_it_said() -> None:
    sku, _ = await sku_and_shelf()
    error = await refused(plan_of(step(1, MOVE, sku=Constant(value=sku), shelf=Constant(value="the moon"))))
    assert error.reason == "gold_run_failed"
    assert "stock/move_item" in str(error)
    assert "there is no shelf 'the moon'" in str(error)


@pytest.mark.requirement("blueprint.gold_run")
async def test_a_step_that_should_fail_and_does_not_rejects_the_plan() -> None:
    sku, shelf = await sku_and_shelf()
    works = step(1, MOVE, expect_error=True, sku=Constant(value=sku), shelf=Constant(value=shelf))
    assert (await refused(plan_of(works))).reason == "gold_run_failed"
    fails = step(1, MOVE, expect_error=True, sku=Constant(value=sku), shelf=Constant(value="moon"))
    plan = await good()
    plan = replace(plan, turns=(replace(plan.turns[0], steps=(replace(fails, id="s0"), *plan.steps)),))
    assert (await maker(FakeEnvironment()).admit(plan, Random(1))).effects


@pytest.mark.requirement("blueprint.gold_run")
async def test_a_binding_that_leads_nowhere_rejects_the_plan() -> None:
    lost = step(2, GET, sku=FromOutput(step="s1", path="[].colour"))
    error = await refused(plan_of(step(1, LIST), lost))
    assert error.reason == "gold_run_failed"
    assert "stock/get_item" in str(error)


@pytest.mark.requirement("blueprint.repeatable")
@pytest.mark.parametrize("drift", ["place", "answer"])
async def test_gold_runs_that_differ_in_what_they_change_or_tell_reject_the_plan(drift: str) -> None:
    error = await refused(await good(), DriftingEnvironment(drift=drift))
    assert error.reason == "gold_not_repeatable"


@pytest.mark.requirement("blueprint.masked")
async def test_a_value_that_differs_between_gold_runs_is_masked_and_only_there() -> None:
    found = await maker(DriftingEnvironment(drift="value")).admit(await good(), Random(1))
    masked = {change.path: change.value == ANY for change in found.effects}
    sku, _ = await sku_and_shelf()
    assert masked == {"log": True, f"stock/items/{sku}": False}


@pytest.mark.requirement("blueprint.noop")
async def test_a_plan_that_is_fulfilled_by_doing_nothing_is_rejected() -> None:
    assert (await refused(plan_of())).reason == "noop_passes"
    sku, _ = await sku_and_shelf()
    async with FakeEnvironment().session(["stock"], 0) as session:
        held = (await session.call(GET, {"sku": sku})).content
    there = next(shelf for shelf in ("north-wall", "south-wall", "loading-bay") if shelf in held)
    stays = plan_of(step(1, MOVE, sku=FromFact(fact="f1"), shelf=FromFact(fact="f2")), facts={"f1": sku, "f2": there})
    assert (await refused(stays)).reason == "noop_passes", "the initial state satisfies the goal"


@pytest.mark.requirement("blueprint.wrong_solution")
async def test_a_plan_whose_checks_a_wrong_solution_passes_is_rejected() -> None:
    """The argument that could be mistaken makes no difference to what is checked."""
    sku, _ = await sku_and_shelf()
    plan = plan_of(
        step(1, LIST),
        step(2, GET, sku=FromFact(fact="f1")),
        answer=[AnswerFact(label="item", binding=FromOutput(step="s1", path="[].sku"), value=None)],
        facts={"f1": sku},
    )
    deaf = DriftingEnvironment(drift="deaf")
    assert (await refused(plan, deaf)).reason == "wrong_solution_passes"


@pytest.mark.requirement("blueprint.wrong_solution")
@pytest.mark.parametrize("seed", range(6))
async def test_an_argument_on_which_nothing_depends_is_no_mistake_so_that_another_is_made(seed: int) -> None:
    sku, shelf = await sku_and_shelf()
    steps = (step(1, GET, sku=FromFact(fact="f1")), step(2, MOVE, sku=FromFact(fact="f1"), shelf=FromFact(fact="f2")))
    plan = plan_of(*steps, facts={"f1": sku, "f2": shelf})
    assert (await maker(DriftingEnvironment(drift="deaf")).admit(plan, Random(seed))).effects


@pytest.mark.requirement("blueprint.told_apart")
async def test_where_a_control_would_pass_the_answer_has_to_tell_what_only_the_right_solution_shows() -> None:
    sku, _ = await sku_and_shelf()
    listed = AnswerFact(label="item", binding=FromOutput(step="s1", path="[].sku"), value=None)
    plan = plan_of(step(1, LIST), step(2, GET, sku=FromFact(fact="f1")), answer=[listed], facts={"f1": sku})
    found = await maker(FakeEnvironment()).admit(plan, Random(1))
    first, added = found.turns[0].answer
    assert first.label == "item"
    assert isinstance(added.binding, FromOutput)
    assert added.binding.step == "s2"
    assert State.of(0).items[sku][added.label] == added.value
    for steps in ((step(1, LIST),), (step(1, GET, sku=FromFact(fact="f1")),)):
        found = await maker(FakeEnvironment()).admit(plan_of(*steps, facts={"f1": sku}), Random(1))
        assert found.turns[0].answer, "doing nothing tells nothing"


@pytest.mark.requirement("blueprint.unsaid")
async def test_a_plan_that_counts_on_what_nobody_says_is_refused_before_anything_is_called() -> None:
    sku, _ = await sku_and_shelf()
    environment = FakeEnvironment()
    plan = plan_of(step(1, GET, sku=FromFact(fact="f1")), facts={"f1": sku})
    silent = replace(plan, turns=(replace(plan.turns[0], requests=(Request(action="see to it"),)),))
    error = await refused(silent, environment)
    assert (error.reason, environment.opened) == ("fact_never_said", 0)
    late = replace(plan.turns[0], kind="follow_up", steps=(), answer=())
    assert unsaid(replace(silent, turns=(*silent.turns, late))) == "f1", "said only afterwards"
    hidden = Computed(function="closest", inputs=(FromFact(fact="f1"), FromOutput(step="s0", path="[].sku")))
    assert unsaid(replace(silent, turns=(replace(silent.turns[0], steps=(step(1, GET, sku=hidden),)),))) == "f1"
    for said in (
        replace(plan.turns[0], requests=(Request(action="see to {f1}"),)),
        replace(plan.turns[0], requests=(Request(action="see to it", more=f" It is {sku}."),)),
        replace(plan.turns[0], requests=(Request(action="see to it"),), withheld=("f1",)),
    ):
        assert unsaid(replace(plan, turns=(said,))) is None
    assert unsaid(replace(silent, context=(f"The item is {sku}",))) is None


@pytest.mark.requirement("blueprint.wrong_solution")
async def test_where_nothing_can_be_mistaken_a_bare_claim_of_success_must_fail() -> None:
    environment = FakeEnvironment()
    told = AnswerFact(label="item", binding=FromOutput(step="s1", path="[].sku"), value=None)
    found = await maker(environment).admit(plan_of(step(1, LIST), answer=[told]), Random(1))
    assert found.turns[0].answer[0].value
    assert environment.opened == 2


@pytest.mark.requirement("blueprint.server")
async def test_a_server_that_fails_in_a_gold_run_or_does_not_start_is_not_the_plan_s_fault() -> None:
    for environment in (FakeEnvironment(faults={MOVE: "timeout"}), FakeEnvironment(broken=("stock",))):
        with pytest.raises(ServerError, match="stock"):
            await maker(environment).admit(await good(), Random(1))
        assert environment.open == 0
