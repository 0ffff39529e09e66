"""Saves a catalogue and loads it: JSON Lines, gzipped when the name ends in `.gz`; same tools, same bytes."""

import errno
import gzip
import os
import zlib
from collections.abc import Iterable
from pathlib import Path

from tdscaling.catalog.corpus import line_tool, lines
from tdscaling.catalog.rows import to_line
from tdscaling.errors import ConfigError, DataError, StoreError
from tdscaling.types import Tool


def save(tools: Iterable[Tool], path: Path) -> None:
    """Writes the tools sorted by server and name, whole or not at all.

    Raises ConfigError when the folder is missing or can't be written to, StoreError when there is no space.
    """
    content = b"".join(line for _, line in sorted((tool.key, to_line(tool)) for tool in tools))
    if path.name.lower().endswith(".gz"):
        content = gzip.compress(content, compresslevel=6, mtime=0)
    _replace(path, content)


def load(path: Path) -> list[Tool]:
    """The tools of a saved catalogue, in its order. Raises ConfigError (no such file) or DataError (bad line)."""
    tools: list[Tool] = []
    try:
        for number, line in lines(path):
            try:
                tools.append(line_tool(line))
            except DataError as exc:
                raise DataError(f"{path}: line {number}: {exc}; build the catalogue anew") from exc
    except FileNotFoundError as exc:
        raise ConfigError(f"{path}: no such catalogue; make one with `tdscaling catalog build`") from exc
    except (OSError, EOFError, zlib.error) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise DataError(f"{path}: can't be read: {reason}; build the catalogue anew") from exc
    return tools


def _replace(path: Path, content: bytes) -> None:
    """Puts the content in place of the file in one step."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as exc:
        draft.unlink(missing_ok=True) if path.parent.is_dir() else None
        raise _attributed(path, exc) from exc


def _attributed(path: Path, exc: OSError) -> ConfigError | StoreError:
    if not path.parent.exists():
        return ConfigError(f"{path}: the folder {path.parent} does not exist; make it first")
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path}: no space left; free some or write elsewhere")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ConfigError(f"{path}: no permission to write there; choose another folder")
    return ConfigError(f"{path}: can't be written: {exc.strerror or exc}")
