"""User and assistant played by models, on the services in memory."""

import json
from collections.abc import Callable, Sequence
from random import Random

import pytest
from tests.agents import players
from tests.agents.episodes import SEED, blueprints, described, judged, played
from tests.fakes import BY_KEY

from tdscaling.agents import ProceduralAssistant, ProceduralUser, RoleError
from tdscaling.agents.model import ModelAssistant, ModelUser, Voice, Watch
from tdscaling.agents.model.assistant import SAME_CALL
from tdscaling.agents.model.guidance import guidance
from tdscaling.llm import Completion, RawCall, Request, ScriptedModel
from tdscaling.llm.failures import ContextOverflowError, OverloadedError, TruncatedError
from tdscaling.rollout import Rollout
from tdscaling.types import Blueprint, Message, Mode, OfferedTool, ToolCall
from tdscaling.values.offer import offer

MODES: tuple[Mode, ...] = ("direct", "sequential", "clarifying", "revising", "abstaining", "parallel", "conditional")
TOOL = OfferedTool(
    name="add_up",
    parameters={"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
)
ASKED = (Message(role="system", content="Help."), Message(role="user", content="Add 1."))


def call(arguments: str = '{"a": 1}', name: str = "add_up") -> Completion:
    return Completion(calls=(RawCall(id="x", name=name, arguments=arguments),), finish="tool_calls")


def voice(model: ScriptedModel, role: str = "assistant") -> Voice:
    return Voice(model, role, "7 item")


def model_user(plan: Blueprint, model: ScriptedModel) -> ModelUser:
    return ModelUser(plan, voice(model, "user"), [tool.name for tool in offer(plan.offered, BY_KEY)])


async def failed_checks(plan: Blueprint, rollout: Rollout) -> list[str]:
    verdict = await judged(plan, rollout)
    return [f"{one.name}: {one.detail}" for one in verdict.checks if not one.passed]


@pytest.mark.requirement("agents.model_roles")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", ["both", "user", "assistant"])
async def test_model_roles_that_play_well_make_good_episodes_and_mix_with_procedural_ones(mode: Mode, who: str) -> None:
    plans = await blueprints(mode, 4)
    assert plans
    for plan in plans:
        model = ScriptedModel(players.reply)
        user = model_user(plan, model) if who != "assistant" else ProceduralUser(plan, Random("user"))
        assistant = (
            ModelAssistant(voice(model), "native", 40, plan) if who != "user" else ProceduralAssistant(plan, Random(1))
        )
        rollout = await played(plan, user=user, assistant=assistant)
        assert await failed_checks(plan, rollout) == []
        assert mode in described(plan, rollout).modes


@pytest.mark.requirement("agents.hidden_hints")
async def test_no_guidance_and_no_thought_about_it_is_left_in_the_data() -> None:
    for plan in await blueprints("sequential", 3):
        model = ScriptedModel(players.reply)
        rollout = await played(
            plan,
            user=ProceduralUser(plan, Random(3)),
            assistant=ModelAssistant(voice(model), "native", 40, plan),
        )
        assert all("Private guidance" in request.messages[0].content for request in model.requests)
        text = "\n".join(f"{one.content} {one.reasoning}" for one in rollout.dialogue.messages)
        assert "uidance" not in text
        assert "I was told to" not in text
        without = ScriptedModel(["Nothing to do."] * 20)
        await played(
            plan,
            user=ProceduralUser(plan, Random(3)),
            assistant=ModelAssistant(voice(without), "native", 40),
        )
        assert not any("uidance" in request.messages[0].content for request in without.requests)


@pytest.mark.requirement("agents.hidden_hints")
async def test_an_assistant_that_speaks_of_its_guidance_is_asked_again() -> None:
    [plan, *_] = await blueprints("direct", 3)
    model = ScriptedModel(["My private guidance says no.", "I can't say."])
    said = await ModelAssistant(voice(model), "native", 40, plan).act(ASKED, (TOOL,))
    assert said.content == "I can't say."


@pytest.mark.requirement("agents.repairs")
@pytest.mark.parametrize(("changes", "may_call"), [(True, True), (False, False)])
async def test_a_call_that_shows_the_same_three_times_over_is_the_last_and_one_that_shows_news_is_not(
    changes: bool, may_call: bool
) -> None:
    model = ScriptedModel(["Done."])
    seen = [*ASKED]
    for number in range(SAME_CALL):
        made = ToolCall(id=f"c{number}", name=TOOL.name, arguments={})
        seen.append(Message(role="assistant", content="", tool_calls=(made,)))
        shown = f"{number if changes else 0} left"
        seen.append(Message(role="tool", content=shown, tool_call_id=made.id, name=TOOL.name))
    await ModelAssistant(voice(model), "native", 40).act(seen, (TOOL,))
    [request] = model.requests
    assert bool(request.tools) == may_call
    assert ("Make no more calls" in request.messages[0].content) != may_call


@pytest.mark.requirement("agents.hidden_hints")
async def test_guidance_takes_values_only_from_what_was_said_and_returned() -> None:
    for plan in await blueprints("sequential", 4):
        tools = offer(plan.offered, BY_KEY)
        nothing = [Message(role="system", content=""), Message(role="user", content="Hello")]
        hint = guidance(plan, nothing, tools)
        told = json.dumps(hint.calls)
        assert not any(json.dumps(fact.value) in told for fact in plan.facts)
        assert not hint.tell


@pytest.mark.requirement("agents.user_sees")
async def test_the_model_user_never_sees_tools_steps_results_or_what_it_is_to_say_later() -> None:
    for plan in await blueprints("clarifying", 4):
        model = ScriptedModel(players.reply)
        await played(plan, user=model_user(plan, model), assistant=ProceduralAssistant(plan, Random(1)))
        first = model.requests[0].messages[0].content
        withheld = [str(fact.value) for fact in plan.facts if fact.id in plan.turns[0].withheld]
        assert not any(value in first for value in withheld)
        prompts = "\n".join(one.content for request in model.requests for one in request.messages)
        assert all(step.tool.name not in prompts for step in plan.steps if "_" in step.tool.name)
        assert plan.persona.name in first
        assert not any(request.tools for request in model.requests)


@pytest.mark.requirement("agents.user_monitor")
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Please call get_item for me.", "leak"),
        ("Show me order ZX-99817-Q.", "contradiction"),
        ("Do it please.", "forgot"),
        ("Okay, thanks!", "agrees_and_leaves"),
        ("How can I help you today?", "agents_job"),
    ],
)
async def test_a_faulty_user_turn_is_asked_for_once_more_and_then_ends_the_episode_as_the_users(
    said: str, kind: str
) -> None:
    plan = next(plan for plan in await blueprints("direct", 12) if plan.turns[0].requests[0].details)
    good = players.as_user
    mended = ScriptedModel(iter_then_good(said, good))
    user = model_user(plan, mended)
    first = await user.speak([Message(role="system", content="")])
    assert first is not None
    assert first.startswith("I'd like you to")
    assert [fault.kind for fault in user.faults] == [kind]
    assert "can't be used" in mended.requests[1].messages[-1].content
    user = model_user(plan, ScriptedModel([said, said]))
    rollout = await played(plan, user=user, assistant=ProceduralAssistant(plan, Random(1)))
    assert rollout.fault == "user"
    assert rollout.detail.startswith(kind)
    assert (await failed_checks(plan, rollout))[0].startswith("user_fault")


