"""One running call: its output is read, its use is watched, and it ends by itself or at a limit."""

import os
import select
import time

from . import watchdog
from .asking import Asking
from .children import Child, Children
from .frames import Frame, FrameError, Reader
from .limits import Limits

POLL = 0.05
GRACE = 0.3
LOCKS_EVERY = 20
"""Looks of the watchdog for each one at the locks of files."""
READ = 1 << 16


class Stream:
    """Keeps the first bytes of an output and counts the rest."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.kept = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        self.kept += data[: self.cap - len(self.kept)]

    @property
    def text(self) -> str:
        return self.kept.decode(errors="replace")


class Call:
    """Runs one child's work to its end; an answer counts only with the `number` of this call.

    `broken` is the first limit it broke, "" when none; `wiped` says that the files went over theirs and were removed.
    """

    def __init__(
        self,
        children: Children,
        child: Child,
        limits: Limits,
        timeout: float,
        number: int = 0,
        asking: Asking | None = None,
    ) -> None:
        self._children, self._child, self._limits = children, child, limits
        self.out, self.err = Stream(limits.kept_output), Stream(limits.kept_output)
        self._number = number
        self._asking = asking
        self._left = memoryview(b"")
        self.broken = ""
        self.wiped = False
        self.answer: Frame | None = None
        self._reader = Reader(1 << 20)
        self._started = time.monotonic()
        self._deadline = self._started + timeout
        self._cpu: float | None = None
        self._interrupted = False
        self._looks = 0

    def run(self, payload: bytes = b"") -> None:
        """Until the child answers, exits, or a limit is broken."""
        poller = self._poller()
        self._write_later(poller, payload)
        tick = self._started + POLL
        while not self.broken and self.answer is None:
            until = tick if self.waiting else min(tick, self._deadline)
            ready = {fd for fd, _ in poller.poll(1000 * max(0.0, until - time.monotonic()))}
            if self._left and self._child.commands in ready:
                self._write(poller)
            self._listen(poller, ready)
            for fd in self._read(ready):
                poller.unregister(fd)
            if self._child.pidfd in ready and self.answer is None:
                return
            now = time.monotonic()
            if now >= tick:
                tick = now + POLL
                self.watch()
            if now >= self._deadline and not self.waiting and not self.broken:
                self._late(now)

    @property
    def waiting(self) -> bool:
        """Whether the host is making a call that the code asked for: the code's time stands still."""
        return self._asking is not None and self._asking.waiting

    @property
    def torn(self) -> bool:
        """Whether the interpreter ended the call in the middle of an exchange: it could not read the next one."""
        return bool(self._left) or self.waiting

    def _poller(self) -> select.poll:
        poller = select.poll()
        for fd in (self._child.out, self._child.err, self._child.results, self._child.pidfd):
            if fd >= 0:
                poller.register(fd, select.POLLIN)
        if self._asking is not None:
            poller.register(self._asking.requests, select.POLLIN)
        return poller

    def _write_later(self, poller: select.poll, data: bytes) -> None:
        if data:
            self._left = memoryview(data)
            poller.register(self._child.commands, select.POLLOUT)

    def _write(self, poller: select.poll) -> None:
        try:
            self._left = self._left[os.write(self._child.commands, self._left) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._left = self._left[:0]
        if not self._left:
            poller.unregister(self._child.commands)

    def _listen(self, poller: select.poll, ready: set[int]) -> None:
        """Takes the host's answer to what the code has asked for."""
        if self._asking is None or self._asking.requests not in ready:
            return
        data, seconds = self._asking.answers()
        if self._asking.lost:
            self.broken = "protocol"
        self._deadline += seconds
        self._write_later(poller, data)

    def _read(self, ready: set[int]) -> list[int]:
        """Takes what is there; the pipes that have ended come back."""
        ended: list[int] = []
        for fd, stream in ((self._child.out, self.out), (self._child.err, self.err)):
            if fd in ready and not self._take(fd, stream):
                ended.append(fd)
        if self._child.results in ready:
            data = _read_some(self._child.results)
            if data == b"":
                ended.append(self._child.results)
            elif data:
                self._answer(data)
        if self.out.total + self.err.total > self._limits.total_output:
            self.broken = "output"
        return ended

    @staticmethod
    def _take(fd: int, stream: Stream) -> bool:
        data = _read_some(fd)
        if data:
            stream.add(data)
        return data != b""

    def _answer(self, data: bytes) -> None:
        try:
            for frame in self._reader.feed(data):
                if frame.get("id") != self._number:
                    continue
                if "ask" not in frame:
                    self.answer = frame
                elif self._asking is not None and not self._left:
                    self._asking.ask(frame)
        except FrameError:
            self.broken = "protocol"

    def _late(self, now: float) -> None:
        if self._child.commands >= 0 and not self._interrupted:
            self._interrupted = True
            self._deadline = now + GRACE
            self._children.interrupt(self._child)
        else:
            self.broken = "time"

    def watch(self) -> None:
        """Looks at everything that runs; the first look also marks where the count of CPU time starts."""
        pids = watchdog.processes()
        used = watchdog.cpu_time(pids)
        self._cpu = used if self._cpu is None else self._cpu
        self._looks += 1
        if self._looks % LOCKS_EVERY == 1 and watchdog.many_locks():
            self.broken = self.broken or "memory"
        self.broken = self.broken or self.overuse(pids) or ("cpu" if used - self._cpu > self._limits.cpu else "")

    def overuse(self, pids: list[int]) -> str:
        """The limit of memory or files that is broken now, "" when none. Inodes above their own limit are no matter
        of memory, so that the answer does not depend on how many are made between two looks."""
        size, inodes = watchdog.tmpfs_use()
        held = size + min(inodes, self._limits.files) * watchdog.INODE + watchdog.socket_memory()
        if held + watchdog.process_memory(pids, self._limits.memory - held) > self._limits.memory:
            return "memory"
        return "files" if inodes > self._limits.files else ""

    def drain(self) -> None:
        """What is left in the pipes once every writer is stopped."""
        for fd, stream in ((self._child.out, self.out), (self._child.err, self.err)):
            while data := _read_some(fd):
                stream.add(data)
        if self._child.results >= 0:
            while _read_some(self._child.results):
                pass

    def limits_hit(self) -> list[str]:
        hit = {self.broken} if self.broken else set[str]()
        if self._interrupted:
            hit.add("time")
        return sorted(hit)

    @property
    def short(self) -> bool:
        """Whether it ended before the first look of the watchdog."""
        return self._cpu is None and time.monotonic() < self._started + POLL

    @property
    def truncated(self) -> bool:
        return any(stream.total > len(stream.kept) for stream in (self.out, self.err))


def _read_some(fd: int) -> bytes | None:
    """Bytes, b"" at the end of the stream, None when nothing is there yet."""
    try:
        return os.read(fd, READ)
    except BlockingIOError:
        return None
