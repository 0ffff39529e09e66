"""The user's own tasks: JSON Lines with a prompt, files and how they are tested. See docs/code.md.

What is wrong with a line is said in one line that names it; the rest goes on.
"""

import base64
import binascii
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from random import Random
from typing import cast

from tdscaling.code_tasks.editing import change, heredoc
from tdscaling.code_tasks.guard import FOLDER
from tdscaling.code_tasks.task import SHELL, Act, CodeTask, steps
from tdscaling.code_tasks.words import LOOK, READ, REPRODUCE, TEST, WRITE, pick
from tdscaling.errors import ConfigError, DataError
from tdscaling.types import CodeWork, HiddenTests, Request, TaskFile, Turn
from tdscaling.values.texts import whole

FIELDS = ("prompt", "files", "test_command", "test_files", "tests", "module", "outputs", "solution", "wrong", "timeout")
MAX_LINE = 32 << 20
MAX_TASK = 8 << 20
"""Bytes of all files of a task together."""
MAX_FILES = 200
MAX_TIMEOUT = 300.0


class _BadTaskError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True, slots=True)
class Given:
    """The tasks that could be read, and a line for each that could not."""

    tasks: tuple[CodeTask, ...]
    problems: tuple[str, ...]


def read_given(path: Path) -> Given:
    """Reads a file of tasks. Raises ConfigError when there is none, DataError when it can't be read at all."""
    tasks: list[CodeTask] = []
    problems: list[str] = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    tasks.append(_task(line, f"{path.name} line {number}"))
                except _BadTaskError as exc:
                    problems.append(f"{path}: line {number}: {exc}")
    except FileNotFoundError as exc:
        raise ConfigError(f"{path} does not exist: name a file of tasks") from exc
    except OSError as exc:
        raise DataError(f"{path} can't be read: {exc.strerror or exc}") from exc
    return Given(tuple(tasks), tuple(problems))


def _task(line: bytes, origin: str) -> CodeTask:
    row = _row(line)
    files, hidden = _files(row, "files"), _files(row, "test_files")
    solution, wrong = _files(row, "solution"), _files(row, "wrong")
    tests = _tests(row, hidden)
    both = sum(len(file.content) for file in (*files, *hidden, *solution, *wrong))
    if both > MAX_TASK:
        raise _BadTaskError(f"its files have {both >> 20} MiB together; {MAX_TASK >> 20} are allowed")
    tested = {file.path for file in hidden}
    written = {file.path for file in solution}
    default = [
        file.path
        for file in (*files, *solution)
        if file.path not in tested and (file.path in written or not _is_test(file.path, tests.command))
    ]
    outputs = tuple(dict.fromkeys(_paths(row, "outputs") or default))
    for path in outputs:
        if path in tested:
            raise _BadTaskError(f"outputs: {path} is a file of the tests")
    if not outputs:
        raise _BadTaskError("outputs: name the files that the solution writes")
    work = CodeWork(kind="given", seed=0, tests=tests, files=files, outputs=outputs)
    rng = Random(f"given {origin} {row['prompt']}")
    visible = bool(work.tests.command) and not hidden
    turn = Turn(
        kind="opening",
        requests=(Request(action="help with this", more=f"\n\n{str(row['prompt']).strip()}"),),
        steps=steps(_acts(work, solution, visible, rng)) if solution else (),
        report=_report(solution, visible, rng),
    )
    return CodeTask(
        work=work,
        mode="recovering" if visible else "computational",
        turns=(turn,),
        wrong=wrong,
        context=(f"The working folder holds {', '.join(file.path for file in files[:12])}.",) if files else (),
        origin=origin,
    )


def _is_test(path: str, command: str) -> bool:
    """Whether a file looks like part of the tests, so that what a session made of it must not be judged.

    >>> [_is_test(path, "python check.py") for path in ("check.py", "a/test_b.py", "c_test.go", "conftest.py", "d.py")]
    [True, True, True, True, False]
    """
    name = PurePosixPath(path)
    named = {path, name.name} & set(re.split(r"[\s'\"=;&|()]+|\./", command))
    return bool(named) or name.stem.startswith("test_") or name.stem.endswith("_test") or name.name == "conftest.py"


def _row(line: bytes) -> Mapping[str, object]:
    if len(line) > MAX_LINE:
        raise _BadTaskError(f"it has more than {MAX_LINE >> 20} MiB")
    try:
        row: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _BadTaskError("it is no UTF-8 text") from None
    except (ValueError, RecursionError) as exc:
        raise _BadTaskError(f"it is no JSON: {exc}") from None
    if not isinstance(row, dict):
        raise _BadTaskError("it is no JSON object")
    found = cast("dict[str, object]", row)
    unknown = sorted(set(found) - set(FIELDS))
    if unknown:
        raise _BadTaskError(f"unknown field {unknown[0]!r}; fields: {', '.join(FIELDS)}")
    if not _sayable(found):
        raise _BadTaskError("it has a null byte, or half of a character")
    prompt = found.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise _BadTaskError("prompt is missing")
    return found


