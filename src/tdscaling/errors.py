"""The errors a user of the package can meet.

    TDScalingError
    ├── ConfigError         a config, a flag or an input file is wrong: the user can mend it (exit 2)
    ├── DataError           a row, a spec or a data set can't be read; names the place
    └── BoundaryError       something outside failed
        ├── ServerError     an MCP server did not start, hung, crashed or broke the protocol
        ├── ProviderError   a model endpoint
        ├── SandboxError    the code sandbox
        └── StoreError      the run store: locked, damaged, of another version, no space

`crossing` attributes a failure to the boundary it crossed; no other place catches broadly.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast


class TDScalingError(Exception):
    """Every error raised on purpose; its text is one line that says what to do."""


class ConfigError(TDScalingError):
    """The configuration or an argument is wrong."""


class DataError(TDScalingError):
    """An input can't be read; the text names file and place."""


class BoundaryError(TDScalingError):
    """Something outside the process failed."""


class ServerError(BoundaryError):
    """An MCP server failed."""


class ProviderError(BoundaryError):
    """A model endpoint failed."""


class SandboxError(BoundaryError):
    """The code sandbox failed."""


class StoreError(BoundaryError):
    """The run store failed."""


@contextmanager
def crossing(error: type[BoundaryError], what: str, clean: Callable[[str], str] = str) -> Generator[None]:
    """Turns any exception that leaves the block into `error`, its text in one line, made `clean`, after `what`."""
    try:
        yield
    except TDScalingError:
        raise
    except Exception as exc:
        raise error(f"{what}: {one_line(exc, clean=clean)}") from exc


def disk_advice(folder: Path, file: str, exc: Exception) -> str:
    """The line for a failure of SQLite at a file of a run folder that is none of the file's own."""
    name = getattr(exc, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return no_space(folder)
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN")):
        return no_permission(folder)
    if name.startswith("SQLITE_IOERR"):
        return f"the disk under {folder} failed ({one_line(exc)}): mend that and run the same command again"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{folder / file} is locked by another program: close it and run the same command again"
    return f"{folder / file} failed ({one_line(exc)}): what was kept is safe, run the same command again"


def no_space(folder: Path) -> str:
    """The line for a full disk."""
    return f"no disk space left for {folder}: what was kept is safe, free some and run the same command again"


def no_permission(folder: Path) -> str:
    """The line for a folder that can't be written in."""
    return f"no permission to write in {folder}: change its owner or mode, or name another with -o"


def one_line(exc: BaseException, limit: int = 300, clean: Callable[[str], str] = str) -> str:
    """The innermost cause of `exc` as one line; its text is made `clean` before it is cut.

    >>> one_line(ExceptionGroup("group", [ValueError("two\\nlines")]))
    'ValueError: two lines'
    """
    while isinstance(exc, BaseExceptionGroup):
        exc = cast("BaseExceptionGroup[BaseException]", exc).exceptions[0]
    text = " ".join(clean(str(exc)).split())
    name = type(exc).__name__
    text = f"{name}: {text}" if text else name
    return text if len(text) <= limit else text[: limit - 1] + "…"
