"""Hidden tests: what a solution left is judged in a fresh sandbox, by the exit status that its supervisor sees.

The judged tree is built anew: the task's own files, over them those outputs of the solution that the task names, over
them the hidden tests. Nothing else that a session left (a `conftest.py`, a module that shadows another) gets there.
"""

import re
from collections.abc import Mapping

from tdscaling.code_tasks.guard import Guard
from tdscaling.sandbox import Judgement, Sandbox, judge, judge_command
from tdscaling.types import CodeWork

PRELUDE = '''
def same(one, two):
    """Equal as JSON; floats up to rounding, lists in order."""
    if isinstance(one, bool) or isinstance(two, bool) or one is None or two is None:
        return one is two
    if isinstance(one, (int, float)) and isinstance(two, (int, float)):
        return abs(one - two) <= 1e-9 * max(1.0, abs(one), abs(two))
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    return type(one) is type(two) and one == two
'''
"""Begins the hidden tests that compare values."""


def judge_work(sandbox: Sandbox, work: CodeWork, left: Mapping[str, bytes]) -> Judgement:
    """Whether what a session `left`, by path, passes. Raises SandboxError when no sandbox can be had for it."""
    files = dict(judged_tree(work, left))
    tests = work.tests
    if tests.source:
        return judge(sandbox, files, tests.source, module=tests.module, timeout=tests.timeout)
    guard = Guard(work.outputs)
    files.update(guard.files())
    return judge_command(sandbox, files, guard.command(tests.command), timeout=tests.timeout, ended=guard.ended)


def judged_tree(work: CodeWork, left: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files that the hidden tests see, by path; an output that the solution removed is not there."""
    allowed = {*work.outputs, *([f"answer.{work.block}"] if work.block else [])}
    kept = {path: data for path, data in work.contents().items() if path not in allowed}
    brought = {path: data for path, data in left.items() if path in allowed}
    return {**kept, **brought, **{file.path: file.data for file in work.tests.files}}


def answered(work: CodeWork, answer: str) -> dict[str, bytes]:
    """The solution that a final answer holds: its last fenced block of the language, if the task asks for one."""
    if not work.block:
        return {}
    blocks = re.findall(rf"```{re.escape(work.block)}[ \t]*\n(.*?)```", answer, re.DOTALL | re.IGNORECASE)
    return {f"answer.{work.block}": blocks[-1].strip().encode("utf-8", "replace")} if blocks else {}
