"""The tables of `run.db`."""

SCHEMA_VERSION = 2
"""Kept in `PRAGMA user_version`; it changes whenever a table does."""

APPLICATION_ID = 0x7D5CA11
"""Kept in `PRAGMA application_id`: tells a run from any other SQLite file."""

# items.attempts and trajectories.tokens are 0 always: they stand as in the runs that are there
TABLES: tuple[str, ...] = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE items (
        hash TEXT PRIMARY KEY, ord INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done')), attempts INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE trajectories (
        item TEXT PRIMARY KEY REFERENCES items (hash), ord INTEGER NOT NULL, id TEXT NOT NULL, kept INTEGER NOT NULL,
        reason TEXT NOT NULL, domain TEXT NOT NULL, modes TEXT NOT NULL, primary_mode TEXT NOT NULL,
        band INTEGER NOT NULL, cac REAL NOT NULL, calls INTEGER NOT NULL, turns INTEGER NOT NULL,
        servers TEXT NOT NULL, tokens INTEGER NOT NULL, n_messages INTEGER NOT NULL, timings TEXT NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX trajectories_order ON trajectories (ord, item, kept)",
    "CREATE INDEX trajectories_id ON trajectories (id)",
    """CREATE TABLE bodies (
        item TEXT PRIMARY KEY REFERENCES trajectories (item), trajectory BLOB NOT NULL, blueprint BLOB
    )""",
    """CREATE TABLE near_misses (
        item TEXT NOT NULL REFERENCES items (hash), take INTEGER NOT NULL, trajectory BLOB NOT NULL,
        PRIMARY KEY (item, take)
    )""",
    """CREATE TABLE rejections (
        item TEXT PRIMARY KEY REFERENCES items (hash), ord INTEGER NOT NULL, stage TEXT NOT NULL,
        reason TEXT NOT NULL, detail TEXT NOT NULL, blueprint BLOB
    )""",
    """CREATE TABLE faults (
        n INTEGER PRIMARY KEY, item TEXT, kind TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
    )""",
    """CREATE TABLE usage (
        n INTEGER PRIMARY KEY, item TEXT, role TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, seconds REAL NOT NULL, cost REAL NOT NULL
    )""",
    "CREATE TABLE timings (stage TEXT PRIMARY KEY, count INTEGER NOT NULL, seconds REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "CREATE TABLE explorations (key TEXT PRIMARY KEY, value BLOB NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

DONE_ITEM = """INSERT INTO items VALUES (?, ?, ?, ?, 'done', 0)
    ON CONFLICT (hash) DO UPDATE SET state = 'done', ord = excluded.ord"""
PUT_TRAJECTORY = "INSERT INTO trajectories VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)"
PUT_BODY = "INSERT INTO bodies VALUES (?, ?, ?)"
PUT_MISS = "INSERT INTO near_misses VALUES (?, ?, ?)"
PUT_REJECTION = "INSERT INTO rejections VALUES (?, ?, ?, ?, ?, ?)"
PUT_FAULT = "INSERT INTO faults (item, kind, subject, detail) VALUES (?, ?, ?, ?)"
PUT_USAGE = """INSERT INTO usage (item, role, model, request, prompt_tokens, completion_tokens, seconds, cost)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
PUT_TIMING = """INSERT INTO timings VALUES (?, 1, ?)
    ON CONFLICT (stage) DO UPDATE SET count = count + 1, seconds = seconds + excluded.seconds"""
PUT_STATE = "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
PUT_EXPLORATION = "INSERT INTO explorations VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"

FATE = """CASE WHEN t.kept THEN 'kept' WHEN t.item IS NOT NULL THEN 'failed: ' || t.reason
    WHEN r.stage = 'blueprint' THEN 'rejected: ' || r.reason ELSE 'lost: ' || r.reason END"""
"""The line of the funnel that an item ended in, of its trajectory `t` and its rejection `r`."""
_SHARES = """SELECT {name}, count(DISTINCT u.item), count(DISTINCT CASE WHEN t.kept THEN u.item END), count(*),
    sum(u.prompt_tokens + u.completion_tokens), sum(u.seconds), sum(u.cost)
    FROM usage u JOIN items i ON i.hash = u.item LEFT JOIN trajectories t ON t.item = u.item
    LEFT JOIN rejections r ON r.item = u.item GROUP BY 1 ORDER BY 1"""
USAGE_BY_FATE = _SHARES.format(name=FATE)
USAGE_BY_CLUSTER = _SHARES.format(name="json_extract(i.target, '$.cluster')")
