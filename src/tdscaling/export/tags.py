"""Text with tags in it: thoughts, calls and results inside a message's content."""

import re
from collections.abc import Collection, Sequence

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.types import JsonObject, Message, ToolCall

RESULTS_BETWEEN = "\n</tool_response>\n<tool_response>\n"
"""Joins several results in one turn, in Hermes text and in LLaMA-Factory's own converter alike."""

_OWN_THOUGHT = re.compile(r"<think>\n(.*?)\n</think>\n\n(.*)", re.DOTALL)
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*(.*)", re.DOTALL)
_CALL = re.compile(r"\n?<tool_call>(.*?)</tool_call>", re.DOTALL)
_RESULT = re.compile(r"\s*<tool_response>\n?(.*?)\n?</tool_response>", re.DOTALL)
_FENCE = re.compile(r"```(?:json|tool_call)?+[^\S\n]*+\n(.*?)```", re.DOTALL)
_ANSWER_TAGS = ("<tool_call>", "</tool_call>", "<think>", "</think>")
_RESULT_TAGS = ("<tool_response>", "</tool_response>")


def refuse_tags(content: str, what: str, tags: Sequence[str] = _ANSWER_TAGS) -> str:
    """The content, if no reader could take a part of it for a tag of the format; else DataError."""
    for tag in tags:
        if tag in content:
            raise DataError(f"{what} holds the text {tag}, which this format uses as a tag")
    return content


def refuse_misread(message: Message, known: Collection[str]) -> None:
    """Raises DataError when a reader of text would take a user's or an assistant's own words for something else."""
    content = message.content
    if message.role == "user" and split_results(content) is not None:
        raise DataError("a user message would be read as a result")
    if message.role == "assistant":
        if message.reasoning is None and split_thought(content)[0] is not None:
            raise DataError("an assistant message would be read as a thought")
        if not message.tool_calls and (_CALL.search(content) or split_calls(content, known, answered=False)[1]):
            raise DataError("an assistant message would be read as a call")


def safe_json(value: JsonObject | Sequence[JsonObject]) -> str:
    """JSON in which no string can end or begin a tag: then "<" is written as its escape.

    >>> print(safe_json({"a": "</tool_call>"}), safe_json({"a": "<b>"}))
    {"a": "\\u003c/tool_call>"} {"a": "<b>"}
    """
    found = shapes.dumps(value)
    return found.replace("<", "\\u003c") if any(tag in found for tag in _ANSWER_TAGS) else found


def with_thought(reasoning: str | None, content: str) -> str:
    """The thought in front of the content."""
    return content if reasoning is None else f"<think>\n{reasoning}\n</think>\n\n{content}"


def split_thought(content: str) -> tuple[str | None, str]:
    """The inverse of `with_thought`, also for other spacing; (None, content) where there is no thought."""
    if "<think>" not in content:
        return None, content
    match = _OWN_THOUGHT.fullmatch(content) or _THOUGHT.fullmatch(content)
    return (match[1], match[2]) if match else (None, content)


def split_calls(content: str, known: Collection[str], answered: bool) -> tuple[str, list[ToolCall]]:
    """The text of an assistant message without the calls written in it, and these calls.

    `<tool_call>` blocks (one call or a list in each) always count. A content that is nothing but JSON, bare or
    fenced, counts when every call in it names a tool in `known`, or when a result follows (`answered`).
    Raises DataError for a block that can't be read.
    """
    blocks = _CALL.findall(content) if "<tool_call>" in content else ()
    if blocks:
        calls = [shapes.call(one) for block in blocks for one in shapes.items(block, "<tool_call>")]
        return _CALL.sub("", content), calls
    fenced = _FENCE.search(content) if "```" in content else None
    body = fenced[1].strip() if fenced else content.strip()
    if body[:1] not in ("{", "["):
        return content, []
    try:
        calls = [shapes.call(one) for one in shapes.items(body, "call")]
    except DataError:
        return content, []
    if calls and (answered or all(call.name in known for call in calls)):
        return content.replace(fenced[0], "").rstrip() if fenced else "", calls
    return content, []


def join_results(results: Sequence[str]) -> str:
    """Results in one user turn of Hermes text. Raises DataError when one holds a tag."""
    checked = [refuse_tags(result, "a result", _RESULT_TAGS) for result in results]
    return f"<tool_response>\n{RESULTS_BETWEEN.join(checked)}\n</tool_response>"


def split_results(content: str) -> list[str] | None:
    """The results in a user turn of Hermes text; None when it is a user's own."""
    if not content.lstrip().startswith("<tool_response>"):
        return None
    return _RESULT.findall(content) or None


def tagged_results(content: str) -> list[str] | None:
    """The results in a tool's own message, if it holds nothing but them.

    >>> tagged_results("<tool_response>\\n1\\n</tool_response>\\n<tool_response>\\n2\\n</tool_response>\\n")
    ['1', '2']
    """
    found = split_results(content)
    return found if found and not _RESULT.sub("", content).strip() else None
