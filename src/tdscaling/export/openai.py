"""The OpenAI form and its relatives: TRL, axolotl."""

from importlib.resources import files

from tdscaling.errors import DataError
from tdscaling.export import shapes, tags
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.types import Dialogue, Message, ToolCall


def unchanged(dialogue: Dialogue) -> Dialogue:
    """These formats hold any dialogue as it is."""
    return dialogue


def openai_record(record: Record) -> JsonRow:
    """`messages` with ids and object arguments, `tools` as a list; `weight: 0` keeps the loss off a message."""
    messages = messages_of(record.dialogue, weight="weight")
    tools = [shapes.function(tool) for tool in record.dialogue.tools]
    return {"messages": messages, "tools": tools, **columns(record, record.dialogue)}


def trl_record(record: Record) -> JsonRow:
    """As OpenAI's, `tools` as one JSON string, which TRL loads and Arrow can't fill with nulls.

    TRL itself knows no loss by message: `chat_template` leaves messages of `weight: 0` out of its assistant mask. A
    dialogue in which nothing is trained is a DataError, for TRL refuses the whole data set because of it.
    """
    said = [message for message in record.dialogue.messages if message.role == "assistant"]
    if said and not any(map(trained, said)):
        raise DataError("every message of the assistant is marked, TRL would have nothing to train on")
    messages = messages_of(record.dialogue, weight="weight")
    tools = shapes.dumps([shapes.function(tool) for tool in record.dialogue.tools])
    return {"messages": messages, "tools": tools, **columns(record, record.dialogue)}


def axolotl_record(record: Record) -> JsonRow:
    """For `type: chat_template` with `message_field_training: train`: arguments and tools are JSON strings."""
    messages = messages_of(record.dialogue, weight="train", as_text=True)
    tools = shapes.dumps([shapes.function(tool) for tool in record.dialogue.tools])
    return {"messages": messages, "tools": tools, **columns(record, record.dialogue)}


def chat_template() -> str:
    """ChatML with tools, calls and results as tags, and the `generation` marks of `assistant_only_loss` around every
    assistant message but those of `weight: 0`."""
    return (files("tdscaling.export") / "chat_template.jinja").read_text(encoding="utf-8")


def trained(message: Message) -> bool:
    """Whether the loss falls on an assistant message."""
    return message.mark not in ("wrong", "redundant")


def messages_of(dialogue: Dialogue, weight: str = "", as_text: bool = False) -> list[JsonRow]:
    known = frozenset(tool.name for tool in dialogue.tools)
    for message in dialogue.messages:
        tags.refuse_misread(message, known)
    return [_message(message, weight, as_text) for message in dialogue.messages]


def _message(message: Message, weight: str, as_text: bool) -> JsonRow:
    found: JsonRow = {"role": message.role, "content": message.content}
    if message.reasoning is not None:
        found["reasoning_content"] = message.reasoning
    if message.tool_calls:
        found["tool_calls"] = [_call(call, as_text) for call in message.tool_calls]
    if message.tool_call_id is not None:
        found["tool_call_id"] = message.tool_call_id
    if message.name is not None:
        found["name"] = message.name
    if weight and message.role == "assistant" and message.mark is not None:
        found[weight] = trained(message) if weight == "train" else int(trained(message))
    return found


def _call(call: ToolCall, as_text: bool) -> JsonRow:
    arguments = shapes.dumps(call.arguments) if as_text else call.arguments
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
