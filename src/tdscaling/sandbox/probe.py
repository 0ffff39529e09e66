"""The canary: a back end counts as working only when code has run in it and could not get out."""

import contextlib
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tdscaling.errors import SandboxError
from tdscaling.sandbox.cache import cache_folder
from tdscaling.sandbox.protocol import Sandbox, SandboxSession
from tdscaling.types import JsonObject

FORKS = """
import errno, os, signal
children = []
try:
    while len(children) < 400:
        pid = os.fork()
        if pid == 0:
            signal.pause()
        children.append(pid)
except OSError as exc:
    assert exc.errno == errno.EAGAIN
len(children)
"""
NETWORK = """
import socket
try:
    socket.socket(socket.AF_INET)
except OSError as exc:
    said = "refused"
else:
    said = "open"
said
"""


@dataclass(frozen=True, slots=True)
class Canary:
    """What running the canary showed; `reason` says what went wrong."""

    passed: bool
    reason: str = ""


def canary(session: SandboxSession, processes: int) -> Canary:
    """Runs code, a shell, a fork bomb and a socket; every one must end as the policy says."""
    failures = {
        "Python does not run": session.run_python("6 * 7", 10).value != "42",
        "the shell does not run": session.run_shell("exit 7", 10).status != 7,
        "the user's home can be read": _sees(session, str(Path.home())),
        "the network is open": session.run_python(NETWORK, 10).value != "'refused'",
        "the process limit does not hold": not _held(session, processes),
    }
    return next((Canary(False, reason) for reason, failed in failures.items() if failed), Canary(True))


def _sees(session: SandboxSession, home: str) -> bool:
    return session.run_python(f"import os; os.path.exists({home!r}) and os.listdir({home!r}) != []", 10).value == "True"


def _held(session: SandboxSession, processes: int) -> bool:
    value = session.run_python(FORKS, 10).value
    return value is not None and value.isdecimal() and int(value) < processes


def probe(make: Callable[[], Sandbox], processes: int, key: str, cache: Path | None = None) -> Canary:
    """The canary's result for a back end; a success is remembered under `key` until the kernel or it changes."""
    file = (cache or cache_folder()) / "canaries.json"
    name = hashlib.sha256(f"{key} {platform.release()} {os.geteuid()} {sys.version}".encode()).hexdigest()
    known = _read(file)
    if known.get(name) == "passed":
        return Canary(True)
    try:
        sandbox = make()
    except SandboxError as exc:
        return Canary(False, str(exc))
    try:
        session = sandbox.open()
        try:
            result = canary(session, processes)
        finally:
            session.close()
    except SandboxError as exc:
        result = Canary(False, str(exc))
    finally:
        sandbox.close()
    if result.passed:
        _write(file, {**known, name: "passed"})
    return result


def _read(file: Path) -> JsonObject:
    try:
        value: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def _write(file: Path, known: JsonObject) -> None:
    """A folder that can't be written only costs the next start a canary."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.replace(file)
