"""Getting hold of a run folder: its lock, its file, its version, and plain words for all that can fail."""

import difflib
import errno
import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from tdscaling import __version__
from tdscaling.errors import StoreError, disk_advice, no_permission, no_space, one_line
from tdscaling.store.schema import APPLICATION_ID, SCHEMA_VERSION, TABLES

FILE = "run.db"
LOCK = "run.lock"
BESIDE = ("manifest.json", "catalog.jsonl.gz", "clusters.jsonl", "edges.jsonl", "export")
"""What a run writes beside its own files."""

_ANEW = "start anew with --new, which moves this run aside"


@contextmanager
def failures_named(folder: Path) -> Generator[None]:
    """Every failure of SQLite or the file system in the block becomes a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as exc:
        raise StoreError(_sqlite_advice(folder, exc)) from exc
    except OSError as exc:
        raise StoreError(_os_advice(folder, exc)) from exc


def _sqlite_advice(folder: Path, exc: sqlite3.Error) -> str:
    name = getattr(exc, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return damaged(folder, one_line(exc))
    return disk_advice(folder, FILE, exc)


def _os_advice(folder: Path, exc: OSError) -> str:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(folder)
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return no_permission(folder)
    if exc.errno in (errno.ENOTDIR, errno.EEXIST):
        if exc.filename is not None and folder in Path(str(exc.filename)).parents:
            return f"{exc.filename}: a file is in the way there, remove it and run the same command again"
        return f"{folder} can't be a run folder, a file is in the way: name another with -o"
    return f"{folder}: {one_line(exc)}"


def damaged(folder: Path, detail: str) -> str:
    """The line for a file that can't be read as a run."""
    return f"{folder / FILE} is damaged ({detail}): restore it from a copy, or {_ANEW}"


def take_lock(folder: Path) -> int:
    """An exclusive lock on the folder that dies with the process; the file holds its pid."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        owner = os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(handle)
        raise StoreError(f"{folder} is in use by process {owner}: wait for it to end, or stop it") from exc
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
    return handle


def refuse_foreign(folder: Path) -> None:
    """Raises StoreError where a folder that holds no run holds something that a run would write over."""
    found = [name for name in BESIDE if os.path.lexists(folder / name)]
    if found and not is_run(folder):
        raise StoreError(f"{folder} is no run folder and its {found[0]} would be written over: name another with -o")


def move_aside(folder: Path) -> Path | None:
    """Renames a folder that holds a run to the first free `NAME.old-N`; None when there is no run in it."""
    if not (folder / FILE).exists():
        return None
    folder = folder.resolve()
    lock = take_lock(folder)
    try:
        number = 1
        while (aside := folder.with_name(f"{folder.name}.old-{number}")).exists():
            number += 1
        folder.rename(aside)
    finally:
        os.close(lock)
    return aside


def connect(folder: Path) -> sqlite3.Connection:
    """A writing connection. WAL with synchronous NORMAL: a commit outlives the death of the process."""
    with ExitStack() as undo:
        db = sqlite3.connect(folder / FILE, isolation_level=None, timeout=5.0)
        undo.callback(db.close)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        undo.pop_all()
    return db


def connect_reading(folder: Path) -> sqlite3.Connection:
    """A reading connection; works beside a writer, and on a read-only medium once the run has ended."""
    path = folder / FILE
    if not path.is_file():
        raise StoreError(f"{folder} is no run folder, it has no {FILE}: name one that `tdscaling synthesize` wrote")
    frozen = not os.access(folder, os.W_OK) and not path.with_name(f"{FILE}-wal").exists()
    mode = "immutable=1" if frozen else "mode=ro"
    with ExitStack() as undo:
        db = sqlite3.connect(f"file:{quote(str(path.resolve()))}?{mode}", uri=True, isolation_level=None, timeout=5.0)
        undo.callback(db.close)
        check_version(folder, db)
        undo.pop_all()
    return db


def is_blank(db: sqlite3.Connection) -> bool:
    """Whether nothing was ever committed: a new file, or one whose creation was cut short."""
    return db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0


def create(db: sqlite3.Connection, fingerprint: str, config_text: str, created: str) -> None:
    """Tables and meta in one transaction: either all is there or nothing."""
    meta = {"config": config_text, "created": created, "fingerprint": fingerprint, "package_version": __version__}
    db.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        db.execute(statement)
    db.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
    db.execute("COMMIT")


def check_version(folder: Path, db: sqlite3.Connection) -> None:
    """Raises StoreError unless this version of the package can read the file."""
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise StoreError(f"{folder / FILE} is no run of TDScaling: name another folder with -o")
    if version != SCHEMA_VERSION:
        wrote = db.execute("SELECT value FROM meta WHERE key = 'package_version'").fetchone()
        raise StoreError(
            f"{folder / FILE} is of store version {version}, this is TDScaling {__version__} with version"
            f" {SCHEMA_VERSION}: go on with TDScaling {wrote[0] if wrote else 'of then'}, or {_ANEW}"
        )


def check_intact(folder: Path, db: sqlite3.Connection) -> None:
    """Raises StoreError when SQLite finds the file damaged."""
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreError(damaged(folder, " ".join(str(found).split())))


def check_config(folder: Path, db: sqlite3.Connection, fingerprint: str, config_text: str) -> None:
    """Raises StoreError, with the first line that differs, when the run was begun with another config."""
    meta: dict[str, str] = dict(db.execute("SELECT key, value FROM meta").fetchall())
    if meta["fingerprint"] != fingerprint:
        change = _first_change(meta["config"], config_text)
        if not change:
            said = "the same config in another folder, from where its files are named: take the config from there"
            raise StoreError(f"{folder} was begun with {said}, or {_ANEW}")
        raise StoreError(f"{folder} was begun with another config{change}: take that one, or {_ANEW}")


def _first_change(old: str, new: str) -> str:
    """
    >>> _first_change('"a": 1,\\n"seed": 7,', '"a": 1,\\n"seed": 8,')
    ' (it had "seed": 7, now "seed": 8)'
    """
    before, after = ([line.strip().rstrip(",") for line in text.splitlines()] for text in (old, new))
    lines = list(difflib.ndiff(before, after))
    had = next((line[2:] for line in lines if line.startswith("- ")), None)
    has = next((line[2:] for line in lines if line.startswith("+ ")), None)
    parts = [f"it had {had}"] if had else []
    parts += [f"now {has}"] if has else []
    return f" ({', '.join(parts)})" if parts else ""


def is_run(folder: Path) -> bool:
    """Whether the folder holds a run."""
    return (folder / FILE).is_file()
