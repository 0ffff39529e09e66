"""Free texts of new records in a model's words: the state is the store's all the same."""

import json
from collections.abc import Mapping

import pytest

from tdscaling.agents.model import ModelSimulator, Voice
from tdscaling.environments.simulated import SimulatedEnvironment, SimulatedSession
from tdscaling.errors import ProviderError
from tdscaling.llm import ScriptedModel
from tdscaling.types import JsonObject, JsonValue, Tool, ToolKey

TEXT: JsonObject = {"type": "string"}
RECORD: JsonObject = {
    "type": "object",
    "properties": {"id": TEXT, "title": TEXT, "summary": TEXT, "state": {"type": "string", "enum": ["open", "shut"]}},
    "required": ["id", "title", "summary", "state"],
}
MANY: JsonObject = {
    "type": "object",
    "properties": {"notes": {"type": "array", "items": RECORD}},
    "required": ["notes"],
}


def tool(name: str, output: JsonObject, *needed: str) -> Tool:
    schema: JsonObject = {"type": "object", "properties": dict.fromkeys(needed, TEXT), "required": list(needed)}
    return Tool(server="s", name=name, input_schema=schema, output_schema=output)


TOOLS = [tool("create_note", RECORD, "title"), tool("get_note", RECORD, "id"), tool("list_notes", MANY)]
SAID = "What was agreed on the call."


def session(model: ScriptedModel | None) -> SimulatedSession:
    environment = SimulatedEnvironment(TOOLS, seed=4)
    if model is not None:
        environment.phrase_by(ModelSimulator(lambda: Voice(model, "simulator", "7 item")))
    return environment.open(["s"], 0)


async def called(opened: SimulatedSession, name: str, **arguments: JsonValue) -> Mapping[str, JsonValue]:
    return json.loads((await opened.call(ToolKey("s", name), arguments)).content)


@pytest.mark.requirement("simulated.responder")
async def test_a_model_phrases_what_nobody_gave_and_later_calls_show_the_same() -> None:
    model = ScriptedModel([json.dumps({"summary": SAID})])
    opened = session(model)
    made = await called(opened, "create_note", title="Call with Ann")
    assert (made["title"], made["summary"], made["state"]) == ("Call with Ann", SAID, "open")
    assert await called(opened, "get_note", id=made["id"]) == made
    notes = (await called(opened, "list_notes"))["notes"]
    assert isinstance(notes, list)
    assert notes.count(made) == 1
    (request,) = model.requests
    assert "title: Call with Ann" in request.messages[0].content
    assert request.schema is not None
    assert request.schema["required"] == ["summary"]


@pytest.mark.requirement("simulated.responder")
async def test_a_model_can_say_nothing_but_the_texts_it_was_asked_for() -> None:
    asked = {"summary": SAID, "state": "shut", "id": "1", "title": "Mine"}
    found = [
        await called(session(ScriptedModel([json.dumps(answer), json.dumps(answer)])), "create_note", title="A")
        for answer in (asked, {"summary": ""}, {"summary": 7})
    ]
    by_rule = await called(session(None), "create_note", title="A")
    assert found == [by_rule, by_rule, by_rule], "an answer of another form is none"
    phrased = await called(session(ScriptedModel([json.dumps({"summary": SAID})])), "create_note", title="A")
    assert phrased == {**by_rule, "summary": SAID}


@pytest.mark.requirement("simulated.responder", "simulated.unchanged")
async def test_where_the_endpoint_fails_nothing_is_made() -> None:
    opened = session(ScriptedModel([]))
    before = await opened.snapshot()
    with pytest.raises(ProviderError):
        await opened.call(ToolKey("s", "create_note"), {"title": "A"})
    assert await opened.snapshot() == before


@pytest.mark.requirement("simulated.responder")
async def test_nothing_is_asked_for_what_fails_what_reads_and_what_has_no_free_text() -> None:
    model = ScriptedModel([])
    opened = session(model)
    assert "error" in await called(opened, "create_note")
    await called(opened, "list_notes")
    assert "error" in await called(opened, "get_note", id="none")
    assert "error" in await called(opened, "no_such_tool")
    assert model.requests == []


@pytest.mark.requirement("simulated.responder")
async def test_one_record_is_asked_for_in_the_same_words_in_every_session() -> None:
    model = ScriptedModel(lambda request: json.dumps({"summary": SAID}))
    for _ in range(2):
        await called(session(model), "create_note", title="A")
    assert model.requests[0] == model.requests[1]
