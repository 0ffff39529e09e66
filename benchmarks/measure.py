"""Trajectories per second that the metrics and `measure` read, by processor time and by the clock:
`python -m benchmarks.measure [DATASET]`.

With a data set, of that alone: by processor time in one process, without comparing rows. Else the 5,000 dialogues are
made up, seeded, 8 to 24 messages long, with JSON results of 6 to 60 fields.
"""

import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tdscaling.measurement import measure
from tdscaling.metrics import NearDuplicates, Tally, describe
from tdscaling.types import Dialogue, JsonValue, Message, OfferedTool, ToolCall

COUNT = 5_000
NOUNS = (
    "order invoice ticket room flight patient course parcel account device branch report vehicle recipe policy claim"
)
WORDS = "please could you check the latest one for my team and tell me what it says about cost or time before friday"


def dialogue(rng: random.Random) -> Dialogue:
    """One made-up dialogue: a request, chains of searches, reads and writes, an answer, sometimes a revision."""
    noun = rng.choice(NOUNS.split())
    tools = tuple(
        _tool(verb, name) for name in [*rng.sample(NOUNS.split(), 4), noun] for verb in ("find", "get", "update")
    )
    name = f"{rng.choice(['Ada', 'Bo', 'Cy', 'Di'])} {rng.choice(['Berg', 'Cruz', 'Dahl'])}{rng.randrange(500)}"
    said = " ".join(rng.choices(WORDS.split(), k=rng.randrange(8, 30)))
    messages = [
        Message(role="system", content=f"You help with {noun}s. Never guess identifiers. Today is 2026-05-01."),
        Message(role="user", content=f"I am {name}, {said}, my {noun} of May {rng.randrange(1, 28)}."),
    ]
    for _ in range(rng.randrange(1, 5)):
        found = f"{noun[:2].upper()}-{rng.randrange(10**5)}"
        _call(
            messages, f"find_{noun}", {"owner": name}, {"items": [_record(rng, noun, found), _record(rng, noun, "X-1")]}
        )
        _call(messages, f"get_{noun}", {f"{noun}_id": found}, _record(rng, noun, found))
        if rng.random() < 0.5:
            _call(messages, f"update_{noun}", {f"{noun}_id": found, "note": said[:40]}, {"ok": rng.random() < 0.9})
    messages.append(
        Message(role="assistant", content=f"Done, the {noun} is up to date and costs {rng.randrange(900)}.")
    )
    if rng.random() < 0.3:
        messages.append(Message(role="user", content=f"Actually, make the note say {rng.choice(WORDS.split())}."))
        messages.append(Message(role="assistant", content="Which one do you mean?"))
    return Dialogue(messages=tuple(messages), tools=tools)


def _tool(verb: str, noun: str) -> OfferedTool:
    key = "owner" if verb == "find" else f"{noun}_id"
    properties: dict[str, JsonValue] = {
        key: {"type": "string", "description": f"The {key}"},
        "note": {"type": "string"},
    }
    schema: dict[str, JsonValue] = {"type": "object", "properties": properties, "required": [key]}
    return OfferedTool(name=f"{verb}_{noun}", description=f"{verb} a {noun} by {key}", parameters=schema)


def _record(rng: random.Random, noun: str, name: str) -> dict[str, JsonValue]:
    record: dict[str, JsonValue] = {
        f"{noun}_id": name,
        "status": rng.choice(["open", "closed"]),
        "created_at": "2026-04-02T10:00:00",
    }
    record |= {
        f"field_{i}": rng.choice([rng.randrange(10**6), rng.random(), "some words here", True])
        for i in range(rng.randrange(3, 20))
    }
    return record


def _call(messages: list[Message], name: str, arguments: dict[str, JsonValue], result: JsonValue) -> None:
    number = f"call_{len(messages)}"
    messages.append(Message(role="assistant", tool_calls=(ToolCall(id=number, name=name, arguments=arguments),)))
    messages.append(Message(role="tool", tool_call_id=number, name=name, content=json.dumps(result)))


def row(one: Dialogue) -> str:
    """A dialogue as a line of JSON in OpenAI form."""
    messages: list[JsonValue] = []
    for message in one.messages:
        found: dict[str, JsonValue] = {"role": message.role, "content": message.content}
        if message.tool_calls:
            found["tool_calls"] = [
                {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
                for c in message.tool_calls
            ]
        if message.tool_call_id:
            found["tool_call_id"] = message.tool_call_id
        messages.append(found)
    tools: list[JsonValue] = [
        {"type": "function", "function": {"name": t.name, "description": t.description, "parameters": t.parameters}}
        for t in one.tools
    ]
    return json.dumps({"messages": messages, "tools": tools})


def _wall(path: Path, processes: int) -> float:
    started = time.perf_counter()
    measure(path, processes=processes)
    return time.perf_counter() - started


def real(path: Path) -> None:
    """Rows per second of a data set: when it is read first, and the median of five more times."""
    rates: list[float] = []
    for _ in range(6):
        started = time.process_time()
        found = measure(path, duplicates=False)
        rates.append(found.rows / (time.process_time() - started))
    again = sorted(rates[1:])[2]
    size = path.stat().st_size / found.rows / 1000
    print(f"{found.rows} rows of {size:.1f} kB: {rates[0]:.0f} /s, again {again:.0f} /s")


def main() -> None:
    rng = random.Random(7)
    dialogues = [dialogue(rng) for _ in range(COUNT)]
    sizes = sorted(len(one.messages) for one in dialogues)
    print(f"{COUNT} dialogues, {sizes[0]} to {sizes[-1]} messages, median {sizes[COUNT // 2]}")
    started = time.process_time()
    for one in dialogues:
        describe(one, "d")
    print(f"describe (modes and complexity)   {COUNT / (time.process_time() - started):8.0f} /s")
    started = time.process_time()
    seen, tally = NearDuplicates(), Tally()
    for number, one in enumerate(dialogues):
        tally.add(one, describe(one, "d"), seen.add(str(number), one) is not None)
    print(f"describe, near-duplicates, tally  {COUNT / (time.process_time() - started):8.0f} /s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        path.write_text("".join(row(one) + "\n" for one in dialogues), encoding="utf-8")
        started = time.process_time()
        measure(path)
        print(f"measure on JSON Lines, all of it  {COUNT / (time.process_time() - started):8.0f} /s")
        for processes in (1, 2):
            walls = sorted(_wall(path, processes) for _ in range(3))
            print(
                f"{processes} processes, wall, median of 3    {COUNT / walls[1]:8.0f} /s, "
                f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            )
    for length in (200, 2_000):
        long = Dialogue(messages=tuple(m for one in dialogues for m in one.messages)[:length])
        started = time.process_time()
        describe(long, "d")
        print(f"one dialogue of {length:5} messages     {1000 * (time.process_time() - started):8.1f} ms")


if __name__ == "__main__":
    real(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
