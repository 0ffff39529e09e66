"""Hand-labelled dialogues in a compact notation, and how well the detectors agree with the labels.

== name | labels | form    a dialogue and all modes that the definitions give it; the form as which it is read, if any
t: name(arg!, arg=default, arg:a|b) ro     an offered tool: required, default, enum; ro or rw
o: producer > consumer     an order edge;    c: field: value=tool, value=tool    a blueprint's condition
s: u: a:                   what system, user, assistant say
> call(arg="x") :: text    a call, with text beside it; neighbours are one message
< result    ! error result     in the order of the calls; \\n is a new line
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.metrics.foreign import reread

from tdscaling.metrics import Condition, ModeHit, detect
from tdscaling.types import MODES, Dialogue, Message, OfferedTool, ToolCall

FOLDER = Path(__file__).parent / "dialogues"
HELD_OUT = Path(__file__).parent / "held_out"
"""Labelled before any detector was run on them; what the first run gave is in docs/benchmarks.md."""


@dataclass
class Labelled:
    name: str
    labels: frozenset[str]
    form: str = ""
    messages: list[Message] = field(default_factory=list)
    tools: list[OfferedTool] = field(default_factory=list)
    edges: set[tuple[str, str]] = field(default_factory=set)
    conditions: list[Condition] = field(default_factory=list)

    def detect(self) -> tuple[ModeHit, ...]:
        dialogue = Dialogue(messages=tuple(self.messages), tools=tuple(self.tools))
        if self.form:
            dialogue = reread(self.messages, self.tools, self.form)
        return detect(dialogue, order_edges=frozenset(self.edges), conditions=self.conditions)


def labelled(folder: Path = FOLDER) -> list[Labelled]:
    return [item for path in sorted(folder.glob("*.txt")) for item in read(path.read_text(encoding="utf-8"))]


def read(text: str) -> Iterator[Labelled]:
    for block in re.split(r"(?m)^== ", text)[1:]:
        head, *lines = block.strip().splitlines()
        name, labels, form = [part.strip() for part in f"{head}||".split("|")][:3]
        item = Labelled(name, frozenset(label.strip() for label in labels.split(",") if label.strip()), form)
        assert item.labels <= set(MODES), item.name
        pending: list[str] = []
        for line in lines:
            if line.strip() and not line.startswith("#"):
                _line(item, line, pending)
        yield item


def _line(item: Labelled, line: str, pending: list[str]) -> None:
    mark, _, rest = line.partition(" ")
    roles = {"s:": "system", "u:": "user", "a:": "assistant"}
    if mark in roles:
        pending.clear()
        item.messages.append(Message(role=roles[mark], content=rest))  # type: ignore[arg-type]
    elif mark == ">":
        _call(item, rest)
        pending.append(item.messages[-1].tool_calls[-1].id)
    elif mark in "<!":
        call = pending.pop(0)
        item.messages.append(
            Message(role="tool", content=rest.replace("\\n", "\n"), tool_call_id=call, is_error=mark == "!")
        )
    elif mark == "t:":
        item.tools.append(_tool(rest))
    elif mark == "o:":
        producer, _, consumer = rest.partition(" > ")
        item.edges.add((producer, consumer))
    elif mark == "c:":
        where, _, options = rest.partition(": ")
        pairs = tuple((v, t) for v, _, t in (part.strip().partition("=") for part in options.split(",")))
        item.conditions.append(Condition(branches=pairs, field=where))
    else:
        raise AssertionError(f"{item.name}: {line!r}")


def _call(item: Labelled, text: str) -> None:
    source, _, said = text.partition(" :: ")
    node = ast.parse(source, mode="eval").body
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    arguments: dict[str, Any] = {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in node.keywords}
    number = sum(len(message.tool_calls) for message in item.messages)
    call = ToolCall(id=f"call_{number}", name=node.func.id, arguments=arguments)
    last = item.messages[-1]
    if last.role == "assistant" and last.tool_calls:
        item.messages[-1] = Message(role="assistant", content=last.content, tool_calls=(*last.tool_calls, call))
    else:
        item.messages.append(Message(role="assistant", content=said, tool_calls=(call,)))


def _tool(text: str) -> OfferedTool:
    match = re.fullmatch(r"(\w+)\((.*)\)(?: (ro|rw))?", text)
    assert match, text
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in (piece.strip() for piece in match[2].split(",") if piece.strip()):
        if part.endswith("!"):
            required.append(re.split(r"[:=!]", part)[0])
        bare = part.rstrip("!")
        key, _, default = bare.partition("=")
        key, _, members = key.partition(":")
        schema: dict[str, Any] = {"type": "string"}
        if default:
            schema["default"] = default
        if members:
            schema["enum"] = members.split("|")
        properties[key] = schema
    return OfferedTool(
        name=match[1],
        parameters={"type": "object", "properties": properties, "required": required},
        read_only=None if match[3] is None else match[3] == "ro",
    )


@dataclass(frozen=True)
class Quality:
    found: int
    labelled: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


def quality(items: list[Labelled]) -> tuple[dict[str, Quality], list[str]]:
    """Per mode, and a line for every disagreement."""
    found, wanted, right = Counter[str](), Counter[str](), Counter[str]()
    notes: list[str] = []
    for item in items:
        hits = item.detect()
        seen = {hit.mode for hit in hits}
        found.update(seen)
        wanted.update(item.labels)
        right.update(seen & item.labels)
        for mode in sorted(seen - item.labels):
            reason = next(f"{hit.reason} (message {hit.message})" for hit in hits if hit.mode == mode)
            notes.append(f"{item.name}: {mode} is not labelled: {reason}")
        notes.extend(f"{item.name}: {mode} is missed" for mode in sorted(item.labels - seen))
    return {mode: Quality(found[mode], wanted[mode], right[mode]) for mode in MODES}, notes
