"""The company's knowledge base, in the tables that the server mcp-kb-sqlite 0.2 uses."""

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from worlds.company import Company
from worlds.database import TABLES

TABLES_SQL = """
CREATE TABLE db_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE entries (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    ns          TEXT NOT NULL,
    key         TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT,
    tags        TEXT,
    data        TEXT,
    created_at  DATETIME DEFAULT CURRENT_TIMESTAMP,
    updated_at  DATETIME DEFAULT CURRENT_TIMESTAMP,
    UNIQUE(ns, key)
);
CREATE TABLE relations (
    from_id  INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    to_id    INTEGER NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    rel      TEXT NOT NULL,
    PRIMARY KEY (from_id, to_id, rel)
);
CREATE VIRTUAL TABLE entries_fts USING fts5(title, description, tags, data, content='entries', content_rowid='id');
"""
OLD = "VALUES ('delete', old.id, old.title, old.description, old.tags, old.data);"
NEW = "VALUES (new.id, new.title, new.description, new.tags, new.data);"
TRIGGERS_SQL = f"""
CREATE TRIGGER entries_ai AFTER INSERT ON entries BEGIN
    INSERT INTO entries_fts(rowid, title, description, tags, data) {NEW}
END;
CREATE TRIGGER entries_ad AFTER DELETE ON entries BEGIN
    INSERT INTO entries_fts(entries_fts, rowid, title, description, tags, data) {OLD}
END;
CREATE TRIGGER entries_au AFTER UPDATE ON entries BEGIN
    INSERT INTO entries_fts(entries_fts, rowid, title, description, tags, data) {OLD}
    INSERT INTO entries_fts(rowid, title, description, tags, data) {NEW}
    UPDATE entries SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id;
END;
"""

Note = tuple[str, str, str, str, list[str], str]


def make_knowledge(company: Company, file: Path, seed: int) -> None:
    """Ten or more notes about orders, items, people and files that the other parts of the workspace hold too."""
    rng = random.Random(f"knowledge {seed}")
    notes = _notes(company, rng)
    stamps = sorted(
        f"2025-{rng.randint(9, 12):02}-{rng.randint(1, 28):02} {rng.randint(8, 17):02}:15:00" for _ in notes
    )
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(TABLES_SQL + TRIGGERS_SQL)
        db.execute("INSERT INTO db_meta VALUES ('schema_version', '2')")
        for (ns, key, title, about, tags, data), stamp in zip(notes, stamps, strict=True):
            db.execute(
                "INSERT INTO entries(ns, key, title, description, tags, data, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (ns, key, title, about, json.dumps(tags), data, stamp, stamp),
            )
        pairs = rng.sample([(a, b) for a in range(1, len(notes) + 1) for b in range(a + 1, len(notes) + 1)], 4)
        db.executemany(
            "INSERT INTO relations VALUES (?, ?, ?)",
            [(a, b, rng.choice(["see_also", "part_of", "caused_by"])) for a, b in sorted(pairs)],
        )
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _notes(company: Company, rng: random.Random) -> list[Note]:
    people, things, events, _ = TABLES[company.theme.shape]
    notes: list[Note] = [
        ("handbook/office", "opening-hours", f"Opening hours of {company.name}",
         f"when the {company.city} office is open", ["hours", "office"],
         f"Monday to Friday {rng.randint(7, 9)}:30 to {rng.randint(16, 18)}:00, time zone {company.zone}."),
        ("handbook/office", "who-approves", "Who approves refunds", "approval of refunds and discounts",
         ["refunds", "approval"], f"{company.staff[0].name} ({company.staff[0].email}) approves refunds above 50."),
        ("handbook/data", "where-is-what", "Where the figures are kept", "files and tables",
         ["database", "tables"], f"shop.db holds {people}, {things} and {events}; the workbooks are for finance only."),
    ]  # fmt: skip
    for item in rng.sample(company.items, 4):
        notes.append((
            f"{things}/care", item.code.lower(), f"{item.name} ({item.code})", f"notes on {item.code}",
            [things, item.code], f"Reorder below {rng.randint(3, 9)} pieces. Last complaint: {rng.choice(FAULTS)}.",
        ))  # fmt: skip
    for order in rng.sample(company.orders, 3):
        buyer = company.customers[order.customer]
        notes.append((
            f"{events}/incidents", order.number.lower(), f"Incident with {order.number}", f"{buyer.name} wrote to us",
            ["incident", order.status], f"{buyer.email} asks about {order.number}: {rng.choice(FAULTS)}.",
        ))  # fmt: skip
    return notes


FAULTS = (
    "arrived late",
    "wrong size",
    "price differs from the quote",
    "needs a receipt",
    "wants another date",
    "damaged",
)
