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
    """What a script of calls gave on one process: results by call, and the state before and after."""

    before: Snapshot
    results: Sequence[ToolResult]
    after: Snapshot


def judge(first: ProbeRun, second: ProbeRun, reused: ProbeRun) -> Reuse:
    """`first` and `second` ran on fresh processes; what differs between them is chance and does not count."""
    for run in (first, second, reused):
        faults = [result.fault for result in run.results if result.fault]
        if faults:
            return Reuse(False, f"the server failed in the check ({faults[0]})")
    if path := _deviation(first.before, second.before, reused.before):
        return Reuse(False, f"{path} is made by a process as it starts, so a used one has it not")
    for index, (one, two, three) in enumerate(zip(first.results, second.results, reused.results, strict=True)):
        if one == two and one != three:
            return Reuse(False, f"call {index + 1} of the check gave another result on a used process")
    if path := _deviation(first.after, second.after, reused.after):
        return Reuse(False, f"{path} came out differently on a used process")
    return Reuse(True, f"{len(first.results)} calls and the state were equal on a used process")


def _deviation(first: Snapshot, second: Snapshot, reused: Snapshot) -> str:
    """The first path on which the fresh processes agree and the used one does not."""
    one, two, three = first.leaves, second.leaves, reused.leaves
    paths = sorted(one.keys() | two.keys() | three.keys())
    return next((path for path in paths if one.get(path) == two.get(path) != three.get(path)), "")
