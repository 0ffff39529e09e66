"""A code task: what the user wants, the gold solution as calls, the hidden tests and a wrong solution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tdscaling.types import CodeKind, CodeWork, Constant, JsonValue, Mode, Step, TaskFile, ToolKey, Turn

SERVER = "sandbox"
PYTHON = ToolKey(SERVER, "python")
SHELL = ToolKey(SERVER, "shell")
ARGUMENTS = {PYTHON: "code", SHELL: "command"}
DOMAINS: Mapping[CodeKind, str] = {
    "sql": "databases",
    "analysis": "analytics_reporting",
    "repair": "software_development",
    "implement": "software_development",
    "repository": "source_control",
    "given": "software_development",
}


class TaskRejectedError(Exception):
    """No task came of this seed, or its controls did not hold; `reason` is a few words the funnel can count."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTask:
    """What generators make and readers read.

    `mode` is the one that its gold solution shows. `wrong` is a solution that must fail the hidden tests, as the files
    it leaves. `context` are lines for the system prompt. `origin` says where it comes from.
    """

    work: CodeWork
    mode: Mode
    turns: tuple[Turn, ...]
    wrong: tuple[TaskFile, ...]
    context: tuple[str, ...] = ()
    origin: str = ""

    @property
    def kind(self) -> CodeKind:
        return self.work.kind

    @property
    def domain(self) -> str:
        return DOMAINS[self.kind]

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for turn in self.turns for step in turn.steps)


@dataclass(frozen=True, slots=True)
class Act:
    """A call of the gold solution: the tool, its code or command, what is said beside it, and whether it must fail.
    `given` are the arguments of a tool that is not the sandbox's."""

    tool: ToolKey
    text: str
    says: str = ""
    fails: bool = False
    given: Mapping[str, JsonValue] | None = None

    def arguments(self) -> dict[str, Constant]:
        given = {ARGUMENTS[self.tool]: self.text} if self.given is None else self.given
        return {name: Constant(value=value) for name, value in given.items()}


def steps(acts: Sequence[Act], first: int = 1) -> tuple[Step, ...]:
    """The calls as steps of a plan, one after the other; `first` numbers them on."""
    return tuple(
        Step(
            id=f"s{number}",
            tool=act.tool,
            arguments=act.arguments(),
            after=(f"s{number - 1}",) if number > 1 else (),
            group=number,
            purpose="code",
            expect_error=act.fails,
            says=act.says,
        )
        for number, act in enumerate(acts, start=first)
    )
