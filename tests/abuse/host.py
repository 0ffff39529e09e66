"""The two kinds of host user that every abuse case runs as: this one, and an unprivileged one when this is root."""

import base64
import dataclasses
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.environments.paths import listed
from tdscaling.environments.sharing import Sharing
from tdscaling.environments.state import Snapshotter, StateRules
from tdscaling.environments.tree import Mirror
from tdscaling.errors import SandboxError
from tdscaling.sandbox.bwrap import BwrapSandbox
from tdscaling.sandbox.grading import Judgement, judge
from tdscaling.sandbox.inside.frames import Frame, Reader, pack
from tdscaling.sandbox.launcher import wrap
from tdscaling.sandbox.protocol import CodeResult, SandboxSession, ToolHandler
from tdscaling.types import JsonObject

ROOT = Path(__file__).parents[2]
SECRET = "hunter2-of-the-host"
NOBODY = "65534"
LIMITS = SandboxLimits(wall_seconds=10, memory_mib=256, disk_mib=64, files=2000, processes=32, export_mib=4)


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a program run through the launcher ended."""

    status: int
    stdout: str
    stderr: str


@dataclasses.dataclass(frozen=True)
class Asked:
    """How code ended that could call tools, and the calls that reached the host."""

    result: CodeResult
    calls: list[list[Any]]


class Recorder:
    """Serves the calls of code and remembers them: `echo` answers with its arguments, `large` with too much, `slow`
    in its own time; all else fails."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []

    def __call__(self, name: str, arguments: JsonObject) -> JsonObject:
        self.calls.append([name, dict(arguments)])
        if name == "large":
            return {"value": "x" * 3_000_000}
        if name == "slow":
            time.sleep(1.0)  # the point of it: the code's own second must not run meanwhile
        return {"value": dict(arguments)} if name in ("echo", "slow") else {"error": f"there is no {name}"}


class Shared(Protocol):
    """A workspace of the host shared with a session."""

    def refresh(self) -> str: ...

    def write_back(self, source: str, target: str) -> int: ...


class Host(Protocol):
    """Opens sessions and runs servers as one host user, who can execute `python`."""

    uid: int
    python: str

    def open(self, **limits: float) -> SandboxSession: ...

    def serve(self, argv: Sequence[str], workspace: Path, **options: Any) -> Ended: ...

    def judge(self, files: Mapping[str, bytes], tests: str, timeout: float) -> Judgement: ...

    def share(self, session: SandboxSession, workspace: Path) -> Shared: ...

    def serving(self, session: SandboxSession, code: str, timeout: float | None = None) -> Asked: ...

    def state(self, workspace: Path) -> dict[str, str]: ...

    def reset(self, workspace: Path, template: Path) -> None: ...


