"""`RunStore`: the one process that writes a run."""

import json
import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tdscaling.standing import Standing
from tdscaling.store import opening, schema
from tdscaling.store.codec import encode, pack
from tdscaling.store.reading import RunReader
from tdscaling.store.records import Fault, Outcome, Usage
from tdscaling.types import Blueprint, Trajectory


class RunStore(RunReader):
    """Reads and writes a run; holds its lock until `close`. Not for use from several threads.

    Every writing method is one transaction. When it returns, the death of the process (not of the machine)
    can't undo it; when it raises StoreError, it has changed nothing.
    """

    def __init__(self, folder: Path, db: sqlite3.Connection, lock: int, moved: Path | None) -> None:
        super().__init__(folder, db)
        self.moved = moved
        """Where `new` put the run that was there before."""
        self._lock: int | None = lock
        self._kept = super().kept_count()
        self._standing = Standing(folder, opening.FILE)

    @classmethod
    def open(
        cls, folder: Path, fingerprint: str, config_text: str, *, new: bool = False, created: str = ""
    ) -> "RunStore":
        """Creates the run in `folder`, or goes on with the one there.

        `new` moves a run that is there aside, to the first free `FOLDER.old-N`; nothing is ever deleted.
        `created` is a timestamp for `meta`, no other place knows of clocks.

        Raises StoreError in one line that says what to do: another config than the run was begun with, another
        store version, a damaged file, no run but files that one would write over, a live process that holds the run,
        no permission, no disk space.
        """
        with opening.failures_named(folder), ExitStack() as undo:
            moved = opening.move_aside(folder) if new else None
            opening.refuse_foreign(folder)
            folder.mkdir(parents=True, exist_ok=True)
            lock = opening.take_lock(folder)
            undo.callback(os.close, lock)
            db = opening.connect(folder)
            undo.callback(db.close)
            if opening.is_blank(db):
                opening.create(db, fingerprint, config_text, created)
            opening.check_version(folder, db)
            opening.check_intact(folder, db)
            opening.check_config(folder, db, fingerprint, config_text)
            store = cls(folder, db, lock, moved)
            undo.pop_all()
        return store

    def close(self) -> None:
        """Gives the lock back. A store that is not closed (a killed process) loses nothing."""
        super().close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def kept_count(self) -> int:
        return self._kept

    def check_there(self) -> None:
        """Raises StoreError when the run folder was taken away: nothing should be written into it again."""
        with opening.failures_named(self.folder):
            self._standing.check()

    def record(self, outcome: Outcome) -> bool:
        """Writes all of an outcome at once. False, and nothing changed, when the item has one already."""
        item = outcome.item
        if self.done(item.hash):
            return False
        with self._transaction() as db:
            target = encode(item.target).decode()
            db.execute(schema.DONE_ITEM, (item.hash, item.order, item.kind, target))
            if outcome.trajectory is not None:
                _put_trajectory(db, outcome, outcome.trajectory)
            elif outcome.rejection is not None:
                why = outcome.rejection
                db.execute(
                    schema.PUT_REJECTION,
                    (item.hash, item.order, why.stage, why.reason, why.detail, _packed(outcome.blueprint)),
                )
            db.executemany(schema.PUT_MISS, [(item.hash, n, pack(miss)) for n, miss in enumerate(outcome.misses, 1)])
            _put_faults(db, outcome.faults, item.hash)
            _put_usage(db, outcome.usage, item.hash)
            db.executemany(schema.PUT_TIMING, list(outcome.timings.items()))
            db.executemany(schema.PUT_STATE, list(outcome.state.items()))
        self._kept += outcome.trajectory is not None and outcome.trajectory.verdict.kept
        return True

    def save_state(self, key: str, value: bytes) -> None:
        with self._transaction() as db:
            db.execute(schema.PUT_STATE, (key, value))

    def save_exploration(self, key: str, value: bytes) -> None:
        with self._transaction() as db:
            db.execute(schema.PUT_EXPLORATION, (key, value))

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with opening.failures_named(self.folder):
            self._standing.check()
            self._db.execute("BEGIN IMMEDIATE")
            committed = False
            try:
                yield self._db
                self._db.execute("COMMIT")
                committed = True
            finally:
                if not committed and self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def _put_trajectory(db: sqlite3.Connection, outcome: Outcome, trajectory: Trajectory) -> None:
    item, where = outcome.item, trajectory.descriptor
    columns = (
        item.hash,
        item.order,
        trajectory.id,
        trajectory.verdict.kept,
        trajectory.verdict.reason,
        where.domain,
        json.dumps(where.modes),
        where.primary_mode,
        where.band,
        where.cac,
        where.calls,
        where.turns,
        json.dumps(where.servers),
        len(trajectory.dialogue.messages),
        json.dumps(dict(outcome.timings)),
    )
    db.execute(schema.PUT_TRAJECTORY, columns)
    db.execute(schema.PUT_BODY, (item.hash, pack(trajectory), _packed(outcome.blueprint)))


def _packed(blueprint: Blueprint | None) -> bytes | None:
    return None if blueprint is None else pack(blueprint)


def _put_faults(db: sqlite3.Connection, faults: Iterable[Fault], item: str | None) -> None:
    db.executemany(schema.PUT_FAULT, [(item, fault.kind, fault.subject, fault.detail) for fault in faults])


def _put_usage(db: sqlite3.Connection, usage: Iterable[Usage], item: str | None) -> None:
    rows = [(item, u.role, u.model, u.request, u.prompt_tokens, u.completion_tokens, u.seconds, u.cost) for u in usage]
    db.executemany(schema.PUT_USAGE, rows)
