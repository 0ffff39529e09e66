"""What each format looks like on the page, beside what its trainer expects."""

import json
from dataclasses import replace

import pytest
from tests.store.sample import SEARCH, dialogue, trajectory

from tdscaling.errors import ConfigError, DataError
from tdscaling.export import EXPORTERS, Record, exporter, record_of
from tdscaling.types import Dialogue, JsonObject, Message, ToolCall

RECORD = record_of(trajectory(1))


def row(name: str, record: Record = RECORD) -> JsonObject:
    return json.loads(json.dumps(EXPORTERS[name].record(record)))


def said(*messages: Message) -> Record:
    return Record(dialogue=Dialogue(messages=messages, tools=(SEARCH,)))


USER = Message(role="user", content="hi")
CALL = ToolCall(id="x", name="git_log", arguments={"branch": "main"})


@pytest.mark.requirement("export.dict_arguments")
@pytest.mark.parametrize("name", ["trl", "openai"])
def test_openai_forms_hold_arguments_as_objects_and_link_results_to_calls(name: str) -> None:
    messages = row(name)["messages"]
    first = messages[2]["tool_calls"][0]
    assert first == {
        "id": "c1",
        "type": "function",
        "function": {"name": "git_log", "arguments": {"branch": "main", "limit": 1}},
    }
    assert messages[3] == {"role": "tool", "content": '[{"hash": "a1b2"}]', "tool_call_id": "c1", "name": "git_log"}
    assert messages[2]["content"] == "Let me look at both branches."
    assert messages[2]["reasoning_content"] == "Two branches are named."


def test_trl_and_ms_swift_and_axolotl_hold_tools_as_one_json_string() -> None:
    for name in ("trl", "ms-swift", "axolotl"):
        tools = json.loads(row(name)["tools"])
        assert tools[0]["function"]["parameters"] == SEARCH.parameters
    assert row("openai")["tools"][0]["function"]["name"] == "git_log"


@pytest.mark.requirement("export.marks")
def test_wrong_messages_carry_the_mark_of_each_format_and_others_do_not() -> None:
    assert [entry.get("weight") for entry in row("openai")["messages"] if entry["role"] == "assistant"] == [
        None,
        0,
        None,
        1,
    ]
    assert [entry.get("train") for entry in row("axolotl")["messages"] if entry["role"] == "assistant"] == [
        None,
        False,
        None,
        True,
    ]
    off = [(entry["role"], entry["content"]) for entry in row("ms-swift")["messages"] if entry.get("loss") is False]
    assert off == [("tool_call", '{"name": "git_show", "arguments": {"revision": null}}')]
    assert row("sharegpt")["marks"].count("wrong") == 1


@pytest.mark.requirement("export.alternation", "export.text_beside_calls")
def test_sharegpt_alternates_with_parallel_calls_in_one_block() -> None:
    found = row("sharegpt")
    turns = found["conversations"]
    assert [turn["from"] for turn in turns] == [
        "human",
        "function_call",
        "observation",
        "function_call",
        "observation",
        "gpt",
        "human",
        "gpt",
    ]
    assert len(turns) % 2 == 0
    text = turns[1]["value"]
    assert text.startswith("<think>\nTwo branches are named.\n</think>\n\nLet me look at both branches.\n<tool_call>[{")
    assert text.count("<tool_call>") == 1
    calls = json.loads(text.split("<tool_call>")[1].removesuffix("</tool_call>"))
    assert [call["arguments"] for call in calls] == [call.arguments for call in dialogue().messages[2].tool_calls]
    assert turns[2]["value"].split("\n</tool_response>\n<tool_response>\n") == [
        '[{"hash": "a1b2"}]',
        "fatal: bad revision 'dév'",
    ]
    assert json.loads(turns[3]["value"]) == {"name": "git_show", "arguments": {"revision": None}}
    assert found["system"] == "You look after a repository."
    assert json.loads(found["tools"])[0]["name"] == "git_log"


def test_an_argument_that_ends_the_calls_tag_is_escaped_where_calls_are_tagged() -> None:
    call = ToolCall(id="x", name="git_log", arguments={"code": "print('</tool_call>')"})
    answer = Message(role="assistant", content="So:", tool_calls=(call,))
    value = row("sharegpt", said(USER, answer))["conversations"][1]["value"]
    assert value.count("</tool_call>") == 1
    text = row("hermes", said(USER, answer))["messages"][2]["content"]
    assert text.count("</tool_call>") == 1
    assert json.loads(text.split("<tool_call>\n")[1].split("\n</tool_call>")[0])["arguments"] == call.arguments


