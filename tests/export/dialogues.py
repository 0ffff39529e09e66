"""Random dialogues for the laws of export."""

from dataclasses import replace

from hypothesis import strategies as st

from tdscaling.export import Record
from tdscaling.types import Dialogue, Message, NestedCall, OfferedTool, ToolCall

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=3)
NAMES = st.sampled_from(["git_log", "write.file", "résumé-get", "a"])
HARD = st.sampled_from(
    [
        "",
        " ",
        "\n",
        "a\n\nb",
        "```json\n{}\n```",
        "<b>",
        "# Tools",
        '{"x": 1}',
        "[]",
        "\u2028",
        " lead",
        "trail \n",
        "∅",
    ]
)
TAGS = ("think>", "tool_call>", "tool_response>", "tools>")


def free_of_tags(text: str) -> bool:
    return not any(tag in text for tag in TAGS)


TEXT = (HARD | st.text(max_size=20)).filter(free_of_tags)
HOSTILE = st.sampled_from(
    [
        "<tool_call>",
        "</tool_call>",
        '<tool_call>{"name": "a", "arguments": {}}</tool_call>',
        "<think>\nx\n</think>\n\n",
        "</think>",
        "<tool_response>\n1\n</tool_response>",
        "\n</tool_response>\n<tool_response>\n",
        "<tools>\n[]\n</tools>",
        '{"name": "a", "arguments": {}}',
        '```json\n{"name": "a", "arguments": {}}\n```',
        "plain",
    ]
)
ARGUMENTS = OBJECTS | st.sampled_from(
    [{"code": "</tool_call>"}, {"a": "<think>x</think>"}, {"a": {"b": None, "c": []}}, {"arguments": {"tools": [1]}}]
)
NESTED = st.just(()) | st.lists(
    st.builds(NestedCall, name=NAMES, arguments=OBJECTS, content=TEXT, is_error=st.booleans()), max_size=2
).map(tuple)
MARKS = st.sampled_from([None, None, "useful", "redundant", "wrong"])


@st.composite
def turns(draw: st.DrawFn, number: int, text: st.SearchStrategy[str]) -> list[Message]:
    """What the assistant does on one user message: rounds of calls with their results, then an answer."""
    found = [Message(role="user", content=draw(text))]
    for lap in range(draw(st.integers(0, 2))):
        names = draw(st.lists(NAMES, min_size=1, max_size=3))
        calls = tuple(
            ToolCall(id=f"id{number}{lap}{place}", name=name, arguments=draw(ARGUMENTS))
            for place, name in enumerate(names)
        )
        thought = draw(st.none() | text)
        found.append(
            Message(role="assistant", content=draw(text), tool_calls=calls, reasoning=thought, mark=draw(MARKS))
        )
        for call in calls:
            failed = draw(st.booleans())
            content = draw(text)
            found.append(
                Message(
                    role="tool",
                    content=content,
                    tool_call_id=call.id,
                    name=call.name,
                    is_error=failed,
                    nested=draw(NESTED),
                )
            )
    found.append(Message(role="assistant", content=draw(text), mark=draw(MARKS)))
    return found


@st.composite
def dialogues(draw: st.DrawFn, text: st.SearchStrategy[str] = TEXT) -> Dialogue:
    messages: list[Message] = []
    if draw(st.booleans()):
        messages.append(Message(role="system", content=draw(text)))
    for number in range(draw(st.integers(1, 3))):
        messages += draw(turns(number, text))
    messages[-1] = replace(messages[-1], mark=None)  # TRL reads no dialogue in which nothing is trained
    names = draw(st.lists(NAMES, unique=True))
    tools = tuple(
        OfferedTool(name=name, description=draw(text), parameters=draw(OBJECTS), server=draw(st.none() | NAMES))
        for name in names
    )
    return Dialogue(messages=tuple(messages), tools=tools)


@st.composite
def records(draw: st.DrawFn) -> Record:
    metadata = {
        "domain": draw(NAMES),
        "mode": "direct",
        "band": draw(st.integers(0, 5)),
        "cac": draw(st.floats(0, 99)),
        "servers": draw(st.lists(NAMES)),
    }
    return Record(dialogue=draw(dialogues()), id=draw(NAMES), metadata=metadata)
