"""`tdscaling doctor`: what this machine has, which sandbox it gets, and what would be better."""

import dataclasses
import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.sandbox.survey import Survey, survey
from tdscaling.sandbox.tiers import backends

GIB = 1 << 30
DISK = 2 * GIB


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `state` is "ok", "missing" (needed) or "optional" (not there, and not needed by everyone)."""

    name: str
    state: str
    detail: str


def program(name: str, needed: bool, why: str) -> Item:
    path = shutil.which(name)
    if path is None:
        return Item(name, "missing" if needed else "optional", f"not found: {why}")
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=20)
    return Item(name, "ok", (done.stdout or done.stderr).strip().splitlines()[0])


def machine(folder: Path) -> list[Item]:
    """Python, programs and disk space at `folder`."""
    free = shutil.disk_usage(folder).free
    return [
        Item("python", "ok" if sys.version_info >= (3, 11) else "missing", platform.python_version()),
        program("git", True, "the demo's git server and repository tasks need it"),
        program("node", False, "servers written in JavaScript need it"),
        Item("disk", "ok" if free >= DISK else "missing", f"{free / GIB:.1f} GiB free, {DISK // GIB} wanted"),
    ]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(as_json: bool) -> None:
    """Check this machine: Python, git, node, disk, and which sandbox code will run in.

    Exits 1 when something that everyone needs is missing.

    \b
    Example: tdscaling doctor
    """
    settings = SandboxSettings()
    items, found = machine(Path.cwd()), survey(settings, backends(settings))
    show: Callable[[list[Item], Survey], None] = show_json if as_json else show_table
    show(items, found)
    sys.exit(1 if found.choice.backend is None or any(item.state == "missing" for item in items) else 0)


def show_json(items: list[Item], found: Survey) -> None:
    sandbox = {
        "backend": found.choice.backend,
        "reason": found.choice.reason,
        "backends": [dataclasses.asdict(finding) for finding in found.findings],
        "advice": list(found.advice),
    }
    click.echo(json.dumps({"machine": [dataclasses.asdict(item) for item in items], "sandbox": sandbox}, indent=2))


def show_table(items: list[Item], found: Survey) -> None:
    for item in items:
        click.echo(f"{item.state:9} {item.name:8} {item.detail}")
    taken = found.choice.backend
    click.echo(f"{'ok' if taken else 'missing':9} sandbox  {taken or 'none'}: {found.choice.reason}")
    for finding in found.findings:
        click.echo(f"{'':9} {'':8} {finding.name} ({finding.strength}): {finding.trouble or 'works'}")
    for line in found.advice:
        click.echo(f"advice    {line}")
