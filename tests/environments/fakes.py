"""How the tests name and open the fake server."""

import os
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tdscaling.catalog.mcp import Connection, Limits, ServerSpec, connect

FAKE = Path(__file__).parent / "fake_server.py"


def fake(name: str = "fake", mode: str = "good") -> ServerSpec:
    return ServerSpec(name=name, command=sys.executable, args=("-S", "-E", str(FAKE), mode))


@asynccontextmanager
async def opened(spec: ServerSpec, folder: Path, limits: Limits | None = None) -> AsyncGenerator[Connection]:
    connection = await connect(spec, workspace=folder, within=20, limits=limits)
    try:
        yield connection
    finally:
        await connection.close()


def running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def gone_soon(pid: int, patience: int = 2000) -> bool:
    """A killed process takes the kernel a moment to take away."""
    for _ in range(patience):
        if not running(pid):
            return True
        os.sched_yield()
        time.sleep(0.001)
    return False
