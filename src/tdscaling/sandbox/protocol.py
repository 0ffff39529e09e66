"""What every back end offers, and the typed results of its calls.

Calls block; from asyncio use a thread that outlives the session (`asyncio.to_thread` will do).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from tdscaling.types import JsonObject

TIMED_OUT = "time"
Ability = Literal["shell", "files", "tools"]
ALL_ABILITIES: frozenset[Ability] = frozenset({"shell", "files", "tools"})
"""What a back end's sessions can do beside running Python; `tools`: code can call what a ToolHandler serves."""

ToolHandler: TypeAlias = Callable[[str, JsonObject], JsonObject]
"""Makes a call that running code asks for. Name and arguments are whatever the code sent; the answer is
`{"value": …}` or `{"error": text}`. It must return in time of its own: the code's time stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeResult:
    """How a call ended. All of it is untrusted text but `status` of a program that a shell call ran.

    `status`: the exit status, 128 + signal when killed; for Python 0, 1 after an exception, or the code's own.
    `value`: `repr` of the last expression of Python code. `limits`: names of the limits that the call broke,
    of "time", "cpu", "memory", "files", "output", "protocol". `reset`: variables are lost, files stay, unless
    `wiped` says that the files went over their limit and were removed as well.
    """

    stdout: str
    stderr: str
    status: int
    value: str | None = None
    reset: bool = False
    wiped: bool = False
    limits: tuple[str, ...] = ()
    truncated: bool = False

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.limits

    def said(self) -> str:
        """What came out as an agent reads it: the output, the value of a last expression, errors."""
        parts = (self.stdout.rstrip("\n"), self.value or "", self.stderr.rstrip("\n"))
        return "\n".join(part for part in parts if part)

    def notice(self) -> str:
        """What an agent must be told beside the output; "" when nothing is unusual."""
        parts: list[str] = []
        if self.limits:
            parts.append(f"limit reached: {', '.join(self.limits)}")
        if self.reset:
            parts.append("the interpreter was restarted: variables are lost" + ("" if self.wiped else ", files stay"))
        if self.wiped:
            parts.append("the files were over their limit and were removed")
        if self.truncated:
            parts.append("output was cut")
        return "; ".join(parts)


class SandboxSession(Protocol):
    """One isolated interpreter and workspace; variables and files persist from call to call.

    Every method raises SandboxError when the sandbox itself fails, or when it has no such ability.
    """

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        """Runs code; with `tools` it may call them while it runs (`import tools`), where the back end can."""
        ...

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult: ...

    def put(self, path: str, data: bytes) -> None:
        """Writes a file of the workspace; `path` is relative to it."""
        ...

    def remove(self, path: str) -> None:
        """Removes a file of the workspace, if it is there."""
        ...

    def export(self, path: str) -> bytes:
        """The bytes of a regular file of the workspace; never follows a link."""
        ...

    def close(self) -> None:
        """Ends every process of the session and discards its files. May be called twice."""
        ...


class Sandbox(Protocol):
    """A back end that works on this machine."""

    @property
    def name(self) -> str: ...

    @property
    def abilities(self) -> frozenset[Ability]: ...

    def open(self) -> SandboxSession:
        """A fresh session. Raises SandboxError when it can't be started."""
        ...

    def provenance(self) -> JsonObject:
        """What a trajectory keeps: back end, version, limits, result of the canary."""
        ...

    def close(self) -> None: ...
