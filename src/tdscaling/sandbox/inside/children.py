"""The processes below pid 1: starting the interpreter and shells, stopping and sweeping what they leave behind."""

import os
import time

from . import repl
from .watchdog import alive, doomed, last_pid, processes, threads_at_work

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the module of this name would import enum, and re with it


STILL = 2000
"""Half milliseconds within which all threads of a process must have stopped."""
DEFAULTS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT)
"""Signals that Python ignores or handles and a shell must not."""
SHELLS = ("/bin/bash", "/usr/bin/bash", "/bin/sh")
SHELL = next((path for path in SHELLS if os.path.exists(path)), "/bin/sh")


class Child:
    """A process with its end of every pipe; `commands` and `results` are -1 for a shell."""

    def __init__(self, pid: int, out: int, err: int, commands: int = -1, results: int = -1) -> None:
        self.pid = pid
        self.pidfd = os.pidfd_open(pid)
        self.out = out
        self.err = err
        self.commands = commands
        self.results = results

    def close(self) -> None:
        for fd in (self.pidfd, self.out, self.err, self.commands, self.results):
            if fd >= 0:
                os.close(fd)


class Children:
    """Reaps for everyone and remembers how the ones that matter ended."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._ended: dict[int, int] = {}
        self._null = os.open("/dev/null", os.O_RDWR)
        self._last = b""
        self._threaded = False

    def interpreter(self) -> Child:
        """Forks the REPL in a session of its own; it gets its pipes and nothing else."""
        commands, results, out, err = os.pipe(), os.pipe(), os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_interpreter((self._null, out[1], err[1], commands[0], results[1]))
        for fd in (commands[0], results[1], out[1], err[1]):
            os.close(fd)
        for fd in (commands[1], results[0], out[0], err[0]):
            os.set_blocking(fd, False)
        return Child(pid, out[0], err[0], commands[1], results[0])

    def _become_interpreter(self, fds: tuple[int, ...]) -> None:
        try:
            os.setsid()
            high = [os.dup(fd) for fd in fds]
            while min(high) < 16:
                high = [os.dup(fd) for fd in high]
            for place, fd in enumerate(high):
                os.dup2(fd, place)
            os.closerange(len(fds), 1 << 10)
            os.environ.clear()
            os.environ.update(self._environment)
            repl.serve()
        finally:
            os._exit(70)

    def shell(self, command: str) -> Child:
        """Starts `command` in a shell in a session of its own, its input empty."""
        out, err = os.pipe(), os.pipe()
        pid = self._spawn(command, out[1], err[1])
        for fd in (out[1], err[1]):
            os.close(fd)
        for fd in (out[0], err[0]):
            os.set_blocking(fd, False)
        return Child(pid, out[0], err[0])

    def _spawn(self, command: str, out: int, err: int) -> int:
        actions = [(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate((self._null, out, err))]
        return os.posix_spawn(
            SHELL, [SHELL, "-c", command], self._environment, file_actions=actions, setsid=True, setsigdef=DEFAULTS
        )

    def reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._ended[pid] = os.waitstatus_to_exitcode(status)

    def status(self, child: Child) -> int | None:
        """Exit status as the kernel told pid 1: negative for a signal, None while the child lives."""
        self.reap()
        return self._ended.get(child.pid)

    def freeze(self, keep: int, short: bool) -> bool:
        """As `sweep`, without the look at /proc where nothing can be left: after a `short` call (too short to wrap
        the numbers of processes round) that made no process and no thread."""
        os.kill(keep, signal.SIGSTOP)
        if short and self._last == last_pid():
            return not self._threaded or self._still(keep)
        return self.sweep(keep)

    def sweep(self, keep: int) -> bool:
        """Stops every process at once, then kills all but `keep`, which stays stopped until `resume`. Whether it does:
        one that wakes itself again and again is killed as well."""
        try:
            os.kill(-1, signal.SIGSTOP)
        except ProcessLookupError:
            pass
        while True:
            self.reap()
            others = [pid for pid in processes() if pid != keep and alive(pid)]
            if not others:
                break
            for pid in others:
                self._kill(pid, signal.SIGKILL)
            time.sleep(0.0005)
        self.reap()  # those that died after the last look are zombies of ours
        self._ended = {keep: self._ended[keep]} if keep in self._ended else {}
        self._last = last_pid()
        return not keep or self._still(keep)

    def _still(self, pid: int) -> bool:
        """Waits until every thread of a process has stopped: a signal is only sent when `kill` returns, and a thread
        that sends SIGCONT undoes it. Kills one that does not stop."""
        for _ in range(STILL):
            threads, at_work = threads_at_work(pid)
            self._threaded = threads > 1
            if not at_work:
                return True
            self._kill(pid, signal.SIGSTOP)
            time.sleep(0.0005)
        self._kill(pid, signal.SIGKILL)
        return False

    def lost(self, child: Child) -> bool:
        """Whether something killed the child; it is then dead and reaped."""
        if self.status(child) is None and doomed(child.pid):
            self._ended[child.pid] = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        return child.pid in self._ended

    def end(self, child: Child) -> None:
        """Kills a child and everything else."""
        self.sweep(0)
        child.close()

    def resume(self, child: Child) -> None:
        self._kill(child.pid, signal.SIGCONT)

    def interrupt(self, child: Child) -> None:
        self._kill(child.pid, signal.SIGINT)

    @staticmethod
    def _kill(pid: int, number: int) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
