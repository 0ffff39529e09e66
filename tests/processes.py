"""What tests look at of the processes that they have started."""

import os
from pathlib import Path


def children() -> set[int]:
    """The processes that any thread of this one has started. A thread that ends meanwhile leaves its own to another, so
    that all are looked at again."""
    while True:
        files = Path(f"/proc/{os.getpid()}/task").glob("*/children")
        try:
            return {int(pid) for file in files for pid in file.read_text(encoding="ascii").split()}
        except (FileNotFoundError, ProcessLookupError):
            continue


def leaders() -> set[int]:
    """Those of them that lead a session, as live servers do."""
    while True:
        try:
            return {pid for pid in children() if os.getsid(pid) == pid}
        except ProcessLookupError:
            continue


def innermost(pid: int) -> int:
    """Whom a process runs at the end of all that it started for that."""
    while True:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        if not found:
            return pid
        pid = int(found[0])
