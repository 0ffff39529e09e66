"""The code sandbox as one more server of an episode: `python` and `shell` beside the business tools."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from tdscaling.environments.router import RoutedSession
from tdscaling.errors import SandboxError
from tdscaling.sandbox import CodeResult, Sandbox, SandboxSession
from tdscaling.types import Environment, JsonObject, JsonValue, Session, Snapshot, Tool, ToolKey, ToolResult

SERVER = "sandbox"
TOOLS = (
    Tool(
        server=SERVER,
        name="python",
        description="Runs Python code and returns what it prints. Variables and files stay from call to call.",
        server_description="An isolated interpreter without network",
        input_schema={
            "type": "object",
            "properties": {"code": {"type": "string", "description": "The code to run."}},
            "required": ["code"],
        },
        category="code",
    ),
    Tool(
        server=SERVER,
        name="shell",
        description="Runs a shell command and returns its output. Files stay from call to call.",
        server_description="An isolated interpreter without network",
        input_schema={
            "type": "object",
            "properties": {"command": {"type": "string", "description": "The command to run."}},
            "required": ["command"],
        },
        category="code",
    ),
)


class CodeSession:
    """A sandbox session as a Session. It keeps no state that counts: its snapshot is empty."""

    def __init__(self, sandbox: SandboxSession) -> None:
        self._sandbox = sandbox

    @property
    def tools(self) -> Sequence[Tool]:
        return TOOLS

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        runs: dict[str, tuple[str, Callable[[str], CodeResult]]] = {
            "python": ("code", self._sandbox.run_python),
            "shell": ("command", self._sandbox.run_shell),
        }
        if key.name not in runs:
            return ToolResult(content=f"Unknown tool: {key.name}", is_error=True)
        name, function = runs[key.name]
        text = arguments.get(name)
        if not isinstance(text, str):
            return ToolResult(content=f"{key.name} needs a text {name!r}", is_error=True)
        try:
            return _result(await asyncio.to_thread(function, text))
        except SandboxError as exc:
            return ToolResult(content=str(exc), is_error=True, fault="crash")

    async def snapshot(self) -> Snapshot:
        return Snapshot({})

    async def paths(self) -> Sequence[str]:
        return ()


def _result(done: CodeResult) -> ToolResult:
    """What the agent sees: the output, the value of a last expression, errors, and what is unusual."""
    parts = [done.stdout.rstrip("\n"), done.value or "", done.stderr.rstrip("\n"), done.notice()]
    if done.status and not done.stderr:
        parts.append(f"exit status {done.status}")
    return ToolResult(content="\n".join(part for part in parts if part), is_error=not done.ok)


class WithCode:
    """An environment whose sessions may have the sandbox as one of their servers."""

    def __init__(self, environment: Environment, sandbox: Sandbox) -> None:
        self._environment = environment
        self._sandbox = sandbox

    @property
    def worlds(self) -> int:
        return self._environment.worlds

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[Session]:
        """A session of the inner environment, joined by a fresh sandbox where `servers` names it."""
        others = [name for name in servers if name != SERVER]
        async with self._environment.session(others, world) as business:
            if SERVER not in servers:
                yield business
                return
            code = await asyncio.to_thread(self._sandbox.open)
            try:
                yield RoutedSession({**dict.fromkeys(others, business), SERVER: CodeSession(code)})
            finally:
                await asyncio.to_thread(code.close)

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        found: dict[str, JsonValue] = dict(
            self._environment.provenance([name for name in servers if name != SERVER], world)
        )
        if SERVER in servers:
            found["sandbox"] = self._sandbox.provenance()
        return found
