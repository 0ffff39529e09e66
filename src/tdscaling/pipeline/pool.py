"""Processes beside this one that are given calls, over sockets that the event loop itself looks after.

The pool of `concurrent.futures` passes each call and each result through threads of its own, and each time one of them
holds the interpreter the loop waits for it: beside a loop that is busy with models' answers that was a tenth of its
time.
"""

import asyncio
import pickle
import socket
import traceback
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from struct import Struct
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

AHEAD = 2
"""Calls that a process holds at a time: the one it is at, and the next, so that it need not wait for this process."""
_LENGTH = Struct("!Q")
"""What goes before each message: its length in bytes."""
_MOST_BUFFERED = 4 * 1024 * 1024


class DiedError(Exception):
    """A process ended before it was told to."""


@dataclass(slots=True)
class _Process:
    """One process as this side sees it: `given` are the calls it has not answered, in the order it answers them."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    given: deque[asyncio.Future[Any]] = field(default_factory=deque[asyncio.Future[Any]])


class Pool:
    """What can be called in the processes that `opened` has started."""

    def __init__(self) -> None:
        self._processes: list[_Process] = []
        self._waiting: deque[tuple[asyncio.Future[Any], bytes]] = deque()
        self._ended = False

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives or raises in one of the processes; who asked first is served first. A call that no
        process holds yet when its caller is cancelled is never made. Raises DiedError once any process has died."""
        if self._ended:
            raise DiedError
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((answer, _message(partial(work, *args, **kwargs))))
        self._give()
        return await answer

    def add(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> "asyncio.Task[None]":
        """Has one more process at the other end called too; the task ends with it."""
        one = _Process(reader, writer)
        self._processes.append(one)
        return asyncio.create_task(self._take_from(one))

    def _give(self) -> None:
        """Hands out what waits, as far as processes have room for it."""
        while self._waiting:
            idlest = min(self._processes, key=lambda one: len(one.given))
            if len(idlest.given) == AHEAD:
                return
            answer, message = self._waiting.popleft()
            if not answer.done():
                idlest.writer.write(message)
                idlest.given.append(answer)

    async def _take_from(self, one: _Process) -> None:
        """Passes on what a process answers until it has ended, and with it the pool."""
        try:
            while True:
                [length] = _LENGTH.unpack(await one.reader.readexactly(_LENGTH.size))
                failed, found = pickle.loads(await one.reader.readexactly(length))
                answer = one.given.popleft()
                self._give()
                if not answer.done():
                    (answer.set_exception if failed else answer.set_result)(found)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._end()

    def _end(self) -> None:
        self._ended = True
        for answer in (
            *(one for process in self._processes for one in process.given),
            *(one for one, _ in self._waiting),
        ):
            if not answer.done():
                answer.set_exception(DiedError())
        self._waiting.clear()


@asynccontextmanager
async def opened(count: int, context: ForkServerContext, begin: Callable[[], None]) -> AsyncGenerator[Pool]:
    """That many processes, each of which calls `begin` first. They end with the block, once they are through with what
    they are at, or when this process has ended."""
    pool = Pool()
    writers: list[asyncio.StreamWriter] = []
    processes: list[BaseProcess] = []
    taking: list[asyncio.Task[None]] = []
    try:
        for _ in range(count):
            ours, theirs = socket.socketpair()
            reader, writer = await asyncio.open_unix_connection(sock=ours, limit=_MOST_BUFFERED)
            writers.append(writer)
            with theirs:
                process = context.Process(target=_serve, args=(theirs, begin), daemon=True)
                # one that dies before it has read what it is to do: its end of the socket says so
                with suppress(OSError, EOFError):
                    await asyncio.to_thread(process.start)
                    processes.append(process)
            taking.append(pool.add(reader, writer))
        yield pool
    finally:
        for writer in writers:
            writer.transport.abort()  # at once: to send the rest first could wait for a process that waits to be read
        for process in processes:
            await asyncio.to_thread(process.join)
        await asyncio.gather(*taking)


def _message(what: object) -> bytes:
    written = bytes(ForkingPickler.dumps(what))
    return _LENGTH.pack(len(written)) + written


def _serve(end: socket.socket, begin: Callable[[], None]) -> None:
    """A process of a pool: answers one call after the other until there is nobody to answer."""
    begin()
    with suppress(ConnectionError), end, end.makefile("rb") as calls:
        while len(length := calls.read(_LENGTH.size)) == _LENGTH.size:
            end.sendall(_answered(calls.read(_LENGTH.unpack(length)[0])))


def _answered(written: bytes) -> bytes:
    """Whether a call failed, and with what, or else what it gave."""
    try:
        return _message((False, pickle.loads(written)()))
    except Exception as exc:  # noqa: BLE001 a worker's top: what the work raised is its caller's to handle
        exc.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return _message((True, exc))
