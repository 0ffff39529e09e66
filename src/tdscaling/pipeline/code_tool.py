"""The sandbox of a run's code tool, where this machine has one."""

from collections.abc import Generator
from contextlib import contextmanager

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.errors import SandboxError
from tdscaling.sandbox import Sandbox, open_sandbox


@contextmanager
def code_tool(settings: SandboxSettings) -> Generator[tuple[Sandbox | None, str]]:
    """The sandbox, or None with a line that says why there will be no computational episodes."""
    try:
        sandbox = open_sandbox(settings)
    except SandboxError as exc:
        yield None, f"no code tool, so no computational episodes: {exc}"
        return
    try:
        yield sandbox, ""
    finally:
        sandbox.close()
