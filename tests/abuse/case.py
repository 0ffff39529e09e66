"""One abuse case: what it tries, what stops it, the code, and what the code must see."""

from dataclasses import dataclass

from tdscaling.sandbox.protocol import SandboxSession

PRELUDE = """
import ctypes, errno, os, platform, resource, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def attempt(function, *arguments, **named):
    try:
        return f"done: {function(*arguments, **named)!r}"
    except OSError as exc:
        return errno.errorcode.get(exc.errno, type(exc).__name__)
    except Exception as exc:
        return type(exc).__name__

def syscall(*arguments):
    ctypes.set_errno(0)
    value = libc.syscall(*[ctypes.c_long(one) if isinstance(one, int) else one for one in arguments])
    return errno.errorcode[ctypes.get_errno()] if value == -1 else f"done: {value}"

def write(path, text="x"):
    with open(path, "w") as file:
        file.write(text)
"""


@dataclass(frozen=True)
class Case:
    """`code` is Python whose last expression must be one of `sees`."""

    name: str
    tries: str
    stopped_by: str
    code: str
    sees: tuple[object, ...]

    def check(self, session: SandboxSession) -> None:
        assert session.run_python(PRELUDE).ok
        result = session.run_python(self.code)
        allowed = {repr(one) for one in self.sees}
        assert result.value in allowed, f"{self.tries}: not stopped by {self.stopped_by}: {result}"


def ids(cases: list[Case]) -> list[str]:
    names = [case.name for case in cases]
    assert len(names) == len(set(names))
    return names
