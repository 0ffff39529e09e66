"""How an endpoint calls tools: its own way, JSON under a schema, or Hermes tags in the text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from tdscaling.errors import DataError
from tdscaling.export.tags import split_calls
from tdscaling.llm import Completion, RawCall, Request
from tdscaling.llm.failures import MalformedCallError
from tdscaling.llm.reading import value
from tdscaling.prompts import render
from tdscaling.types import JsonObject, JsonValue, Message, OfferedTool

Protocol: TypeAlias = Literal["native", "schema", "hermes"]

LONGEST_TEXT = 1500
MOST_CALLS = 6
_BEGUN = ("<tool_call>", "</tool_call>")


def written(request: Request, protocol: Protocol) -> Request:
    """The request as this protocol writes it: tools go into the system message, calls and results into the text."""
    if protocol == "native":
        return request
    messages = tuple(_as_text(request.messages, protocol))
    if request.tools:
        described = [_described(tool) for tool in request.tools]
        told = render(f"tools_{protocol}", tools=[json.dumps(one, ensure_ascii=False) for one in described])
        messages = _with_system(messages, told)
    schema = _schema(request.tools) if protocol == "schema" else None
    return replace(request, messages=messages, tools=(), schema=schema)


def read(completion: Completion, protocol: Protocol, tools: Sequence[OfferedTool]) -> Completion:
    """The completion with its calls found, whatever way they are written: an endpoint that can't call tools writes
    them as bare or fenced JSON, or in tags. Raises NotJsonError, MalformedCallError and what `text` raises.
    """
    if completion.calls or completion.finish in ("length", "refusal") or completion.refusal:
        return completion
    if protocol == "schema":
        found = value(completion, _schema(tools))
        assert isinstance(found, dict)
        listed = found.get("calls")
        calls = [_raw(one) for one in (listed if isinstance(listed, list) else [])]
        return _with_calls(completion, str(found.get("say", "")), calls)
    try:
        content, parsed = split_calls(completion.content, {tool.name for tool in tools}, answered=False)
    except DataError as exc:
        raise MalformedCallError(str(exc)) from None
    if any(tag in content for tag in _BEGUN):
        raise MalformedCallError("a <tool_call> tag that does not end")
    raw = [RawCall(id="", name=one.name, arguments=json.dumps(one.arguments, ensure_ascii=False)) for one in parsed]
    return _with_calls(completion, content, raw) if raw else completion


def _with_calls(completion: Completion, content: str, calls: Sequence[RawCall]) -> Completion:
    finish = "tool_calls" if calls else completion.finish
    return replace(completion, content=content, calls=tuple(calls), finish=finish)


def _raw(one: JsonValue) -> RawCall:
    entry = one if isinstance(one, dict) else {}
    return RawCall(id="", name=str(entry.get("name", "")), arguments=json.dumps(entry.get("arguments", {})))


def _as_text(messages: Sequence[Message], protocol: Protocol) -> Iterator[Message]:
    """Calls as text, results as user messages; results that follow one another share one."""
    results: list[str] = []
    for message in messages:
        if message.role == "tool":
            results.append(f"<tool_response>\n{message.content}\n</tool_response>")
            continue
        if results:
            yield Message(role="user", content="\n".join(results))
            results = []
        yield _call_text(message, protocol) if message.role == "assistant" else message
    if results:
        yield Message(role="user", content="\n".join(results))


def _call_text(message: Message, protocol: Protocol) -> Message:
    calls: list[JsonObject] = [{"name": call.name, "arguments": call.arguments} for call in message.tool_calls]
    if protocol == "schema":
        return Message(role="assistant", content=_dumped({"say": message.content, "calls": calls}))
    tagged = [f"<tool_call>\n{_dumped(call)}\n</tool_call>" for call in calls]
    return Message(role="assistant", content="\n".join(part for part in (message.content, *tagged) if part))


def _with_system(messages: tuple[Message, ...], told: str) -> tuple[Message, ...]:
    if messages and messages[0].role == "system":
        return (replace(messages[0], content=f"{messages[0].content}\n\n{told}"), *messages[1:])
    return (Message(role="system", content=told), *messages)


def _described(tool: OfferedTool) -> JsonObject:
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def _schema(tools: Sequence[OfferedTool]) -> JsonObject:
    """What an answer must look like: something to say, and calls of the offered tools. Every text has an end."""
    calls: JsonObject = {"type": "array", "maxItems": MOST_CALLS if tools else 0}
    if tools:
        calls = {**calls, "items": {"anyOf": [_call_schema(tool) for tool in tools]}}
    say: JsonObject = {"type": "string", "maxLength": LONGEST_TEXT}
    return {"type": "object", "properties": {"say": say, "calls": calls}, "required": ["say", "calls"],
            "additionalProperties": False}  # fmt: skip


def _call_schema(tool: OfferedTool) -> JsonObject:
    arguments = tool.parameters or {"type": "object"}
    properties: JsonObject = {"name": {"type": "string", "enum": [tool.name]}, "arguments": arguments}
    return {"type": "object", "properties": properties, "required": ["name", "arguments"]}


def _dumped(document: JsonValue) -> str:
    return json.dumps(document, ensure_ascii=False)
