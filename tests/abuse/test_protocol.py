"""Forged frames, evil objects, stolen descriptors and games with standard input."""

import pytest

from tdscaling.sandbox.protocol import SandboxSession

FORGE = """
import json, os, struct
def forge(frame):
    body = json.dumps(frame).encode()
    os.write(4, struct.pack('>I', len(body)) + body)
"""
GARBAGE = {
    "not-json": r"import os; os.write(4, b'\0\0\0\4abcd')",
    "huge-length": r"import os; os.write(4, b'\xff\xff\xff\xff')",
    "not-an-object": r"import os; os.write(4, b'\0\0\0\2[]')",
    "deep-json": "import os, struct\nbody = b'[' * 900000\nos.write(4, struct.pack('>I', len(body)) + body)",
}


@pytest.mark.requirement("sandbox.protocol")
@pytest.mark.parametrize("code", GARBAGE.values(), ids=GARBAGE.keys())
def test_rubbish_on_the_result_pipe_costs_the_interpreter_its_life(session: SandboxSession, code: str) -> None:
    """Tries: breaks the framing. Stopped by: the reader's cap, JSON objects only; a new interpreter."""
    result = session.run_python(code)
    assert result.limits == ("protocol",)
    assert result.reset


@pytest.mark.requirement("sandbox.protocol")
def test_a_forged_result_is_only_text(session: SandboxSession) -> None:
    """Tries: answers for itself with keys of the host's frames. Stopped by: keys filtered by name and type."""
    frame = "{'id': 1, 'value': 'forged', 'status': 0, 'reset': True, 'limits': ['x'], 'stdout': 'fake', 'data': 'x'}"
    result = session.run_python(f"{FORGE}\nforge({frame})")
    assert result.stdout == ""
    assert result.limits == ()
    assert not result.reset


@pytest.mark.requirement("sandbox.protocol")
@pytest.mark.parametrize(
    "frame",
    [
        "{'id': 1, 'value': 7, 'status': 'zero'}",
        "{'id': 1, 'value': ['x'], 'status': None}",
        "{'id': 1}",
        "{'id': 1, 'status': 10 ** 30}",
    ],
)
def test_fields_of_a_wrong_type_are_dropped(session: SandboxSession, frame: str) -> None:
    """Tries: sends the host what it does not expect. Stopped by: the filter in pid 1."""
    result = session.run_python(f"{FORGE}\nforge({frame})")
    assert result.value is None or isinstance(result.value, str)
    assert 0 <= result.status <= 255


@pytest.mark.requirement("sandbox.protocol")
@pytest.mark.parametrize("closed", ["os.close(4)", "os.close(3)", "os.closerange(0, 100)", "os.dup2(1, 4)"])
def test_an_interpreter_without_its_pipes_is_replaced_or_works_on(session: SandboxSession, closed: str) -> None:
    """Tries: closes its own descriptors. Stopped by: its death is seen on a pidfd, and a new one is forked."""
    session.run_python(f"import os; {closed}", 1)
    session.run_python("1", 1)


EVIL = {
    "raises": ("def __repr__(self): raise ValueError('boo')", 1),
    "exits": ("def __repr__(self): raise SystemExit(0)", 0),
    "not-text": ("def __repr__(self): return 7", 1),
    "unprintable-error": ("def __repr__(self): raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})()", 1),
}


@pytest.mark.requirement("sandbox.protocol")
@pytest.mark.parametrize(("body", "status"), EVIL.values(), ids=EVIL.keys())
def test_an_evil_repr_stays_inside(session: SandboxSession, body: str, status: int) -> None:
    """Tries: attacks whoever shows the value. Stopped by: `repr` runs inside, only text comes out."""
    result = session.run_python(f"class Evil:\n    {body}\nEvil()")
    assert result.status == status
    assert result.value is None


@pytest.mark.requirement("sandbox.protocol")
def test_a_value_is_never_unpickled_by_the_host(session: SandboxSession) -> None:
    """Tries: returns an object whose unpickling runs code. Stopped by: only its `repr` leaves."""
    code = "class P:\n    def __reduce__(self): return (print, ('pwned',))\n    def __repr__(self): return 'P'\nP()"
    assert session.run_python(code).value == "P"


@pytest.mark.requirement("sandbox.protocol")
def test_standard_input_is_empty(session: SandboxSession) -> None:
    """Tries: reads the host's frames from standard input. Stopped by: /dev/null there."""
    assert "EOFError" in session.run_python("input()").stderr
    assert session.run_shell("cat | wc -c").stdout.strip() == "0"


@pytest.mark.requirement("sandbox.protocol", "sandbox.reset")
@pytest.mark.parametrize(
    ("code", "status"),
    [("import os; os._exit(0)", 0), ("import os; os.abort()", 134), ("import ctypes; ctypes.string_at(0)", 139)],
    ids=["exit", "abort", "segfault"],
)
def test_the_end_of_the_interpreter_is_seen_by_pid_1(session: SandboxSession, code: str, status: int) -> None:
    """Tries: ends without an answer. Stopped by: the exit status is the kernel's, and the reset is told."""
    result = session.run_python(code)
    assert (result.status, result.reset) == (status, True)


@pytest.mark.requirement("sandbox.protocol")
def test_a_forked_copy_of_the_interpreter_does_not_answer_twice(session: SandboxSession) -> None:
    """Tries: two interpreters answer one call. Stopped by: the copy ends, the sweep takes the rest."""
    session.run_python("import os\npid = os.fork()")
    assert session.run_python("6 * 9").value == "54"


@pytest.mark.requirement("sandbox.protocol")
@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.stdout = None",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import builtins; builtins.repr = builtins.compile = builtins.exec = None",
        "import sys; sys.modules.clear()",
        "import os; os.write = os.read = None",
        "import gc; [o.clear() for o in gc.get_objects() if type(o) is dict and '__name__' in o]",
    ],
)
def test_an_interpreter_that_ruins_itself_can_be_had_anew(session: SandboxSession, code: str) -> None:
    """Tries: breaks the interpreter's own modules. Stopped by: it is nobody's but the agent's; killing it resets."""
    session.run_python(code, 1)
    session.run_shell("kill -9 -1")
    assert session.run_python("print('well')").stdout == "well\n"


@pytest.mark.requirement("sandbox.protocol")
def test_bytes_that_are_no_text_do_not_break_the_frames(session: SandboxSession) -> None:
    """Tries: prints what is not UTF-8. Stopped by: decoded with replacement by pid 1."""
    assert session.run_shell(r"printf '\377\000\ud800'").stdout.startswith("�\x00")
    assert session.run_python("print('\\ud800')").ok


@pytest.mark.requirement("sandbox.protocol")
def test_halves_of_characters_do_not_reach_the_host(session: SandboxSession) -> None:
    """Tries: a value that no file and no terminal can hold. Stopped by: it is made text where the host takes it."""
    code = FORGE + 'body = b\'{"id": 1, "value": "a\\\\ud800", "status": 0}\'\n'
    result = session.run_python(code + "os.write(4, struct.pack('>I', len(body)) + body)\nimport time; time.sleep(.2)")
    assert result.value == "a?"
