"""What a SQLite database holds, as far as questions need it: tables, kinds of columns, and who refers to whom."""

import re
import sqlite3
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["key", "reference", "category", "name", "number", "date", "other"]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMES = ("name", "title", "label", "email", "code")
MAX_CATEGORY = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `values` are those of a category or name, most frequent first."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """How people call it."""
        return self.name.replace("_", " ").lower()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows. `refers`: by column, the table and column that it refers to."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    refers: tuple[tuple[str, str, str], ...] = ()

    @property
    def said(self) -> str:
        return self.name.replace("_", " ").lower()

    def of(self, *kinds: Kind) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.kind in kinds)


def read_schema(db: sqlite3.Connection) -> tuple[Table, ...]:
    """The tables with at least one row, by name. Raises sqlite3.Error."""
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = [_table(db, name) for name in names if not name.startswith("sqlite_")]
    return tuple(table for table in tables if table.rows)


def quoted(name: str) -> str:
    """A name as SQL needs it.

    >>> quoted("orders"), quoted("order details")
    ('orders', '"order details"')
    """
    plain = re.fullmatch(r"[A-Za-z_]\w*", name) and name.lower() not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


_RESERVED = frozenset(
    "add all alter and as asc between by case check collate column commit constraint create cross default delete desc "
    "distinct do drop else end escape except exists foreign from full group having if in index inner insert intersect "
    "into is join key left like limit natural not nothing null of offset on or order outer over primary references "
    "release replace returning right rollback row rows select set table then to transaction trigger union unique "
    "update using values view when where window with without".split()
)


def _table(db: sqlite3.Connection, name: str) -> Table:
    rows = db.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]
    refers = tuple(
        sorted((row[3], row[2], row[4] or "id") for row in db.execute(f"PRAGMA foreign_key_list({quoted(name)})"))
    )
    ours = {column for column, _, _ in refers}
    info = db.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    columns = tuple(_column(db, name, row[1], str(row[2]), bool(row[5]), row[1] in ours) for row in info)
    return Table(name, columns, rows, refers)


def _column(db: sqlite3.Connection, table: str, name: str, declared: str, key: bool, refers: bool) -> Column:
    if refers or key:
        return Column(name, "reference" if refers else "key")
    column, source = quoted(name), quoted(table)
    counted = db.execute(
        f"SELECT {column}, count(*) FROM {source} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 200"
    ).fetchall()
    if counted and all(isinstance(value, int | float) for value, _ in counted):
        return Column(name, "other" if name.lower().endswith("_id") else "number")
    texts = [value for value, _ in counted if isinstance(value, str)]
    if not texts or len(texts) < len(counted):
        return Column(name, "other")
    if all(_DATE.match(text) for text in texts):
        return Column(name, "date")
    if any(word in name.lower() for word in _NAMES) and len(texts) > 1:
        return Column(name, "name", tuple(texts[:40]))
    short = len(texts) <= MAX_CATEGORY and max(map(len, texts)) <= 40 and "'" not in "".join(texts)
    return Column(name, "category", tuple(texts)) if short and declared.upper() != "BLOB" else Column(name, "other")
