"""ATIF 1.8, harbor's agent trajectory interchange format: steps, with the results inside the agent's step."""

from collections.abc import Mapping, Sequence

from tdscaling import __version__
from tdscaling.errors import DataError
from tdscaling.export import shapes
from tdscaling.export.chat import DialogueBuilder
from tdscaling.export.record import JsonRow, Record, columns
from tdscaling.export.strict import strict
from tdscaling.types import Dialogue, JsonObject, Message, OfferedTool

VERSION = "ATIF-v1.8"
_SOURCES = {"system": "system", "user": "user", "assistant": "agent"}


def atif_dialogue(dialogue: Dialogue) -> Dialogue:
    """`strict`."""
    return strict(dialogue)


def atif_record(record: Record) -> JsonRow:
    """One trajectory object; the columns of other formats are in `extra`."""
    dialogue = atif_dialogue(record.dialogue)
    steps: list[JsonRow] = []
    for index, message in enumerate(dialogue.messages):
        if message.role != "tool":
            steps.append(_step(len(steps) + 1, message, _results(dialogue.messages[index + 1 :])))
    definitions = [shapes.function(tool) for tool in dialogue.tools]
    return {
        "schema_version": VERSION,
        "session_id": record.id,
        "trajectory_id": record.id,
        "agent": {"name": "tdscaling", "version": __version__, "tool_definitions": definitions},
        "steps": steps,
        "final_metrics": {"total_steps": len(steps)},
        "extra": columns(record, dialogue),
    }


def _results(after: Sequence[Message]) -> list[Message]:
    found: list[Message] = []
    for message in after:
        if message.role != "tool":
            break
        found.append(message)
    return found


def _step(number: int, message: Message, results: Sequence[Message]) -> JsonRow:
    found: JsonRow = {"step_id": number, "source": _SOURCES[message.role], "message": message.content}
    if message.reasoning is not None:
        found["reasoning_content"] = message.reasoning
    if message.tool_calls:
        found["tool_calls"] = [
            {"tool_call_id": call.id, "function_name": call.name, "arguments": call.arguments}
            for call in message.tool_calls
        ]
    if results:
        found["observation"] = {
            "results": [{"source_call_id": result.tool_call_id, "content": result.content} for result in results]
        }
    return found


def is_atif(row: JsonObject) -> bool:
    return "steps" in row and ("agent" in row or "schema_version" in row)


def read_atif(row: JsonObject) -> tuple[Dialogue, JsonObject]:
    """The dialogue of a trajectory object and its columns. Raises DataError."""
    agent = row.get("agent")
    tools: tuple[OfferedTool, ...] = ()
    if isinstance(agent, Mapping):
        tools = shapes.offered(agent.get("tool_definitions"))
    builder = DialogueBuilder(known=frozenset(tool.name for tool in tools), in_text=False, thoughts=False)
    for index, item in enumerate(shapes.items(row.get("steps"), "steps")):
        try:
            _add(builder, shapes.mapping(item, "it"))
        except DataError as exc:
            raise DataError(f"step {index}: {exc}") from exc
    if not builder.messages:
        raise DataError("it has no steps")
    extra = row.get("extra")
    found = {"id": row.get("trajectory_id") or row.get("session_id"), **(extra if isinstance(extra, Mapping) else {})}
    return Dialogue(messages=tuple(builder.messages), tools=tools), found


def _add(builder: DialogueBuilder, step: JsonObject) -> None:
    content = shapes.text(step.get("message"))
    source = step.get("source")
    if source == "system":
        builder.system(content)
    elif source == "user":
        builder.user(content)
    elif source == "agent":
        thought = step.get("reasoning_content")
        calls = tuple(shapes.call(call) for call in shapes.items(step.get("tool_calls"), "tool_calls"))
        reasoning = thought if isinstance(thought, str) else None
        builder.assistant(Message(role="assistant", content=content, tool_calls=calls, reasoning=reasoning))
    else:
        raise DataError(f"unknown source {source!r}")
    observation = step.get("observation")
    if isinstance(observation, Mapping):
        for item in shapes.items(observation.get("results"), "results"):
            result = shapes.mapping(item, "result")
            builder.result(shapes.text(result.get("content")), call_id=str(result.get("source_call_id") or ""))
