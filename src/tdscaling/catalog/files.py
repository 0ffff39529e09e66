"""Saves a catalogue and loads it: JSON Lines, gzipped when the name ends in `.gz`; same tools, same bytes."""

import errno
import gzip
import zlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from tdscaling.catalog.corpus import line_tool, lines
from tdscaling.catalog.rows import to_line
from tdscaling.errors import ConfigError, DataError, StoreError
from tdscaling.replacing import replacing
from tdscaling.types import Tool, ToolKey


def save(tools: Iterable[Tool], path: Path) -> None:
    """Writes the tools sorted by server and name, whole or not at all.

    Raises ConfigError when the folder is missing or can't be written to and for what is no file, StoreError when there
    is no space.
    """
    try:
        with replacing(path) as file:
            _write(tools, file, zipped=path.name.lower().endswith(".gz"))
    except OSError as exc:
        raise _attributed(path, exc) from exc


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


def _write(tools: Iterable[Tool], file: BinaryIO, *, zipped: bool) -> None:
    ordered = groupby(sorted(tools, key=_key), key=_key)
    rows = (line for _, group in ordered for line in sorted(to_line(tool) for tool in group))
    if zipped:
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as stream:
            stream.writelines(rows)
    else:
        file.writelines(rows)


def _key(tool: Tool) -> ToolKey:
    return tool.key


def _attributed(path: Path, exc: OSError) -> ConfigError | StoreError:
    if not path.parent.exists():
        return ConfigError(f"{path}: the folder {path.parent} does not exist; make it first")
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(f"{path}: no space left; free some or write elsewhere")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ConfigError(f"{path}: no permission to write there; choose another folder")
    return ConfigError(f"{path}: can't be written: {exc.strerror or exc}")
