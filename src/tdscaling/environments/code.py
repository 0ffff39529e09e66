"""The code sandbox as one more server of an episode: `python` and `shell` beside the business tools.

Where the episode's servers work in a folder, the code sees its files under the same names, and `export_file` writes
one back; see `sharing`. Python code may call the episode's other tools; see `nested`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tdscaling.environments.nested import NestedCalls
from tdscaling.environments.opened import opened
from tdscaling.environments.router import RoutedSession
from tdscaling.environments.sharing import HasWorkspace, Sharing
from tdscaling.errors import SandboxError
from tdscaling.sandbox import CodeResult, Sandbox, SandboxSession
from tdscaling.sandbox.inside.files import FileRefusedError
from tdscaling.sandbox.protocol import Ability
from tdscaling.types import (
    Environment,
    JsonObject,
    JsonValue,
    OfferedTool,
    Session,
    Snapshot,
    Tool,
    ToolKey,
    ToolResult,
)
from tdscaling.values.offer import offer
from tdscaling.values.texts import sayable

SERVER = "sandbox"
DESCRIPTION = "An isolated interpreter without network"
SHARED = "The episode's files, if any, are in /workspace as they are when the call starts."
CALLS = (
    "Code may call the other tools: `import tools`, then tools.call(name, arguments) gives the result, parsed where "
    "it is JSON."
)


def _tool(name: str, description: str, required: str, **properties: str) -> Tool:
    return Tool(
        server=SERVER,
        name=name,
        description=description,
        server_description=DESCRIPTION,
        input_schema={
            "type": "object",
            "properties": {key: {"type": "string", "description": text} for key, text in properties.items()},
            "required": [required],
        },
        category="code",
    )


PYTHON = _tool(
    "python",
    f"Runs Python code and returns what it prints. Variables and files stay from call to call. {SHARED} {CALLS}",
    "code",
    code="The code to run.",
)
ALONE = replace(PYTHON, description=PYTHON.description.removesuffix(f" {CALLS}"))
SHELL = _tool(
    "shell",
    f"Runs a shell command and returns its output. Files stay from call to call. {SHARED}",
    "command",
    command="The command to run.",
)
EXPORT = _tool(
    "export_file",
    "Writes a file that code made or changed back to the episode's files, where the other tools see it.",
    "path",
    path="The file in the sandbox's /workspace.",
    to="Where to write it in the episode's /workspace; the same path if left out.",
)
TOOLS = (EXPORT, PYTHON, SHELL)


def code_tools(abilities: Collection[Ability], *, shared: bool = True, calls: bool = True) -> tuple[Tool, ...]:
    """The tools that a back end of these abilities has, in an episode with or without files of its own, and with or
    without other tools for code to call."""
    missing = set[str]()
    if "shell" not in abilities:
        missing.add(SHELL.name)
    if "files" not in abilities or not shared:
        missing.add(EXPORT.name)
    tools = TOOLS if calls and "tools" in abilities else (EXPORT, ALONE, SHELL)
    return tuple(tool for tool in tools if tool.name not in missing)


class CodeSession:
    """A sandbox session as a Session. What it holds is no state that counts: its snapshot is empty. What it exports
    is state of the workspace it goes to."""

    def __init__(
        self,
        sandbox: SandboxSession,
        abilities: Collection[Ability],
        *,
        sharing: Sharing | None = None,
        business: Session | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._business = business if "tools" in abilities else None
        self._offered: tuple[OfferedTool, ...] = ()
        self._tools = code_tools(abilities, shared=sharing is not None, calls=business is not None)
        self._sharing = sharing if "files" in abilities else None

    @property
    def tools(self) -> Sequence[Tool]:
        return self._tools

    def offer(self, tools: Sequence[OfferedTool]) -> None:
        """What code may call from now on."""
        self._offered = tuple(tools)

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        """One call; it ends before another one starts, as one thread at a time may use a sandbox session."""
        tool = next((tool for tool in self._tools if tool.name == key.name), None)
        if tool is None:
            return ToolResult(content=f"Unknown tool: {key.name}", is_error=True)
        given = {name: value for name, value in arguments.items() if isinstance(value, str)}
        nested = None
        if self._business is not None:
            nested = NestedCalls(self._business, self._offered, SERVER, asyncio.get_running_loop())
        result = await asyncio.to_thread(self._call, key.name, given, nested)
        return (
            result if nested is None else replace(result, nested=tuple(nested.made), fault=result.fault or nested.fault)
        )

    def _call(self, name: str, given: dict[str, str], nested: NestedCalls | None) -> ToolResult:
        runs: dict[str, tuple[str, Callable[[str], CodeResult]]] = {
            PYTHON.name: ("code", lambda code: self._sandbox.run_python(code, tools=nested)),
            SHELL.name: ("command", self._sandbox.run_shell),
        }
        try:
            if name == EXPORT.name:
                return self._export(given.get("path"), given.get("to"))
            field, function = runs[name]
            if field not in given:
                return _refused(f"{name} needs a text {field!r}")
            if not sayable(given[field]):
                return _refused(f"{name} takes no text with null bytes or halves of characters")
            notice = self._sharing.refresh() if self._sharing else ""
            return _result(function(given[field]), notice)
        except SandboxError as exc:
            return ToolResult(content=str(exc), is_error=True, fault="crash")

    def _export(self, path: str | None, target: str | None) -> ToolResult:
        if path is None or self._sharing is None:
            return _refused("export_file needs a text 'path'")
        target = target or path
        try:
            size = self._sharing.write_back(path, target)
        except (FileRefusedError, SandboxError) as exc:
            return _refused(str(exc))
        return ToolResult(content=f"Wrote {size} bytes to {target}")

    async def snapshot(self) -> Snapshot:
        return Snapshot({})

    async def paths(self) -> Sequence[str]:
        return ()


def _refused(why: str) -> ToolResult:
    return ToolResult(content=why, is_error=True)


def _result(done: CodeResult, notice: str) -> ToolResult:
    """What the agent sees: the output, the value of a last expression, errors, and what is unusual."""
    parts = [done.said(), done.notice(), notice]
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
        """A session of the inner environment, joined by a fresh sandbox where `servers` names it. Code may call all
        of its tools until the session is told what its episode offers."""
        others = [name for name in servers if name != SERVER]
        async with self._environment.session(others, world) as business:
            if SERVER not in servers:
                yield business
                return
            async with opened(self._sandbox) as code:
                sharing = _sharing(business, code)
                inside = CodeSession(code, self._sandbox.abilities, sharing=sharing, business=business)
                found = {tool.key: tool for tool in business.tools}
                inside.offer(offer(sorted(found), found))
                yield RoutedSession({**dict.fromkeys(others, business), SERVER: inside})

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        found: dict[str, JsonValue] = dict(
            self._environment.provenance([name for name in servers if name != SERVER], world)
        )
        if SERVER in servers:
            found["sandbox"] = self._sandbox.provenance()
        return found


def _sharing(business: Session, code: SandboxSession) -> Sharing | None:
    if not isinstance(business, HasWorkspace) or business.workspace is None:
        return None
    return Sharing(business.workspace, code, business.ignored)