class LocalHost:
    """As the user that runs the tests."""

    def __init__(self) -> None:
        self.uid, self.python = os.getuid(), sys.executable
        self._opened: list[BwrapSandbox] = []

    def open(self, **limits: float) -> SandboxSession:
        return self._sandbox(**limits).open()

    def judge(self, files: Mapping[str, bytes], tests: str, timeout: float) -> Judgement:
        return judge(self._sandbox(), files, tests, timeout=timeout)

    def serve(self, argv: Sequence[str], workspace: Path, **options: Any) -> Ended:
        read = [Path(path) for path in options.pop("read_paths", [])]
        home = options.pop("home", None)
        line, env = wrap(argv, {}, workspace=workspace, read_paths=read, home=Path(home) if home else None, **options)
        done = subprocess.run(line, env=env, capture_output=True, check=False, timeout=60, cwd=workspace)
        return Ended(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def share(self, session: SandboxSession, workspace: Path) -> Shared:
        return Sharing(workspace, session)

    def serving(self, session: SandboxSession, code: str, timeout: float | None = None) -> Asked:
        recorder = Recorder()
        return Asked(session.run_python(code, timeout, recorder), recorder.calls)

    def state(self, workspace: Path) -> dict[str, str]:
        """What the host reads in a live workspace: its snapshot, and the names of its files."""
        return {**Snapshotter(StateRules()).leaves(workspace), "files": " ".join(listed(workspace))}

    def reset(self, workspace: Path, template: Path) -> None:
        """Empties a live workspace and fills it, as between two episodes; then once more, for what changed since."""
        mirror = Mirror(workspace)
        for _ in range(2):
            mirror.reset(template)

    def close(self) -> None:
        for sandbox in self._opened:
            sandbox.close()

    def _sandbox(self, **limits: float) -> BwrapSandbox:
        sandbox = BwrapSandbox(LIMITS.model_copy(update=limits))
        self._opened.append(sandbox)
        return sandbox


def unprivileged_python() -> str | None:
    """An interpreter of this version that the user nobody can execute, and read the checkout with; None without."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        # by way of a shell: the first exec after setpriv still has root's rights on folders
        argv = [*as_nobody(), "/bin/sh", "-c", 'exec "$0" -c "import tests.abuse.driver"', candidate or "/nonexistent"]
        if subprocess.run(argv, env=driver_environment(), capture_output=True, check=False, cwd="/").returncode == 0:
            return candidate
    return None


def driver_environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))])
    return {"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}


def as_nobody() -> list[str]:
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


class RemoteHost:
    """As nobody: a driver process that does what a LocalHost does."""

    def __init__(self, python: str) -> None:
        env = {**driver_environment(), "SECRET": SECRET}
        self._process = subprocess.Popen(
            [*as_nobody(), python, "-m", "tests.abuse.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            cwd="/",
        )
        self._reader = Reader()
        self.uid, self.python = int(NOBODY), python

    def ask(self, method: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(pack({"method": method, **arguments}))
        self._process.stdin.flush()
        frames: list[Frame] = []
        while not frames:
            data = os.read(self._process.stdout.fileno(), 1 << 16)
            assert data, "the driver ended"
            frames = self._reader.feed(data)
        if "error" in frames[0]:
            raise SandboxError(frames[0]["error"])
        return frames[0]["value"]

    def open(self, **limits: float) -> SandboxSession:
        self.ask("open", limits=limits)
        return RemoteSession(self)

    def judge(self, files: Mapping[str, bytes], tests: str, timeout: float) -> Judgement:
        encoded = {path: base64.b64encode(data).decode() for path, data in files.items()}
        return Judgement(**self.ask("judge", files=encoded, tests=tests, timeout=timeout))

    def serve(self, argv: Sequence[str], workspace: Path, **options: Any) -> Ended:
        return Ended(**self.ask("serve", argv=list(argv), workspace=str(workspace), options=options))

    def serving(self, session: SandboxSession, code: str, timeout: float | None = None) -> Asked:
        found = self.ask("serving", code=code, timeout=timeout)
        return Asked(_result(found["result"]), found["calls"])

    def state(self, workspace: Path) -> dict[str, str]:
        return dict(self.ask("state", workspace=str(workspace)))

    def reset(self, workspace: Path, template: Path) -> None:
        self.ask("reset", workspace=str(workspace), template=str(template))

    def share(self, session: SandboxSession, workspace: Path) -> Shared:
        self.ask("share", workspace=str(workspace))
        return RemoteSharing(self)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        if self._process.stdout is not None:
            self._process.stdout.close()


class RemoteSession:
    """The session that the driver has open."""

    def __init__(self, host: RemoteHost) -> None:
        self._host = host

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        assert tools is None, "a handler can't be sent there: use Host.serving"
        return _result(self._host.ask("run_python", code=code, timeout=timeout))

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        return _result(self._host.ask("run_shell", command=command, timeout=timeout))

    def put(self, path: str, data: bytes) -> None:
        self._host.ask("put", path=path, data=base64.b64encode(data).decode())

    def remove(self, path: str) -> None:
        self._host.ask("remove", path=path)

    def export(self, path: str) -> bytes:
        return base64.b64decode(self._host.ask("export", path=path))

    def close(self) -> None:
        self._host.ask("close")


class RemoteSharing:
    """What the driver shares."""

    def __init__(self, host: RemoteHost) -> None:
        self._host = host

    def refresh(self) -> str:
        return str(self._host.ask("refresh"))

    def write_back(self, source: str, target: str) -> int:
        return int(self._host.ask("write_back", source=source, target=target))


def _result(value: Any) -> CodeResult:
    fields = cast("dict[str, Any]", value)
    return CodeResult(**{**fields, "limits": tuple(fields["limits"])})
