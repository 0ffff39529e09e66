"""The user's own tasks: read line by line, checked by the same controls."""

import base64
import json
from pathlib import Path

import pytest

from tdscaling.code_tasks.admission import admit
from tdscaling.code_tasks.given import MAX_TASK, read_given
from tdscaling.code_tasks.task import TaskRejectedError
from tdscaling.errors import ConfigError, DataError
from tdscaling.sandbox import Sandbox

GOOD = {
    "prompt": "greet.py greets wrongly; its test says how. Please fix it.",
    "files": {
        "greet.py": "def greet(name):\n    return 'Hello ' + name\n",
        "test_greet.py": "from greet import greet\n\nassert greet('Ada') == 'Hello, Ada!', greet('Ada')\nprint('ok')\n",
    },
    "outputs": ["greet.py"],
    "test_command": "python test_greet.py",
    "solution": {"greet.py": "def greet(name):\n    return 'Hello, ' + name + '!'\n"},
}
HIDDEN = {
    "prompt": "Write shout.py with a function shout(text) that gives the text in capitals.",
    "tests": "assert call('shout', 'ab') == 'AB'",
    "module": "shout",
    "solution": {"shout.py": "def shout(text):\n    return text.upper()\n"},
}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "tasks.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.given", "code_tasks.controls")
def test_good_tasks_are_read_and_admitted_with_visible_and_with_hidden_tests(tmp_path: Path, sandbox: Sandbox) -> None:
    odd: dict[str, object] = {**GOOD}
    odd["files"] = {"my $(id)'s.py": "a = 1\nb = 2\n", "test_it.py": "assert 'c' in open(\"my $(id)'s.py\").read()\n"}
    odd |= {"outputs": ["my $(id)'s.py"], "solution": {"my $(id)'s.py": "a = 1\nc = 2\n"}}
    odd["test_command"] = "python test_it.py"
    found = read_given(written(tmp_path, GOOD, HIDDEN, odd))
    assert found.problems == ()
    assert len(found.tasks) == 3
    for task in found.tasks:
        _, gold = admit(task, sandbox)
        assert list(gold.left) == list(task.work.outputs)
    assert any(step.expect_error for step in found.tasks[0].steps)


@pytest.mark.requirement("code_tasks.given")
@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (b"{torn", "no JSON"),
        (b"[1]", "no JSON object"),
        (b"\xff\xfe\x00", "no UTF-8"),
        ({**GOOD, "prompt": " "}, "prompt is missing"),
        ({**GOOD, "prompt": "a\ud800"}, "half of a character"),
        ({**GOOD, "test_command": "true\0"}, "null byte"),
        ({key: value for key, value in GOOD.items() if key != "test_command"}, "test_command is missing"),
        ({**GOOD, "tests": "assert 1"}, "one of both"),
        ({**GOOD, "colour": 1}, "unknown field 'colour'"),
        ({**GOOD, "files": {"../x.py": "1"}}, "no path inside"),
        ({**GOOD, "files": {"/etc/passwd": "1"}}, "no path inside"),
        ({**GOOD, "files": {"a/../../b": "1"}}, "no path inside"),
        ({**GOOD, "solution": {".hidden/sitecustomize.py": "1"}}, "no path inside"),
        ({**GOOD, "outputs": ["..\\x"]}, "no path inside"),
        ({**GOOD, "files": {"a": "1", "a/b": "2"}}, "also a file"),
        ({**GOOD, "files": {"a": 7}}, "neither text"),
        ({**GOOD, "files": {"a": {"base64": "?"}}}, "no base64"),
        ({**GOOD, "files": "a"}, "files is an object"),
        ({**GOOD, "files": {"big": "x" * (MAX_TASK + 1)}}, "MiB"),
        ({**GOOD, "files": {f"f{n}": "" for n in range(201)}}, "more than 200"),
        ({**GOOD, "timeout": -1}, "timeout"),
        ({**GOOD, "test_files": {"greet.py": "1"}}, "a file of the tests"),
        ({"prompt": "p", "test_command": "true"}, "outputs: name the files"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, bad: object, said: str) -> None:
    found = read_given(written(tmp_path, GOOD, bad, HIDDEN))
    assert len(found.tasks) == 2
    assert len(found.problems) == 1
    assert "line 2: " in found.problems[0]
    assert said in found.problems[0]
    assert "\n" not in found.problems[0]


@pytest.mark.requirement("code_tasks.given")
def test_binary_files_are_given_as_base64_and_a_missing_file_of_tasks_is_an_error(tmp_path: Path) -> None:
    data = bytes(range(256))
    packed = {"base64": base64.b64encode(data).decode()}
    found = read_given(written(tmp_path, {**GOOD, "files": {**GOOD["files"], "logo.bin": packed}}))  # type: ignore[dict-item]
    assert found.tasks[0].work.contents()["logo.bin"] == data
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl does not exist"):
        read_given(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataError, match="can't be read"):
        read_given(tmp_path)


@pytest.mark.sandbox
@pytest.mark.requirement("code_tasks.given", "code_tasks.controls")
def test_a_test_command_that_passes_before_any_solution_is_a_failed_control(tmp_path: Path, sandbox: Sandbox) -> None:
    found = read_given(written(tmp_path, {**GOOD, "test_command": "true"}))
    with pytest.raises(TaskRejectedError, match="untouched_passes"):
        admit(found.tasks[0], sandbox)
