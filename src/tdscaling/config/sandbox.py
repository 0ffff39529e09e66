"""Settings of the code sandbox."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Backend = Literal["auto", "bwrap", "wasi", "monty", "docker", "runsc", "remote", "degraded"]
Require = Literal["any", "shell", "strong"]
DAY = 86_400
MOST = 1 << 20
"""A tebibyte in MiB."""


class SandboxLimits(BaseModel):
    """What one session may use; `docs/sandbox.md` says what enforces each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wall_seconds: Annotated[
        float, Field(gt=0, le=DAY, description="Wall time of one call where the caller names none.")
    ] = 30.0
    cpu_seconds: Annotated[float, Field(gt=0, le=DAY, description="CPU time of one call, over all its processes.")] = (
        30.0
    )
    memory_mib: Annotated[int, Field(ge=64, le=MOST, description="Memory of all processes and all files together.")] = (
        512
    )
    processes: Annotated[int, Field(ge=4, le=1 << 15, description="Processes and threads at a time.")] = 64
    open_files: Annotated[int, Field(ge=32, le=1 << 16, description="Open descriptors of one process.")] = 256
    files: Annotated[int, Field(ge=100, le=1 << 27, description="Files and folders in all writable places.")] = 20_000
    disk_mib: Annotated[int, Field(ge=1, le=MOST, description="Size of the workspace, and of /tmp.")] = 256
    output_kib: Annotated[int, Field(ge=1, le=1024, description="Output kept of each stream of a call.")] = 64
    output_total_mib: Annotated[int, Field(ge=1, le=MOST, description="Output after which a call is killed.")] = 64
    export_mib: Annotated[int, Field(ge=1, le=1 << 12, description="Largest file that may leave the sandbox.")] = 64


class SandboxSettings(BaseModel):
    """Which back end runs code, and how much of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Annotated[Backend, Field(description="A back end by name, or the best one that works here.")] = "auto"
    require: Annotated[
        Require,
        Field(description="any: Python alone will do; shell: a shell too; strong: only a kernel of its own will do."),
    ] = "any"
    pool: Annotated[int, Field(ge=0, le=64, description="Sessions started ahead of need.")] = 2
    image: Annotated[str, Field(description="Image of the docker and runsc back ends; must hold python3.")] = (
        "python:3.11-slim"
    )
    remote_url: Annotated[
        str, Field(description="Service of the remote back end; its key is read from E2B_API_KEY and kept nowhere.")
    ] = "https://api.e2b.app"
    remote_template: Annotated[str, Field(description="Template of the remote back end's sandboxes.")] = (
        "code-interpreter-v1"
    )
    degraded_folder: Annotated[
        Path | None,
        Field(description="Where the degraded back end works: a mount of its own, no larger than the limits of files."),
    ] = None
    scope: Annotated[
        bool, Field(description="Put each bwrap session into a cgroup of its own, where systemd offers scopes.")
    ] = False
    packages: Annotated[
        Path | None,
        Field(
            description="Folder of read-only Python packages; none: the one that `tdscaling sandbox packages` builds."
        ),
    ] = None
    limits: Annotated[SandboxLimits, Field(description="Limits of a session.")] = SandboxLimits()
