"""What runs where no namespace can be had: the same supervisor, with Landlock in the place of mounts and pids.

Three rings, each of which can signal what is further in and nothing further out: the keeper, which ends all that is
left and removes the session's files; the supervisor in it; and in that whatever code runs, which alone is filtered.
"""

import marshal
import os

from . import landlock, watchdog
from .children import DEFAULTS, SHELL, Children
from .kernel import libc, set_dumpable
from .supervisor import serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any, NoReturn
else:
    import _signal as signal  # the module of this name would import enum, and re with it

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PARTS = ("workspace", "tmp")
"""The writable folders of a session."""


class Confined(Children):
    """Children under the rules and the filter of code."""

    def __init__(self, environment: dict[str, str], granted: list[tuple[str, int]], program: bytes) -> None:
        super().__init__(environment)
        self._granted, self._program = granted, program

    def _become_interpreter(self, fds: tuple[int, ...]) -> None:
        self._confine()
        super()._become_interpreter(fds)

    def _spawn(self, command: str, out: int, err: int) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                for place, fd in enumerate((self._null, out, err)):
                    os.dup2(fd, place)
                for number in DEFAULTS:
                    signal.signal(number, signal.SIG_DFL)
                self._confine()
                os.execve(SHELL, [SHELL, "-c", command], self._environment)
            finally:
                os._exit(70)
        return pid

    def _confine(self) -> None:
        """Nothing runs in this process unless all of it holds."""
        try:
            landlock.enter(landlock.ruleset(self._granted))
            landlock.filter_calls(self._program)
        except OSError:
            os._exit(70)


def main() -> None:
    """Serves the host over descriptors 0 and 1 until 0 closes. The environment holds the plan alone: the session's
    folder, what code may read, and its filter."""
    plan: dict[str, Any] = marshal.loads(bytes.fromhex(os.environ.pop("PLAN")))
    if landlock.version() < landlock.SCOPED:
        raise SystemExit("the kernel's Landlock does not keep signals inside")
    top = str(plan["top"])
    folders = [f"{top}/{name}" for name in PARTS]
    for folder in folders:
        os.mkdir(folder, 0o700)
    os.chdir(folders[0])
    granted = [(path, landlock.READ) for path in plan["reads"]]
    granted += [(path, landlock.READ_FILE | landlock.WRITE_FILE) for path in DEVICES]
    granted += [(folder, landlock.WRITE) for folder in folders]
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    set_dumpable(False)
    landlock.no_new_privileges()
    _ring(landlock.ruleset([*granted, ("/proc", landlock.READ), (top, landlock.WRITE)]))
    supervisor = os.fork()
    if supervisor:
        _keep(supervisor, top)
    try:
        _ring(landlock.signals_alone())
        watchdog.share(os.getpid())
        others = watchdog.threads_of(os.getuid())
        serve(lambda environment: Confined(environment, granted, plan["seccomp"]), folders[0], others)
    finally:
        os._exit(0)


def _ring(rules: int) -> None:
    """Enters the rules, and makes sure that no signal gets out: all that follows sends signals to everybody there."""
    outside = os.getppid()
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    landlock.enter(rules)
    try:
        os.kill(outside, 0)
    except PermissionError:
        return
    raise SystemExit("the kernel lets signals out")


def _keep(supervisor: int, top: str) -> "NoReturn":
    """Waits for the supervisor, or for the host to die, and ends everything."""

    def end(number: int, frame: object) -> None:
        _finish(top)

    signal.signal(signal.SIGTERM, end)
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1):
        os.dup2(null, fd)
    while os.waitpid(-1, 0)[0] != supervisor:
        pass
    _finish(top)


def _finish(top: str) -> "NoReturn":
    """Nobody interrupts this, not even the death of the host, which can follow that of its pipes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    os.chdir("/")
    find = "/usr/bin/find"
    os.execve(find, [find, top, "-xdev", "-mindepth", "1", "-delete"], {})
