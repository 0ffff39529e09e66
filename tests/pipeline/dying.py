"""`python -m tests.pipeline.dying CONFIG RUN MOMENT…`: the same command again and again, each time in a fresh process
that kills itself at its MOMENT-th event, and a last time undisturbed. Prints how each process ended, how many events
the last one had, what was recorded after each, and which temporary folders were there then, as JSON.

An event is a file opened, renamed or removed, a process started or an SQL statement; how many a run has depends on its
load. `t2` is the moment at which it writes its second trajectory, which every run has that keeps two. The processes are
forked, so that the imports cost once.
"""

import json
import os
import signal
import sqlite3
import sys
import tempfile
from pathlib import Path

from tests.pipeline.runs import recorded

from tdscaling.cli import main, synthesize
from tdscaling.store import opening

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "os.posix_spawn", "os.fork"}
assert synthesize.command  # imported before the forks


def live(argv: list[str], deadly: str, report: Path) -> None:
    """Runs the command line in this process, which dies at its `deadly` moment ("0": never)."""
    seen = written = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if str(seen) == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(sql: str) -> None:
        nonlocal written
        count()
        written += sql.startswith("INSERT INTO trajectories")
        if f"t{written}" == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(where: Path) -> sqlite3.Connection:
        db = connect(where)
        db.set_trace_callback(statement)
        return db

    connect, opening.connect = opening.connect, traced
    sys.addaudithook(lambda event, _: count() if event in EVENTS else None)
    sys.argv = ["tdscaling", *argv]
    try:
        main()
    finally:
        report.write_text(str(seen), encoding="utf-8")


def ended(argv: list[str], deadly: str, report: Path) -> int:
    """The exit code of a forked process that lives so; negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(argv, deadly, report)
            code = 0
        except SystemExit as exc:
            code = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command() -> None:
    config, run, moments = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    report = run.with_suffix(".events")
    codes: list[int] = []
    states: list[dict[str, list[object]]] = []
    temporary: list[list[str]] = []
    for moment in (*moments, "0"):
        codes.append(ended(["synthesize", config, "-o", str(run)], moment, report))
        states.append(recorded(run))
        temporary.append(sorted(path.name for path in Path(tempfile.gettempdir()).glob("tdscaling-*")))
    events = int(report.read_text(encoding="utf-8"))
    print("\n" + json.dumps({"codes": codes, "states": states, "events": events, "temporary": temporary}))


if __name__ == "__main__":
    command()
