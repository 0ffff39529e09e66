"""The loop: what is said and called is what the rollout holds."""

from collections.abc import Sequence

import pytest
from tests.fakes import FakeEnvironment, FakeSession

from tdscaling.agents import RoleError
from tdscaling.rollout import Rollout, RolloutLimits, roll_out, with_call_ids
from tdscaling.types import (
    Blueprint,
    Dialogue,
    Message,
    OfferedTool,
    Persona,
    Request,
    Target,
    ToolCall,
    ToolKey,
    Turn,
)

LIST, GET = ToolKey("stock", "list_items"), ToolKey("stock", "get_item")
TOOLS = tuple(OfferedTool(name=key.name, server=key.server, tool=key.name) for key in (LIST, GET))


class Script:
    """Says its lines one after the other; as an assistant, messages; an error among them is raised."""

    def __init__(self, *lines: str | Message | RoleError) -> None:
        self.lines = list(lines)
        self.heard: list[int] = []

    async def speak(self, messages: Sequence[Message]) -> str | None:
        self.heard.append(len(messages))
        line = self.lines.pop(0) if self.lines else None
        assert line is None or isinstance(line, str)
        return line

    async def act(self, messages: Sequence[Message], tools: Sequence[OfferedTool]) -> Message:
        assert tools == TOOLS
        self.heard.append(len(messages))
        line = self.lines.pop(0)
        if isinstance(line, RoleError):
            raise line
        return Message(role="assistant", content=line) if isinstance(line, str) else line


class Endless:
    """Never comes to an end, in either role."""

    async def speak(self, _: Sequence[Message]) -> str | None:
        return "And then?"

    async def act(self, messages: Sequence[Message], _: Sequence[OfferedTool]) -> Message:
        return calling(f"c{len(messages)}", "list_items")


def calling(name: str, tool: str, **arguments: str) -> Message:
    return Message(role="assistant", tool_calls=(ToolCall(id=name, name=tool, arguments=arguments),))


def blueprint(*turns: Turn) -> Blueprint:
    opening = Turn(kind="opening", requests=(Request(action="look"),), steps=())
    return Blueprint(
        id="b", target=Target(cluster="stock", domain="retail", mode="direct", band=0, seed=1), world=0,
        servers=("stock",), persona=Persona(name="Ada", role="analyst", style="plain"), goal="look",
        context=("The store opens at nine.",), facts=(), turns=turns or (opening,), offered=(LIST, GET),
        policy=("Never sell the lamp.",),
    )  # fmt: skip


async def rolled(
    user: Script | Endless,
    assistant: Script | Endless,
    plan: Blueprint | None = None,
    environment: FakeEnvironment | None = None,
    limits: RolloutLimits | None = None,
) -> tuple[Rollout, FakeSession]:
    async with (environment or FakeEnvironment()).session(["stock"], 0) as session:
        return await roll_out(plan or blueprint(), user, assistant, session, TOOLS, limits), session


@pytest.mark.requirement("rollout.messages")
async def test_a_rollout_is_system_then_turns_and_every_result_follows_its_call() -> None:
    two = Message(role="assistant", content="Both.", tool_calls=(
        ToolCall(id="a", name="list_items", arguments={}), ToolCall(id="b", name="get_item", arguments={"sku": "zz"}),
    ))  # fmt: skip
    user = Script("What is there?", "Thanks, and else?")
    found, session = await rolled(user, Script(two, "Nine items.", "Nothing else."))
    messages = found.dialogue.messages
    assert [message.role for message in messages] == [
        "system", "user", "assistant", "tool", "tool", "assistant", "user", "assistant",
    ]  # fmt: skip
    assert "The store opens at nine." in messages[0].content
    assert "Never sell the lamp." in messages[0].content
    assert [(m.tool_call_id, m.name, m.is_error) for m in messages if m.role == "tool"] == [
        ("a", "list_items", False),
        ("b", "get_item", True),
    ]
    assert "unknown item 'zz'" in messages[4].content
    assert found.dialogue.tools == TOOLS
    assert session.calls == [(LIST, {}), (GET, {"sku": "zz"})]
    assert found.fault == ""
    assert found.outcome.effects == ()


