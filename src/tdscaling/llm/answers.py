"""`RUN/llm.db`: every answer that was paid for, by the hash of its request."""

import json
import sqlite3
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from tdscaling.errors import StoreError, disk_advice, one_line
from tdscaling.llm.protocol import Completion, RawCall, Usage
from tdscaling.standing import Standing

FILE = "llm.db"
_APPLICATION = 0x7D5CA12
_VERSION = 1
_CHECKPOINT = 8000
"""Pages written before they go from the log to the file, which waits for the disk: 32 MB."""
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_TABLE = """CREATE TABLE IF NOT EXISTS answers (
    request TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, cost REAL NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Paid:
    """What one model of the config has taken in this run: requests, and what they used."""

    name: str
    requests: int
    usage: Usage


class Answers:
    """A file of answers, or a memory of them where there is no file. Not for use from several threads.

    An answer is on disk when `put` returns: the death of the process can't undo it. Each has a transaction of its own,
    which costs less than a turn of the loop in which others would join it. What was asked is known by this object, not
    by an index of the file, whose pages each answer would change at random: without it an answer takes two thirds of
    the time to be written. Raises StoreError.
    """

    def __init__(self, db: sqlite3.Connection, folder: Path | None) -> None:
        self._db = db
        self._folder = folder
        self._standing = None if folder is None else Standing(folder, FILE)
        self._failed: StoreError | None = None
        self._rows: dict[str, int] = dict(db.execute("SELECT request, rowid FROM answers"))

    @classmethod
    def open(cls, folder: Path | None) -> "Answers":
        """The answers of a run folder, for reading and writing."""
        with _named(folder), ExitStack() as undo:
            db = sqlite3.connect(":memory:" if folder is None else folder / FILE, isolation_level=None, timeout=5.0)
            undo.callback(db.close)
            _prepare(db)
            _check(db, folder)
            answers = cls(db, folder)
            undo.pop_all()
        return answers

    @classmethod
    def read(cls, folder: Path) -> "Answers":
        """The answers of a run folder, for reading alone."""
        path = folder / FILE
        if not path.is_file():
            raise StoreError(f"{folder} has no {FILE}, so there is nothing to replay: name a run that asked models")
        with _named(folder), ExitStack() as undo:
            db = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, isolation_level=None)
            undo.callback(db.close)
            _check(db, folder)
            answers = cls(db, folder)
            undo.pop_all()
        return answers

    def close(self) -> None:
        self._db.close()

    def get(self, request: str) -> Completion | None:
        """The answer to a request, marked as cached."""
        place = self._rows.get(request)
        if place is None:
            return None
        with _named(self._folder):
            row = self._db.execute(
                "SELECT body, prompt_tokens, completion_tokens, seconds, cost FROM answers WHERE rowid = ?", (place,)
            ).fetchone()
        return None if row is None else _completion(request, row)

    def put(self, request: str, name: str, completion: Completion) -> None:
        """Keeps an answer; the first one to a request stays."""
        if request in self._rows:
            return
        try:
            self._put(request, name, completion)
        except StoreError as exc:
            self._failed = exc
            raise

    def ready(self) -> None:
        """Raises StoreError where an answer would not be kept, so that none is paid for: once one could not be, and
        when the file was taken away, into which SQLite would write on."""
        if self._failed is not None:
            raise self._failed
        try:
            if self._standing is not None:
                self._standing.check()
        except StoreError as exc:
            self._failed = exc
            raise

    def _put(self, request: str, name: str, completion: Completion) -> None:
        took = completion.usage
        body = _ENCODER.encode(_body(completion))
        row = (request, name, body, took.prompt_tokens, took.completion_tokens, took.seconds, took.cost)
        with _named(self._folder):
            made = self._db.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", row)
            place = made.lastrowid
            if not made.rowcount:  # another process has kept one meanwhile, in a file with an index
                [place] = made.execute("SELECT rowid FROM answers WHERE request = ?", (request,)).fetchone()
        assert place is not None, "it is there"
        self._rows[request] = place

    def requests(self) -> frozenset[str]:
        """The hashes of all requests that were answered."""
        return frozenset(self._rows)

    def paid_beside(self, requests: Collection[str]) -> tuple[int, Usage]:
        """How many answers were paid for beside those to `requests`, and what they took."""
        count, took = 0, Usage()
        all_of_them = "SELECT request, prompt_tokens, completion_tokens, seconds, cost FROM answers ORDER BY request"
        with _named(self._folder):
            for request, sent, got, seconds, cost in self._db.execute(all_of_them):
                if request not in requests:
                    count += 1
                    took += Usage(prompt_tokens=sent, completion_tokens=got, seconds=seconds, cost=cost)
        return count, took

    def paid(self) -> tuple[Paid, ...]:
        """By model of the config: what was paid for in all calls of this run."""
        with _named(self._folder):
            rows = self._db.execute(
                "SELECT name, count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds), sum(cost)"
                " FROM answers GROUP BY name ORDER BY name"
            ).fetchall()
        return tuple(
            Paid(name, count, Usage(prompt_tokens=sent, completion_tokens=got, seconds=seconds, cost=cost))
            for name, count, sent, got, seconds, cost in rows
        )


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute(_TABLE)


def _check(db: sqlite3.Connection, folder: Path | None) -> None:
    """Raises StoreError unless this version of the package can read the file."""
    found = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    if found != [_APPLICATION, _VERSION]:
        raise StoreError(f"{(folder or Path()) / FILE} holds no answers that this version can read: move it away")


@contextmanager
def _named(folder: Path | None) -> Generator[None]:
    """Every failure of SQLite in the block becomes a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as exc:
        raise StoreError(_advice(folder or Path(), exc)) from exc


def _advice(folder: Path, exc: sqlite3.Error) -> str:
    name = getattr(exc, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        said = "restore it from a copy, or move it away, and what it holds is paid for again"
        return f"{folder / FILE} is damaged ({one_line(exc)}): {said}"
    return disk_advice(folder, FILE, exc)


def _body(completion: Completion) -> Mapping[str, object]:
    kept: dict[str, object] = {"content": completion.content, "finish": completion.finish, "model": completion.model}
    if completion.reasoning is not None:
        kept["reasoning"] = completion.reasoning
    if completion.refusal is not None:
        kept["refusal"] = completion.refusal
    if completion.calls:
        kept["calls"] = [[call.id, call.name, call.arguments] for call in completion.calls]
    return kept


def _completion(request: str, row: tuple[str, int, int, float, float]) -> Completion:
    body, sent, got, seconds, cost = row
    kept = cast("dict[str, Any]", json.loads(body))
    calls = tuple(RawCall(id=i, name=n, arguments=a) for i, n, a in kept.pop("calls", ()))
    usage = Usage(prompt_tokens=sent, completion_tokens=got, seconds=seconds, cost=cost)
    return replace(Completion(**kept), calls=calls, usage=usage, request=request, cached=True)
