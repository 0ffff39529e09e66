"""Speed and weight of the sandbox, beside bare `python -I`, in one run.

    python benchmarks/sandbox.py [--sessions 1000] [--json]

Exits 1 when a target is missed. Run it on a machine that does nothing else.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from tdscaling.config.sandbox import SandboxLimits
from tdscaling.environments.sharing import Sharing
from tdscaling.sandbox.bwrap import BwrapSandbox
from tdscaling.sandbox.pool import PooledSandbox
from tdscaling.sandbox.session import FrameSession

CODE = "x = sum(range(10))"


@dataclass(frozen=True)
class Figure:
    """One measured value and its target: a ceiling, or a floor where `floor`; None where it is only a comparison."""

    name: str
    value: float
    unit: str
    target: float | None
    floor: bool = False

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value >= self.target if self.floor else self.value <= self.target


def median_ms(action: Callable[[], object], times: int) -> float:
    spans: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        spans.append(time.perf_counter() - started)
    return 1000 * statistics.median(spans)


def bare() -> None:
    subprocess.run([sys.executable, "-I", "-c", CODE], check=True)


def cold(sandbox: BwrapSandbox, times: int) -> float:
    opened: list[FrameSession] = []

    def start() -> None:
        session = sandbox.open()
        session.run_python(CODE)
        opened.append(session)

    value = median_ms(start, times)
    for session in opened:
        session.close()
    return value


def pooled(sandbox: BwrapSandbox, rounds: int) -> float:
    """First calls of sessions from a pool of four, filled before each round."""
    pool, spans = PooledSandbox(sandbox, 4), list[float]()
    for _ in range(rounds):
        pool.wait()
        sessions = []
        for _ in range(4):
            started = time.perf_counter()
            session = pool.open()
            session.run_python(CODE)
            spans.append(time.perf_counter() - started)
            sessions.append(session)
            pool.wait()
        for session in sessions:
            session.close()
    pool.wait()
    while pool._ready:
        pool._ready.popleft().result().close()
    return 1000 * statistics.median(spans)


def calls_per_second(sandbox: BwrapSandbox, seconds: float) -> float:
    sessions = [sandbox.open() for _ in range(4)]

    def work(session: FrameSession) -> int:
        count, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            session.run_python(CODE)
            count += 1
        return count

    with ThreadPoolExecutor(4) as threads:
        total = sum(threads.map(work, sessions))
    for session in sessions:
        session.close()
    return total / seconds


def pss(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


def tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(below for child in children for below in tree(int(child)))]


def weight(sandbox: BwrapSandbox, count: int) -> float:
    """MiB of PSS of one session with all its processes, four being open."""
    sessions = [sandbox.open() for _ in range(count)]
    for session in sessions:
        session.run_python(CODE)
    total = sum(pss(pid) for session in sessions for pid in tree(session.process.pid))
    for session in sessions:
        session.close()
    return total / count / (1 << 20)


@dataclass(frozen=True)
class Traces:
    """What sessions could leave behind on this machine."""

    processes: int
    zombies: int
    descriptors: int
    mounts: int


def traces() -> Traces:
    mine = {os.getpid(), *tree(os.getpid())}
    states = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] for pid in mine]
    return Traces(
        processes=len(mine) + len(supervisors()),
        zombies=states.count("Z"),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        mounts=len(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()),
    )


def supervisors() -> list[str]:
    """Pids of every supervisor on the machine, whoever is its parent."""
    found: list[str] = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and b"inside.supervisor" in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def leaks(sandbox: BwrapSandbox, count: int) -> int:
    """Processes, zombies, descriptors and mounts more than before `count` sessions in a row, each of which shares a
    workspace, calls a tool from code, writes a file back and leaves a process running."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shared.txt").write_text("shared", encoding="utf-8")
        busy(sandbox, Path(folder))
        before = traces()
        for _ in range(count):
            busy(sandbox, Path(folder))
        after = traces()
    return sum(new - old for new, old in zip(asdict(after).values(), asdict(before).values(), strict=True))


def busy(sandbox: BwrapSandbox, folder: Path) -> None:
    session = sandbox.open()
    sharing = Sharing(folder, session)
    sharing.refresh()
    code = "import tools\nopen('out.txt', 'w').write(open('shared.txt').read() + tools.ask(x=1))"
    result = session.run_python(code, tools=lambda name, arguments: {"value": f"{name} {dict(arguments)}"})
    assert result.ok, result.stderr
    sharing.write_back("out.txt", "out.txt")
    session.run_shell("sleep 100 & echo left behind")
    session.close()


def measure(sessions: int) -> list[Figure]:
    load, sandbox = os.getloadavg()[0], BwrapSandbox(SandboxLimits())
    with sandbox.open() as session:
        session.run_python(CODE)
        warm = median_ms(lambda: session.run_python(CODE), 2000)
        shell = median_ms(lambda: session.run_shell("true"), 200)
    figures = [
        Figure("load of the machine before the run", load, "", None),
        Figure("bare python -I, a process per call", median_ms(bare, 50), "ms", None),
        Figure("warm call", warm, "ms", 1.0),
        Figure("shell command", shell, "ms", 6.0),
        Figure("cold session with its first call", cold(sandbox, 20), "ms", 80.0),
        Figure("session from the pool with its first call", pooled(sandbox, 8), "ms", 10.0),
        Figure("calls over four sessions", calls_per_second(sandbox, 3.0), "per second", 3000.0, floor=True),
        Figure("memory (PSS) of a session", weight(sandbox, 4), "MiB", 15.0),
        Figure(f"left behind by {sessions} sessions in a row", leaks(sandbox, sessions), "things", 0.0),
    ]
    sandbox.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.sessions)
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    for figure in [] if options.json else figures:
        target = "" if figure.target is None else f"{'at least' if figure.floor else 'at most'} {figure.target:g}"
        print(f"{figure.name:45} {figure.value:9.2f} {figure.unit:11} {target:18} {'' if figure.met else 'MISSED'}")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


if __name__ == "__main__":
    main()
