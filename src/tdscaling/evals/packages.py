"""Benchmark packages from PyPI, each in a folder of its own that is made once: their pins clash with ours."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tdscaling.errors import ConfigError, DataError, one_line

MADE = ".made"
TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package in exactly one version. `alone`: without what it asks for, for its data. `more`: further requirements,
    for what it should have asked for. `python`: the least version that can run it."""

    name: str
    version: str
    alone: bool = False
    more: tuple[str, ...] = ()
    python: tuple[int, int] = (3, 11)

    @property
    def pinned(self) -> str:
        return f"{self.name}=={self.version}"


def environment(package: Package, cache: Path, interpreters: Sequence[str] = ()) -> Path:
    """The Python of a virtual environment with the package, made in `cache` if it is not there.

    Raises ConfigError where no Python is new enough, DataError when it can't be installed.
    """
    folder = cache / f"{package.name}-{package.version}"
    python = folder / "bin" / "python"
    if (folder / MADE).is_file():
        return python
    chosen = _interpreter(package, interpreters)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _run([chosen, "-m", "venv", "--clear", str(folder)], package)
        wanted = ["--no-deps", package.pinned] if package.alone else [package.pinned, *package.more]
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], package)
        (folder / MADE).write_text(package.pinned, encoding="utf-8")
    except OSError as exc:
        raise DataError(f"{folder} can't be made ({one_line(exc)}): make room there or name another --cache") from exc
    return python


def _interpreter(package: Package, interpreters: Sequence[str]) -> str:
    least = ".".join(map(str, package.python))
    for name in interpreters or (sys.executable, *(f"python3.{minor}" for minor in range(package.python[1], 15))):
        check = f"import sys; sys.exit(sys.version_info < {package.python!r})"
        try:
            if subprocess.run([name, "-I", "-c", check], capture_output=True, check=False).returncode == 0:
                return name
        except OSError:
            continue
    raise ConfigError(f"{package.name} needs Python {least} or newer, and there is none: install python{least}")


def _run(command: Sequence[str], package: Package) -> None:
    """A download that breaks off is tried again."""
    for left in reversed(range(TRIES)):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if not left:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
            raise DataError(f"{package.pinned} can't be installed: {said[-1][:200]}")
