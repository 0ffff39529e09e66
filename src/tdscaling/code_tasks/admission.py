"""Whether a task holds: untouched files and a wrong solution fail its hidden tests, the gold solution passes.

Each control runs in a sandbox of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tdscaling.code_tasks.hidden import answered, judge_work
from tdscaling.code_tasks.task import ARGUMENTS, PYTHON, CodeTask, TaskRejectedError
from tdscaling.sandbox import Sandbox, SandboxSession
from tdscaling.sandbox.grading import exported
from tdscaling.types import AnswerFact, Constant, JsonValue, Step, ToolResult, Turn
from tdscaling.values import Scope, UnresolvedError, failed, normal, parse


@dataclass(frozen=True, slots=True)
class GoldRun:
    """The gold solution as executed: parsed results by step, and the outputs it left, by path."""

    outputs: Mapping[str, JsonValue]
    left: Mapping[str, bytes]


def admit(task: CodeTask, sandbox: Sandbox) -> tuple[CodeTask, GoldRun]:
    """The task with the values that the gold run gave to its answers, and that run.

    Raises TaskRejectedError with the control that did not hold, SandboxError when the sandbox itself fails.
    """
    check_controls(task, sandbox)
    gold = run_gold(task, sandbox)
    task = replace(task, turns=tuple(_with_values(turn, gold) for turn in task.turns))
    left = {**gold.left, **answered(task.work, task.turns[-1].report)}
    judgement = judge_work(sandbox, task.work, left)
    if not judgement.passed:
        raise TaskRejectedError("gold_fails", judgement.detail[-200:])
    return task, gold


def check_controls(task: CodeTask, sandbox: Sandbox) -> None:
    """The controls that need no gold solution. Raises TaskRejectedError, SandboxError."""
    if judge_work(sandbox, task.work, _untouched(task)).passed:
        raise TaskRejectedError("untouched_passes")
    if task.wrong and judge_work(sandbox, task.work, {file.path: file.data for file in task.wrong}).passed:
        raise TaskRejectedError("wrong_solution_passes")


def _untouched(task: CodeTask) -> Mapping[str, bytes]:
    return {path: data for path, data in task.work.contents().items() if path in task.work.outputs}


def run_gold(task: CodeTask, sandbox: Sandbox) -> GoldRun:
    """Makes the gold calls in a fresh session. Raises TaskRejectedError for the first that ends otherwise than it
    should, SandboxError."""
    session = sandbox.open()
    try:
        for path, data in task.work.contents().items():
            session.put(path, data)
        outputs: dict[str, JsonValue] = {}
        for step in task.steps:
            result = _made(session, step)
            if failed(result) != step.expect_error:
                raise TaskRejectedError("gold_call_failed", f"{step.id}: {result.content[-200:]}")
            outputs[step.id] = parse(result.content)
        return GoldRun(outputs, exported(session, task.work.outputs))
    finally:
        session.close()


def _made(session: SandboxSession, step: Step) -> ToolResult:
    binding = step.arguments[ARGUMENTS[step.tool]]
    text = str(binding.value) if isinstance(binding, Constant) else ""
    done = session.run_python(text) if step.tool == PYTHON else session.run_shell(text)
    return ToolResult(content=done.said(), is_error=not done.ok)


def _with_values(turn: Turn, gold: GoldRun) -> Turn:
    """The turn with the values of the gold run; one that the generator computed otherwise rejects the task."""
    return replace(turn, answer=tuple(_valued(fact, gold) for fact in turn.answer))


def _valued(fact: AnswerFact, gold: GoldRun) -> AnswerFact:
    try:
        value = Scope({}, gold.outputs).resolve(fact.binding)
    except UnresolvedError as exc:
        raise TaskRejectedError("gold_answer_missing", str(exc)) from None
    wanted, found = str(fact.value), str(value)
    if normal(wanted) != normal(found):
        raise TaskRejectedError("gold_answer_differs", f"{fact.label}: {found[:80]!r}, not {wanted[:80]!r}")
    return replace(fact, value=value)