def iter_then_good(said: str, good: Callable[[str], str]) -> Callable[[Request], str]:
    spoken: list[str] = []

    def answer(request: Request) -> str:
        spoken.append(said)
        return said if len(spoken) == 1 else good(request.messages[0].content)

    return answer


@pytest.mark.requirement("agents.repairs")
@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (call('{"a": 1'), "malformed_call"),
        (call(name="add_it"), "wrong_tool"),
        (call('{"a": "one"}'), "bad_arguments"),
        (Completion(content="part", finish="length"), "truncated"),
        (Completion(refusal="I won't"), "refused"),
        (Completion(content='<tool_call>{"name": '), "malformed_call"),
    ],
)
async def test_an_answer_that_can_not_be_used_is_repaired_once_else_the_episode_ends_with_its_name(
    bad: Completion, kind: str
) -> None:
    model = ScriptedModel([bad, call()])
    assistant = ModelAssistant(voice(model), "native", 40)
    said = await assistant.act(ASKED, (TOOL,))
    assert said.tool_calls == (ToolCall(id="call_001", name="add_up", arguments={"a": 1}),)
    assert assistant.voice.repaired == (kind,)
    assert model.requests[1].messages[:2] == model.requests[0].messages
    with pytest.raises(RoleError, match=kind):
        await ModelAssistant(voice(ScriptedModel([bad, bad])), "native", 40).act(ASKED, (TOOL,))


