"""Live MCP servers in bubblewrap: a read-only system, their own program, their workspace, and no network."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdscaling.sandbox import seccomp
from tdscaling.sandbox.bwrap import (
    INSIDE,
    Plan,
    binary,
    binary_sources,
    isolation,
    machine,
    memory_folder,
    sealed,
    system,
)
from tdscaling.sandbox.reach import reach
from tdscaling.sandbox.session import MIB

HOME = "/home/user"
SCRATCH = 256 * MIB
LIMITS = ("--nproc=256", "--nofile=1024", f"--data={4096 * MIB}", f"--fsize={1024 * MIB}", "--core=0", "--memlock=0")
"""What `prlimit` sets inside, where the process count belongs to this server alone."""
NETWORK_FILES = ("/etc/resolv.conf", "/etc/ssl", "/etc/ca-certificates", "/etc/pki")


def wrap(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    workspace: Path,
    network: bool = False,
    read_paths: Sequence[Path] = (),
    write_paths: Sequence[Path] = (),
    inside: str | None = None,
    home: Path | None = None,
    cwd: str | None = None,
) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment that run `argv` sandboxed, for root and for anyone else.

    The server sees `workspace` writable at `inside` (the same path when None), its program and `read_paths`
    read-only and `write_paths` writable where they are, a HOME that is `home` or empty, an empty /tmp, the given
    environment, and the network only if `network`. It starts in `cwd`, the workspace when None, and it ends
    when the process or the thread that started it does. As root it runs as an unused user; the files it writes
    are root's (where the file system can't map owners it keeps host uid 0, without any capability).

    Raises SandboxError when there is no such command, or no usable bubblewrap.
    """
    found = reach(argv, env, cwd)
    place = inside or str(workspace.absolute())
    arguments = [*isolation(), *(["--share-net"] if network else []), *system(), *_network(network)]
    arguments += [*memory_folder("/tmp", SCRATCH), *memory_folder("/dev/shm", SCRATCH)]
    arguments += memory_folder(HOME, SCRATCH) if home is None else []
    readable = [path.absolute() for path in (*found.paths, *read_paths)]
    writable = [workspace.resolve(), *(path.absolute() for path in write_paths), *([home.resolve()] if home else [])]
    for path in readable:
        arguments += ["--ro-bind", str(path), str(path)]
    for path in write_paths:
        arguments += ["--bind", str(path.absolute()), str(path.absolute())]
    arguments += ["--bind", str(workspace.resolve()), place]
    arguments += ["--bind", str(home.resolve()), HOME] if home else []
    arguments += [*sealed(()), "--chdir", cwd or place]
    plan = Plan(
        bwrap=binary(),
        arguments=tuple(arguments),
        command=(*_limited(), *found.argv),
        seccomp=seccomp.program(machine(), network=network),
        readable=(INSIDE, *binary_sources(binary()), *readable),
        writable=tuple(writable),
        drop="try",
        environment=True,
    )
    defaults = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    return plan.argv(), {**defaults, **env, "HOME": HOME, "TMPDIR": "/tmp"}


def _limited() -> tuple[str, ...]:
    prlimit = shutil.which("prlimit", path="/usr/bin:/bin")
    return (prlimit, *LIMITS, "--") if prlimit else ()


def _network(granted: bool) -> list[str]:
    """What names and certificates need."""
    if not granted:
        return []
    words: list[str] = []
    for path in NETWORK_FILES:
        if Path(path).exists():
            words += ["--ro-bind", str(Path(path).resolve()), path]
    return words
