"""The gVisor back end without an engine: an OCI bundle of our own for `runsc`, the supervisor as its pid 1.

The file system is the same as bubblewrap's: a read-only system, the interpreter, sized memory for all that is written.
"""

import contextlib
import json
import secrets
import subprocess
from pathlib import Path

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox.bwrap import BOOT, BOX, ETC, INSIDE, OWN_ETC, PACKAGES, SHM, session_environment
from tdscaling.sandbox.protocol import ALL_ABILITIES
from tdscaling.sandbox.runtime import Interpreter, interpreter
from tdscaling.sandbox.session import MIB, FrameSession
from tdscaling.sandbox.starter import Starter
from tdscaling.scratch import scratch
from tdscaling.types import JsonObject

USER = 61183
"""A user that no account of an ordinary system has."""
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")


def bundle(limits: SandboxLimits, python: Interpreter, packages: Path | None, root: str) -> dict[str, object]:
    """The OCI configuration: no capability, no network, a read-only root, sized tmpfs, limits."""

    def bound(source: Path, target: str) -> dict[str, object]:
        options = ["rbind", "ro", "nosuid", "nodev"]
        return {"destination": target, "type": "bind", "source": str(source), "options": options}

    def memory(target: str, size: int) -> dict[str, object]:
        options = ["nosuid", "nodev", "mode=0700", f"uid={USER}", f"gid={USER}", f"size={size}"]
        return {"destination": target, "type": "tmpfs", "source": "tmpfs", "options": options}

    mounts: list[dict[str, object]] = [{"destination": "/proc", "type": "proc", "source": "proc"}]
    mounts += [bound(Path(path).resolve(), path) for path in SYSTEM if Path(path).is_dir()]
    mounts += [bound(Path("/etc", name).resolve(), f"/etc/{name}") for name in ETC if Path("/etc", name).exists()]
    mounts += [bound(INSIDE / "etc" / name, f"/etc/{name}") for name in OWN_ETC]
    mounts.append(bound(INSIDE, f"{BOX}/inside"))
    mounts += [bound(python.source, "/opt/python")] if python.source else []
    mounts += [bound(packages, PACKAGES)] if packages else []
    mounts += [memory(path, 4096) for path in python.hidden]
    disk = limits.disk_mib * MIB
    mounts += [memory("/workspace", disk), memory("/tmp", disk), memory("/dev/shm", SHM)]
    none: list[str] = []
    capabilities = dict.fromkeys(("bounding", "effective", "inheritable", "permitted", "ambient"), none)
    environment = [f"LD_LIBRARY_PATH={python.library_path}"] if python.library_path else []
    return {
        "ociVersion": "1.0.2",
        "hostname": "sandbox",
        "root": {"path": root, "readonly": True},
        "process": {
            "terminal": False,
            "user": {"uid": USER, "gid": USER},
            "args": [python.executable, "-I", "-S", "-B", "-c", BOOT],
            "env": environment,
            "cwd": "/workspace",
            "noNewPrivileges": True,
            "capabilities": capabilities,
            "rlimits": [{"type": "RLIMIT_CORE", "hard": 0, "soft": 0}],
        },
        "mounts": mounts,
        "linux": {
            "namespaces": [{"type": name} for name in ("pid", "mount", "ipc", "uts", "network")],
            "resources": {
                "memory": {"limit": (limits.memory_mib + 64) * MIB},
                "pids": {"limit": limits.processes + 8},
            },
        },
    }


class RunscSandbox:
    """Sessions under gVisor's own kernel, each a container of a bundle that is removed with this object."""

    name = "runsc"
    abilities = ALL_ABILITIES

    def __init__(self, limits: SandboxLimits, packages: Path | None = None, *, runsc: str = "runsc") -> None:
        self._limits, self._packages, self._runsc = limits, packages, runsc
        self._python = interpreter()
        self._scratch = contextlib.ExitStack()
        self._folder = self._scratch.enter_context(scratch())
        (self._folder / "root").mkdir()
        config = bundle(limits, self._python, packages, str(self._folder / "root"))
        (self._folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._starter = Starter("runsc")

    def open(self) -> FrameSession:
        container = f"tdscaling-{secrets.token_hex(8)}"
        process = self._starter.start(lambda: self._start(container))

        def kill(client: subprocess.Popen[bytes]) -> None:
            self._say("kill", container, "KILL")
            client.kill()
            client.wait()

        return FrameSession(process, self._limits, session_environment(self._python, self._packages), kill)

    def version(self) -> str:
        """Raises SandboxError when there is none that answers."""
        done = self._say("--version")
        if done.returncode:
            raise SandboxError("runsc does not answer")
        return done.stdout.strip().splitlines()[0] if done.stdout.strip() else ""

    def provenance(self) -> JsonObject:
        return {"backend": self.name, "version": self.version(), "limits": self._limits.model_dump(mode="json")}

    def close(self) -> None:
        self._starter.close()
        self._scratch.close()

    def _start(self, container: str) -> subprocess.Popen[bytes]:
        words = [self._runsc, "--rootless", "--network=none", f"--root={self._folder}/state"]
        words += ["run", f"--bundle={self._folder}", container]
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(words, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, cwd="/")
        except OSError as exc:
            raise SandboxError(f"runsc can't be started: {exc}") from exc

    def _say(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [self._runsc, f"--root={self._folder}/state", *words]
        try:
            return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise SandboxError(f"runsc can't be asked: {exc}") from exc
