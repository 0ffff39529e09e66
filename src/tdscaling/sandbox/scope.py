"""A cgroup for each sandbox, where systemd offers scopes: the kernel itself then bounds memory and processes.

The watchdog sees memory every 50 ms; a cgroup never lets it overshoot, and it counts pages of pipes and sockets too.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tdscaling.config.sandbox import SandboxLimits

BOOTED = Path("run/systemd/system")
MARGIN_MIB = 64
"""For pid 1 of the sandbox and bubblewrap itself."""


def missing(root: Path = Path("/")) -> str:
    """Why no scope can be had, "" when one can: systemd must run the machine, and a user needs its own manager."""
    if shutil.which("systemd-run") is None or not (root / BOOTED).is_dir():
        return "systemd does not run this machine"
    if not (root / "sys/fs/cgroup/cgroup.controllers").is_file():
        return "cgroup v2 is not mounted"
    if os.geteuid() != 0 and not (root / f"run/user/{os.geteuid()}/bus").exists():
        return "this user has no systemd manager of its own"
    return ""


def scoped(argv: Sequence[str], limits: SandboxLimits) -> list[str]:
    """The command line that runs `argv` in a scope of its own, with an empty environment."""
    words = ["systemd-run", "--scope", "--quiet", "--collect", *([] if os.geteuid() == 0 else ["--user"])]
    for name, value in (
        ("MemoryMax", f"{limits.memory_mib + MARGIN_MIB}M"),
        ("MemorySwapMax", "0"),
        ("TasksMax", str(limits.processes + 8)),
    ):
        words += ["-p", f"{name}={value}"]
    return [*words, "--", "env", "-i", *argv]


def manager_environment() -> dict[str, str]:
    """What systemd-run itself needs to find the manager; `env -i` keeps it from the sandbox."""
    kept = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
