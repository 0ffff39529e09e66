"""A completion is read, or the reason why not is named."""

import pytest

from tdscaling.errors import ProviderError
from tdscaling.llm import Completion, RawCall, Request, ScriptedModel, Usage
from tdscaling.llm.failures import (
    AnswerError,
    BadArgumentsError,
    MalformedCallError,
    NotJsonError,
    RefusedError,
    TruncatedError,
    WrongToolError,
)
from tdscaling.llm.reading import calls, text, value
from tdscaling.types import JsonObject, Message, OfferedTool

SCHEMA: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOLS = (OfferedTool(name="count", parameters=SCHEMA),)
ASKED = Request(messages=(Message(role="user", content="Hi"),))


def called(name: str, arguments: str) -> Completion:
    return Completion(calls=(RawCall(id="c1", name=name, arguments=arguments),), finish="tool_calls")


@pytest.mark.requirement("llm.scripted")
async def test_a_scripted_model_says_its_lines_and_then_that_there_is_none_left() -> None:
    model = ScriptedModel(["one", Completion(content="two"), TruncatedError("cut")])
    assert [(await model.complete(ASKED)).content for _ in range(2)] == ["one", "two"]
    with pytest.raises(TruncatedError):
        await model.complete(ASKED)
    with pytest.raises(ProviderError, match="no reply left"):
        await model.complete(ASKED)
    assert model.requests == [ASKED] * 4


@pytest.mark.requirement("llm.scripted")
async def test_a_scripted_model_can_answer_by_what_it_is_asked() -> None:
    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    assert (await model.complete(ASKED)).content == "HI"


@pytest.mark.requirement("llm.refused")
@pytest.mark.parametrize(
    "completion",
    [Completion(refusal="I can't help"), Completion(content="part", finish="refusal"), Completion(content="  ")],
)
def test_a_refusal_and_an_empty_answer_are_refused_errors(completion: Completion) -> None:
    with pytest.raises(RefusedError):
        text(completion)


@pytest.mark.requirement("llm.truncated")
def test_an_answer_that_was_cut_off_is_never_read() -> None:
    cut = Completion(content='{"n": 1}', finish="length", usage=Usage(completion_tokens=9))
    for read in (lambda: text(cut), lambda: value(cut, SCHEMA), lambda: calls(cut, TOOLS)):
        with pytest.raises(TruncatedError, match="9 tokens"):
            read()


@pytest.mark.requirement("llm.structured")
@pytest.mark.parametrize("body", ['{"n": 1}', ' {"n":1}\n', 'Here it is:\n```json\n{"n": 1}\n```\nDone.'])
def test_a_value_is_read_bare_and_fenced(body: str) -> None:
    assert value(Completion(content=body), SCHEMA) == {"n": 1}


@pytest.mark.parametrize(
    "body",
    [
        'Not ```this``` but\n```json  \n\n{"n": 1}\n\n  ```',
        '```\n{"n": 1}```\n```\n{"n": 2}\n```',
        '```json\r\n{"n": 1}\r\n```',
    ],
)
def test_the_first_block_is_the_value(body: str) -> None:
    assert value(Completion(content=body), SCHEMA) == {"n": 1}


@pytest.mark.parametrize(
    "body", ["Here:\n```json" + "\n" * 100_000 + "{", "```json" + " " * 200_000, "```x\t" * 50_000]
)
def test_a_block_that_never_ends_is_no_json_and_is_seen_in_one_look(body: str) -> None:
    """A look at every pair of places would take hours."""
    with pytest.raises(NotJsonError):
        value(Completion(content=body), SCHEMA)


@pytest.mark.requirement("llm.structured")
@pytest.mark.parametrize(("body", "said"), [("n is 1", "no JSON"), ('{"n": "one"}', "n: 'one' is not of type"),
                                            ("{}", "required")])  # fmt: skip
def test_what_is_no_value_of_the_schema_is_named(body: str, said: str) -> None:
    with pytest.raises(NotJsonError, match=said):
        value(Completion(content=body), SCHEMA)


@pytest.mark.requirement("llm.calls")
@pytest.mark.parametrize(
    ("completion", "error"),
    [
        (called("count", '{"n": 1'), MalformedCallError),
        (called("count", "[1]"), MalformedCallError),
        (called("cuont", '{"n": 1}'), WrongToolError),
        (called("count", '{"n": "x"}'), BadArgumentsError),
        (called("count", ""), BadArgumentsError),
    ],
)
def test_each_way_to_get_a_call_wrong_has_its_own_error(completion: Completion, error: type[AnswerError]) -> None:
    with pytest.raises(error):
        calls(completion, TOOLS)


@pytest.mark.requirement("llm.calls")
@pytest.mark.parametrize("arguments", ['{"n": 7}', '"{\\"n\\": 7}"'])
def test_a_good_call_is_read_also_where_its_arguments_were_encoded_twice(arguments: str) -> None:
    [call] = calls(called("count", arguments), TOOLS)
    assert (call.id, call.name, call.arguments) == ("c1", "count", {"n": 7})
