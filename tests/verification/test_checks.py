"""Every named check fails when it should and passes when it should."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.fakes import FakeEnvironment
from tests.verification.gold import DELETE, DESTROYS, EMPTY, MOVE, gold, item

from tdscaling.outcome_checks import ANY, Outcome, outcome_checks, same_effects
from tdscaling.types import (
    Blueprint,
    Change,
    Check,
    Constant,
    Exploration,
    Fact,
    Message,
    Mode,
    Request,
    Step,
    ToolCall,
    Turn,
)
from tdscaling.verification import CHECKS, Evidence, duplicate_check, verify


async def judged(
    plan: Blueprint,
    evidence: Evidence,
    exploration: Exploration = DESTROYS,
    environment: FakeEnvironment | None = None,
) -> dict[str, Check]:
    verdict = await verify(plan, evidence, exploration, environment or FakeEnvironment())
    names = [check.name for check in verdict.checks]
    assert names == sorted(names, key=CHECKS.index), "in the order of CHECKS, each at most once"
    assert len(names) == len(set(names))
    return {check.name: check for check in verdict.checks}


def failing(checks: Mapping[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if not check.passed]


def said(evidence: Evidence, index: int, **change: object) -> Evidence:
    """The evidence with one message changed."""
    messages = list(evidence.dialogue.messages)
    messages[index] = replace(messages[index], **change)  # pyright: ignore[reportArgumentType]
    return replace(evidence, dialogue=replace(evidence.dialogue, messages=tuple(messages)))


def called(evidence: Evidence, name: str, **arguments: str) -> Evidence:
    return said(evidence, 2, tool_calls=(ToolCall(id="c1", name=name, arguments=arguments),))


@pytest.mark.requirement("verification.named")
async def test_a_good_rollout_passes_every_check_and_they_are_the_ones_named() -> None:
    plan, evidence = await gold()
    checks = await judged(plan, evidence)
    assert failing(checks) == []
    elsewhere = {"refusal", "contamination", "near_duplicate", "hidden_tests", "user_fault", "judge"}
    assert set(checks) | elsewhere == set(CHECKS)
    assert [name for name in CHECKS if name in checks] == list(checks)


@pytest.mark.requirement("verification.fault")
async def test_a_fault_is_named_and_nothing_is_replayed_then() -> None:
    plan, evidence = await gold()
    environment = FakeEnvironment()
    broken = replace(evidence, fault="server:timeout", detail="no answer")
    checks = await judged(plan, broken, environment=environment)
    assert failing(checks) == ["fault"]
    assert checks["fault"].detail == "server:timeout no answer"
    assert "replay" not in checks
    assert environment.opened == 0


@pytest.mark.requirement("verification.schema_valid")
@pytest.mark.parametrize(
    ("name", "arguments", "detail"),
    [
        ("move_item", {"sku": "x"}, "'shelf' is a required property"),
        ("move_item", {"sku": "x", "shelf": "y", "speed": "z"}, "'speed' was unexpected"),
        ("burn_item", {}, "burn_item is not offered"),
    ],
)
async def test_a_call_that_its_schema_refuses_or_nobody_offers_fails(
    name: str, arguments: dict[str, str], detail: str
) -> None:
    plan, evidence = await gold()
    checks = await judged(plan, called(evidence, name, **arguments))
    assert failing(checks) == ["schema_valid"]
    assert detail in checks["schema_valid"].detail


@pytest.mark.requirement("verification.schema_valid")
async def test_a_value_of_the_wrong_type_fails() -> None:
    plan, evidence = await gold()
    call = ToolCall(id="c1", name="move_item", arguments={"sku": 7, "shelf": "cellar-rack"})
    assert failing(await judged(plan, said(evidence, 2, tool_calls=(call,)))) == ["schema_valid"]


@pytest.mark.requirement("verification.real_results")
async def test_a_call_without_a_result_a_result_without_a_call_and_a_late_one_fail() -> None:
    plan, evidence = await gold()
    messages = evidence.dialogue.messages
    for wrong, detail in (
        ((*messages[:3], *messages[4:]), "1 calls without a result"),
        ((*messages[:3],), "1 calls without a result"),
        ((*messages[:4], messages[3], *messages[4:]), "a result without a call"),
        ((*messages[:2], *messages[3:]), "a result without a call"),
        ((*messages[:3], messages[4], messages[3]), "1 calls without a result"),
    ):
        changed = replace(evidence, dialogue=replace(evidence.dialogue, messages=wrong))
        checks = await judged(plan, changed)
        assert "real_results" in failing(checks)
        assert checks["real_results"].detail == detail


@pytest.mark.requirement("verification.effects")
async def test_missing_additional_and_other_effects_fail_with_what_differs() -> None:
    plan, evidence = await gold()
    path, kind, value = plan.effects[0]
    for effects, detail in (
        ((), f"missing ['{path}'], not expected []"),
        ((*plan.effects, Change("zebra", "added", "1")), "missing [], not expected ['zebra']"),
        ((Change(path, kind, value + "!"),), "other values than expected"),
        ((Change(path, "removed", value),), "other values than expected"),
    ):
        changed = replace(evidence, outcome=replace(evidence.outcome, effects=effects))
        checks = await judged(plan, changed)
        assert failing(checks) == ["effects"]
        assert checks["effects"].detail == detail


@pytest.mark.requirement("verification.effects")
def test_a_masked_value_may_differ_its_place_may_not() -> None:
    expected = (Change("a", "added", ANY), Change("b", "changed", "1"))
    assert same_effects(expected, (Change("a", "added", "x"), Change("b", "changed", "1")))
    assert not same_effects(expected, (Change("c", "added", "x"), Change("b", "changed", "1")))
    assert not same_effects(expected, (Change("a", "added", "x"), Change("b", "changed", "2")))
    assert not same_effects((Change("a", "added", "1"),), (Change("a", "added", ANY),))


@pytest.mark.requirement("verification.answer_facts")
async def test_an_answer_that_leaves_out_a_fact_fails_and_names_it() -> None:
    plan, evidence = await gold()
    for answers in ((), ("",), ("It is on the cellar-racks now.",), ("Done.",)):
        changed = replace(evidence, outcome=replace(evidence.outcome, answers=answers))
        checks = await judged(plan, changed)
        assert failing(checks) == ["answer_facts"]
        assert checks["answer_facts"].detail == "not told: ['shelf']"
    for answers in (("CELLAR-RACK it is",), ('It lies on "cellar-rack".',), ("on  cellar-rack!",)):
        changed = replace(evidence, outcome=replace(evidence.outcome, answers=answers))
        assert failing(await judged(plan, changed)) == []


@pytest.mark.requirement("verification.answer_facts")
async def test_a_fact_must_be_told_in_its_own_turn() -> None:
    plan, evidence = await gold()
    plan = replace(plan, turns=(*plan.turns, replace(plan.turns[0], kind="follow_up", steps=())))
    told = "It is on cellar-rack."
    for answers, fails in (((told, told), []), ((told, "Done."), ["answer_facts"]), ((told,), ["answer_facts"])):
        changed = replace(evidence, outcome=replace(evidence.outcome, answers=answers))
        assert failing(await judged(plan, changed)) == fails


@pytest.mark.requirement("verification.refusal")
async def test_a_request_that_must_be_turned_down_needs_words_that_do_so() -> None:
    plan, _ = await gold()
    turn = Turn(kind="opening", requests=(Request(action="fly", refusal="no tool can fly"),), steps=())
    plan = replace(plan, turns=(turn,), effects=())

    def verdicts(text: str) -> list[str]:
        return [check.name for check in outcome_checks(plan, Outcome((), (text,))) if not check.passed]

    assert [check.name for check in outcome_checks(plan, Outcome((), ("",)))][-1] == "refusal"
    assert verdicts("Done, it flies.") == ["refusal"]
    assert verdicts("") == ["refusal"]
    assert verdicts("I'm sorry, but no tool can do that.") == []
    assert verdicts("I can't do that.") == []


@pytest.mark.requirement("verification.needless_destruction")
async def test_a_destroying_call_that_the_plan_does_not_hold_fails() -> None:
    plan, evidence = await gold()
    sku, _ = await item()
    messages = list(evidence.dialogue.messages)
    more = (
        Message(role="assistant", tool_calls=(ToolCall(id="c2", name="delete_item", arguments={"sku": sku}),)),
        Message(role="tool", content=f"Deleted {sku}.", tool_call_id="c2", name="delete_item"),
    )
    messages[4:4] = more
    needless = replace(evidence, dialogue=replace(evidence.dialogue, messages=tuple(messages)))
    checks = await judged(plan, needless)
    assert failing(checks) == ["needless_destruction"]
    assert checks["needless_destruction"].detail == "stock/delete_item"
    step = Step(id="s2", tool=DELETE, arguments={"sku": Constant(value=sku)})
    turn = replace(plan.turns[0], steps=(*plan.turns[0].steps, step))
    planned = replace(plan, turns=(turn,))
    assert "needless_destruction" not in failing(await judged(planned, needless))
    twice = list(messages)
    twice[4:4] = [replace(m, tool_call_id=m.tool_call_id and "c3", tool_calls=tuple(
        replace(call, id="c3") for call in m.tool_calls)) for m in more]  # fmt: skip
    checks = await judged(planned, replace(evidence, dialogue=replace(evidence.dialogue, messages=tuple(twice))))
    assert "needless_destruction" in failing(checks), "planned once, made twice"
    assert "needless_destruction" not in failing(await judged(plan, needless, exploration=EMPTY))


@pytest.mark.requirement("verification.user_leak")
@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Please call move_item for me.", "the user names the tool move_item"),
        ("Please use MOVE_ITEM.", "the user names the tool move_item"),
        ("It was 3f2a9c1b7d4e.", "the user says 3f2a9c1b7d4e"),
        ("It was 123e4567-e89b-12d3-a456-426614174000.", "the user says 123e4567"),
    ],
)
async def test_a_user_who_names_a_tool_or_an_identifier_it_can_t_know_fails(text: str, detail: str) -> None:
    plan, evidence = await gold()
    checks = await judged(plan, said(evidence, 1, content=text))
    assert failing(checks) == ["user_leak"]
    assert checks["user_leak"].detail.startswith(detail)
    assert failing(await judged(plan, said(evidence, 0, content=text))) == [], "the system may say so"


@pytest.mark.requirement("verification.user_leak")
async def test_a_user_may_say_an_identifier_that_is_among_its_facts() -> None:
    plan, evidence = await gold()
    plan = replace(plan, facts=(*plan.facts, Fact(id="f3", label="hash", value="3f2a9c1b7d4e")))
    assert failing(await judged(plan, said(evidence, 1, content="It was 3f2a9c1b7d4e."))) == []
    inside = Fact(id="f4", label="events", value=[{"hash": "4f2a9c1b7d4e"}])
    plan = replace(plan, facts=(*plan.facts, inside))
    assert failing(await judged(plan, said(evidence, 1, content="It was 4f2a9c1b7d4e."))) == []


@pytest.mark.requirement("verification.mode_confirmed")
async def test_a_mode_that_its_detector_does_not_find_fails_with_what_was_found() -> None:
    plan, evidence = await gold()
    wanted: Mode = "parallel"
    checks = await judged(replace(plan, target=replace(plan.target, mode=wanted)), evidence)
    assert failing(checks) == ["mode_confirmed"]
    assert checks["mode_confirmed"].detail == "wanted parallel, detected direct"
    none = replace(evidence, descriptor=replace(evidence.descriptor, modes=(), primary_mode="none"))
    assert (await judged(plan, none))["mode_confirmed"].detail == "wanted direct, detected none"


@pytest.mark.requirement("verification.replay")
async def test_calls_that_don_t_give_the_same_effects_again_fail_the_replay() -> None:
    """The messages say another call than the one that made the effects: only the replay can tell."""
    plan, evidence = await gold()
    sku, _ = await item()
    checks = await judged(plan, called(evidence, "move_item", sku=sku, shelf="loading-bay"))
    assert failing(checks) == ["replay"]
    checks = await judged(plan, called(evidence, "list_items"))
    assert failing(checks) == ["replay"]


@pytest.mark.requirement("verification.replay")
async def test_the_replay_is_made_in_one_fresh_session_of_the_plan_s_world_and_names_a_fault() -> None:
    plan, evidence = await gold()
    environment = FakeEnvironment()
    assert failing(await judged(plan, evidence, environment=environment)) == []
    assert (environment.opened, environment.open) == (1, 0)
    checks = await judged(plan, evidence, environment=FakeEnvironment(faults={MOVE: "timeout"}))
    assert failing(checks) == ["replay"]
    assert checks["replay"].detail == "stock/move_item: timeout"


@pytest.mark.requirement("verification.near_duplicate")
def test_a_near_duplicate_names_the_one_it_is_too_much_like() -> None:
    assert duplicate_check(None) == Check(name="near_duplicate", passed=True)
    assert duplicate_check("t7") == Check(name="near_duplicate", passed=False, detail="of t7")
    assert CHECKS[-1] == "near_duplicate"
