"""Hermes text, as Qwen's template renders it: everything in plain system, user and assistant messages."""

import re

from tdscaling.errors import DataError
from tdscaling.export import shapes, tags
from tdscaling.export.openai import trained
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.export.strict import strict_text
from tdscaling.types import Dialogue, Message, OfferedTool

_HEAD = (
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
)
_TAIL = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within"
    ' <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}'
    "\n</tool_call>"
)
_SECTION = re.compile(rf"(?:\n\n)?{re.escape(_HEAD)}(.*){re.escape(_TAIL)}", re.DOTALL)
_TOOLS = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)


def hermes_dialogue(dialogue: Dialogue) -> Dialogue:
    """`strict_text`; a text that holds one of the format's own tags is a DataError when it is written."""
    return strict_text(dialogue)


def hermes_record(record: Record) -> JsonRow:
    """`messages` with nothing but role and content; there is no `tools` column, or a template would add them twice."""
    dialogue = hermes_dialogue(record.dialogue)
    messages = list(dialogue.messages)
    system = messages.pop(0).content if messages and messages[0].role == "system" else ""
    prompt = _prompt(tags.refuse_tags(system, "the system message", ("<tools>", "</tools>")), dialogue.tools)
    found: list[JsonRow] = [{"role": "system", "content": prompt}] if prompt else []
    results: list[str] = []
    for message in messages:
        if message.role == "tool":
            results.append(message.content)
            continue
        if results:
            found.append({"role": "user", "content": tags.join_results(results)})
            results = []
        found.append(_turn(message))
    if results:
        found.append({"role": "user", "content": tags.join_results(results)})
    return {"messages": found, **columns(record, dialogue)}


def _prompt(system: str, tools: tuple[OfferedTool, ...]) -> str:
    if not tools:
        return system
    lines = "\n".join(shapes.dumps(shapes.function(tool)) for tool in tools)
    if "</tools>" in lines:
        raise DataError("a tool's definition holds the text </tools>, which this format uses as a tag")
    return f"{system}\n\n{_HEAD}{lines}{_TAIL}" if system else f"{_HEAD}{lines}{_TAIL}"


def _turn(message: Message) -> JsonRow:
    if message.role == "user":
        return {"role": "user", "content": message.content}
    text = message.content
    calls = [
        f"<tool_call>\n{tags.safe_json({'name': call.name, 'arguments': call.arguments})}\n</tool_call>"
        for call in message.tool_calls
    ]
    body = "\n".join([text, *calls] if text else calls)
    found: JsonRow = {"role": "assistant", "content": tags.with_thought(message.reasoning, body)}
    if message.mark is not None:
        found["weight"] = int(trained(message))
    return found


def tools_in_prompt(system: str) -> tuple[str, tuple[OfferedTool, ...]]:
    """The system message without the section of tools that `hermes_record` adds, and the tools in it.

    Another program's section is read as well, but left in the text: its wording may matter.
    """
    if match := _SECTION.search(system):
        return system[: match.start()] + system[match.end() :], _listed(match[1])
    if match := _TOOLS.search(system):
        return system, _listed(match[1])
    return system, ()


def _listed(text: str) -> tuple[OfferedTool, ...]:
    if text.startswith("["):
        return shapes.offered(text)
    return tuple(tool for line in text.split("\n") if line.strip() for tool in shapes.offered(line))
