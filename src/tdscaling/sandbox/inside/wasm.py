"""The worker of the wasi back end: CPython compiled to WebAssembly, in a process that has given up all else.

It speaks the supervisor's frames with the host, and frames of its own with `DRIVER`, which runs in WebAssembly and
belongs to the agent. An instance that is late or out of step is killed and made anew.
"""

import os
import resource
import select
import signal
import sys
import time

from . import landlock
from .frames import Frame, FrameError, Reader, pack, send
from .kernel import libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOBODY = 65534
PR_SET_PDEATHSIG = 1
DRIVER = r"""
import ast, io, json, linecache, os, sys, traceback
def read(count):
    parts = []
    while count:
        part = os.read(0, count)
        if not part:
            raise SystemExit
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
def send(frame):
    body = json.dumps(frame).encode()
    data = len(body).to_bytes(4, "big") + body
    while data:
        data = data[os.write(1, data):]
def run(code, name, space):
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        tree = ast.parse(code, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), space)
        value = None if last is None else eval(compile(ast.Expression(last.value), name, "eval"), space)
        return (None if value is None else repr(value)), 0
    except SystemExit as exc:
        return None, exc.code & 255 if isinstance(exc.code, int) else 0 if exc.code is None else 1
    except BaseException as exc:
        trace = exc.__traceback__.tb_next
        sys.stderr.write("".join(traceback.format_exception(type(exc), exc, trace)))
        return None, 1
space, number = {"__name__": "__main__", "__builtins__": __builtins__}, 0
while True:
    frame = json.loads(read(int.from_bytes(read(4), "big")))
    number += 1
    out, err = sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    value, status = run(frame["code"], "<call %d>" % number, space)
    cap = frame["cap"]
    texts = {"stdout": out.getvalue(), "stderr": err.getvalue()}
    cut = any(len(text) > cap for text in texts.values())
    send({"id": frame["id"], "value": value and value[:cap], "status": status, "truncated": cut,
          **{key: text[:cap] for key, text in texts.items()}})
"""


class Instance:
    """One interpreter in a process forked from the worker, which has given up all it could use beside its pipes."""

    def __init__(self, engine: "Any", module: "Any", memory: int, host: tuple[int, int]) -> None:
        commands, results = os.pipe(), os.pipe()
        self.commands, self.results = commands[1], results[0]
        self._pid = os.fork()
        if self._pid == 0:
            try:
                for place, fd in enumerate((commands[0], results[1])):
                    os.dup2(fd, place)
                for fd in (*commands, *results, *host):  # what the engine has open stays: it maps memory from it
                    os.close(fd)
                _die_with_parent()
                _run(engine, module, memory)
            finally:
                os._exit(0)
        os.close(commands[0])
        os.close(results[1])

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self.commands)
        os.close(self.results)


def _run(engine: "Any", module: "Any", memory: int) -> None:
    """Runs the interpreter until the code ends it."""
    import wasmtime  # noqa: PLC0415 the optional extra

    store: Any = wasmtime.Store(engine)
    store.set_limits(memory_size=memory)
    wasi: Any = wasmtime.WasiConfig()
    wasi.argv, wasi.env = ["python", "-I", "-B", "-c", DRIVER], []
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    store.set_wasi(wasi)
    linker: Any = wasmtime.Linker(engine)
    linker.define_wasi()
    linker.instantiate(store, module).exports(store)["_start"](store)


def _die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Worker:
    """Answers the host's frames, one call at a time."""

    def __init__(self, engine: "Any", module: "Any", limits: Frame, host: tuple[int, int]) -> None:
        self._engine, self._module, self._limits, self._host = engine, module, limits, host
        self._instance = self._fresh()
        self._calls = 0

    def _fresh(self) -> Instance:
        return Instance(self._engine, self._module, self._limits["memory"], self._host)

    def answer(self, frame: Frame) -> Frame:
        if frame.get("op") != "python":
            return {"refused": "the wasi back end has Python alone: no shell and no files"}
        self._calls += 1
        asked = {"id": self._calls, "code": frame["code"], "cap": self._limits["kept_output"]}
        reply, limit = self._exchange(pack(asked), time.monotonic() + float(frame["timeout"]))
        if reply is None:
            self._renew()
        return _result(reply or {}, limit, reply is None)

    def _exchange(self, data: bytes, deadline: float) -> "tuple[Frame | None, str]":
        """The driver's answer, or None with the limit that was broken, "" where it ended by itself."""
        instance, reader = self._instance, Reader(4 << 20)
        os.set_blocking(instance.commands, False)
        left = memoryview(data)
        while True:
            wait = [instance.commands] if left else []
            ready, _, _ = select.select([instance.results], wait, [], min(0.1, max(0.0, deadline - time.monotonic())))
            try:
                left = left[os.write(instance.commands, left) :] if left else left
            except BlockingIOError:
                pass
            except BrokenPipeError:
                return None, ""
            part = os.read(instance.results, 1 << 16) if ready else b""
            try:
                found = [one for one in reader.feed(part) if one.get("id") == self._calls]
            except FrameError:
                return None, "protocol"
            if found:
                return found[0], ""
            if ready and not part:
                return None, ""
            if time.monotonic() > deadline:
                return None, "time"

    def _renew(self) -> None:
        self._instance.close()
        self._instance = self._fresh()


def _result(reply: Frame, limit: str, reset: bool) -> Frame:
    """Only known keys of the right type: the driver belongs to the agent."""
    texts = {key: reply[key] if type(reply.get(key)) is str else "" for key in ("stdout", "stderr")}
    value, status = reply.get("value"), reply.get("status")
    return {
        **texts,
        "value": value if type(value) is str else None,
        "status": status & 0xFF if type(status) is int else 137,
        "reset": reset,
        "limits": [limit] if limit else [],
        "truncated": reply.get("truncated") is True,
        "wiped": False,
    }


def main() -> None:
    """Arguments: the compiled module, and the seccomp program in hexadecimal."""
    import wasmtime  # noqa: PLC0415 the optional extra

    engine: Any = wasmtime.Engine()
    module: Any = wasmtime.Module.deserialize_file(engine, sys.argv[1])
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(os.open("/dev/null", os.O_RDWR), 2)
    reader, worker = Reader(), None
    while data := os.read(requests, 1 << 20):
        for frame in reader.feed(data):
            if worker is None:
                _confine(bytes.fromhex(sys.argv[2]))
                worker = Worker(engine, module, frame["limits"], (requests, answers))
                reply: Frame = {"ready": os.uname().release}
            else:
                reply = worker.answer(frame)
            send(answers, pack(reply))
    os._exit(0)


def _confine(program: bytes) -> None:
    """Whatever gets out of WebAssembly finds no file, no network, no other process, and no right to more."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    for which in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(which, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    _die_with_parent()
    landlock.give_up_everything()
    landlock.filter_calls(program)
