"""SQLite files: a leaf per value, read from the file as it is, the write-ahead log included."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tdscaling.environments.paths import WORKSPACE
from tdscaling.environments.state.values import digest_bytes, shown
from tdscaling.scratch import scratch

SQLITE_MAGIC = b"SQLite format 3\x00"
SQLITE_SIDES = ("-wal", "-shm", "-journal")
SHADOWS = ("_data", "_idx", "_docsize", "_config", "_segdir", "_segments", "_stat")
"""Tables a full-text index keeps for itself."""


def database_leaves(place: Path, path: str, max_rows: int, real: str) -> dict[str, str] | None:
    """`path#table` to its definition and `path#table[key].column` to each value; None where it can't be read."""
    try:
        if any(_filled(place, side) for side in ("-wal", "-journal")):
            with scratch() as folder:
                copy = folder / "copy"
                for side in ("", "-wal", "-journal"):
                    if _filled(place, side):
                        shutil.copyfile(f"{place}{side}", f"{copy}{side}")
                return dict(_read(f"file:{quote(str(copy))}", path, max_rows, real))
        return dict(_read(f"file:{quote(str(place))}?mode=ro&immutable=1", path, max_rows, real))
    except (sqlite3.Error, OSError):
        return None


def _filled(place: Path, side: str) -> bool:
    file = Path(f"{place}{side}")
    return file.exists() and file.stat().st_size > 0


def _read(uri: str, path: str, max_rows: int, real: str) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(uri, uri=True)) as db:
        db.text_factory = bytes
        schema = [
            tuple(_text(item, real) for item in row) for row in db.execute("SELECT type, name, sql FROM sqlite_master")
        ]
        yield path, "sqlite"
        virtual = {name for _, name, sql in schema if sql.upper().startswith("CREATE VIRTUAL")}
        for kind, name, sql in sorted(schema):
            if any(name == f"{owner}{shadow}" for owner in virtual for shadow in SHADOWS):
                continue
            if not name.startswith("sqlite_"):
                yield f"{path}#{name}", shown(f"{kind} {digest_bytes(' '.join(sql.split()).encode())}")
            if kind == "table" and name not in virtual and name != "sqlite_stat1":
                yield from _rows(db, name, path, max_rows, real)


def _rows(db: sqlite3.Connection, table: str, path: str, max_rows: int, real: str) -> Iterator[tuple[str, str]]:
    quoted = '"' + table.replace('"', '""') + '"'
    info = db.execute(f"PRAGMA table_info({quoted})").fetchall()
    columns = [_text(row[1], real) for row in info]
    keys = [index for _, index in sorted((row[5], row[0]) for row in info if row[5])]
    count = db.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]
    if keys:
        cursor = db.execute(f"SELECT * FROM {quoted}")
        rows = [("|".join(_text(row[index], real) for index in keys), row) for row in cursor]
    else:
        cursor = db.execute(f"SELECT rowid, * FROM {quoted}")
        rows = [(str(row[0]), row[1:]) for row in cursor]
    if count > max_rows:
        lines = sorted("\x1f".join(_text(item, real) for item in row) for _, row in rows)
        yield f"{path}#{table}[all]", f"{count} rows {digest_bytes(chr(30).join(lines).encode())}"
        return
    for key, row in rows:
        for column, item in zip(columns, row, strict=True):
            yield f"{path}#{table}[{key}].{column}", shown(_text(item, real))


def _text(value: object, real: str) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace").replace(real, WORKSPACE)
    return "NULL" if value is None else repr(value)
