"""The degraded back end: Landlock, a stricter filter and limits, without any namespace. By name alone, since it is
weaker than all others: docs/sandbox.md says what it leaves open.

The same supervisor and frames as under bubblewrap, but it is no pid 1 and shares the machine's files and processes.
"""

import compileall
import marshal
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import seccomp, stage
from tdscaling.sandbox.bwrap import ETC, INSIDE, machine, session_environment
from tdscaling.sandbox.inside import landlock
from tdscaling.sandbox.inside.degraded import PARTS
from tdscaling.sandbox.protocol import ALL_ABILITIES, CodeResult, ToolHandler
from tdscaling.sandbox.runtime import NAMES, SYSTEM, Interpreter
from tdscaling.sandbox.session import MIB, FrameSession, kill_tree
from tdscaling.sandbox.starter import Starter
from tdscaling.types import JsonObject
from tdscaling.values.workspace import mapped, placed_at

BOOT = "import sys; sys.path.insert(0, {!r}); from inside.degraded import main; main()"
LIBRARIES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
NOTICE = "in the degraded sandbox: no namespaces; sizes, names and modes of the user's files and processes can be seen"
PATIENCE = 10.0
"""Seconds to remove a session's files after it was killed."""


def missing(limits: SandboxLimits, folder: Path | None) -> str:
    """Why it can't be used, "" when it can be tried."""
    version = landlock.version()
    if version < landlock.SCOPED:
        return f"Landlock has version {version} here, and {landlock.SCOPED} is the first that keeps signals inside"
    if folder is None:
        return "off: name it as the back end, and a mount of its own for its files as sandbox.degraded_folder"
    if not os.path.ismount(folder):
        return f"{folder} is no mount of its own, so files had no limit: {_advice(limits, folder)}"
    found = os.statvfs(folder)
    if found.f_blocks * found.f_frsize > limits.disk_mib * MIB or not 0 < found.f_files <= limits.files:
        return f"{folder} holds more than the limits of files (or has none of its own): {_advice(limits, folder)}"
    return ""


def _advice(limits: SandboxLimits, folder: Path) -> str:
    how = f"size={limits.disk_mib}m,nr_inodes={limits.files},uid={os.geteuid()},mode=0711"
    return f"mount -t tmpfs -o {how} tmpfs {folder}"


class DegradedSession(FrameSession):
    """A session whose workspace is a folder of the machine; texts say /workspace and /tmp all the same."""

    def __init__(
        self, process: subprocess.Popen[bytes], limits: SandboxLimits, environment: Mapping[str, str], top: Path
    ) -> None:
        self.top, self._places = top, {f"/{name}": str(top / name) for name in reversed(PARTS)}
        self._started = False
        super().__init__(process, limits, environment, partial(kill_tree, patience=PATIENCE))
        self._started = True

    def run_python(self, code: str, timeout: float | None = None, tools: ToolHandler | None = None) -> CodeResult:
        serve = tools and partial(self._translated, tools)
        return self._canonical(super().run_python(self._real(code), timeout, serve))

    def run_shell(self, command: str, timeout: float | None = None) -> CodeResult:
        return self._canonical(super().run_shell(self._real(command), timeout))

    def put(self, path: str, data: bytes) -> None:
        super().put(path, _text(data, self._real))

    def export(self, path: str) -> bytes:
        return _text(super().export(path), self._shown)

    def _close(self) -> None:
        super()._close()
        if not self._started:  # no code has run there
            shutil.rmtree(self.top, ignore_errors=True)
        try:
            self.top.rmdir()
        except FileNotFoundError:
            return
        except OSError as exc:
            raise SandboxError(f"files of a session are left in {self.top}: {exc}") from exc

    def _translated(self, tools: ToolHandler, name: str, arguments: JsonObject) -> JsonObject:
        given = {key: mapped(value, self._shown) for key, value in arguments.items()}
        return {key: mapped(value, self._real) for key, value in tools(name, given).items()}

    def _real(self, text: str) -> str:
        for name, place in self._places.items():
            text = placed_at(place, text, name)
        return text

    def _shown(self, text: str) -> str:
        for name, place in self._places.items():
            text = text.replace(place, name)
        return text

    def _canonical(self, result: CodeResult) -> CodeResult:
        value = None if result.value is None else self._shown(result.value)
        return replace(result, stdout=self._shown(result.stdout), stderr=self._shown(result.stderr), value=value)


