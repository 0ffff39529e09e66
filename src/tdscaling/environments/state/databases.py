"""SQLite files: a leaf per value, read from the file as it is, the write-ahead log included."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tdscaling.environments.beneath import Beneath, FileRefusedError
from tdscaling.environments.state.values import digest_bytes, shown
from tdscaling.scratch import scratch
from tdscaling.values.workspace import WORKSPACE

SQLITE_MAGIC = b"SQLite format 3\x00"
SQLITE_SIDES = ("-wal", "-shm", "-journal")
LOGS = ("-wal", "-journal")
MAX_SIDE = 256 << 20
STEPS, MAX_WORK = 10_000, 10_000
"""Steps of SQLite's machine between two looks, and looks that one file is worth."""
SPARE = 16 << 20
SHADOWS = ("_data", "_idx", "_docsize", "_config", "_segdir", "_segments", "_stat")
"""Tables a full-text index keeps for itself."""


def database_leaves(tree: Beneath, path: str, data: bytes, max_rows: int, real: str) -> dict[str, str] | None:
    """`path#table` to its definition and `path#table[key].column` to each value; None where it can't be read.

    What is read is a copy: SQLite opens by a path, which whoever owns the folder could lead elsewhere meanwhile.
    """
    try:
        sides = {side: tree.content(f"{path}{side}", MAX_SIDE) for side in LOGS if tree.size(f"{path}{side}")}
        with scratch() as folder:
            copy = folder / "copy"
            for side, content in {"": data, **sides}.items():
                Path(f"{copy}{side}").write_bytes(content)
            options = "" if sides else "?mode=ro&immutable=1"
            most = 2 * (len(data) + sum(map(len, sides.values()))) + SPARE
            return dict(_read(f"file:{quote(str(copy))}{options}", path, _Reading(max_rows, real, most)))
    except (sqlite3.Error, OSError, FileRefusedError):
        return None


@dataclass(slots=True)
class _Reading:
    """How a database is read: `left` is how many bytes its values may still have, together."""

    max_rows: int
    real: str
    left: int

    def rows(self, cursor: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
        """Raises sqlite3.DataError for more than a sound file of this size can hold: pages may be used many times."""
        for row in cursor:
            self.left -= sum(len(item) if isinstance(item, bytes) else 8 for item in row)
            if self.left < 0:
                raise sqlite3.DataError("the values are larger than the file")
            yield row

    def text(self, value: object) -> str:
        if isinstance(value, bytes):
            return value.decode("utf-8", "backslashreplace").replace(self.real, WORKSPACE)
        return "NULL" if value is None else repr(value)


def _opened(uri: str, most: int) -> sqlite3.Connection:
    """A connection for a file that may be hostile: it calls nothing that its schema names, and its work is bounded."""
    db = sqlite3.connect(uri, uri=True)
    db.text_factory = bytes
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, most)
    db.execute("PRAGMA trusted_schema = OFF")
    work = iter(range(MAX_WORK))
    db.set_progress_handler(lambda: next(work, None) is None, STEPS)
    return db


def _read(uri: str, path: str, reading: _Reading) -> Iterator[tuple[str, str]]:
    with closing(_opened(uri, reading.left)) as db:
        schema = [
            tuple(reading.text(item) for item in row)
            for row in reading.rows(db.execute("SELECT type, name, sql FROM sqlite_master"))
        ]
        yield path, "sqlite"
        virtual = {name for _, name, sql in schema if sql.upper().startswith("CREATE VIRTUAL")}
        for kind, name, sql in sorted(schema):
            if any(name == f"{owner}{shadow}" for owner in virtual for shadow in SHADOWS):
                continue
            if not name.startswith("sqlite_"):
                yield f"{path}#{name}", shown(f"{kind} {digest_bytes(' '.join(sql.split()).encode())}")
            if kind == "table" and name not in virtual and name != "sqlite_stat1":
                yield from _rows(db, name, path, reading)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(db: sqlite3.Connection, table: str, path: str, reading: _Reading) -> Iterator[tuple[str, str]]:
    """The stored columns of every row; generated ones follow from these, and would have to be computed.

    The rows are not counted first: SQLite counts in one step of its machine, which no bound on steps can stop.
    """
    info = db.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    columns = [reading.text(row[1]) for row in info]
    keys = [index for _, index in sorted((row[5], row[0]) for row in info if row[5])]
    names = [*([] if keys else ["rowid"]), *(_quoted(column) for column in columns)]
    cursor = reading.rows(db.execute(f"SELECT {', '.join(names)} FROM {_quoted(table)}"))
    if keys:
        rows = [("|".join(reading.text(row[index]) for index in keys), row) for row in cursor]
    else:
        rows = [(str(row[0]), row[1:]) for row in cursor]
    if len(rows) > reading.max_rows:
        lines = sorted("\x1f".join(reading.text(item) for item in row) for _, row in rows)
        yield f"{path}#{table}[all]", f"{len(rows)} rows {digest_bytes(chr(30).join(lines).encode())}"
        return
    for key, row in rows:
        for column, item in zip(columns, row, strict=True):
            yield f"{path}#{table}[{key}].{column}", shown(reading.text(item))
