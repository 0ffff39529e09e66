"""The command line and environment of a stdio server: the seam a sandbox wraps."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tdscaling.catalog.mcp.spec import ServerSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is executed. `workspace` and `home` are the paths as the server sees them; `advise` says what to do about
    the reason for which it did not start, "" where it knows nothing."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    workspace: str
    home: str
    advise: Callable[[str], str] = lambda _: ""


Launcher: TypeAlias = Callable[[ServerSpec, Path, Path], Launch]
"""(spec, workspace, home) to what is executed; both folders exist and are private to the slot."""


def direct_launch(spec: ServerSpec, workspace: Path, home: Path) -> Launch:
    """Runs the server as it is, with a minimal environment: nothing of the launcher's but PATH is inherited."""
    place = str(workspace)
    env = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env |= {name: filled(value, place) for name, value in spec.env.items()}
    return Launch(
        argv=(spec.command, *(filled(arg, place) for arg in spec.args)),
        env=env,
        cwd=workspace / filled(spec.cwd, place) if spec.cwd else workspace,
        workspace=place,
        home=str(home),
    )


def filled(text: str, workspace: str) -> str:
    return text.replace("{workspace}", workspace)
