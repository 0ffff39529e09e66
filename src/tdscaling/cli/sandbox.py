"""`tdscaling sandbox`: one piece of code under the policy that agents' code runs under."""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TextIO, cast, get_args

import click
from pydantic import ValidationError

from tdscaling.cli.numbers import Number
from tdscaling.cli.terminal import shown
from tdscaling.config.sandbox import Backend, SandboxLimits, SandboxSettings
from tdscaling.sandbox import degraded, packages
from tdscaling.sandbox.protocol import CodeResult, SandboxSession
from tdscaling.sandbox.tiers import open_sandbox

SECONDS = Number(above=True)
PACKAGED = SandboxLimits()


@click.group("sandbox")
def command() -> None:
    """Run code in the sandbox: no network, no home folder, limits on everything.

    \b
    Example: tdscaling sandbox shell 'cat /etc/shadow'
    """


def options(function: Callable[..., None]) -> Callable[..., None]:
    """The limits, the files and the form of the output: the same for Python and the shell."""
    for option in (
        click.option("--get", multiple=True, help="A file of the workspace to write into the current folder, if new."),
        click.option(
            "--timeout", type=SECONDS, default=PACKAGED.wall_seconds, show_default=True, help="Seconds to run."
        ),
        click.option(
            "--cpu", type=SECONDS, default=PACKAGED.cpu_seconds, show_default=True, help="Seconds of CPU time."
        ),
        click.option("--memory", type=int, default=PACKAGED.memory_mib, show_default=True, help="Memory in MiB."),
        click.option("--processes", type=int, default=PACKAGED.processes, show_default=True, help="Processes."),
        click.option("--files", type=int, default=PACKAGED.files, show_default=True, help="Files it may make."),
        click.option("--disk", type=int, default=PACKAGED.disk_mib, show_default=True, help="Disk space in MiB."),
        click.option("--output", type=int, default=PACKAGED.output_kib, show_default=True, help="KiB of output kept."),
        click.option(
            "--put",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file to copy into the workspace.",
        ),
        click.option(
            "--backend",
            type=click.Choice(get_args(Backend)),
            default="auto",
            help="Back end.",
        ),
        click.option(
            "--degraded-folder",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="For --backend degraded: a mount of its own for files.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON."),
    ):
        function = option(function)
    return function


LIMITS = {
    "timeout": "wall_seconds",
    "cpu": "cpu_seconds",
    "memory": "memory_mib",
    "processes": "processes",
    "files": "files",
    "disk": "disk_mib",
    "output": "output_kib",
}
"""The field of SandboxLimits that an option sets."""


def settings(values: dict[str, object]) -> SandboxSettings:
    limits = {field: values[option] for option, field in LIMITS.items()}
    try:
        return SandboxSettings.model_validate(
            {"backend": values["backend"], "degraded_folder": values["degraded_folder"], "pool": 0, "limits": limits}
        )
    except ValidationError as exc:
        error = exc.errors()[0]
        option = next((name for name, field in LIMITS.items() if field in error["loc"]), "limits")
        raise click.UsageError(f"--{option} is out of range: {error['msg']}") from exc


def run(
    values: dict[str, object], put: tuple[Path, ...], as_json: bool, call: Callable[[SandboxSession], CodeResult]
) -> None:
    """Opens a session, copies the files in, makes the call, takes files out, prints, exits with the code's status."""
    if len({path.name for path in put}) < len(put):
        raise click.UsageError("--put: two files of one name; the workspace has no folders for them")
    sandbox = open_sandbox(settings(values))
    try:
        session = sandbox.open()
        try:
            for path in put:
                session.put(path.name, path.read_bytes())
            result = call(session)
            show(result, as_json, sandbox.name)
            for path in cast("tuple[str, ...]", values["get"]):
                take(session, path)
        finally:
            session.close()
    finally:
        sandbox.close()
    sys.exit(result.status or (1 if result.limits else 0))


def take(session: SandboxSession, path: str) -> None:
    """Writes a file of the workspace into the current folder, over nothing. Raises SandboxError."""
    data, target = session.export(path), Path(PurePosixPath(path).name)
    try:
        with target.open("xb") as file:
            file.write(data)
    except OSError as exc:
        raise click.ClickException(f"{target} can't be written: {exc.strerror}") from exc


def show(result: CodeResult, as_json: bool, backend: str) -> None:
    if as_json:
        click.echo(json.dumps({"backend": backend, **dataclasses.asdict(result)}))
        return
    click.echo(shown(result.stdout, sys.stdout.isatty()), nl=False)
    click.echo(shown(result.stderr, sys.stderr.isatty()), nl=False, err=True)
    if notice := result.notice():
        click.echo(f"tdscaling: {notice}", err=True)
    if backend == degraded.DegradedSandbox.name:
        click.echo(f"tdscaling: {degraded.NOTICE}", err=True)


@command.command("python")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@options
def python(file: TextIO, put: tuple[Path, ...], as_json: bool, **values: object) -> None:
    """Run a Python FILE (- for standard input); exits with the status of the code.

    \b
    Example: echo 'import os; print(os.listdir("/"))' | tdscaling sandbox python -
    """
    try:
        code = file.read()
    except UnicodeDecodeError as exc:
        raise click.UsageError(f"{file.name} is no UTF-8 text") from exc
    run(values, put, as_json, lambda session: session.run_python(code))


@command.command("shell")
@click.argument("text", metavar="COMMAND")
@options
def shell(text: str, put: tuple[Path, ...], as_json: bool, **values: object) -> None:
    """Run a shell COMMAND; exits with its status.

    \b
    Example: tdscaling sandbox shell 'sort -u data.csv > sorted.csv' --put data.csv --get sorted.csv
    """
    run(values, put, as_json, lambda session: session.run_shell(text))


@command.command("packages")
def build_packages() -> None:
    """Build the read-only packages of the code tool (numpy, pandas, openpyxl) into the cache.

    \b
    Example: tdscaling sandbox packages
    """
    click.echo(packages.build())
