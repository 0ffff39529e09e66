"""LLaMA-Factory's `formatting: sharegpt`: strict turns, one message for parallel calls, one for their results."""

from collections.abc import Sequence

from tdscaling.errors import DataError
from tdscaling.export import shapes, tags
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.export.strict import strict_text
from tdscaling.types import Dialogue, JsonObject, Message


def sharegpt_dialogue(dialogue: Dialogue) -> Dialogue:
    """`strict_text`, and the dialogue begins with the user and ends with the assistant, else DataError."""
    found = strict_text(dialogue)
    turns = [message for message in found.messages if message.role != "system"]
    if not turns or turns[0].role != "user":
        raise DataError("it does not begin with the user, LLaMA-Factory would drop it")
    if turns[-1].role != "assistant":
        raise DataError("it does not end with the assistant, LLaMA-Factory would drop it")
    return found


def sharegpt_record(record: Record) -> JsonRow:
    """`conversations` (human, gpt, function_call, observation), `system` and `tools` as a JSON string.

    Text beside calls is kept by wrapping the calls in `<tool_call>`, the words LLaMA-Factory looks for.
    """
    dialogue = sharegpt_dialogue(record.dialogue)
    system = ""
    conversations: list[JsonRow] = []
    messages = list(dialogue.messages)
    if messages[0].role == "system":
        system = messages.pop(0).content
    for index, message in enumerate(messages):
        if message.role == "user":
            conversations.append({"from": "human", "value": message.content})
        elif message.role == "assistant":
            conversations.append(_answer(message))
        elif messages[index - 1].role != "tool":
            conversations.append({"from": "observation", "value": _observation(messages[index:])})
    tools = shapes.dumps([shapes.definition(tool) for tool in dialogue.tools])
    return {"conversations": conversations, "system": system, "tools": tools, **columns(record, dialogue)}


def _answer(message: Message) -> JsonRow:
    text = message.content
    if not message.tool_calls:
        return {"from": "gpt", "value": tags.with_thought(message.reasoning, text)}
    calls: list[JsonObject] = [{"name": call.name, "arguments": call.arguments} for call in message.tool_calls]
    body = tags.safe_json(calls if len(calls) > 1 else calls[0])
    if text:
        body = f"{text}\n<tool_call>{body}</tool_call>"
    return {"from": "function_call", "value": tags.with_thought(message.reasoning, body)}


def _observation(messages: Sequence[Message]) -> str:
    results: list[str] = []
    for message in messages:
        if message.role != "tool":
            break
        results.append(message.content)
    if len(results) > 1:
        results = [tags.refuse_tags(result, "a result", (tags.RESULTS_BETWEEN,)) for result in results]
    return tags.RESULTS_BETWEEN.join(results)
