"""The host's end of a session: frames to a supervisor over the pipes of one process."""

import base64
import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox.inside.frames import CAP, CHUNK, Frame, FrameError, Reader, pack
from tdscaling.sandbox.inside.limits import Limits
from tdscaling.sandbox.protocol import CodeResult, ToolHandler
from tdscaling.sandbox.serving import Serving
from tdscaling.types import JsonObject
from tdscaling.values.texts import whole

MARGIN = 3.0
"""Seconds the host waits past a call's own deadline before it kills everything."""
START = 30.0
MIB = 1 << 20


def supervisor_limits(limits: SandboxLimits) -> Limits:
    """The settings in the units of the supervisor."""
    return Limits(
        cpu=limits.cpu_seconds,
        memory=limits.memory_mib * MIB,
        processes=limits.processes,
        descriptors=limits.open_files,
        files=limits.files,
        disk=limits.disk_mib * MIB,
        kept_output=limits.output_kib << 10,
        total_output=limits.output_total_mib * MIB,
        export=limits.export_mib * MIB,
    )


class FrameSession:
    """A SandboxSession over a started supervisor process. One thread at a time uses it; any may close it, which ends
    the call that another is in."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        limits: SandboxLimits,
        environment: Mapping[str, str],
        kill: Callable[[subprocess.Popen[bytes]], None] | None = None,
    ) -> None:
        self._process = process
        self._kill = kill or kill_tree
        self._requests = cast("IO[bytes]", process.stdin).fileno()
        self._answers = cast("IO[bytes]", process.stdout).fileno()
        self._limits = limits
        self._reader = Reader(CAP)
        self._waiting: list[Frame] = []
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        os.set_blocking(self._requests, False)
        self._ended = ""
        self._using = threading.RLock()
        start: Frame = {"limits": vars(supervisor_limits(limits)), "environment": dict(environment)}
        try:
            self._ask(start, START)
        except BaseException:
            self.close()
            raise

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self._process

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        return self._call({"op": "python", "code": code, "tools": tools is not None}, timeout, tools)

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        return self._call({"op": "shell", "command": command}, timeout)

    def put(self, path: str, data: bytes) -> None:
        with self._using:
            for at in range(0, max(1, len(data)), CHUNK):
                piece = base64.b64encode(data[at : at + CHUNK]).decode()
                reply = self._ask({"op": "put", "path": path, "data": piece, "append": at > 0}, START)
                if "refused" in reply:
                    raise SandboxError(f"can't write into the sandbox: {reply['refused']}")

    def remove(self, path: str) -> None:
        with self._using:
            reply = self._ask({"op": "remove", "path": path}, START)
        if "refused" in reply:
            raise SandboxError(f"can't remove a file of the sandbox: {reply['refused']}")

    def export(self, path: str) -> bytes:
        parts: list[bytes] = []
        with self._using:
            reply = self._ask({"op": "export", "path": path}, START)
            while True:
                if "refused" in reply:
                    raise SandboxError(f"can't take a file out of the sandbox: {reply['refused']}")
                parts.append(base64.b64decode(str(reply["data"])))
                if not reply["more"]:
                    return b"".join(parts)
                reply = self._receive(time.monotonic() + START)

    def close(self) -> None:
        """Closes the supervisor's input and waits, so that everything inside is reaped where it lives.

        A call that another thread is in ends first, by the end of the processes: closed under it, its descriptors
        could be those of another session by the time it reads from them.
        """
        if not self._using.acquire(blocking=False):
            self._kill(self._process)
            self._using.acquire()
        try:
            self._close()
        finally:
            self._using.release()

    def _close(self) -> None:
        self._ended = self._ended or "the session is closed"
        with contextlib.suppress(OSError):
            cast("IO[bytes]", self._process.stdin).close()
        try:
            self._process.wait(MARGIN)
        except subprocess.TimeoutExpired:
            self._kill(self._process)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, frame: Frame, timeout: float | None, tools: ToolHandler | None = None) -> CodeResult:
        timeout = self._limits.wall_seconds if timeout is None else timeout
        with self._using:
            deadline = time.monotonic() + timeout + MARGIN
            reply = self._ask({**frame, "timeout": timeout}, timeout + MARGIN)
            serving = Serving(tools) if tools else None
            while serving is not None and "ask" in reply:
                started = time.monotonic()
                answer = self._served(serving, reply["ask"])
                deadline += time.monotonic() - started
                reply = self._ask(answer, deadline - time.monotonic())
        return _result(reply)

    def _served(self, serving: Serving, asked: JsonObject) -> Frame:
        """What a handler that raises leaves behind can't be used any more: pid 1 waits for an answer."""
        self._ended = "the sandbox was left in the middle of a call; the session is lost"
        answer = serving.answer(asked)
        self._ended = ""
        return answer

    def _ask(self, frame: Frame, patience: float) -> Frame:
        if self._ended:
            raise SandboxError(self._ended)
        try:
            data = pack(frame)
        except FrameError as exc:
            raise SandboxError(f"the request is too large for the sandbox: {exc}") from exc
        deadline = time.monotonic() + patience
        self._send(data, deadline)
        return self._receive(deadline)

    def _send(self, data: bytes, deadline: float) -> None:
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._requests, left) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    self._fail("did not take its request in time")
                select.select([], [self._requests], [], 0.2)
            except BrokenPipeError:
                self._fail("ended")

    def _receive(self, deadline: float) -> Frame:
        while not self._waiting:
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                self._fail("did not answer in time")
            data = os.read(self._answers, 1 << 16)
            if not data:
                self._fail("ended")
            try:
                self._waiting += self._reader.feed(data)
            except FrameError as exc:
                self._fail(f"broke the protocol ({exc})")
        return self._waiting.pop(0)

    def _fail(self, what: str) -> None:
        self._kill(self._process)
        said = b"" if self._process.stderr is None else self._process.stderr.read(4096)
        text = " ".join(said.decode(errors="replace").split())
        self._ended = f"the sandbox {what}; the session is lost" + (f": {text}" if text else "")
        raise SandboxError(self._ended)


def _result(reply: Frame) -> CodeResult:
    if "refused" in reply:
        raise SandboxError(f"the sandbox refused: {reply['refused']}")
    value = reply["value"]
    return CodeResult(
        stdout=whole(str(reply["stdout"])),
        stderr=whole(str(reply["stderr"])),
        value=None if value is None else whole(str(value)),
        status=int(reply["status"]),
        reset=bool(reply["reset"]),
        wiped=bool(reply["wiped"]),
        limits=tuple(str(name) for name in reply["limits"]),
        truncated=bool(reply["truncated"]),
    )


def kill_tree(process: subprocess.Popen[bytes], patience: float = 1.0) -> None:
    """Kills pid 1 of the sandbox first, so that its parent reaps it, then the parent itself."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    with contextlib.suppress(OSError):
        for pid in children.read_text(encoding="ascii").split():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(pid), signal.SIGKILL)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
