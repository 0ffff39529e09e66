"""`tdscaling code-tasks`: look at code tasks before a run uses them."""

import json
from collections import Counter
from pathlib import Path

import click

from tdscaling.code_tasks.admission import admit, check_controls
from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.task import CodeTask, TaskRejectedError
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import DataError
from tdscaling.sandbox import Sandbox, open_sandbox

EXAMPLE = """\b
A task is one line of JSON (docs/code.md says more):
  {"prompt": "greet.py greets wrongly; please fix it.",
   "files": {"greet.py": "def greet(name):\\n    return name\\n",
             "test_greet.py": "from greet import greet\\nassert greet('Ada') == 'Hello, Ada!'\\n"},
   "outputs": ["greet.py"], "test_command": "python test_greet.py",
   "solution": {"greet.py": "def greet(name):\\n    return f'Hello, {name}!'\\n"}}
\b
Example:
  tdscaling code-tasks check tasks.jsonl
"""


@click.group(short_help="Check code tasks of your own.")
def command() -> None:
    """Look at code tasks before a run uses them."""


@command.command(epilog=EXAMPLE)
@click.argument("path", metavar="TASKS", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "json_wanted", is_flag=True, help="Print the verdicts as JSON.")
def check(path: Path, json_wanted: bool) -> None:
    """Run the controls of every task in TASKS: its tests fail before any solution and on the wrong one, and pass on
    the solution, each in a fresh sandbox. Exit 1 when a line is bad or a control does not hold."""
    found = read_given(path)
    sandbox = open_sandbox(SandboxSettings())
    try:
        verdicts = [(task.origin, _verdict(task, sandbox)) for task in found.tasks]
    finally:
        sandbox.close()
    counts = Counter(verdict.partition(":")[0] for _, verdict in verdicts)
    if json_wanted:
        rows = [{"task": origin, "verdict": verdict} for origin, verdict in verdicts]
        click.echo(json.dumps({"tasks": rows, "counts": dict(counts), "bad_lines": list(found.problems)}, indent=1))
    else:
        for origin, verdict in verdicts:
            click.echo(f"{origin}: {verdict}")
        for problem in found.problems:
            click.echo(problem, err=True)
    bad = len(found.problems) + sum(not verdict.startswith("ok") for _, verdict in verdicts)
    if bad or not verdicts:
        raise DataError(
            f"{bad} of {len(found.problems) + len(verdicts)} tasks can't be used" if bad else "there is no task"
        )


def _verdict(task: CodeTask, sandbox: Sandbox) -> str:
    try:
        if not task.steps:
            check_controls(task, sandbox)
            return "ok without a solution: only a model can play it"
        admit(task, sandbox)
    except TaskRejectedError as exc:
        return " ".join(str(exc).split())[:300]
    return "ok"
