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
    """A package in exactly one version. `alone`: without what it asks for; `more`: what it needs instead, or beside
    that. `python`: the versions that can run it, from the first to before the second."""

    name: str
    version: str
    alone: bool = False
    more: tuple[str, ...] = ()
    python: tuple[int, int] = (11, 99)

    @property
    def pinned(self) -> str:
        return f"{self.name}=={self.version}"


def environment(package: Package, cache: Path, interpreters: Sequence[str] = ()) -> Path:
    """The Python of a virtual environment with the package, made in `cache` if it is not there.

    Raises ConfigError where no Python can run it or another version is there, DataError when it can't be installed.
    """
    folder = cache / f"{package.name}-{package.version}"
    python = folder / "bin" / "python"
    if (folder / MADE).is_file():
        _check(package, folder)
        return python
    chosen = _interpreter(package, interpreters)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _run([chosen, "-m", "venv", "--clear", str(folder)], package)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if package.alone:
            _run([*pip, "--no-deps", package.pinned], package)
        if package.more or not package.alone:
            _run([*pip, *package.more, *([] if package.alone else [package.pinned])], package)
        (folder / MADE).write_text(package.pinned, encoding="utf-8")
    except OSError as exc:
        raise DataError(f"{folder} can't be made ({one_line(exc)}): make room there or name another --cache") from exc
    return python


def _check(package: Package, folder: Path) -> None:
    """Figures of another version are figures of another benchmark."""
    name = package.name.replace("-", "_")
    found = sorted(folder.glob(f"lib/python3*/site-packages/{name}-*.dist-info"))
    if [one.name for one in found] != [f"{name}-{package.version}.dist-info"]:
        there = ", ".join(one.name.removesuffix(".dist-info") for one in found) or "nothing"
        raise ConfigError(f"{folder} must hold {package.pinned} and holds {there}: remove the folder and try again")


def _interpreter(package: Package, interpreters: Sequence[str]) -> str:
    least, before = package.python
    for name in interpreters or (sys.executable, *(f"python3.{minor}" for minor in range(least, min(before, 16)))):
        check = f"import sys, venv, ensurepip; sys.exit(not (3, {least}) <= sys.version_info[:2] < (3, {before}))"
        try:
            if subprocess.run([name, "-I", "-c", check], capture_output=True, check=False).returncode == 0:
                return name
        except OSError:
            continue
    wanted = f"Python 3.{least}" + (" or newer" if before > 90 else f" to 3.{before - 1}" if before - least > 1 else "")
    raise ConfigError(f"{package.name} needs {wanted}, and there is none with venv: install python3.{least}-venv")


def _run(command: Sequence[str], package: Package) -> None:
    """A download that breaks off is tried again."""
    for left in reversed(range(TRIES)):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if not left:
            said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"]
            raise DataError(f"{package.pinned} can't be installed: {said[-1][:200]}")
