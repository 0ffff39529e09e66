"""`python dying.py COUNT REPORT ARGUMENTS…`: the command line in a process that kills itself at its COUNT-th event.

An event is a file opened, renamed or removed, a process started or an SQL statement. With COUNT 0 it lives, and writes
the number of events into REPORT.
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path

from tdscaling.cli import main, synthesize
from tdscaling.store import opening

DEADLY = int(sys.argv[1])
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "os.posix_spawn", "os.fork"}
seen = 0
assert synthesize.command  # imported before counting begins


def count() -> None:
    global seen
    seen += 1
    if seen == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)


def audited(event: str, _: object) -> None:
    if event in EVENTS:
        count()


def traced(where: Path) -> sqlite3.Connection:
    db = connect(where)
    db.set_trace_callback(lambda _: count())
    return db


connect, opening.connect = opening.connect, traced
sys.addaudithook(audited)
report, sys.argv = Path(sys.argv[2]), ["tdscaling", *sys.argv[3:]]
try:
    main()
finally:
    report.write_text(str(seen), encoding="utf-8")
