"""`RunBrowser`: what became of the items of a run, to be looked at one by one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tdscaling.store.codec import decode
from tdscaling.store.opening import connect_reading, failures_named
from tdscaling.store.reading import RunReader
from tdscaling.store.records import Fault, Item, Outcome, Rejection, Usage
from tdscaling.store.schema import FATE
from tdscaling.types import BANDS, Target, Trajectory


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which outcomes are looked at; "" stands for any. `fate` is a line of the funnel (`kept`, `failed: CHECK`,
    `rejected: REASON`, `lost: REASON`), `id` the beginning of an item's hash, and so of a trajectory's id. Domain and
    mode are those of the trajectory, else of the target; an outcome without a trajectory has no server.
    """

    fate: str = ""
    domain: str = ""
    mode: str = ""
    server: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An outcome in one line. `said` is what a rejection saw."""

    item: str
    order: int
    fate: str
    domain: str
    mode: str
    band: str
    calls: int | None
    turns: int | None
    servers: tuple[str, ...]
    said: str


_OUTCOMES = """FROM items i LEFT JOIN trajectories t ON t.item = i.hash LEFT JOIN rejections r ON r.item = i.hash
    WHERE i.state = 'done'"""
_DOMAIN = "coalesce(t.domain, json_extract(i.target, '$.domain'))"
_MODE = "coalesce(t.primary_mode, json_extract(i.target, '$.mode'))"
_BAND = "coalesce(t.band, json_extract(i.target, '$.band'))"
_FILTERS: Mapping[str, str] = {
    "fate": f"({FATE}) = :fate",
    "domain": f"{_DOMAIN} = :domain",
    "mode": f"{_MODE} = :mode",
    "server": "EXISTS (SELECT 1 FROM json_each(t.servers) WHERE value = :server)",
    "id": "substr(i.hash, 1, length(:id)) = :id",
}
_LINE = f"i.hash, i.ord, {FATE}, {_DOMAIN}, {_MODE}, {_BAND}, t.calls, t.turns, t.servers, coalesce(r.detail, '')"


class RunBrowser(RunReader):
    """Looks at the outcomes of a run in their order. Every method raises StoreError when the file can't be read."""

    def listed(self, wanted: Wanted, start: int, count: int) -> list[Listed]:
        """At most `count` outcomes from the one at `start` on, which counts from 0."""
        rows = self._rows(f"SELECT {_LINE}", wanted, f"ORDER BY i.ord, i.hash LIMIT {count:d} OFFSET {start:d}")
        return [_listed(row) for row in rows]

    def fates(self, wanted: Wanted) -> dict[str, int]:
        """How many of what is wanted ended in which line of the funnel."""
        return {str(fate): int(str(n)) for fate, n in self._rows(f"SELECT {FATE}, count(*)", wanted, "GROUP BY 1")}

    def choices(self) -> dict[str, tuple[str, ...]]:
        """The domains, modes and servers that there are, by the name of their filter."""
        found = {
            name: self._rows(f"SELECT DISTINCT {what}", Wanted(), "ORDER BY 1")
            for name, what in (("domain", _DOMAIN), ("mode", _MODE))
        }
        with self._reading():
            servers = self._db.execute("SELECT DISTINCT j.value FROM trajectories t, json_each(t.servers) j ORDER BY 1")
            found["server"] = servers.fetchall()
        return {name: tuple(str(row[0]) for row in rows) for name, rows in found.items()}

    def neighbours(self, item: Item, wanted: Wanted) -> tuple[str, str]:
        """The hashes of the outcomes of `wanted` just before and just after an item, "" where there is none."""
        found: list[str] = []
        for sign, way in (("<", "DESC"), (">", "ASC")):
            there = f"AND (i.ord, i.hash) {sign} (:order, :hash) ORDER BY i.ord {way}, i.hash {way} LIMIT 1"
            rows = self._rows("SELECT i.hash", wanted, there, order=item.order, hash=item.hash)
            found.append(str(rows[0][0]) if rows else "")
        return found[0], found[1]

    def outcome(self, item_hash: str) -> Outcome | None:
        """All that is known of how an item ended; None where it has not, or there is no such item."""
        sql = f"""SELECT i.ord, i.kind, i.target, r.stage, r.reason, r.detail, t.timings,
            (SELECT b.trajectory FROM bodies b WHERE b.item = i.hash) {_OUTCOMES} AND i.hash = ?"""
        with self._reading():
            row = self._db.execute(sql, (item_hash,)).fetchone()
        if row is None:
            return None
        order, kind, target, stage, reason, detail, timings, body = row
        return Outcome(
            item=Item(hash=item_hash, order=order, target=decode(Target, target), kind=kind),
            trajectory=None if body is None else self._unpacked(Trajectory, body),
            rejection=None if stage is None else Rejection(stage=stage, reason=reason, detail=detail),
            misses=tuple(self.near_misses(item_hash)),
            blueprint=self.blueprint(item_hash),
            timings=json.loads(timings) if timings else {},
            faults=tuple(self._faults_of(item_hash)),
            usage=tuple(self._usage_of(item_hash)),
        )

    def _faults_of(self, item_hash: str) -> list[Fault]:
        with self._reading():
            rows = self._db.execute("SELECT kind, subject, detail FROM faults WHERE item = ? ORDER BY n", (item_hash,))
            return [Fault(kind=kind, subject=subject, detail=detail) for kind, subject, detail in rows]

    def _usage_of(self, item_hash: str) -> list[Usage]:
        sql = """SELECT role, model, request, prompt_tokens, completion_tokens, seconds, cost FROM usage
            WHERE item = ? ORDER BY n"""
        with self._reading():
            return [
                Usage(
                    role=role, model=model, request=request, prompt_tokens=p, completion_tokens=c, seconds=s, cost=cost
                )
                for role, model, request, p, c, s, cost in self._db.execute(sql, (item_hash,))
            ]

    def _rows(self, select: str, wanted: Wanted, rest: str = "", **values: object) -> list[tuple[object, ...]]:
        asked = {name: value for name in _FILTERS if (value := getattr(wanted, name))}
        where = "".join(f" AND {_FILTERS[name]}" for name in asked)
        with self._reading():
            return self._db.execute(f"{select} {_OUTCOMES}{where} {rest}", {**asked, **values}).fetchall()


def browse_run(folder: Path) -> RunBrowser:
    """A browser of the run in `folder`. Takes no lock, so it works beside a writer. Raises StoreError."""
    with failures_named(folder):
        return RunBrowser(folder, connect_reading(folder))


def _listed(row: tuple[object, ...]) -> Listed:
    name, order, fate, domain, mode, band, calls, turns, servers, said = row
    return Listed(
        item=str(name),
        order=int(str(order)),
        fate=str(fate),
        domain=str(domain),
        mode=str(mode),
        band=BANDS[int(str(band))],
        calls=None if calls is None else int(str(calls)),
        turns=None if turns is None else int(str(turns)),
        servers=tuple(json.loads(str(servers))) if servers else (),
        said=str(said),
    )
