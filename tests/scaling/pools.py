"""Small pools of known shape, as data sets."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tdscaling.scaling.pool import Sample, read_pool
from tdscaling.types import Dialogue, Message, OfferedTool, ToolCall

CALL = ToolCall(id="1", name="look", arguments={"city": "Oslo", "days": 3})
DIALOGUE = Dialogue(
    messages=(
        Message(role="system", content="Help."),
        Message(role="user", content="Weather in Oslo?"),
        Message(role="assistant", content="Right away.", tool_calls=(CALL, replace(CALL, id="2", arguments={}))),
        Message(role="tool", content="sun", tool_call_id="1", name="look"),
        Message(role="tool", content="rain", tool_call_id="2", name="look"),
        Message(role="assistant", content="Sun."),
    ),
    tools=(OfferedTool(name="look", description="Look.", parameters={"type": "object"}),),
)

MODES = ("direct", "sequential", "parallel", "clarifying")


def row(
    number: int, *, service: str, mode: str = "direct", tool: str = "look", said: str = "", letters: int = 0
) -> dict[str, object]:
    """A dialogue of its own words with one call of one tool of `service`."""
    call = {"id": "1", "type": "function", "function": {"name": tool, "arguments": {"city": f"city{number}"}}}
    origin = {"server": service, "tool": tool, "read_only": True}
    return {
        "id": f"t{number}",
        "domain": service,
        "mode": mode,
        "messages": [
            {"role": "user", "content": said or f"request{number} " + "x" * letters},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "name": tool, "content": "{}"},
            {"role": "assistant", "content": f"Done{number}."},
        ],
        "tools": json.dumps([{"type": "function", "function": {"name": tool, "description": "", "parameters": {}}}]),
        "tool_origins": [origin],
    }


def rows(services: int = 6, each: int = 12, code: int = 8) -> list[dict[str, object]]:
    """`each` dialogues of every service, the first service half as many again; then code tasks."""
    found: list[dict[str, object]] = []
    for place in range(services):
        for number in range(each + (each // 2 if not place else 0)):
            found.append(row(len(found), service=f"service{place}", letters=(number * 37) % 200))
    for number in range(code):
        found.append(row(len(found), service="sandbox", tool="python", letters=30 * number))
    return found


def written(folder: Path, given: Sequence[dict[str, object]], name: str = "pool.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(one) + "\n" for one in given), encoding="utf-8")
    return path


def count(text: str) -> int:
    return len(text) // 4


def samples(folder: Path, given: Sequence[dict[str, object]] | None = None) -> tuple[Sample, ...]:
    return read_pool([written(folder, rows() if given is None else given)], count, 10_000).samples
