"""What the procedural user and assistant say, and what they don't."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from tests.agents.episodes import blueprint, blueprints, holds, played, said_by
from tests.fakes import BY_KEY, TOOLS

from tdscaling.agents import ProceduralAssistant, RoleError
from tdscaling.agents.phrases import action
from tdscaling.agents.planning.planner import STYLES
from tdscaling.agents.planning.turns import misspelt
from tdscaling.agents.reasons import reason
from tdscaling.agents.user import ProceduralUser
from tdscaling.agents.wording import enumeration, label, quoted, spoken, vary
from tdscaling.outcome_checks import outcome_checks
from tdscaling.prompts import hashes, render
from tdscaling.types import Message, Mode, Tool
from tdscaling.values.offer import offer

TALKATIVE: tuple[Mode, ...] = ("direct", "sequential", "clarifying", "revising", "verifying", "recovering")


class Mumbler:
    """A user who asks once without saying anything."""

    async def speak(self, messages: Sequence[Message]) -> str | None:
        return None if len(messages) > 1 else "Please do it."


@pytest.mark.requirement("agents.no_tool_names")
@pytest.mark.parametrize("mode", TALKATIVE)
async def test_the_user_never_names_a_tool(mode: Mode) -> None:
    for plan in await blueprints(mode, 8):
        said = said_by("user", (await played(plan)).dialogue.messages).casefold()
        assert said
        assert not [tool.name for tool in TOOLS if tool.name in said]


@pytest.mark.requirement("agents.withheld")
async def test_a_withheld_fact_is_said_only_after_the_question() -> None:
    plans = await blueprints("clarifying", 16)
    assert len(plans) >= 8
    for plan in plans:
        messages = (await played(plan)).dialogue.messages
        facts = {fact.id: fact for fact in plan.facts}
        withheld = [facts[name] for turn in plan.turns for name in turn.withheld]
        assert len(withheld) == 1
        spoken_at = [i for i, m in enumerate(messages) if m.role != "tool" and holds(m.content, withheld[0].value)]
        assert messages[spoken_at[0]].role == "user"
        question = messages[spoken_at[0] - 1]
        assert (question.role, question.tool_calls) == ("assistant", ())
        assert withheld[0].label in question.content
        assert question.content.endswith("?")
        used = [
            i for i, m in enumerate(messages) if any(withheld[0].value in c.arguments.values() for c in m.tool_calls)
        ]
        assert used
        assert min(used) > spoken_at[0]


@pytest.mark.requirement("agents.honest")
@pytest.mark.parametrize("mode", ["direct", "revising", "recovering"])
async def test_a_value_that_nobody_said_is_not_used(mode: Mode) -> None:
    plan = (await blueprints(mode, 4))[0]
    assert plan.facts
    rollout = await played(plan, user=Mumbler())
    assert rollout.fault == "assistant"
    assert "is not known" in rollout.detail
    assert list(rollout.dialogue.calls()) == []


@pytest.mark.requirement("agents.honest")
async def test_a_value_that_no_result_holds_is_not_used() -> None:
    plan = next(p for p in await blueprints("sequential", 12, 0) if p.steps[0].tool.name.startswith("list"))
    user = ProceduralUser(plan, Random(1))
    assistant = ProceduralAssistant(plan, Random(1))
    tools = offer(plan.offered, BY_KEY)
    messages = [Message(role="system"), Message(role="user", content=str(await user.speak([])))]
    looking = await assistant.act(messages, tools)
    call = looking.tool_calls[0]
    messages += [looking, Message(role="tool", content="[]", tool_call_id=call.id, name=call.name)]
    with pytest.raises(RoleError) as caught:
        await assistant.act(messages, tools)
    assert caught.value.role == "assistant"


@pytest.mark.requirement("agents.honest")
async def test_a_tool_that_is_not_offered_is_not_called() -> None:
    plan = await blueprint("direct", 0)
    assistant = ProceduralAssistant(plan, Random(1))
    said = Message(role="user", content=str(await ProceduralUser(plan, Random(1)).speak([])))
    with pytest.raises(RoleError, match="is not offered"):
        await assistant.act([said], ())


@pytest.mark.requirement("agents.honest")
async def test_more_requests_than_the_plan_holds_are_not_answered() -> None:
    plan = next(plan for plan in await blueprints("direct", 8, 0) if len(plan.turns) == len(plan.steps) == 1)
    assistant = ProceduralAssistant(plan, Random(1))
    tools = offer(plan.offered, BY_KEY)
    said = Message(role="user", content=str(await ProceduralUser(plan, Random(1)).speak([])))
    call = await assistant.act([said], tools)
    result = Message(role="tool", content='{"sku": "a"}', tool_call_id=call.tool_calls[0].id)
    messages = [said, call, result, Message(role="user", content="And now?")]
    with pytest.raises(RoleError, match="more than the plan holds"):
        await assistant.act(messages, tools)


@pytest.mark.requirement("agents.wording")
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.key))
def test_what_a_tool_does_is_said_in_plain_words(tool: Tool) -> None:
    said = action(tool)
    assert tool.name not in said
    assert said[0].islower()
    assert " " in said


@pytest.mark.requirement("agents.wording")
@given(
    st.from_regex(r"[a-zA-Z][a-zA-Z0-9_.-]{0,40}", fullmatch=True),
    st.text(max_size=200),
    st.from_regex(r"[a-z]{2,8}", fullmatch=True),
)
def test_any_tool_can_be_spoken_of_without_an_identifier(name: str, description: str, server: str) -> None:
    said = action(Tool(server=server, name=name, description=description))
    assert said.strip()
    assert "\n" not in said
    assert name not in said or name.isalpha()


@pytest.mark.requirement("agents.wording")
@given(st.text(min_size=1, max_size=20, alphabet="abcdefghij-. "), st.integers(0, 10**6))
def test_a_phrase_keeps_its_object_when_its_verb_varies(rest: str, seed: int) -> None:
    assert vary(f"show {rest}", Random(seed)).endswith(f" {rest}")


@pytest.mark.requirement("agents.wording")
@given(st.from_regex(r"[a-z]{4,12}(-[a-z]{2,8})?(\.xlsx|\.csv)?", fullmatch=True), st.integers(0, 10**6))
def test_a_misspelt_name_is_another_one_but_close(name: str, seed: int) -> None:
    wrong = misspelt(name, Random(seed))
    assert wrong != name
    assert abs(len(wrong) - len(name)) <= 1
    assert len(set(wrong) ^ set(name)) <= 1
    assert wrong.rpartition(".")[2] == name.rpartition(".")[2] or "." not in name


@pytest.mark.requirement("agents.wording")
@given(
    st.one_of(st.text(min_size=1), st.integers(), st.booleans(), st.lists(st.text(min_size=1), min_size=1, max_size=4)),
    st.integers(0, 10**6),
)
def test_a_quoted_value_holds_it_as_it_is_spoken(value: str | int | bool | list[str], seed: int) -> None:
    assert spoken(value) in quoted(value, Random(seed))


@pytest.mark.requirement("agents.wording")
def test_fields_and_lists_are_spoken_of_as_people_do() -> None:
    assert [label(name) for name in ("itemId", "rows[].unit_price", "[]")] == ["item id", "unit price", "value"]
    assert enumeration(["a"]) == "a"
    assert enumeration(["a", "b", "c"]) == "a, b and c"


@pytest.mark.requirement("agents.varied")
async def test_the_same_plan_is_opened_in_other_words_by_every_style_and_seed() -> None:
    plan = await blueprint("direct", 0)
    openings: set[str] = set()
    for style in STYLES:
        spoken_by = replace(plan, persona=replace(plan.persona, style=style))
        said = {str(await ProceduralUser(spoken_by, Random(seed)).speak([])) for seed in range(12)}
        assert len(said) >= 10, style
        assert not said & openings, "no two styles say the very same"
        openings |= said
        facts = [fact for turn in plan.turns for request in turn.requests for fact in request.details]
        values = [spoken(fact.value) for fact in plan.facts if fact.id in facts]
        assert all(value in text for value in values for text in said)


@pytest.mark.requirement("agents.varied")
@given(st.sampled_from(STYLES), st.integers(0, 10**6))
def test_a_reason_is_a_sentence_of_its_own_or_nothing(style: str, seed: int) -> None:
    said = reason(style, Random(seed))
    assert said == reason(style, Random(seed))
    assert said == "" or (said[0].isupper() and said[-1] in ".!" and "{" not in said)


@pytest.mark.requirement("agents.varied")
async def test_many_values_are_told_in_a_table_at_times_and_all_of_them_always() -> None:
    replies: list[str] = []
    for plan in await blueprints("parallel", 24):
        for seed in range(3):
            rollout = await played(plan, seed)
            assert all(check.passed for check in outcome_checks(plan, rollout.outcome))
            replies.extend(rollout.outcome.answers)
    assert any("| --- | --- |" in reply for reply in replies)
    assert any("|" not in reply and "\n- " not in reply for reply in replies)


@pytest.mark.requirement("agents.prompts")
def test_the_system_prompt_holds_the_context_and_the_rules() -> None:
    text = render("assistant_system", context=("Repo path: /w/repo",), policy=("You must not delete.",))
    assert "- Repo path: /w/repo" in text
    assert "- You must not delete." in text
    plain = render("assistant_system", context=(), policy=())
    assert text.startswith(plain)
    assert "Rules" not in plain


@pytest.mark.requirement("agents.prompts")
def test_a_template_without_a_value_it_needs_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="policy"):
        render("assistant_system", context=())


@pytest.mark.requirement("agents.prompts")
def test_every_template_has_a_hash() -> None:
    found = hashes()
    assert "assistant_system" in found
    assert all(len(value) == 12 and int(value, 16) >= 0 for value in found.values())
    assert list(found) == sorted(found)
