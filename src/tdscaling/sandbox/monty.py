"""The monty back end: a Python interpreter written in Rust, a subset of the language, no files, no shell.

An optional extra (`pip install pydantic-monty`), for machines where nothing stronger works.
"""

import contextlib
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox.protocol import TIMED_OUT, Ability, CodeResult, ToolHandler
from tdscaling.sandbox.session import MIB
from tdscaling.types import JsonObject

PACKAGE = "pydantic_monty"


def missing() -> str:
    """Why it can't be used, "" when it can."""
    return "" if importlib.util.find_spec(PACKAGE) else "pydantic-monty is not installed"


class MontySandbox:
    """Sessions in worker processes of monty. Raises SandboxError when the extra is not installed."""

    name = "monty"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, limits: SandboxLimits, module: ModuleType | None = None) -> None:
        if module is None and missing():
            raise SandboxError(missing())
        self._monty: Any = module or importlib.import_module(PACKAGE)
        self._limits = limits
        self._stack = contextlib.ExitStack()
        self._workers: Any = self._stack.enter_context(self._monty.Monty(request_timeout=limits.wall_seconds + 5))

    def open(self) -> "MontySession":
        limits = {"max_feed_duration_secs": self._limits.wall_seconds, "max_memory": self._limits.memory_mib * MIB}
        return MontySession(self._monty, lambda: self._workers.checkout(limits=limits), self._limits)

    def provenance(self) -> JsonObject:
        limits: Mapping[str, Any] = self._limits.model_dump(mode="json")
        return {"backend": self.name, "version": importlib.metadata.version("pydantic-monty"), "limits": limits}

    def close(self) -> None:
        self._stack.close()


class MontySession:
    """Variables persist from call to call; there is no shell and no workspace."""

    def __init__(self, monty: Any, checkout: Callable[[], Any], limits: SandboxLimits) -> None:
        self._monty = monty
        self._checkout = checkout
        self._stack = contextlib.ExitStack()
        self._session: Any = self._stack.enter_context(checkout())
        self._limits = limits

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        """The wall limit of the settings holds, and no tool can be called, in this back end."""
        printed: Any = self._monty.CollectString(max_bytes=self._limits.output_total_mib * MIB)
        try:
            value: object = self._session.feed_run(code, print_callback=printed)
        except self._monty.MontyCrashedError as exc:
            raise SandboxError(f"the sandbox ended; the session is lost: {exc}") from exc
        except self._monty.MontyError as exc:
            late = isinstance(exc.exception(), TimeoutError)
            if late:  # a limit of time stops it in the middle: its heap can't be relied on
                self.close()
                self._session = self._stack.enter_context(self._checkout())
            hit = (TIMED_OUT,) if late else ("memory",) if isinstance(exc.exception(), MemoryError) else ()
            return self._result(str(printed.output), f"{exc}\n", 1, None, hit)
        return self._result(str(printed.output), "", 0, None if value is None else repr(value), ())

    def _result(self, out: str, err: str, status: int, value: str | None, limits: tuple[str, ...]) -> CodeResult:
        cap = self._limits.output_kib << 10
        return CodeResult(
            stdout=out[:cap],
            stderr=err[:cap],
            status=status,
            value=value,
            reset=TIMED_OUT in limits,
            limits=limits,
            truncated=len(out) > cap,
        )

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        raise SandboxError("the monty back end has no shell; a shell needs bwrap or stronger")

    def put(self, path: str, data: bytes) -> None:
        raise SandboxError("the monty back end has no files; files need bwrap or stronger")

    def remove(self, path: str) -> None:
        raise SandboxError("the monty back end has no files; files need bwrap or stronger")

    def export(self, path: str) -> bytes:
        raise SandboxError("the monty back end has no files; files need bwrap or stronger")

    def close(self) -> None:
        self._stack.close()
