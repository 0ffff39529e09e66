"""Settings of the environment that episodes act on."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tdscaling.types import JsonValue


class ProbeSettings(BaseModel):
    """A read-only call whose result is part of the state, for servers that keep it in memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str = Field(description="Name of the tool on its server.")
    arguments: dict[str, JsonValue] = Field(default_factory=dict, description="Arguments of the call.")


class EnvironmentSettings(BaseModel):
    """How worlds are made and how live servers are run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    worlds: int = Field(default=1, ge=1, description="How many different initial states episodes start from.")
    slots: int = Field(default=3, ge=1, description="Episodes at the same time; each has a workspace and servers.")
    processes: int | None = Field(
        default=None,
        ge=1,
        description="Processes that plan, play and check episodes on simulated services alone. By default one for each "
        "core in runs of 250 trajectories or more, else none beside our own.",
    )
    seed_files: tuple[str, ...] = Field(
        default=(), description="Files and folders copied into each new workspace, relative to the config file."
    )
    seed_command: tuple[str, ...] = Field(
        default=(),
        description="Command that fills a new workspace; {workspace}, {seed}, {world} and {python} are replaced.",
    )
    seed_timeout: float = Field(default=60.0, gt=0, description="Seconds the seed command may take.")
    start_timeout: float = Field(default=30.0, gt=0, description="Seconds a server may take to start.")
    call_timeout: float = Field(default=20.0, gt=0, description="Seconds a call may take before its server is ended.")
    max_result_bytes: int = Field(
        default=4 * 1024 * 1024, ge=1024, description="Bytes of one result above which a server is flooding."
    )
    max_result_chars: int = Field(default=100_000, ge=100, description="Characters of a result's text that are kept.")
    confine: Literal["auto", "require", "off"] = Field(
        default="auto", description="Run stdio servers in the sandbox: where it works, always, or never."
    )
    network: tuple[str, ...] = Field(
        default=(),
        description="Servers that may use the network though confined; their tools that destroy are not called.",
    )
    read_paths: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By server: paths outside the workspace that it may read though confined."
    )
    write_paths: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="By server: paths outside the workspace that it may write though confined."
    )
    reuse: bool = Field(
        default=True,
        description="Let a server's process serve further episodes where it was seen to behave like a fresh one. "
        "False: each session gets a fresh one.",
    )
    ignore: tuple[str, ...] = Field(
        default=("**/__pycache__/**", "**/*.pyc", "**/.DS_Store"),
        description="Globs, relative to the workspace, of files that are no part of the state.",
    )
    probes: dict[str, tuple[ProbeSettings, ...]] = Field(
        default_factory=dict,
        description="By server: calls whose results are part of the state. Where none is named for a server that is "
        "seen to keep state in memory, these are its reading calls.",
    )
    max_table_rows: int = Field(
        default=2000, ge=1, description="Rows of a database table above which it counts as one piece of state."
    )

    @field_validator("confine", mode="before")
    @classmethod
    def _off_is_a_word(cls, given: object) -> object:
        """YAML reads a bare `off` as false."""
        return "off" if given is False else given
