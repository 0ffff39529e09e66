"""ADP, the Agent Data Protocol: a flat list of actions and observations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.export.chat import DialogueBuilder
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.export.strict import strict
from tdscaling.types import Dialogue, JsonObject, Message, OfferedTool, ToolCall


def adp_dialogue(dialogue: Dialogue) -> Dialogue:
    """`strict`, and a reasoning must come with calls: a message_action has no place for it, else DataError."""
    found = strict(dialogue)
    for index, message in enumerate(found.messages):
        if message.reasoning is not None and not message.tool_calls:
            raise DataError(f"message {index} has a thought but no call, ADP has no place for it")
    return found


def adp_record(record: Record) -> JsonRow:
    """`content` holds the actions and observations; system message, tools and columns are strings in `details`.

    Parallel calls are neighbouring `api_action`s; the text beside them is the first one's description.
    """
    dialogue = adp_dialogue(record.dialogue)
    messages = list(dialogue.messages)
    details: dict[str, str] = {}
    if messages and messages[0].role == "system":
        details["system"] = messages.pop(0).content
    details["tools"] = shapes.dumps([shapes.function(tool) for tool in dialogue.tools])
    details["columns"] = shapes.dumps(columns(record, dialogue))
    content: list[JsonRow] = []
    for message in messages:
        if message.role == "assistant":
            content += _actions(message)
        else:
            source = "user" if message.role == "user" else "environment"
            content.append(
                {"class_": "text_observation", "content": message.content, "name": message.name, "source": source}
            )
    return {
        "id": record.id,
        "content": content,
        "details": details,
        "available_apis": [tool.name for tool in dialogue.tools],
    }


def _actions(message: Message) -> list[JsonRow]:
    if not message.tool_calls:
        return [{"class_": "message_action", "content": message.content}]
    found: list[JsonRow] = []
    for index, call in enumerate(message.tool_calls):
        text = message.content if index == 0 else ""
        action: JsonRow = {
            "class_": "api_action",
            "function": call.name,
            "kwargs": call.arguments,
            "description": text or None,
        }
        if index == 0 and message.reasoning is not None:
            action["reasoning_content"] = message.reasoning
        found.append(action)
    return found


def is_adp(row: JsonObject) -> bool:
    content = row.get("content")
    return isinstance(content, list) and bool(content) and isinstance(content[0], Mapping) and "class_" in content[0]


def read_adp(row: JsonObject) -> tuple[Dialogue, JsonObject]:
    """The dialogue of a trajectory object and its columns; code actions become calls of `execute_LANGUAGE`.

    Raises DataError.
    """
    given = row.get("details")
    details: JsonObject = given if isinstance(given, Mapping) else {}
    tools = shapes.offered(details.get("tools"))
    builder = DialogueBuilder(known=frozenset(tool.name for tool in tools), in_text=False, thoughts=False)
    system = details.get("system")
    if isinstance(system, str) and system:
        builder.system(system)
    previous = ""
    for index, item in enumerate(shapes.items(row.get("content"), "content")):
        entry = shapes.mapping(item, f"item {index}")
        kind = str(entry.get("class_"))
        _add(builder, entry, kind, index, follows_call=previous in ("api_action", "code_action"))
        previous = kind
    found: JsonObject = shapes.mapping(details["columns"], "columns") if "columns" in details else {}
    return _with_first_words(builder.messages, tools), {"id": row.get("id"), **found}


def _add(builder: DialogueBuilder, entry: JsonObject, kind: str, index: int, follows_call: bool) -> None:
    content = shapes.text(entry.get("content"))
    if kind == "message_action":
        builder.assistant(Message(role="assistant", content=content))
    elif kind in ("api_action", "code_action"):
        thought = entry.get("reasoning_content")
        message = Message(
            role="assistant",
            content=shapes.text(entry.get("description")),
            tool_calls=(_call(entry, kind, content),),
            reasoning=thought if isinstance(thought, str) else None,
        )
        builder.assistant(message, join=follows_call)
    elif kind == "text_observation" and entry.get("source") == "user":
        builder.user(content)
    elif kind == "text_observation":
        name = entry.get("name")
        builder.result(content, name=name if isinstance(name, str) and name else None)
    else:
        raise DataError(f"item {index} is of the unknown class {kind!r}")


def _call(entry: JsonObject, kind: str, code: str) -> ToolCall:
    if kind == "api_action":
        return shapes.call({"name": entry.get("function"), "arguments": entry.get("kwargs")})
    return ToolCall(id="", name=f"execute_{entry.get('language') or 'code'}", arguments={"code": code})


def _with_first_words(messages: Sequence[Message], tools: tuple[OfferedTool, ...]) -> Dialogue:
    """ADP's environment may speak first or twice: such an observation is the user's."""
    found = [
        replace(message, role="user", name=None) if message.role == "tool" and message.tool_call_id is None else message
        for message in messages
    ]
    return Dialogue(messages=tuple(found), tools=tools)
