"""Forging a verdict: the judged code tries to pass tests that it does not pass."""

import secrets

import pytest
from tests.abuse.host import Host, LocalHost

TESTS = """
assert call("square", 3) == 9
assert call("square", -2) == 4
"""
HONEST = b"def square(x):\n    return x * x\n"
FORGED = {
    "wrong": "def square(x): return 9",
    "prints-pass": "print('PASS\\nOK\\n2 passed')\ndef square(x): return 0",
    "exits-0": "import os\nos._exit(0)",
    "exits-0-when-called": "import os\ndef square(x): os._exit(0)",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\ndef square(x): raise SystemExit(0)",
    "equal-to-all": "class Equal(int):\n    def __eq__(self, other): return True\ndef square(x): return Equal(7)",
    "patches-builtins": "import builtins\nbuiltins.AssertionError = Exception\ndef square(x): return True",
    "kills-the-judge": "import os\ndef square(x): os.kill(os.getppid(), 9)",
    "stops-the-judge": "import os\ndef square(x): os.kill(os.getppid(), 19)",
    "reads-the-judge": "import os\ndef square(x):\n    open(f'/proc/{os.getppid()}/mem', 'rb')\n    return x * x",
    "forges-answers": (
        'import os\nlines = b\'{"id": 0, "value": 9}\\n{"id": 0, "value": 4}\\n\'\n'
        "for fd in range(3, 20):\n    try: os.write(fd, lines)\n"
        "    except OSError: pass\ndef square(x): return 0"
    ),
    "floods-answers": "def square(x): return 'x' * (9 << 20)",
    "never-answers": "def square(x):\n    while True: pass",
    "not-json": "def square(x): return object()",
    "closes-its-pipe": "import os\ndef square(x): os.closerange(0, 30)",
    "syntax-error": "def square(x) return",
    "empty": "",
}


@pytest.mark.requirement("sandbox.verdict")
def test_honest_code_passes(host: Host) -> None:
    assert host.judge({"solution.py": HONEST}, TESTS, 5).passed


@pytest.mark.requirement("sandbox.verdict")
@pytest.mark.parametrize("code", FORGED.values(), ids=FORGED.keys())
def test_a_forger_fails(host: Host, code: str) -> None:
    """Stopped by: tests and judged code are two processes, the verdict is the exit status that pid 1 sees."""
    assert not host.judge({"solution.py": code.encode()}, TESTS, 1).passed


@pytest.mark.requirement("sandbox.verdict")
@pytest.mark.parametrize("shadowed", ["json.py", "subprocess.py", "os.py", "sitecustomize.py", "ctypes/__init__.py"])
def test_a_module_that_shadows_the_standard_library_does_not_reach_the_judge(host: Host, shadowed: str) -> None:
    """Tries: is imported in place of a module the judge needs. Stopped by: the workspace is not on its path."""
    evil = b"import os\nos._exit(0)\n"
    assert not host.judge({"solution.py": b"def square(x): return 0", shadowed: evil}, TESTS, 1).passed
    if shadowed != "json.py":
        assert host.judge({"solution.py": HONEST, shadowed: evil}, TESTS, 5).passed


@pytest.mark.requirement("sandbox.verdict")
@pytest.mark.parametrize("tests", ["raise SystemExit(0)", "import os\nos._exit(0)"])
def test_tests_that_end_early_do_not_pass(host: Host, tests: str) -> None:
    """Tries: nothing; a hidden test that exits is a fault of the task. Stopped by: only the end of the judge counts."""
    assert not host.judge({"solution.py": HONEST}, tests, 5).passed


@pytest.mark.requirement("sandbox.verdict")
@pytest.mark.parametrize("drawn", [135, 1 << 30], ids=["137", "highest"])
def test_no_signal_ends_the_judge_with_the_status_that_passes(drawn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries: kills the judge and hopes that 128 + 9 was the number drawn. Stopped by: it is drawn below 128."""
    host = LocalHost()
    monkeypatch.setattr(secrets, "randbelow", lambda top: min(drawn, top - 1))
    assert host.judge({"solution.py": HONEST}, TESTS, 5).passed
    assert not host.judge({"solution.py": FORGED["kills-the-judge"].encode()}, TESTS, 1).passed
    host.close()
