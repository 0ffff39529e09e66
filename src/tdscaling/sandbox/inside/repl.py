"""The interpreter that agents' code runs in: forked from the supervisor, trusted by nobody.

It reads frames `{"id", "code"}` and answers `{"id", "value", "status"}`; with `tools` in the frame, code may ask for
calls meanwhile (see `client`); all else goes through its standard output and error. Variables live as long as this
process does.
"""

import _ast
import builtins
import gc
import os
import sys
import types

from .client import Client
from .frames import CAP, Frame, pack, parse, send
from .kernel import set_dumpable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the module of this name would import enum, and re with it


COMMANDS, RESULTS = 3, 4
VALUE_CAP = 64 << 10
INTERRUPTED = 130
TORN = 70
PACKAGES = "/opt/packages"
HERE = os.path.dirname(__file__)


_sources: "dict[str, tuple[int, None, list[str], str]]" = {}
"""Code by the name of its file, until there is somebody to show it."""
_running: list[int] = []
"""The number of the call that runs: only then an interrupt is raised."""


def _interrupt(number: int, frame: types.FrameType | None) -> None:
    if _running:
        raise KeyboardInterrupt


def serve() -> None:
    """Answers frames until the supervisor closes the pipe. Never returns."""
    set_dumpable(True)
    signal.signal(signal.SIGINT, _interrupt)
    module = _main_module()
    pid, number = os.getpid(), 0
    client = Client(_write, _receive)
    gc.freeze()
    while (frame := _receive()) is not None:
        if "code" not in frame:  # an answer that nobody waits for any more
            continue
        number += 1
        client.begin(frame)
        try:
            _running.append(number)
            answer = _run(str(frame["code"]), module.__dict__, f"<call {number}>")
            _running.clear()
        except KeyboardInterrupt:
            _running.clear()
            answer = {"value": None, "status": INTERRUPTED}
        if os.getpid() != pid:
            os._exit(0)
        client.end()
        if client.torn:
            os._exit(TORN)
        _flush()
        _write(pack({"id": frame["id"], **answer}))
    os._exit(0)


def _main_module() -> types.ModuleType:
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    sys.argv = [""]
    packages = os.environ.get("PYTHONPATH", PACKAGES)
    sys.path[:] = ["", *(entry for entry in sys.path if entry.startswith(sys.base_prefix)), packages]
    sys.stdin = open(0, encoding="utf-8", errors="replace")
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)
    return module


def _run(code: str, namespace: Frame, name: str) -> Frame:
    _sources[name] = (len(code), None, code.splitlines(keepends=True), name)
    _show_sources()
    try:
        tree = compile(code, name, "exec", _ast.PyCF_ONLY_AST)
        assert isinstance(tree, _ast.Module)
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, _ast.Expr):
            exec(compile(tree, name, "exec"), namespace)
            return {"value": None, "status": 0}
        exec(compile(_ast.Module(tree.body[:-1], []), name, "exec"), namespace)
        value = eval(compile(_ast.Expression(last.value), name, "eval"), namespace)  # noqa: S307 the job of this file
        return {"value": None if value is None else repr(value)[:VALUE_CAP], "status": 0}
    except KeyboardInterrupt:
        os.write(2, b"KeyboardInterrupt: stopped at the time limit; variables are kept\n")
        return {"value": None, "status": INTERRUPTED}
    except SystemExit as exc:
        return {"value": None, "status": _exit_status(exc.code)}
    except BaseException as exc:  # noqa: BLE001 the worker's top: whatever the code raised is its result
        _print_traceback(exc)
        return {"value": None, "status": 1}


def _show_sources() -> None:
    """Gives the module that shows lines of code, where it is imported, the agent's own. Importing it costs time."""
    if (linecache := sys.modules.get("linecache")) is not None:
        linecache.cache.update(_sources)
        _sources.clear()


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    os.write(2, f"{code}\n".encode(errors="replace"))
    return 1


def _print_traceback(exc: BaseException) -> None:
    """The traceback without the lines that are not the agent's."""
    import traceback  # noqa: PLC0415 six milliseconds of every cold start

    _show_sources()
    try:
        shown = traceback.TracebackException(type(exc), exc, exc.__traceback__)
        shown.stack[:] = [line for line in shown.stack if not line.filename.startswith(HERE)]
        text = "".join(shown.format())
    except Exception:  # noqa: BLE001 the agent's own __str__ may raise anything
        text = f"{type(exc).__name__} (it can't be shown)\n"
    _flush()
    os.write(2, text.encode(errors="replace"))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001 the agent may have put anything there
            continue


def _receive() -> Frame | None:
    head = _read(4)
    if head is None:
        return None
    body = _read(min(int.from_bytes(head, "big"), CAP))
    return None if body is None else parse(body)


def _read(count: int) -> bytes | None:
    parts: list[bytes] = []
    while count:
        part = os.read(COMMANDS, count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _write(data: bytes) -> None:
    send(RESULTS, data)
