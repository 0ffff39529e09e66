"""May a server process serve another episode? Only where it was seen to behave as a fresh one does."""

from collections.abc import Sequence
from dataclasses import dataclass

from tdscaling.types import Snapshot, ToolResult


@dataclass(frozen=True, slots=True)
class Reuse:
    """The verdict on one server, with what decided it."""

    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """What a script of calls gave on one process: results by call, and the state afterwards."""

    results: Sequence[ToolResult]
    state: Snapshot


def judge(first: ProbeRun, second: ProbeRun, reused: ProbeRun) -> Reuse:
    """`first` and `second` ran on fresh processes; what differs between them is chance and does not count."""
    for run in (first, second, reused):
        faults = [result.fault for result in run.results if result.fault]
        if faults:
            return Reuse(False, f"the server failed in the check ({faults[0]})")
    for index, (one, two, three) in enumerate(zip(first.results, second.results, reused.results, strict=True)):
        if one == two and one != three:
            return Reuse(False, f"call {index + 1} of the check gave another result on a used process")
    one, two, three = first.state.leaves, second.state.leaves, reused.state.leaves
    for path in sorted(one.keys() | two.keys() | three.keys()):
        if one.get(path) == two.get(path) and one.get(path) != three.get(path):
            return Reuse(False, f"{path} came out differently on a used process")
    return Reuse(True, f"{len(first.results)} calls and the state were equal on a used process")