@pytest.mark.requirement("agents.repairs")
async def test_a_context_overflow_is_the_episodes_and_a_dead_endpoint_is_not() -> None:
    with pytest.raises(RoleError, match="context_overflow"):
        await ModelAssistant(voice(ScriptedModel([ContextOverflowError("too long")])), "native", 40).act(ASKED, ())
    with pytest.raises(OverloadedError):
        await ModelAssistant(voice(ScriptedModel([OverloadedError("503")])), "native", 40).act(ASKED, ())


@pytest.mark.requirement("agents.model_roles")
async def test_the_same_episode_asks_the_same_and_another_one_differs() -> None:
    [plan, *_] = await blueprints("direct", 3)

    async def requests(seed: str) -> Sequence[Request]:
        model = ScriptedModel(players.reply)
        user = ModelUser(plan, Voice(model, "user", seed), [])
        await played(plan, user=user, assistant=ModelAssistant(Voice(model, "assistant", seed), "native", 40, plan))
        return model.requests

    assert await requests(f"{SEED} a") == await requests(f"{SEED} a")
    assert not set(map(repr, await requests("a"))) & set(map(repr, await requests("b")))


@pytest.mark.requirement("agents.repairs")
async def test_a_user_whose_model_refuses_twice_is_the_users_fault() -> None:
    [plan, *_] = await blueprints("direct", 3)
    with pytest.raises(RoleError) as caught:
        await model_user(plan, ScriptedModel([TruncatedError("x"), TruncatedError("x")])).speak([])
    assert caught.value.role == "user"


def watcher(*faults: str) -> ScriptedModel:
    return ScriptedModel([json.dumps({"why": "it gave itself away", "fault": fault}) for fault in faults])


@pytest.mark.requirement("agents.watch")
async def test_what_a_watching_model_finds_is_mended_once_and_then_ends_the_episode_as_the_users() -> None:
    [plan, *_] = await blueprints("direct", 3)
    start = [Message(role="system", content="")]
    names = [tool.name for tool in offer(plan.offered, BY_KEY)]

    async def said(watching: ScriptedModel) -> tuple[ModelUser, ScriptedModel, str | None]:
        model = ScriptedModel(players.reply)
        user = ModelUser(plan, voice(model, "user"), names, Watch(voice(watching, "monitor")))
        return user, model, await user.speak(start)

    calm = watcher("none")
    user, model, first = await said(calm)
    assert (user.faults, len(model.requests)) == ([], 1)
    prompt = calm.requests[0].messages[0].content
    assert str(first) in prompt
    assert all(step.tool.name not in prompt for step in plan.steps), "it sees no plan"
    user, model, _ = await said(watcher("leak", "none"))
    assert [fault.kind for fault in user.faults] == ["leak"]
    assert "it gave itself away" in model.requests[1].messages[-1].content
    with pytest.raises(RoleError, match="agents_job: it gave itself away") as ended:
        await said(watcher("leak", "agents_job"))
    assert ended.value.role == "user"
    user, *_ = await said(ScriptedModel(["no JSON", "nor here"]))
    assert user.faults == [], "where the watcher can't be read the rules have decided"


@pytest.mark.requirement("agents.watch")
async def test_a_message_that_the_rules_had_mended_is_not_asked_for_a_third_time() -> None:
    plan = next(plan for plan in await blueprints("direct", 12) if plan.turns[0].requests[0].details)
    model = ScriptedModel(iter_then_good("Okay, thanks!", players.as_user))
    user = ModelUser(plan, voice(model, "user"), [], Watch(voice(watcher("early_stop"), "monitor")))
    with pytest.raises(RoleError, match="early_stop"):
        await user.speak([Message(role="system", content="")])
    assert len(model.requests) == 2
    assert [fault.kind for fault in user.faults] == ["agrees_and_leaves", "early_stop"]
