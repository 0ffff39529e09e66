"""A warm pool: sessions started ahead of need, each given out once."""

import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from tdscaling.errors import SandboxError
from tdscaling.sandbox.protocol import Ability, Sandbox, SandboxSession
from tdscaling.types import JsonObject


class PooledSandbox:
    """Keeps `size` sessions of another sandbox ready. Closing it closes that one too. Threads may share it."""

    def __init__(self, sandbox: Sandbox, size: int) -> None:
        self._sandbox = sandbox
        self._starter = ThreadPoolExecutor(1, "sandbox-pool")
        self._lock = threading.Lock()
        self._closed = False
        self._ready: deque[Future[SandboxSession]] = deque()
        for _ in range(size):
            self._refill()

    @property
    def name(self) -> str:
        return self._sandbox.name

    @property
    def abilities(self) -> frozenset[Ability]:
        return self._sandbox.abilities

    def open(self) -> SandboxSession:
        """A session that nobody has used; waits for its start where demand outruns the pool.

        Raises SandboxError when none can be started, and once the pool is closed: work that nobody waits for any more
        must leave no session behind.
        """
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            first = self._ready.popleft() if self._ready else None
            if first is not None:
                self._refill()
        return self._sandbox.open() if first is None else first.result()

    def wait(self) -> None:
        """Returns once every session of the pool is ready. Raises SandboxError where one can't be."""
        for future in list(self._ready):
            future.result()

    def provenance(self) -> JsonObject:
        return self._sandbox.provenance()

    def close(self) -> None:
        """Closes the sessions not given out; those given out are their holders' to close."""
        with self._lock:
            self._closed = True
        while self._ready:
            future = self._ready.popleft()
            if not future.cancel() and future.exception() is None:
                future.result().close()
        self._starter.shutdown()
        self._sandbox.close()

    def _refill(self) -> None:
        self._ready.append(self._starter.submit(self._sandbox.open))