@pytest.mark.requirement("rollout.unknown_tool")
async def test_a_call_of_a_tool_that_is_not_offered_reaches_no_server() -> None:
    found, session = await rolled(Script("Drop it."), Script(calling("a", "delete_item", sku="x"), "I can't."))
    result = found.dialogue.messages[3]
    assert (result.content, result.is_error, result.tool_call_id) == ("Unknown tool: delete_item", True, "a")
    assert session.calls == []
    assert found.fault == ""


@pytest.mark.requirement("rollout.limits")
async def test_an_assistant_that_never_answers_is_ended_and_named() -> None:
    found, session = await rolled(Script("Look."), Endless(), limits=RolloutLimits(steps_per_turn=3))
    assert found.fault == "assistant"
    assert found.detail == "no answer after 3 steps"
    assert len(session.calls) == 3


@pytest.mark.requirement("rollout.limits")
async def test_a_user_that_never_stops_is_ended() -> None:
    assistant = Script(*["Nothing."] * 5)
    found, _ = await rolled(Endless(), assistant, limits=RolloutLimits(user_turns=4))
    assert sum(message.role == "user" for message in found.dialogue.messages) == 4
    assert len(assistant.lines) == 1


@pytest.mark.requirement("rollout.limits")
async def test_a_role_that_can_t_go_on_is_named_and_what_was_said_is_kept() -> None:
    found, _ = await rolled(Script("Look."), Script(calling("a", "list_items"), RoleError("assistant", "no value")))
    assert (found.fault, found.detail) == ("assistant", "no value")
    assert [message.role for message in found.dialogue.messages] == ["system", "user", "assistant", "tool"]


@pytest.mark.requirement("rollout.fault")
async def test_a_server_that_fails_ends_the_episode_and_is_named() -> None:
    environment = FakeEnvironment(faults={LIST: "timeout"})
    user = Script("Look.", "Again.")
    found, session = await rolled(user, Script(calling("a", "list_items")), environment=environment)
    assert found.fault == "server:timeout"
    assert "gave no answer" in found.detail
    assert user.lines == ["Again."]
    assert len(session.calls) == 1
    assert found.dialogue.messages[-1].is_error


@pytest.mark.requirement("rollout.answers")
async def test_answers_go_by_the_turns_of_the_plan_a_question_and_its_reply_being_one() -> None:
    opening = Turn(kind="opening", requests=(Request(action="show"),), steps=(), withheld=("f1",))
    later = Turn(kind="follow_up", requests=(Request(action="more"),), steps=())
    plan = blueprint(opening, later)
    found, _ = await rolled(Script("Show it.", "The lamp.", "More."), Script("Which?", "A lamp.", "Oak."), plan)
    assert found.outcome.answers == ("Which?\nA lamp.", "Oak.")
    short, _ = await rolled(Script("Show it."), Script("All I know."), plan)
    assert short.outcome.answers == ("All I know.", "All I know."), "other turns than planned: all is every turn's"


@pytest.mark.requirement("rollout.call_ids")
def test_call_ids_are_unique_over_a_data_set_and_results_follow() -> None:
    dialogue = Dialogue(messages=(
        calling("x", "list_items"), Message(role="tool", content="[]", tool_call_id="x"),
        calling("y", "list_items"), Message(role="tool", content="[]", tool_call_id="y"),
    ))  # fmt: skip
    renamed = with_call_ids(dialogue, "ab12")
    assert [call.id for _, call in renamed.calls()] == ["call_ab12_01", "call_ab12_02"]
    assert [m.tool_call_id for m in renamed.messages if m.role == "tool"] == ["call_ab12_01", "call_ab12_02"]
    assert [m.content for m in renamed.messages] == [m.content for m in dialogue.messages]
