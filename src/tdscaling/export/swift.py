"""ms-swift: every call and every result is a message of its own; neighbouring calls are parallel."""

from tdscaling.export import shapes, tags
from tdscaling.export.openai import trained
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.export.strict import strict_text
from tdscaling.types import Dialogue, Message


def swift_dialogue(dialogue: Dialogue) -> Dialogue:
    """`strict_text`."""
    return strict_text(dialogue)


def swift_record(record: Record) -> JsonRow:
    """`messages` with the roles tool_call and tool_response, `tools` as a JSON string, `loss` where it is off."""
    dialogue = swift_dialogue(record.dialogue)
    messages: list[JsonRow] = []
    for message in dialogue.messages:
        if message.role == "assistant":
            messages += _answer(message)
        else:
            role = "tool_response" if message.role == "tool" else message.role
            messages.append({"role": role, "content": message.content})
    tools = shapes.dumps([shapes.function(tool) for tool in dialogue.tools])
    return {"messages": messages, "tools": tools, **columns(record, dialogue)}


def _answer(message: Message) -> list[JsonRow]:
    found: list[JsonRow] = []
    text = tags.with_thought(message.reasoning, message.content)
    if text or not message.tool_calls:
        found.append({"role": "assistant", "content": text})
    for call in message.tool_calls:
        found.append({"role": "tool_call", "content": shapes.dumps({"name": call.name, "arguments": call.arguments})})
    if not trained(message):
        found = [{**entry, "loss": False} for entry in found]
    return found