@pytest.mark.requirement("export.prompt")
def test_hermes_text_has_only_plain_roles_and_one_schema_per_line() -> None:
    messages = row("hermes")["messages"]
    assert {entry["role"] for entry in messages} == {"system", "user", "assistant"}
    prompt = messages[0]["content"]
    assert prompt.startswith("You look after a repository.\n\n# Tools\n\n")
    lines = prompt.split("<tools>\n")[1].split("\n</tools>")[0].split("\n")
    assert [json.loads(line)["function"]["name"] for line in lines] == ["git_log", "git_show"]
    assert messages[2]["content"].endswith("}\n</tool_call>")
    assert messages[2]["content"].count("<tool_call>\n{") == 2
    assert messages[3]["content"].startswith("<tool_response>\n[")
    assert "tools" not in row("hermes")


def test_ms_swift_makes_each_parallel_call_a_message() -> None:
    roles = [entry["role"] for entry in row("ms-swift")["messages"]]
    assert roles[:7] == ["system", "user", "assistant", "tool_call", "tool_call", "tool_response", "tool_response"]


def test_atif_fills_the_system_step_and_the_tool_definitions() -> None:
    found = row("atif")
    assert found["schema_version"] == "ATIF-v1.8"
    assert [step["step_id"] for step in found["steps"]] == list(range(1, 8))
    assert found["steps"][0]["source"] == "system"
    assert found["agent"]["tool_definitions"][1]["function"]["name"] == "git_show"
    assert found["steps"][2]["observation"]["results"][1]["source_call_id"] == "call_1"


def test_adp_is_a_flat_list_of_actions_and_observations() -> None:
    found = row("adp")
    assert [entry["class_"] for entry in found["content"]][:5] == [
        "text_observation",
        "api_action",
        "api_action",
        "text_observation",
        "text_observation",
    ]
    assert all(isinstance(value, str) for value in found["details"].values())


@pytest.mark.requirement("export.metadata")
@pytest.mark.parametrize("name", [name for name, one in EXPORTERS.items() if one.shape not in ("objects", "pairs")])
def test_metadata_are_columns_beside_the_messages(name: str) -> None:
    found = row(name)
    assert (found["id"], found["domain"], found["mode"], found["band"], found["cac"], found["servers"]) == (
        "t1",
        "version control",
        "recovering",
        2,
        10.25,
        ["git"],
    )


@pytest.mark.requirement("export.refused")
@pytest.mark.parametrize(
    ("name", "record", "reason"),
    [
        ("sharegpt", said(USER), "does not end with the assistant"),
        ("sharegpt", said(Message(role="assistant", content="hi")), "does not begin with the user"),
        ("hermes", said(USER, Message(role="assistant", content="<tool_call>")), "uses as a tag"),
        ("hermes", said(Message(role="user", content="<tool_response>1</tool_response>")), "read as a result"),
        ("hermes", said(Message(role="system", content="<tools>"), USER), "uses as a tag"),
        ("ms-swift", said(USER, Message(role="tool", content="1")), "result without a call"),
        ("atif", said(USER, Message(role="assistant", tool_calls=(CALL,)), USER), "1 calls but 0 results"),
        ("sharegpt", said(USER, Message(role="system", content="more")), "in the midst"),
        ("adp", said(USER, Message(role="assistant", content="a", reasoning="b")), "no place for it"),
    ],
)
def test_a_dialogue_that_a_format_can_not_hold_is_refused_with_the_reason(
    name: str, record: Record, reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        EXPORTERS[name].record(record)


def test_neighbours_of_one_side_are_joined_and_results_ordered_by_their_calls() -> None:
    calls = (CALL, replace(CALL, id="y"))
    record = said(
        USER,
        Message(role="user", content="again"),
        Message(role="assistant", content="a"),
        Message(role="assistant", content="b", tool_calls=calls),
        Message(role="tool", content="of y", tool_call_id="y"),
        Message(role="tool", content="of x", tool_call_id="x"),
    )
    found = EXPORTERS["ms-swift"].normal(record.dialogue).messages
    assert [message.content for message in found] == ["hi\n\nagain", "a\n\nb", "of x", "of y"]
    assert [message.tool_call_id for message in found] == [None, None, "call_0", "call_1"]


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'sharegpt'"):
        exporter("shargpt")
    with pytest.raises(ConfigError, match="there are trl"):
        exporter("zzz")
