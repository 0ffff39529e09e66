"""A guard for test commands of a user's own, which run judged code in the process that tests it.

What ends that process before the tests do is told apart: each Python that the command starts says that it begins, and
says with a nonce that it came to its regular end; `os._exit`, a replaced program or a killed one says nothing. A
SystemExit that comes from a judged file and ends a test script counts as a failure. Code that searches the process
for the guard and takes it apart is not stopped: see docs/code.md.
"""

import secrets
from collections.abc import Collection, Mapping

from tdscaling.errors import SandboxError
from tdscaling.sandbox import SandboxSession

FOLDER = ".hidden"
_LOG = f"{FOLDER}/ends"
_VARIABLE = "TEST_RUN"
_CODE = """import atexit, builtins, os, sys
_here = os.path.dirname(os.path.abspath(__file__))
_judged = {os.path.join(os.path.dirname(_here), path) for path in %(judged)r}
def _install(nonce):
    pid, leave, load, plain = os.getpid(), os._exit, builtins.__import__, SystemExit
    def say(*words):
        with open(os.path.join(_here, "ends"), "a") as log:
            print(*words, file=log)
    def refused(status=0):
        if status == 0 and os.getpid() == pid:
            os.write(2, b"a tested program must not end the tests\\n")
            status = 86
        leave(status)
    def imported(*args, **kwargs):
        try:
            return load(*args, **kwargs)
        except plain:
            raise ImportError("a tested module ends the program when it is imported") from None
    def tested():
        # whether judged code is at work on behalf of a program that is not judged itself
        frame, files = sys._getframe(2), []
        while frame is not None:
            files.append(os.path.abspath(frame.f_code.co_filename))
            frame = frame.f_back
        return files[-1] not in _judged and any(file in _judged for file in files)
    class Exit(plain):
        def __init__(self, *args):
            super().__init__(*args)
            self._tested = tested()
        @property
        def code(self):
            plainly = plain.code.__get__(self)
            # the interpreter itself asks, without a frame, when nobody has caught it
            if not self._tested or plainly or sys._getframe().f_back is not None:
                return plainly
            os.write(2, b"a tested program must not end the tests\\n")
            return 86
        @code.setter
        def code(self, value):
            plain.code.__set__(self, value)
    def end(status=None, /):
        raise Exit(status)
    Exit.__name__ = Exit.__qualname__ = "SystemExit"
    os._exit, builtins.__import__, sys.exit, builtins.SystemExit = refused, imported, end, Exit
    if nonce:
        say("begin", pid)
        atexit.register(lambda: os.getpid() == pid and say("end", nonce, pid))
_install(os.environ.pop(%(variable)r, ""))
del _install
"""


class Guard:
    """The guard of one run of a test command; `outputs` are the judged files."""

    def __init__(self, outputs: Collection[str]) -> None:
        self._nonce = secrets.token_hex(16)
        self._code = _CODE % {"judged": tuple(outputs), "variable": _VARIABLE}

    def files(self) -> Mapping[str, bytes]:
        return {f"{FOLDER}/sitecustomize.py": self._code.encode(), _LOG: b"log\n"}

    def command(self, command: str) -> str:
        """Only what the shell starts is held to an end of its own: what a test starts and kills is not."""
        return f'export PYTHONPATH="$PWD/{FOLDER}:$PYTHONPATH" {_VARIABLE}={self._nonce}\n{command}'

    def ended(self, session: SandboxSession) -> bool:
        """Whether every Python that the command started came to its regular end."""
        try:
            lines = session.export(_LOG).decode("utf-8", "replace").split("\n")
        except SandboxError:
            return False
        begun = {line.removeprefix("begin ") for line in lines if line.startswith("begin ")}
        return lines[0] == "log" and begun <= {
            line.rpartition(" ")[2] for line in lines if f"end {self._nonce} " in line
        }
