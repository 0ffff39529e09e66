"""Forging the verdict of a code task: by what a solution leaves in its files, or beside them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tdscaling.code_tasks.given import read_given
from tdscaling.code_tasks.hidden import judge_work
from tdscaling.code_tasks.library import cases
from tdscaling.code_tasks.testing import hidden_tests
from tdscaling.config.sandbox import SandboxSettings
from tdscaling.sandbox import Sandbox, open_sandbox
from tdscaling.types import CodeWork, TaskFile

pytestmark = [pytest.mark.sandbox, pytest.mark.requirement("code_tasks.verdict")]
WRONG = "def to_roman(number):\n    raise ValueError\n"
FORGED = {
    "prints-pass": "print('PASS\\n5 passed\\n0 failed')\ndef to_roman(number): return ''",
    "exits-0": "import os\nos._exit(0)",
    "exits-0-when-called": "import os\ndef to_roman(number): os._exit(0)",
    "system-exit": "raise SystemExit(0)",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\ndef to_roman(number): raise SystemExit(0)",
    "equal-to-all": "class E(str):\n    def __eq__(self, o): return True\ndef to_roman(number): return E('x')",
    "writes-pass": "open('PASS', 'w').write('PASS')\ndef to_roman(number): return 'I'",
    "patches-the-tests": "open('/workspace/test_roman.py', 'w').write('')\ndef to_roman(number): return ''",
    "signals-its-parent": "import os\ndef to_roman(number): os.kill(os.getppid(), 9)",
}
BESIDE = [
    "conftest.py",
    "sitecustomize.py",
    "json.py",
    "ctypes/__init__.py",
    "test_roman.py",
    ".hidden/sitecustomize.py",
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox(SandboxSettings(pool=0))
    yield opened
    opened.close()


def work() -> CodeWork:
    """A task whose tests are calls."""
    tests = hidden_tests("roman", "to_roman", cases("roman", 1))
    return CodeWork(
        kind="repair", seed=1, tests=tests, files=(TaskFile(path="test_roman.py", content="1"),), outputs=("roman.py",)
    )


@pytest.mark.parametrize("code", FORGED.values(), ids=FORGED.keys())
def test_a_forged_solution_fails_tests_that_call_it(sandbox: Sandbox, code: str) -> None:
    """Stopped by: the judged code runs in a process of its own, the verdict is the status that pid 1 sees."""
    assert not judge_work(sandbox, work(), {"roman.py": code.encode()}).passed


@pytest.mark.parametrize("path", BESIDE)
def test_what_is_left_beside_the_outputs_reaches_no_judge(sandbox: Sandbox, path: str) -> None:
    """Tries: a module that shadows one of the judge, or a patched test. Stopped by: only the task's outputs are taken
    over into the fresh tree, and the hidden tests lie over them."""
    evil = b"import os\nos._exit(0)\n"
    left = {"roman.py": WRONG.encode(), path: evil}
    assert not judge_work(sandbox, work(), left).passed


ENDS = {
    **{name: FORGED[name] for name in ("exits-0", "system-exit", "prints-pass", "patches-the-tests", "atexit")},
    "exits-in-c": "import ctypes\nctypes.CDLL(None)._exit(0)",
    "exits-by-the-other-name": "import posix\nposix._exit(0)",
    "exits-by-the-other-name-when-called": "import posix\ndef to_roman(number): posix._exit(0)",
    "becomes-another-program": "import os\nos.execv('/bin/true', ['true'])",
    "becomes-another-python": "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', ''])",
    "system-exit-when-called": "def to_roman(number): raise SystemExit(0)",
    "exit-when-called": "import sys\ndef to_roman(number): sys.exit()",
    "quits-when-called": "def to_roman(number): quit()",
    "exits-after-the-tests": "import atexit, posix\natexit.register(posix._exit, 0)\ndef to_roman(number): return 1",
    "removes-the-guard": "import os, shutil\nshutil.rmtree('/workspace/.hidden')\nimport posix\nposix._exit(0)",
}
TEST = "from roman import to_roman\n\nassert to_roman(4) == 'IV'\n"
CASE = "import unittest\nfrom roman import to_roman\nclass T(unittest.TestCase):\n    def test(self):\n"
CASE += "        self.assertEqual(to_roman(4), 'IV')\n"
COMMANDS = {"script": "python test_roman.py", "unittest": "python -m unittest -q test_case"}


def given(tmp_path: Path, command: str) -> CodeWork:
    """A task of a user's own that runs the judged module in the process of its tests."""
    task = {
        "prompt": "Write roman.py.",
        "test_files": {"test_roman.py": TEST, "test_case.py": CASE},
        "test_command": command,
        "outputs": ["roman.py", "conftest.py"],
    }
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(task) + "\n")
    (own,) = read_given(path).tasks
    return own.work


@pytest.mark.parametrize(
    ("name", "runner"),
    [*((name, "script") for name in ENDS), *((name, "unittest") for name in ENDS if "exits" in name)],
)
def test_a_command_of_ones_own_sees_through_a_module_that_ends_the_program(
    sandbox: Sandbox, name: str, runner: str, tmp_path: Path
) -> None:
    """Tries: ends the process that runs the tests with status 0. Stopped by: each Python of the command must say, with
    a nonce, that it came to its regular end; SystemExit from a judged file counts as a failure."""
    own = given(tmp_path, COMMANDS[runner])
    assert not judge_work(sandbox, own, {"roman.py": ENDS[name].encode()}).passed


HONEST = {
    "plain": "def to_roman(number):\n    return 'IV'\n",
    "catches-its-own-exit": (
        "import sys\ndef to_roman(number):\n    try:\n        sys.exit(0)\n    except SystemExit as end:\n"
        "        return 'IV' if end.code == 0 else ''\n"
    ),
    "starts-and-kills": (
        "import subprocess, sys\ndef to_roman(number):\n    child = subprocess.Popen([sys.executable, '-c',"
        " 'input()'], stdin=-1)\n    child.kill()\n    child.wait()\n    return 'IV'\n"
    ),
    "forks": "import os\ndef to_roman(number):\n    os.fork() or os._exit(0)\n    os.wait()\n    return 'IV'\n",
    "ends-when-it-is-the-program": (
        "import sys\ndef to_roman(number):\n    return 'IV'\nif __name__ == '__main__':\n    sys.exit(0)\n"
    ),
}


@pytest.mark.parametrize("code", HONEST.values(), ids=HONEST.keys())
def test_an_honest_module_passes_a_command_of_ones_own(sandbox: Sandbox, code: str, tmp_path: Path) -> None:
    own = given(tmp_path, " && ".join(["python roman.py", *COMMANDS.values()]))
    judgement = judge_work(sandbox, own, {"roman.py": code.encode()})
    assert judgement.passed, judgement.detail


def test_a_test_that_the_assistant_could_change_is_put_in_fresh(sandbox: Sandbox, tmp_path: Path) -> None:
    """Tries: rewrites the visible test. Stopped by: what a test command names is no output unless the task says so."""
    task = {
        "prompt": "Mend roman.py.",
        "files": {"roman.py": WRONG, "check.py": TEST, "test_roman.py": TEST},
        "test_command": "python check.py && python -m test_roman",
    }
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(task) + "\n")
    (own,) = read_given(path).tasks
    assert own.work.outputs == ("roman.py",)
    assert not judge_work(sandbox, own.work, {"roman.py": b"", "check.py": b"", "test_roman.py": b""}).passed
