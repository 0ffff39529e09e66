"""Judging code by hidden tests, in a fresh sandbox, so that the judged code can't forge the verdict.

The tests run in the session's interpreter, the judged code in a process of its own that it can only answer from:
values go over a pipe as JSON, so nothing of the judged code (`os._exit(0)`, `atexit`, a patched `assert`, an
object with a false `__eq__`) is ever executed beside the tests. The tests are never a file, and the verdict is the
exit status that pid 1 sees, a number drawn for the run. It is below 120: a judge that is killed ends with 128 and
more, so that no signal guesses it.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tdscaling.errors import SandboxError
from tdscaling.sandbox.protocol import Sandbox, SandboxSession

CANDIDATE = """
import importlib, json, os, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
sys.path.insert(0, "/workspace")
for line in sys.stdin:
    request = json.loads(line)
    try:
        module = importlib.import_module(request["module"])
        value = getattr(module, request["function"])(*request["args"], **request["kwargs"])
        reply = json.dumps({"id": request["id"], "value": value})
    except Exception as exc:
        reply = json.dumps({"id": request["id"], "error": type(exc).__name__})
    answers.write(reply + "\\n")
    answers.flush()
"""

JUDGE = '''
import sys as _sys
# before any import: the workspace, which the judged code fills, must not be searched
_sys.path[:] = [entry for entry in _sys.path if entry.startswith(_sys.base_prefix)]
import ctypes as _ctypes, json as _json, os as _os, subprocess as _subprocess
_ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # undumpable: /proc/PID/mem of this process is closed to the judged code

class CallError(Exception):
    """The judged function raised; `name` is the type of its exception."""
    def __init__(self, name):
        super().__init__(name)
        self.name = name

def call(function, *args, module={module!r}, **kwargs):
    """Calls a function of the judged module in its own process; values are JSON."""
    request = {{"id": _os.urandom(8).hex(), "module": module, "function": function, "args": args, "kwargs": kwargs}}
    _child.stdin.write(_json.dumps(request) + "\\n")
    _child.stdin.flush()
    reply = _json.loads(_child.stdout.readline(1 << 20))
    if reply["id"] != request["id"]:
        raise ValueError("an answer to another question")
    if "error" in reply:
        raise CallError(reply["error"])
    return reply["value"]

_child = _subprocess.Popen(
    [_sys.executable, "-I", "-B", "-c", {candidate!r}], stdin=-1, stdout=-1, stderr=-3, text=True, cwd="/workspace",
    start_new_session=True,
)
try:
    exec(compile({tests!r}, "<tests>", "exec"), {{"call": call, "CallError": CallError, "__name__": "tests"}})
except BaseException as _exc:
    _os.write(2, f"{{type(_exc).__name__}}: {{_exc}}\\n".encode())
    _os._exit(1)
_os._exit({passed})
'''


@dataclass(frozen=True, slots=True)
class Judgement:
    """`passed` only when every test ran to its end; `detail` is untrusted text for people; `sandbox` is the name of
    the back end that it was found in."""

    passed: bool
    detail: str
    sandbox: str


def exported(session: SandboxSession, paths: Sequence[str]) -> dict[str, bytes]:
    """The files that a session left at these paths; one that is not there, or is no regular file, is left out."""
    found: dict[str, bytes] = {}
    for path in paths:
        try:
            found[path] = session.export(path)
        except SandboxError:
            continue
    return found


def judge(
    sandbox: Sandbox, files: Mapping[str, bytes], tests: str, *, module: str = "solution", timeout: float = 10.0
) -> Judgement:
    """Runs `tests` (Python that uses `call("function", …)`, `CallError` and `assert`) on a module among `files`.

    Raises SandboxError only when no session can be opened or the files can't be put there.
    """
    session = sandbox.open()
    passed = 3 + secrets.randbelow(117)
    try:
        for path, data in files.items():
            session.put(path, data)
        code = JUDGE.format(module=module, candidate=CANDIDATE, tests=tests, passed=passed)
        try:
            result = session.run_python(code, timeout)
        except SandboxError as exc:
            return Judgement(False, str(exc), sandbox.name)
    finally:
        session.close()
    ended = result.reset and not result.limits
    return Judgement(ended and result.status == passed, result.stderr or result.notice(), sandbox.name)


def judge_command(
    sandbox: Sandbox,
    files: Mapping[str, bytes],
    command: str,
    *,
    timeout: float = 60.0,
    ended: Callable[[SandboxSession], bool] = lambda session: True,
) -> Judgement:
    """Runs a test command of the user's own in a fresh session; passed when pid 1 sees exit status 0 and `ended`,
    asked of the session after that, is content.

    Put the tests among `files`: they overwrite what the judged code brought. A command that imports the judged
    code into the process that tests it trusts that code not to exit with 0; `judge` does not.
    """
    session = sandbox.open()
    try:
        for path, data in files.items():
            session.put(path, data)
        try:
            result = session.run_shell(command, timeout)
            whole = result.ok and ended(session)
        except SandboxError as exc:
            return Judgement(False, str(exc), sandbox.name)
    finally:
        session.close()
    early = "the tests ended before they were done" if result.ok and not whole else ""
    parts = (result.stdout, result.stderr, result.notice(), early)
    return Judgement(whole, "\n".join(part for part in parts if part), sandbox.name)
