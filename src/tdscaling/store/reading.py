"""`RunReader`: any number of processes read a run, also while it is written."""

import json
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tdscaling.errors import DataError, StoreError
from tdscaling.store import schema
from tdscaling.store.codec import unpack
from tdscaling.store.opening import connect_reading, damaged, failures_named
from tdscaling.store.records import DescriptorRow, Fault, TimingTotal, UsageShare, UsageTotal
from tdscaling.types import Blueprint, Descriptor, Trajectory

T = TypeVar("T")
PAGE = 256
"""Rows fetched at a time: a loop over all trajectories holds that many packed ones and one unpacked."""


class RunReader:
    """The queries over a run. Every method raises StoreError when the file can't be read."""

    def __init__(self, folder: Path, db: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = db

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def meta(self) -> dict[str, str]:
        """`fingerprint`, `config`, `package_version` and `created` of the run."""
        with self._reading():
            return dict(self._db.execute("SELECT key, value FROM meta ORDER BY key").fetchall())

    def done(self, item_hash: str) -> bool:
        """Whether the outcome of this item is recorded."""
        with self._reading():
            row = self._db.execute("SELECT 1 FROM items WHERE hash = ? AND state = 'done'", (item_hash,)).fetchone()
        return row is not None

    def done_items(self) -> frozenset[str]:
        """The hashes of all items with a recorded outcome."""
        with self._reading():
            return frozenset(row[0] for row in self._db.execute("SELECT hash FROM items WHERE state = 'done'"))

    def kept_count(self) -> int:
        """How many trajectories are kept."""
        with self._reading():
            return self._db.execute("SELECT count(*) FROM trajectories WHERE kept").fetchone()[0]

    def iter_trajectories(self, kept: bool | None = True) -> Iterator[Trajectory]:
        """Trajectories by item order, then item hash: kept ones, rejected ones (False) or all (None)."""
        for _, blob in self._pages("b.trajectory", "JOIN bodies b ON b.item = t.item", kept):
            yield self._unpacked(Trajectory, blob[0])

    def iter_pairs(self) -> Iterator[tuple[Trajectory, Trajectory]]:
        """Each kept trajectory with each near miss of the same plan, in the order of `iter_trajectories`."""
        join = "JOIN bodies b ON b.item = t.item JOIN (SELECT DISTINCT item FROM near_misses) m ON m.item = t.item"
        for (_, item), blob in self._pages("b.trajectory", join, kept=True):
            for miss in self.near_misses(item):
                yield self._unpacked(Trajectory, blob[0]), miss

    def near_misses(self, item_hash: str) -> list[Trajectory]:
        """The rollouts of an item's plan that failed one check before the one that is its trajectory."""
        sql = "SELECT trajectory FROM near_misses WHERE item = ? ORDER BY take"
        with self._reading():
            rows = self._db.execute(sql, (item_hash,)).fetchall()
        return [self._unpacked(Trajectory, row[0]) for row in rows]

    def miss_counts(self) -> tuple[int, int]:
        """Near misses that are kept, and how many of them have a kept trajectory beside them."""
        sql = "SELECT count(*), coalesce(sum(t.kept), 0) FROM near_misses m LEFT JOIN trajectories t ON t.item = m.item"
        with self._reading():
            return self._db.execute(sql).fetchone()

    def trajectory(self, name: str) -> Trajectory | None:
        """The trajectory with this id, the first by item order."""
        sql = (
            "SELECT b.trajectory FROM trajectories t JOIN bodies b ON b.item = t.item WHERE t.id = ?"
            " ORDER BY t.ord, t.item LIMIT 1"
        )
        with self._reading():
            row = self._db.execute(sql, (name,)).fetchone()
        return self._unpacked(Trajectory, row[0]) if row else None

    def blueprint(self, item_hash: str) -> Blueprint | None:
        """The blueprint of an item, of a rejected one too where the rejection came with it."""
        sql = (
            "SELECT blueprint FROM bodies WHERE item = :item UNION ALL"
            " SELECT blueprint FROM rejections WHERE item = :item"
        )
        with self._reading():
            row = self._db.execute(sql, {"item": item_hash}).fetchone()
        return self._unpacked(Blueprint, row[0]) if row and row[0] is not None else None

    def descriptors(self, kept: bool | None = True) -> Iterator[DescriptorRow]:
        """The columns of the trajectories, in the order of `iter_trajectories`, without their messages."""
        columns = (
            "t.id, t.kept, t.reason, t.domain, t.modes, t.primary_mode, t.cac, t.band, t.calls, t.turns, t.servers,"
            " t.n_messages"
        )
        for (order, item), row in self._pages(columns, "", kept):
            yield _descriptor_row(item, order, row)

    def funnel(self) -> dict[str, int]:
        """Counts by step: `planned` (items with an outcome), `rejected: REASON` of blueprints, `lost: REASON` to the
        environment, `rolled out`, `failed: CHECK` (the first check that failed) and `kept`.

        planned = Σ rejected + Σ lost + rolled out; rolled out = Σ failed + kept.
        """
        with self._reading():
            planned = self._db.execute("SELECT count(*) FROM items WHERE state = 'done'").fetchone()[0]
            rejected = self._db.execute(
                "SELECT stage, reason, count(*) FROM rejections GROUP BY stage, reason ORDER BY stage DESC, reason"
            ).fetchall()
            failed = self._db.execute(
                "SELECT reason, count(*) FROM trajectories WHERE NOT kept GROUP BY reason ORDER BY reason"
            ).fetchall()
        kept = self.kept_count()
        counts: dict[str, int] = {"planned": planned}
        for stage, word in (("blueprint", "rejected"), ("environment", "lost")):
            counts |= {f"{word}: {reason}": count for where, reason, count in rejected if where == stage}
        counts["rolled out"] = kept + sum(count for _, count in failed)
        counts |= {f"failed: {reason}": count for reason, count in failed}
        counts["kept"] = kept
        return counts

    def timings(self) -> list[TimingTotal]:
        """Seconds and counts by stage, the longest first."""
        with self._reading():
            rows = self._db.execute("SELECT stage, count, seconds FROM timings ORDER BY seconds DESC, stage").fetchall()
        return [TimingTotal(stage=stage, count=count, seconds=seconds) for stage, count, seconds in rows]

    def usage_totals(self, item_hash: str | None = None) -> list[UsageTotal]:
        """What each role used of each model, for one item or in all."""
        sql = """SELECT role, model, count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds), sum(cost)
            FROM usage WHERE ?1 IS NULL OR item = ?1 GROUP BY role, model ORDER BY role, model"""
        with self._reading():
            rows = self._db.execute(sql, (item_hash,)).fetchall()
        return [
            UsageTotal(
                role=role, model=model, requests=n, prompt_tokens=p, completion_tokens=c, seconds=seconds, cost=cost
            )
            for role, model, n, p, c, seconds, cost in rows
        ]

    def requests(self) -> frozenset[str]:
        """The requests to models of all items that ended."""
        with self._reading():
            return frozenset(row[0] for row in self._db.execute("SELECT DISTINCT request FROM usage"))

    def usage_by_fate(self) -> list[UsageShare]:
        """What the items took by the line of the funnel they ended in: `kept`, `failed: CHECK`, `rejected: REASON`,
        `lost: REASON`."""
        return self._shares(schema.USAGE_BY_FATE)

    def usage_by_cluster(self) -> list[UsageShare]:
        """What the items took by the id of their cluster."""
        return self._shares(schema.USAGE_BY_CLUSTER)

    def _shares(self, sql: str) -> list[UsageShare]:
        with self._reading():
            rows = self._db.execute(sql).fetchall()
        return [
            UsageShare(name=name, items=items, kept=kept, requests=n, tokens=tokens, seconds=seconds, cost=cost)
            for name, items, kept, n, tokens, seconds, cost in rows
        ]

    def faults(self) -> list[Fault]:
        """Every fault noted, sorted by kind, subject and detail."""
        with self._reading():
            rows = self._db.execute("SELECT kind, subject, detail FROM faults ORDER BY kind, subject, detail, n")
            return [Fault(kind=kind, subject=subject, detail=detail) for kind, subject, detail in rows]

    def state(self, key: str) -> bytes | None:
        return self._value("SELECT value FROM state WHERE key = ?", key)

    def exploration(self, key: str) -> bytes | None:
        return self._value("SELECT value FROM explorations WHERE key = ?", key)

    def _value(self, sql: str, key: str) -> bytes | None:
        with self._reading():
            row = self._db.execute(sql, (key,)).fetchone()
        return row[0] if row else None

    def _pages(
        self, columns: str, join: str, kept: bool | None
    ) -> Iterator[tuple[tuple[int, str], tuple[object, ...]]]:
        """Rows by (order, item), a page at a time, so that writing in between does no harm."""
        chosen = "" if kept is None else f"AND t.kept = {int(kept)}"
        sql = (
            f"SELECT t.ord, t.item, {columns} FROM trajectories t {join}"
            f" WHERE (t.ord, t.item) > (?, ?) {chosen} ORDER BY t.ord, t.item LIMIT {PAGE}"
        )
        last = (-(2**63), "")
        while True:
            with self._reading():
                rows: list[tuple[int, str, *tuple[object, ...]]] = self._db.execute(sql, last).fetchall()
            for order, item, *rest in rows:
                yield (order, item), tuple(rest)
            if len(rows) < PAGE:
                return
            last = rows[-1][:2]

    def _unpacked(self, kind: type[T], blob: object) -> T:
        try:
            return unpack(kind, blob if isinstance(blob, bytes) else b"")
        except DataError as exc:
            raise StoreError(damaged(self.folder, str(exc))) from exc

    @contextmanager
    def _reading(self) -> Generator[None]:
        with failures_named(self.folder):
            yield


def read_run(folder: Path) -> RunReader:
    """A reader of the run in `folder`. Takes no lock, so it works beside a writer. Raises StoreError."""
    with failures_named(folder):
        return RunReader(folder, connect_reading(folder))


def _descriptor_row(item: str, order: int, row: tuple[object, ...]) -> DescriptorRow:
    name, kept, reason, domain, modes, primary, cac, band, calls, turns, servers, messages = row
    descriptor = Descriptor(
        domain=str(domain),
        modes=tuple(json.loads(str(modes))),
        primary_mode=str(primary),
        cac=float(str(cac)),
        band=int(str(band)),
        calls=int(str(calls)),
        turns=int(str(turns)),
        servers=tuple(json.loads(str(servers))),
    )
    return DescriptorRow(
        item=item,
        id=str(name),
        order=order,
        kept=bool(kept),
        reason=str(reason),
        descriptor=descriptor,
        messages=int(str(messages)),
    )
