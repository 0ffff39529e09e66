"""A small repository with a fault in its last commit: find it, mend it, run the tests, commit through a git server."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.editing import change
from tdscaling.code_tasks.library import PROGRAMS, Case, cases, program
from tdscaling.code_tasks.repair import Broken, broken_program, explained, shown_cases
from tdscaling.code_tasks.task import SERVER, SHELL, Act, CodeTask, steps
from tdscaling.code_tasks.testing import hidden_tests, visible_tests
from tdscaling.code_tasks.words import READ, TEST, pick
from tdscaling.sandbox import Sandbox
from tdscaling.types import CodeWork, JsonValue, Request, TaskFile, Tool, ToolKey, Turn

NEEDED = ("git_status", "git_log", "git_diff_unstaged", "git_add", "git_commit")
"""Tools of a git server that the gold solution calls, with `repo_path`."""
EXPORT = ToolKey(SERVER, "export_file")
_FOLDERS = ("toolbox", "office_tools", "helpers_repo", "back_office", "small_tools", "routines")


@dataclass(frozen=True, slots=True)
class Repository:
    """A task with the files of the first commit (sound) and of the second (faulty), by path below the workspace."""

    task: CodeTask
    folder: str
    sound: tuple[TaskFile, ...]
    messages: tuple[str, str]


def git_server(tools: Sequence[Tool]) -> str | None:
    """The server that has all of NEEDED; None where there is none."""
    having = {tool.key for tool in tools if "repo_path" in str(tool.input_schema.get("properties"))}
    servers = sorted({key.server for key in having})
    return next((name for name in servers if all(ToolKey(name, tool) in having for tool in NEEDED)), None)


def repository(seed: int, sandbox: Sandbox, server: str) -> Repository:
    """A seeded task. Raises TaskRejectedError, SandboxError."""
    rng = Random(f"repository {seed}")
    broken = broken_program(rng, sandbox, seed)
    used, folder = broken.program, rng.choice(_FOLDERS)
    others = rng.sample([name for name in PROGRAMS if name != used.name], rng.randint(1, 2))
    files = [TaskFile(path=f"{folder}/README.md", content=_readme(folder, sorted([used.name, *others])))]
    for name in others:
        known = [(f"case_{n}", case) for n, case in enumerate(cases(name, seed, 3), start=1)]
        files += _module(folder, name, program(name).source, program(name).function, known)
    shown = shown_cases(broken, rng)
    sound = (*files, *_module(folder, used.name, used.source, used.function, shown))
    faulty = (*files, *_module(folder, used.name, broken.text, used.function, shown))
    path = f"{folder}/{used.path}"
    said = (pick(rng, "First version", "Import", "Start"), pick(rng, "Tidy up", "Small changes", "Refactor a little"))
    message = pick(rng, f"Fix {used.function}", f"Correct {used.function} in {used.path}", f"Mend {used.name}")
    turn = Turn(
        kind="opening",
        requests=(_request(folder, message, rng),),
        steps=steps(_acts(broken, folder, message, server, rng)),
        report=_report(broken, message, rng),
    )
    work = CodeWork(
        kind="repository",
        seed=seed,
        tests=hidden_tests(f"{folder}.{used.name}", used.function, broken.cases),
        files=tuple(faulty),
        outputs=(path,),
    )
    task = CodeTask(
        work=work,
        mode="recovering",
        turns=(turn,),
        wrong=(TaskFile(path=path, content=broken.other),),
        context=(f"/workspace/{folder} is a git repository.",),
        origin=f"repository of {used.name} and {', '.join(others)}",
    )
    return Repository(task, folder, tuple(sound), said)


def _module(folder: str, name: str, source: str, function: str, known: Sequence[tuple[str, Case]]) -> list[TaskFile]:
    tests = visible_tests(name, function, known)
    return [
        TaskFile(path=f"{folder}/{name}.py", content=source),
        TaskFile(path=f"{folder}/test_{name}.py", content=tests),
    ]


def _readme(folder: str, names: Sequence[str]) -> str:
    listed = "".join(f"- `{name}.py`, tested by `test_{name}.py`\n" for name in names)
    return f"# {folder}\n\nSmall modules that stand alone:\n\n{listed}\nRun a test with `python test_NAME.py`.\n"


def _request(folder: str, message: str, rng: Random) -> Request:
    action = pick(
        rng,
        f"find out which test in the repository /workspace/{folder} fails and fix the code behind it",
        f"look into /workspace/{folder}: since the last commit one of its tests fails, and it has to work again",
        f"repair what the last commit in /workspace/{folder} broke",
    )
    more = pick(
        rng,
        f' Run the tests, and commit the fix with the message "{message}".',
        f' Leave the tests as they are. When they all pass, commit with the message "{message}".',
        f' Then commit it as "{message}".',
    )
    return Request(action=action, more=more)


def _acts(broken: Broken, folder: str, message: str, server: str, rng: Random) -> list[Act]:
    used, repo = broken.program, f"/workspace/{folder}"
    path = f"{folder}/{used.path}"
    tests = (
        f"cd {repo}\nfailed=0\nfor file in test_*.py; do\n"
        '    echo "== $file"\n    python "$file" || failed=1\ndone\nexit $failed'
    )

    def git(name: str, says: str, **more: JsonValue) -> Act:
        return Act(ToolKey(server, name), "", says, given={"repo_path": repo, **more})

    acts = [git("git_log", pick(rng, "What happened last?", "First the history.", ""), max_count=3)]
    acts = acts if rng.random() < 0.6 else [git("git_status", pick(rng, "Is anything uncommitted?", ""))]
    acts += [
        Act(SHELL, tests, pick(rng, "Now all the tests.", "Let me run every test.", "Which one fails?"), fails=True),
        Act(SHELL, f"cat -n {repo}/{used.path}", pick(rng, *READ)),
    ]
    for fault in reversed(broken.faults):
        acts.append(change(path, fault.broken, fault.sound, rng, explained(fault, rng)))
    return [
        *acts,
        Act(SHELL, tests, pick(rng, *TEST)),
        Act(EXPORT, "", pick(rng, "They pass; into the repository with it.", "Good. Writing it back.", ""),
            given={"path": path}),
        git("git_diff_unstaged", pick(rng, "Is that all I changed?", "The difference, to be sure.", "")),
        git("git_add", "", files=[used.path]),
        git("git_commit", pick(rng, "And the commit.", "Committing it.", ""), message=message),
    ]  # fmt: skip


def _report(broken: Broken, message: str, rng: Random) -> str:
    said = " Also, ".join(f"{fault.said}." for fault in reversed(broken.faults))
    return pick(
        rng,
        f'{broken.program.path} was at fault: {said} All tests pass, and the fix is committed as "{message}".',
        f'Fixed and committed as "{message}". In {broken.program.path}, {said} Every test passes now.',
    )
