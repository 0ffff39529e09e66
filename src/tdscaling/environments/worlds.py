"""Worlds: initial states, each made once and kept as a template."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tdscaling.acquiring import acquired, finished
from tdscaling.catalog.mcp.stdio import close_transport
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Seeding:
    """Where the templates go and what they are made from; `base` is the folder relative paths start at."""

    root: Path
    base: Path
    seed: int
    settings: EnvironmentSettings


class Worlds:
    """The templates of a run, by world, made when first asked for."""

    def __init__(self, seeding: Seeding) -> None:
        self._seeding = seeding
        self._ready: dict[int, asyncio.Task[Path]] = {}

    async def template(self, world: int) -> Path:
        """The folder that holds the initial state of `world`. Raises ConfigError where seeding fails."""
        if not 0 <= world < self._seeding.settings.worlds:
            raise ConfigError(f"world {world} does not exist; worlds: {self._seeding.settings.worlds}")
        if world not in self._ready:
            self._ready[world] = asyncio.create_task(self._make(world))
        return await asyncio.shield(self._ready[world])

    async def close(self) -> None:
        for task in self._ready.values():
            task.cancel()
        await asyncio.gather(*self._ready.values(), return_exceptions=True)

    async def _make(self, world: int) -> Path:
        seeding = self._seeding
        folder = seeding.root / "worlds" / f"{world}"
        if folder.exists():
            await asyncio.to_thread(shutil.rmtree, folder)
        folder.mkdir(parents=True)
        for name in seeding.settings.seed_files:
            await asyncio.to_thread(_copy, seeding.base / name, folder)
        if seeding.settings.seed_command:
            await self._command(folder, world)
        return folder

    async def _command(self, folder: Path, world: int) -> None:
        seeding = self._seeding
        places = {
            "{workspace}": str(folder),
            "{seed}": str(seeding.seed * 1000 + world),
            "{world}": str(world),
            "{python}": sys.executable,
        }
        argv = [_filled(part, places) for part in seeding.settings.seed_command]
        home = seeding.root / "seeding"
        home.mkdir(exist_ok=True)
        env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
        limit = seeding.settings.seed_timeout
        code, output = await _run(argv, seeding.base, env, limit)
        if code is None:
            raise ConfigError(f"seed_command {argv[0]!r} took more than {limit:g} s in world {world}")
        if code != 0:
            words = output.strip().splitlines()[-1:] or ["no output"]
            raise ConfigError(f"seed_command {argv[0]!r} failed in world {world}: {words[0][:300]}")


def _filled(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(name, value)
    return text


async def _run(argv: Sequence[str], cwd: Path, env: dict[str, str], limit: float) -> tuple[int | None, str]:
    """Exit code (None past the deadline) and output of a command that is killed with its children."""
    starting = asyncio.create_subprocess_exec(
        *argv,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        process = await acquired(starting, _end)
    except OSError as exc:
        raise ConfigError(f"seed_command {argv[0]!r} can't be run: {exc.strerror}") from exc
    try:
        async with asyncio.timeout(limit):
            output, _ = await process.communicate()
    except TimeoutError:
        return None, ""
    finally:
        await finished(_end(process))
    return process.returncode, output.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kills the process with its children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    close_transport(process)


def _copy(source: Path, folder: Path) -> None:
    """A file goes into the workspace under its name, a folder with its content."""
    try:
        if source.is_dir():
            shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, folder / source.name)
    except OSError as exc:
        raise ConfigError(f"seed file {source} can't be copied: {exc.strerror or exc}") from exc
