"""A dialogue as the text a model is trained on, with the spans that are trained and the actions that are scored.

The chat template of the exports writes the same text; it goes with the trained weights, so that any server that
reads chat templates asks the model the way it was trained.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tdscaling.export.openai import chat_template, trained
from tdscaling.export.tags import with_thought
from tdscaling.types import Dialogue, JsonValue, Message, OfferedTool

START = "<|im_start|>"
END = "<|im_end|>"
CALL = "<tool_call>\n"
CALLED = "\n</tool_call>"
_TOOLS = (
    "\n\n# Tools\nCall one or more of these functions:\n<tools>\n{lines}\n</tools>\n"
    'A call is <tool_call>\n{{"name": NAME, "arguments": OBJECT}}\n</tool_call>'
)


class Span(NamedTuple):
    """Letters `start` to `end` of the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What an assistant message does: one of its calls, or that it answers without any.

    `whole` is the call with its tags, or the answer up to its end; `decided` is the part of it that says which tool is
    called, or, of an answer, nothing. `message` is the index in the dialogue.
    """

    message: int
    kind: Literal["call", "answer"]
    whole: Span
    decided: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The text, the spans that the loss falls on, and the actions of the messages among these."""

    text: str
    trained: tuple[Span, ...]
    actions: tuple[Action, ...]


def written(dialogue: Dialogue) -> Written:
    """The whole dialogue; the loss falls on assistant messages but for those marked redundant or wrong."""
    text, results = "", False
    spans: list[Span] = []
    actions: list[Action] = []
    for index, message in enumerate(dialogue.messages):
        if results and message.role != "tool":
            text, results = f"{text}{END}\n", False
        if message.role == "tool":
            text += "\n" if results else f"{START}user\n"
            text, results = f"{text}<tool_response>\n{message.content}\n</tool_response>", True
            continue
        if index == 0 and message.role != "system" and dialogue.tools:
            text += f"{START}system\n{_tools(dialogue.tools).lstrip()}{END}\n"
        text += f"{START}{message.role}\n"
        start = len(text)
        body, found = _body(index, message, start)
        if index == 0 and message.role == "system":
            body += _tools(dialogue.tools)
        text += f"{body}{END}\n"
        if message.role == "assistant" and trained(message):
            spans.append(Span(start, len(text) - 1))
            actions.extend(found)
    return Written(text=f"{text}{END}\n" if results else text, trained=tuple(spans), actions=tuple(actions))


def prompt(messages: Sequence[Message], tools: Sequence[OfferedTool]) -> str:
    """What comes before the next assistant message."""
    return f"{written(Dialogue(messages=tuple(messages), tools=tuple(tools))).text}{START}assistant\n"


def template() -> str:
    """The same as a chat template for Jinja, with the `generation` marks that trainers look for."""
    return chat_template()


def _body(index: int, message: Message, start: int) -> tuple[str, list[Action]]:
    body = with_thought(message.reasoning, message.content)
    if message.role != "assistant":
        return message.content, []
    if not message.tool_calls:
        answer = Span(start, start + len(body) + len(END))
        return body, [Action(message=index, kind="answer", whole=answer, decided=Span(start, start))]
    actions: list[Action] = []
    for call in message.tool_calls:
        body += "\n" if body else ""
        begun = start + len(body)
        head = f'{CALL}{{"name": {_dumped(call.name)}'
        body += f'{head}, "arguments": {_dumped(call.arguments)}}}{CALLED}'
        decided, whole = Span(begun, begun + len(head)), Span(begun, start + len(body))
        actions.append(Action(message=index, kind="call", whole=whole, decided=decided))
    return body, actions


def _tools(tools: Sequence[OfferedTool]) -> str:
    if not tools:
        return ""
    lines = [
        _dumped({"name": tool.name, "description": tool.description, "parameters": tool.parameters}) for tool in tools
    ]
    return _TOOLS.format(lines="\n".join(lines))


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)
