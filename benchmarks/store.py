"""What the store costs: milliseconds per `record`, per trajectory read and per row of descriptors.

python -m benchmarks.store [COUNT]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tdscaling.store import Item, Outcome, RunStore
from tdscaling.types import (
    Check,
    Descriptor,
    Dialogue,
    Message,
    OfferedTool,
    Target,
    ToolCall,
    Trajectory,
    Verdict,
)

TARGET = Target(cluster="c", domain="d", mode="direct", band=1, seed=0)


def trajectory(number: int) -> Trajectory:
    """About 20 kB of JSON: 12 tools, 6 calls with results of 500 characters."""
    schema = {"type": "object", "properties": {f"p{n}": {"type": "string", "description": "x" * 60} for n in range(8)}}
    tools = tuple(OfferedTool(name=f"tool_{n}", description="d" * 120, parameters=schema) for n in range(12))
    messages = [Message(role="system", content="s" * 500), Message(role="user", content=f"request {number}")]
    for n in range(6):
        call = ToolCall(id=f"c{n}", name=f"tool_{n}", arguments={"p0": f"{number}-{n}", "p1": [1, 2, 3]})
        messages.append(Message(role="assistant", content="Looking.", tool_calls=(call,)))
        messages.append(Message(role="tool", content=f"{number} {n} " * 60, tool_call_id=call.id, name=call.name))
    messages.append(Message(role="assistant", content="Done."))
    return Trajectory(
        id=f"t{number}",
        dialogue=Dialogue(messages=tuple(messages), tools=tools),
        target=replace(TARGET, seed=number),
        descriptor=Descriptor(
            domain="d", modes=("direct",), primary_mode="direct", cac=9.0, band=2, calls=6, turns=1, servers=("s",)
        ),
        verdict=Verdict((Check(name="effects", passed=True),)),
    )


def main(count: int) -> None:
    outcomes = [
        Outcome(
            item=Item(hash=f"{number:08x}", order=number, target=TARGET),
            trajectory=trajectory(number),
            timings={"rollout": 0.1, "verify": 0.1},
            state={"duplicates": b"x" * 2000},
        )
        for number in range(count)
    ]
    with tempfile.TemporaryDirectory() as folder, RunStore.open(Path(folder, "run"), "f", "") as store:
        show("record", count, lambda: [store.record(outcome) for outcome in outcomes])
        show("record again (no change)", count, lambda: [store.record(outcome) for outcome in outcomes])
        show("iter_trajectories", count, lambda: list(store.iter_trajectories()))
        show("descriptors", count, lambda: list(store.descriptors()))
        size = sum(file.stat().st_size for file in Path(folder, "run").iterdir())
        print(f"{'size':28}{size / count / 1024:10.3f} kB per trajectory")


def show(what: str, count: int, work: Callable[[], object]) -> None:
    begun = time.perf_counter()
    work()
    print(f"{what:28}{(time.perf_counter() - begun) * 1000 / count:10.3f} ms each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