def _sayable(row: Mapping[str, object]) -> bool:
    """Whether messages, files and commands can hold its texts. Bytes of any kind come as base64."""
    text = json.dumps(row, ensure_ascii=False)
    return "\\u0000" not in text.replace("\\\\", "") and whole(text) == text


def _tests(row: Mapping[str, object], hidden: tuple[TaskFile, ...]) -> HiddenTests:
    command, source, module = row.get("test_command", ""), row.get("tests", ""), row.get("module", "solution")
    timeout = row.get("timeout", 60.0)
    if not isinstance(command, str) or not isinstance(source, str) or not isinstance(module, str):
        raise _BadTaskError("test_command, tests and module are texts")
    if bool(command.strip()) == bool(source.strip()):
        raise _BadTaskError("test_command is missing (or tests, one of both)")
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= MAX_TIMEOUT:
        raise _BadTaskError(f"timeout is a number of seconds up to {MAX_TIMEOUT:g}")
    return HiddenTests(source=source, module=module, command=command, files=hidden, timeout=float(timeout))


def _files(row: Mapping[str, object], field: str) -> tuple[TaskFile, ...]:
    found = row.get(field)
    if found is None:
        return ()
    if not isinstance(found, dict):
        raise _BadTaskError(f"{field} is an object: path to text")
    entries = cast("dict[str, object]", found)
    if len(entries) > MAX_FILES:
        raise _BadTaskError(f"{field} has more than {MAX_FILES} files")
    made = tuple(_file(path, content, field) for path, content in entries.items())
    paths = {file.path for file in made}
    for path in paths:
        if any(str(parent) in paths for parent in PurePosixPath(path).parents):
            raise _BadTaskError(f"{field}: a folder of {path} is also a file")
    return made


def _file(path: str, content: object, field: str) -> TaskFile:
    clean = _checked(path, field)
    if isinstance(content, str):
        return TaskFile(path=clean, content=content)
    packed = cast("dict[str, object]", content).get("base64") if isinstance(content, dict) else None
    if not isinstance(packed, str):
        raise _BadTaskError(f'{field}: {path} is neither text nor {{"base64": text}}')
    try:
        return TaskFile.of(clean, base64.b64decode(packed, validate=True))
    except (binascii.Error, ValueError):
        raise _BadTaskError(f"{field}: {path} is no base64") from None


def _checked(path: str, field: str) -> str:
    """The path in its plain form; nothing leads out of the working folder or into the judge's own."""
    parts = PurePosixPath(path).parts
    odd = not path or len(path) > 200 or not path.isprintable() or "\\" in path
    if odd or path.startswith("/") or ".." in parts or not parts or parts[0] == FOLDER:
        raise _BadTaskError(f"{field}: {path[:80]!r} is no path inside the working folder")
    return str(PurePosixPath(path))


def _paths(row: Mapping[str, object], field: str) -> list[str]:
    found = row.get(field, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in cast("list[object]", found)):
        raise _BadTaskError(f"{field} is a list of paths")
    return [_checked(path, field) for path in cast("list[str]", found)]


def _acts(work: CodeWork, solution: tuple[TaskFile, ...], visible: bool, rng: Random) -> list[Act]:
    """A gold path: look, see the tests fail where they are there to be run, write the solution, run them again."""
    before = {file.path: file for file in work.files}
    acts = [Act(SHELL, "ls -aR" if any("/" in path for path in before) else "ls -a", pick(rng, *LOOK))]
    if visible:
        acts.append(Act(SHELL, work.tests.command, pick(rng, *REPRODUCE), fails=True))
    known = [file.path for file in solution if file.path in before and before[file.path].encoding == "text"]
    acts += [Act(SHELL, f"cat {shlex.quote(path)}", pick(rng, *READ)) for path in known[:3]]
    acts += list(_writes(before, solution, rng))
    if visible:
        return [*acts, Act(SHELL, work.tests.command, pick(rng, *TEST))]
    return [
        *acts,
        Act(SHELL, f"cksum < {shlex.quote(solution[-1].path)}", pick(rng, "Is it written?", "A last look.", "")),
    ]


def _writes(before: Mapping[str, TaskFile], solution: tuple[TaskFile, ...], rng: Random) -> Iterator[Act]:
    for file in solution:
        old = before.get(file.path)
        if old is not None and old.content == file.content:
            continue
        folder = str(PurePosixPath(file.path).parent)
        made = f"mkdir -p {shlex.quote(folder)}\n" if folder != "." else ""
        if old is not None and old.encoding == file.encoding == "text" and old.content:
            yield change(file.path, old.content, file.content, rng, pick(rng, *WRITE))
        else:
            yield Act(SHELL, made + heredoc(file.path, file.content), pick(rng, *WRITE))


def _report(solution: tuple[TaskFile, ...], visible: bool, rng: Random) -> str:
    names = ", ".join(file.path for file in solution)
    if visible:
        return pick(rng, f"Done: {names} is changed and the tests pass.", f"The tests pass now; I changed {names}.")
    return pick(rng, f"Done: the solution is in {names}.", f"I wrote {names}.")
