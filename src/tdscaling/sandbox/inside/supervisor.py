"""Pid 1 of a sandbox: takes frames from the host, runs code, and is the only one there that is trusted.

The kernel shields pid 1 of a namespace from every signal sent inside it that it has no handler for, so it has
none. It is undumpable, so that nobody inside can read its memory or reach its descriptors.
"""

import binascii
import os
import select
from _collections_abc import Callable

from . import files, watchdog
from .asking import Asking, Host
from .call import Call
from .children import Child, Children
from .frames import Frame, FrameError, pack
from .kernel import set_dumpable
from .limits import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the module of this name would import enum, and re with it


PRELOADED = (
    "collections math datetime csv itertools functools traceback random statistics decimal string textwrap dataclasses"
).split()
"""Imported while nobody asks: ready in every interpreter forked after."""
FIELDS = {"value": (str, type(None)), "status": (int,)}
"""What is taken from an interpreter's answer; all else in it is dropped."""


class Supervisor:
    """Owns the interpreter and answers one request at a time."""

    def __init__(self, limits: Limits, children: Children, host: Host, workspace: str) -> None:
        self._limits = limits
        self._host = host
        self._children = children
        self._workspace = workspace
        self._forked: Child | None = None
        self._calls = 0

    @property
    def _interpreter(self) -> Child:
        """Forked when it is first wanted."""
        if self._forked is None:
            self._forked = self._children.interpreter()
        return self._forked

    def prepare(self) -> None:
        """Makes the first call faster in the time until it comes."""
        poller = select.poll()
        poller.register(self._host.requests, select.POLLIN)
        for name in PRELOADED:
            if poller.poll(0):
                return
            __import__(name)
        self._forked = self._children.interpreter()

    def answer(self, frame: Frame) -> list[Frame]:
        """The frames to send back for one request."""
        operation = str(frame.get("op"))
        try:
            if operation == "python":
                return [self._python(str(frame["code"]), float(frame["timeout"]), frame.get("tools") is True)]
            if operation == "shell":
                return [self._shell(str(frame["command"]), float(frame["timeout"]))]
            if operation == "put":
                data = binascii.a2b_base64(frame["data"])
                files.write(str(frame["path"]), data, bool(frame.get("append")), self._workspace)
                return [{"done": True}]
            if operation == "remove":
                files.remove(str(frame["path"]), self._workspace)
                return [{"done": True}]
            if operation == "export":
                return self._export(str(frame["path"]))
        except files.FileRefusedError as exc:
            return [{"refused": str(exc)}]
        return [{"refused": f"unknown operation {operation}"}]

    def _export(self, path: str) -> list[Frame]:
        found = files.read(path, self._limits.export, self._workspace)
        chunks = [binascii.b2a_base64(chunk, newline=False).decode() for chunk in found]
        return [{"data": data, "more": place < len(chunks) - 1} for place, data in enumerate(chunks)]

    def _python(self, code: str, timeout: float, tools: bool) -> Frame:
        self._calls += 1
        child = self._interpreter
        self._children.resume(child)
        call = Call(self._children, child, self._limits, timeout, self._calls, Asking(self._host, tools))
        call.run(pack({"id": self._calls, "code": code, "tools": tools}))
        dead = call.answer is None or call.torn
        status = self._children.status(child) if dead and not call.broken else None
        dead = dead or not self._children.freeze(child.pid, call.short)
        if dead:
            self._children.sweep(0)
        self._settle(call, [] if dead else [child.pid])
        answer = _filtered(call.answer or {"status": _shell_status(status)})
        return _result(call, answer.get("value"), answer.get("status", 1), self._renew(dead or call.broken == "memory"))

    def _shell(self, command: str, timeout: float) -> Frame:
        child = self._children.shell(command)
        call = Call(self._children, child, self._limits, timeout)
        call.run()
        status = self._children.status(child)
        kept = self._forked
        self._children.sweep(kept.pid if kept else 0)
        self._settle(call, [kept.pid] if kept else [])
        child.close()
        lost = kept is not None and (call.broken == "memory" or self._children.lost(kept))
        return _result(call, None, _shell_status(status), self._renew(lost))

    def _settle(self, call: Call, left: list[int]) -> None:
        """Takes the rest of the output, and looks once more at what the call leaves behind."""
        call.drain()
        call.broken = call.broken or call.overuse(left)
        if call.broken in ("memory", "files") and call.overuse([]):
            self._empty()
            call.wiped = True

    def _renew(self, lost: bool) -> bool:
        if lost and self._forked:
            self._children.end(self._forked)
            self._forked = None
        return lost

    @staticmethod
    def _empty() -> None:
        """Nothing but pid 1 and a stopped interpreter is left, so nobody can race with this."""
        find = "/usr/bin/find"
        pid = os.posix_spawn(find, [find, *watchdog.TMPFS, "-xdev", "-mindepth", "1", "-delete"], {}, setsid=True)
        os.waitpid(pid, 0)


def _shell_status(status: int | None) -> int:
    """
    >>> _shell_status(None), _shell_status(-9), _shell_status(3)
    (137, 137, 3)
    """
    if status is None:
        return 128 + signal.SIGKILL
    return 128 - status if status < 0 else status


def _filtered(answer: Frame) -> Frame:
    """Only known keys of the right type: the interpreter may send what it likes."""
    return {key: answer[key] for key, kinds in FIELDS.items() if key in answer and isinstance(answer[key], kinds)}


def _result(call: Call, value: str | None, status: int, reset: bool) -> Frame:
    return {
        "stdout": call.out.text,
        "stderr": call.err.text,
        "value": value if value is None else value[: 64 << 10],
        "status": status & 0xFF,
        "reset": reset,
        "limits": call.limits_hit(),
        "truncated": call.truncated,
        "wiped": call.wiped,
    }


def main() -> None:
    """Serves the host over descriptors 0 and 1 until 0 closes."""
    if os.getpid() != 1:
        raise SystemExit("the supervisor must be pid 1 of a namespace of its own")
    serve()


def serve(
    children: Callable[[dict[str, str]], Children] = Children, workspace: str = files.WORKSPACE, others: int = 0
) -> None:
    """Serves until the host closes descriptor 0. `others`: processes of this user that are not the sandbox's, where
    the kernel counts those as well."""
    set_dumpable(False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    host = (os.dup(0), os.dup(1))
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    for fd in (*host, null):
        os.set_inheritable(fd, False)
    os.closerange(max(*host, null) + 1, 1 << 10)
    _answer_all(Host(*host), children, workspace, others)


def _answer_all(host: Host, children: Callable[[dict[str, str]], Children], workspace: str, others: int) -> None:
    supervisor = None
    while data := os.read(host.requests, 1 << 20):
        try:
            frames = host.reader.feed(data)
        except FrameError:
            return
        for frame in frames:
            if supervisor is None:
                limits = Limits(**frame["limits"])
                limits.apply(others)
                supervisor = Supervisor(limits, children(dict(frame["environment"])), host, workspace)
                host.send({"ready": os.uname().release})
                supervisor.prepare()
            elif frame.get("op") != "answer":  # one that comes after the call that asked has ended
                for reply in _answer(supervisor, frame):
                    host.send(reply)


def _answer(supervisor: Supervisor, frame: Frame) -> list[Frame]:
    try:
        return supervisor.answer(frame)
    except Exception as exc:  # noqa: BLE001 a worker's top: pid 1 must outlive whatever the code made it meet
        return [{"refused": f"the supervisor failed: {type(exc).__name__}: {exc}"}]
