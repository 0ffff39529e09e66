"""The thread that starts a back end's processes."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tdscaling.errors import SandboxError


class Starter:
    """Starts every process of a back end from one thread that lives until `close`.

    A process told to die with its parent (`PR_SET_PDEATHSIG`) dies with the thread that started it, so a thread that
    comes and goes must not start any.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, f"{name}-starter")

    def start(self, make: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """What `make` starts. Raises what it raises, and SandboxError once this is closed."""
        try:
            waiting = self._thread.submit(make)
        except RuntimeError as exc:
            raise SandboxError("the sandbox is closed") from exc
        return waiting.result()

    def close(self) -> None:
        self._thread.shutdown()
