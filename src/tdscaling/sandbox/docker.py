"""The docker back end: the same supervisor as pid 1 of a container; with `runtime="runsc"` under gVisor."""

import contextlib
import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox.bwrap import BOOT, BOX, INSIDE, PACKAGES, SHM, machine
from tdscaling.sandbox.protocol import ALL_ABILITIES
from tdscaling.sandbox.seccomp import docker_profile
from tdscaling.sandbox.session import MIB, FrameSession
from tdscaling.sandbox.starter import Starter
from tdscaling.scratch import scratch
from tdscaling.types import JsonObject

USER = "61183:61183"
"""A user that no account of an ordinary image has."""


def arguments(limits: SandboxLimits, image: str, name: str, profile: Path, runtime: str | None) -> list[str]:
    """What follows `docker`: no network, read-only root, no privileges, sized tmpfs, limits by cgroup."""
    disk = limits.disk_mib * MIB
    folder = f"rw,nosuid,nodev,mode=0700,uid={USER.split(':')[0]},gid={USER.split(':')[1]}"
    words = [
        "run",
        "--rm",
        "--interactive",
        "--name",
        name,
        "--network",
        "none",
        "--read-only",
        "--hostname",
        "sandbox",
    ]
    words += ["--runtime", runtime] if runtime else []
    words += ["--user", USER, "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    words += ["--security-opt", f"seccomp={profile}", "--pids-limit", str(limits.processes + 8)]
    words += ["--memory", f"{limits.memory_mib + 64}m", "--memory-swap", f"{limits.memory_mib + 64}m"]
    words += ["--log-driver", "none", "--pull", "never", "--ipc", "private", "--shm-size", str(SHM)]
    words += ["--tmpfs", f"/workspace:{folder},size={disk},exec", "--tmpfs", f"/tmp:{folder},size={disk},exec"]
    words += ["--volume", f"{INSIDE}:{BOX}/inside:ro", "--workdir", "/workspace", "--entrypoint", "python3"]
    return [*words, image, "-I", "-S", "-B", "-c", BOOT]


ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": PACKAGES,
    "TMPDIR": "/tmp",
    "USER": "agent",
}


class DockerSandbox:
    """Sessions in containers of an image that holds python3 and is already there (nothing is pulled)."""

    abilities = ALL_ABILITIES

    def __init__(
        self, limits: SandboxLimits, image: str, *, runtime: str | None = None, docker: str = "docker"
    ) -> None:
        self._limits = limits
        self._image = image
        self._runtime = runtime
        self._docker = docker
        self._starter = Starter("docker")
        self._scratch = contextlib.ExitStack()
        self._profile = self._scratch.enter_context(scratch()) / "seccomp.json"
        self._profile.write_text(json.dumps(docker_profile(machine())), encoding="utf-8")

    @property
    def name(self) -> str:
        return self._runtime or "docker"

    def open(self) -> FrameSession:
        container = f"tdscaling-{secrets.token_hex(8)}"
        words = arguments(self._limits, self._image, container, self._profile, self._runtime)
        process = self._starter.start(lambda: self._start(words))

        def kill(client: subprocess.Popen[bytes]) -> None:
            self._say("kill", container)
            client.kill()
            client.wait()

        return FrameSession(process, self._limits, ENVIRONMENT, kill)

    def version(self) -> str:
        """The engine's version. Raises SandboxError when no engine answers."""
        done = self._say("version", "--format", "{{.Server.Version}}")
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["no output"]
            raise SandboxError(f"no container engine answers: {said[-1]}")
        return done.stdout.strip()

    def provenance(self) -> JsonObject:
        return {
            "backend": self.name,
            "version": self.version(),
            "image": self._image,
            "limits": self._limits.model_dump(mode="json"),
        }

    def close(self) -> None:
        self._starter.close()
        self._scratch.close()

    def _start(self, words: list[str]) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen([self._docker, *words], bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe)
        except OSError as exc:
            raise SandboxError(f"docker can't be started: {exc}") from exc

    def _say(self, *words: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._docker, *words], capture_output=True, text=True, check=False, timeout=30, env=dict(os.environ)
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise SandboxError(f"docker can't be asked: {exc}") from exc
