"""May a server process serve another episode? Only where it was seen to behave as a fresh one does."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tdscaling.types import Snapshot, ToolResult

PAUSES = (0.0, 2.0, 4.0)
"""Seconds before each check; the later ones are made only while all before them refuse. A file's size that depends on
the second it is written in repeats where checks follow each other at an even pace, so the pace changes."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """The verdict on one server, with what decided it; `shown`: the calls of the check, by index, whose results tell
    a used process from a fresh one."""

    allowed: bool
    reason: str
    shown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """What a script of calls gave on one process: results by call, and the state before and after."""

    before: Snapshot
    results: Sequence[ToolResult]
    after: Snapshot


Check = tuple[ProbeRun, ProbeRun, ProbeRun]
"""The same script on two fresh processes, and on the second of them used again."""


async def decide(check: Callable[[], Awaitable[Check]]) -> Reuse:
    """The first verdict that allows reuse, else the last one; each is judged on all checks so far that no fault of
    the server spoilt."""
    whole: list[Check] = []
    verdict = Reuse(False, "not checked")
    for pause in PAUSES:
        await asyncio.sleep(pause)
        runs = await check()
        faults = [result.fault for run in runs for result in run.results if result.fault]
        if faults:
            verdict = Reuse(False, f"the server failed in the check ({faults[0]})")
            continue
        whole.append(runs)
        verdict = judge(whole)
        if verdict.allowed:
            break
    return verdict


def judge(checks: Sequence[Check]) -> Reuse:
    """A used process is told from a fresh one by what all fresh ones agree on and every used one has differently;
    whatever else differs is chance and does not count."""
    fresh = [run for check in checks for run in check[:2]]
    used = [check[2] for check in checks]
    calls = len(fresh[0].results)
    shown = tuple(
        index
        for index in range(calls)
        if _differ([run.results[index] for run in fresh], [run.results[index] for run in used])
    )
    if path := _deviation([run.before for run in fresh], [run.before for run in used]):
        return Reuse(False, f"{path} is made by a process as it starts, so a used one has it not", shown)
    if shown:
        return Reuse(False, f"call {shown[0] + 1} of the check gave another result on a used process", shown)
    if path := _deviation([run.after for run in fresh], [run.after for run in used]):
        return Reuse(False, f"{path} came out differently on a used process")
    return Reuse(True, f"{calls} calls and the state were equal on a used process")


def _deviation(fresh: Sequence[Snapshot], used: Sequence[Snapshot]) -> str:
    """The first path by which the used processes are told from the fresh ones; "" where there is none."""
    paths = sorted({path for state in (*fresh, *used) for path in state.leaves})
    for path in paths:
        if _differ([state.leaves.get(path) for state in fresh], [state.leaves.get(path) for state in used]):
            return path
    return ""


def _differ(fresh: Sequence[object], used: Sequence[object]) -> bool:
    return all(value == fresh[0] for value in fresh) and all(value != fresh[0] for value in used)
