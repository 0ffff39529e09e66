"""A dialogue as rows of other programs have it: without ids, in Hermes tags, in ShareGPT turns."""

import json
from collections.abc import Sequence
from typing import Any

from tdscaling.export import read_row
from tdscaling.types import Dialogue, Message, OfferedTool


def reread(messages: Sequence[Message], tools: Sequence[OfferedTool], form: str) -> Dialogue:
    """The dialogue written in this form ("noids", "hermes", "sharegpt") and read back."""
    return read_row(FORMS[form](messages, tools)).dialogue


def _tools(tools: Sequence[OfferedTool]) -> list[Any]:
    return [{"name": tool.name, "description": "", "parameters": tool.parameters} for tool in tools]


def _without_ids(messages: Sequence[Message], tools: Sequence[OfferedTool]) -> dict[str, Any]:
    """OpenAI messages; arguments are JSON in a string."""
    rows: list[dict[str, Any]] = []
    for message in messages:
        row: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.tool_calls:
            calls = [{"name": call.name, "arguments": json.dumps(call.arguments)} for call in message.tool_calls]
            row["tool_calls"] = [{"type": "function", "function": call} for call in calls]
        rows.append(row)
    return {"messages": rows, "tools": [{"type": "function", "function": tool} for tool in _tools(tools)]}


def _hermes(messages: Sequence[Message], tools: Sequence[OfferedTool]) -> dict[str, Any]:
    rows = [{"role": "system", "content": f"<tools>{json.dumps(_tools(tools))}</tools>"}] if tools else []
    for message in messages:
        if message.role == "tool":
            answer = f"<tool_response>\n{message.content}\n</tool_response>"
            if rows[-1]["content"].endswith("</tool_response>"):
                rows[-1]["content"] += f"\n{answer}"
            else:
                rows.append({"role": "user", "content": answer})
            continue
        calls = [json.dumps({"name": call.name, "arguments": call.arguments}) for call in message.tool_calls]
        text = "\n".join([message.content, *(f"<tool_call>\n{call}\n</tool_call>" for call in calls)]).strip()
        rows.append({"role": message.role, "content": text})
    return {"messages": rows}


def _sharegpt(messages: Sequence[Message], tools: Sequence[OfferedTool]) -> dict[str, Any]:
    """One turn for each call: those of one message stand side by side."""
    names = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}
    turns: list[dict[str, str]] = []
    for message in messages:
        for call in message.tool_calls:
            value = json.dumps({"name": call.name, "arguments": call.arguments})
            turns.append({"from": "function_call", "value": value})
        if not message.tool_calls:
            turns.append({"from": names[message.role], "value": message.content})
    return {"conversations": turns, "tools": json.dumps(_tools(tools))}


FORMS = {"noids": _without_ids, "hermes": _hermes, "sharegpt": _sharegpt}