def _text(data: bytes, change: Callable[[str], str]) -> bytes:
    """A text file with its mentions of folders changed; another file as it is."""
    try:
        return change(data.decode()).encode()
    except UnicodeDecodeError:
        return data


class DegradedSandbox:
    """Sessions in folders of a mount that bounds the files of all of them together. Raises SandboxError for a kernel
    or a folder that will not do. As root each session is a user that nobody else is."""

    name = "degraded"
    abilities = ALL_ABILITIES

    def __init__(self, limits: SandboxLimits, folder: Path | None, packages: Path | None = None) -> None:
        if (trouble := missing(limits, folder)) or folder is None:
            raise SandboxError(trouble)
        compileall.compile_dir(INSIDE, quiet=2)
        self._limits, self._folder = limits, folder.resolve()
        self._packages = packages if packages and _open_to_sessions(packages) else None
        self._python = interpreter()
        self._starter = Starter("degraded")

    def open(self) -> DegradedSession:
        try:
            top = Path(tempfile.mkdtemp(prefix="session-", dir=self._folder))
        except OSError as exc:
            raise SandboxError(f"no folder for a session: {exc}") from exc
        process = self._starter.start(partial(self._start, top))
        return DegradedSession(process, self._limits, self._environment(top), top)

    def provenance(self) -> JsonObject:
        return {
            "backend": self.name,
            "landlock": landlock.version(),
            "python": platform.python_version(),
            "packages": self._packages is not None,
            "notice": NOTICE,
            "limits": self._limits.model_dump(mode="json"),
        }

    def close(self) -> None:
        self._starter.close()

    def _environment(self, top: Path) -> dict[str, str]:
        environment = session_environment(Interpreter(str(self._python), None), self._packages)
        names, temporary = str(top / "names"), str(top / PARTS[1])
        own = {"HOME": temporary, "TMPDIR": temporary, "PATH": environment["PATH"].replace(NAMES, names)}
        return {**environment, **own, **({"PYTHONPATH": str(self._packages)} if self._packages else {})}

    def _start(self, top: Path) -> subprocess.Popen[bytes]:
        """Starts a session's processes, as root as an unused user. Raises SandboxError."""
        reads = [*LIBRARIES, *(f"/etc/{name}" for name in ETC), *installation(self._python), str(INSIDE)]
        reads += [str(self._packages)] if self._packages else []
        plan = {"top": str(top), "reads": reads, "seccomp": seccomp.program(machine(), alone=True)}
        names, user = top / "names", stage.unused_user() if os.geteuid() == 0 else None
        pipe, argv = subprocess.PIPE, [str(self._python), "-I", "-S", "-B", "-c", BOOT.format(str(INSIDE.parent))]
        try:
            names.mkdir()
            for name in ("python", "python3"):
                (names / name).symlink_to(self._python)
            if user is not None:
                os.chown(names, user, user)
                os.chown(top, user, user)
            return subprocess.Popen(
                argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env={"PLAN": marshal.dumps(plan).hex()}, cwd="/",
                start_new_session=True, user=user, group=user, extra_groups=None if user is None else [],
            )  # fmt: skip
        except OSError as exc:
            raise SandboxError(f"the degraded back end can't start its supervisor: {exc}") from exc


def interpreter() -> Path:
    """The base interpreter; as root one of the same version that an ordinary user can execute. Raises SandboxError."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = [Path(base, "bin", name) for base in (sys.base_prefix, "/usr/local", SYSTEM)]
    open_to_all = (path.resolve() for path in found if path.exists())
    if os.geteuid() != 0:
        return next(open_to_all)
    for path in open_to_all:
        if _open_to_sessions(path) and _open_to_sessions(INSIDE):
            return path
    raise SandboxError(f"root's {name}, or this package, can't be read by another user, and none in {SYSTEM} can")


def _open_to_sessions(path: Path) -> bool:
    """Whether the user of a session can read it: another one than root."""
    return os.geteuid() != 0 or stage.first_closed(str(path)) is None


def installation(python: Path) -> list[str]:
    """What must be readable of an interpreter's installation: all but the packages beside its standard library."""
    base = python.parent.parent
    if base.is_relative_to(SYSTEM):
        return []
    library = base / "lib" / python.name
    parts = [path for path in sorted(library.iterdir()) if path.name != "site-packages"]
    others = [path for path in sorted((base / "lib").iterdir()) if path != library]
    return [str(path) for path in (base / "bin", *others, *parts)]
