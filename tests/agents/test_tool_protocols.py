"""Endpoints that call tools in other ways than their own make the same dialogues."""

import json
from collections.abc import Callable

import pytest
from tests.agents import players
from tests.agents.episodes import blueprints, played
from tests.agents.test_model_roles import ASKED, TOOL, call, model_user, voice

from tdscaling.agents.model import ModelAssistant
from tdscaling.agents.model.probe import probe
from tdscaling.agents.model.tool_protocol import Protocol, read, written
from tdscaling.llm import Completion, RawCall, Request, ScriptedModel
from tdscaling.llm.failures import BadRequestError
from tdscaling.llm.reading import calls
from tdscaling.types import Message, Mode, ToolCall


@pytest.mark.requirement("agents.protocols")
@pytest.mark.parametrize(("protocol", "play"), [("hermes", players.in_text), ("schema", players.under_schema)])
@pytest.mark.parametrize("mode", ["sequential", "clarifying"])
async def test_an_endpoint_without_tool_calling_makes_the_same_dialogue(
    protocol: Protocol, play: Callable[[Request], Completion], mode: Mode
) -> None:
    for plan in await blueprints(mode, 3):
        asked = ScriptedModel(play)
        dialogues = [
            (
                await played(
                    plan, user=model_user(plan, model), assistant=ModelAssistant(voice(model), spoken, 40, plan)
                )
            ).dialogue
            for model, spoken in ((ScriptedModel(players.reply), "native"), (asked, protocol))
        ]
        assert dialogues[0] == dialogues[1]
        assert not any(request.tools for request in asked.requests)
        assert not any(message.role == "tool" for request in asked.requests for message in request.messages)


@pytest.mark.requirement("agents.protocols")
@pytest.mark.parametrize(
    "content",
    [
        '{"name": "add_up", "arguments": {"a": 1}}',
        '```json\n{"name": "add_up", "arguments": {"a": 1}}\n```',
        '<tool_call>\n{"name": "add_up", "arguments": "{\\"a\\": 1}"}\n</tool_call>',
        '[{"name": "add_up", "parameters": {"a": 1}}]',
    ],
)
async def test_calls_written_into_the_text_are_calls(content: str) -> None:
    said = await ModelAssistant(voice(ScriptedModel([content])), "native", 40).act(ASKED, (TOOL,))
    assert [(one.name, one.arguments) for one in said.tool_calls] == [("add_up", {"a": 1})]
    assert said.content == ""


@pytest.mark.requirement("agents.protocols")
async def test_wrong_and_doubled_call_ids_are_replaced_by_ids_of_our_own() -> None:
    both = Completion(calls=(RawCall(id="same", name="add_up", arguments='{"a": 1}'),) * 2)
    said = await ModelAssistant(voice(ScriptedModel([both])), "native", 40).act(ASKED, (TOOL,))
    assert [one.id for one in said.tool_calls] == ["call_001", "call_002"]


@pytest.mark.requirement("agents.protocols")
async def test_a_model_that_can_not_stop_calling_is_asked_to_answer_without_tools() -> None:
    def endless(request: Request) -> Completion:
        return call() if request.tools else Completion(content="It is 1.")

    model = ScriptedModel(endless)
    assistant = ModelAssistant(voice(model), "native", 40)
    messages = list(ASKED)
    for _ in range(6):
        said = await assistant.act(messages, (TOOL,))
        messages.append(said)
        if not said.tool_calls:
            break
        messages += [Message(role="tool", content="1", tool_call_id=one.id) for one in said.tool_calls]
    assert messages[-1].content == "It is 1."


def weather(request: Request) -> Completion:
    if request.tools:
        return Completion(calls=(RawCall(id="1", name="get_weather", arguments='{"city": "Paris"}'),))
    body = json.dumps({"say": "", "calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]})
    return Completion(content=body if request.schema else "It rains.")


def no_tools(request: Request) -> Completion | BadRequestError:
    return BadRequestError("tools are not supported") if request.tools else weather(request)


def no_schema(request: Request) -> Completion | BadRequestError:
    return BadRequestError("not supported") if request.tools or request.schema else weather(request)


@pytest.mark.requirement("agents.protocols")
@pytest.mark.parametrize(("can", "found"), [(weather, "native"), (no_tools, "schema"), (no_schema, "hermes")])
async def test_a_probe_finds_the_protocol_that_an_endpoint_speaks(
    can: Callable[[Request], Completion | BadRequestError], found: Protocol
) -> None:
    assert await probe(ScriptedModel(can)) == found


@pytest.mark.requirement("agents.protocols")
@pytest.mark.parametrize("protocol", ["schema", "hermes"])
def test_what_a_text_protocol_writes_it_reads(protocol: Protocol) -> None:
    made = ToolCall(id="call_001", name="add_up", arguments={"a": 1})
    history = (*ASKED, Message(role="assistant", content="Adding.", tool_calls=(made,)))
    sent = written(Request(messages=history, tools=(TOOL,)), protocol)
    back = read(Completion(content=sent.messages[-1].content), protocol, (TOOL,))
    assert back.content.strip() == "Adding."
    assert [(one.name, one.arguments) for one in calls(back, (TOOL,))] == [("add_up", {"a": 1})]
