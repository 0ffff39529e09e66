"""Text to SQL in BIRD's layout, judged by what the query gives when it is executed.

BIRD's databases can't be shipped: its folder is named by the user. Without one a small set of our own is asked, under
its own name.
"""

import hashlib
import json
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tdscaling.errors import ConfigError, DataError, one_line
from tdscaling.evals.asking import answers
from tdscaling.evals.outcome import Item, Outcome
from tdscaling.evals.own_sql import NAME, QUESTIONS, database
from tdscaling.evals.settings import Settings
from tdscaling.scratch import scratch
from tdscaling.types import JsonObject

SECONDS = 30.0
ROWS = 1_000_000
BYTES = 64 << 20
"""Of one value that a query makes, and of all values of text and bytes together."""
STEPS = 100_000
_BLOCK = re.compile(r"```[ \t]*+\w*+[^\S\n]*+\n(.*?)```", re.DOTALL)
_ASKED = """The tables of an SQLite database:

{schema}

{question}{evidence}
Answer with one SQL query that gives it, in one block of code, fenced by ```sql and ```."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question on a database, the query that answers it, and what is known beside it."""

    id: str
    database: Path
    text: str
    gold: str
    evidence: str = ""
    difficulty: str = ""


async def run(settings: Settings) -> Outcome:
    """Raises ConfigError, DataError, ProviderError."""
    with scratch() as folder:
        questions = settings.first(bird(settings.given) if settings.given else own(folder))
        asked = {one.id: question(one) for one in questions}
        found = await answers(asked, settings.asked(len(asked)))
        items = tuple(judged(one, found[one.id]) for one in questions)
    groups = {"execution match": items}
    for level in sorted({one.difficulty for one in questions} - {""}):
        groups[level] = tuple(item for one, item in zip(questions, items, strict=True) if one.difficulty == level)
    return settings.outcome(
        "bird" if settings.given else NAME,
        groups,
        items,
        by={"sqlite": sqlite3.sqlite_version, "questions": _hash(questions)},
        about={
            "asked": "one query to each question, temperature 0, with the schema and the evidence",
            "matches": "the rows of both queries are equal as sets, as BIRD compares them",
        },
    )


def _hash(questions: Sequence[Question]) -> str:
    rows = [[one.id, one.database.name, one.text, one.gold] for one in questions]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def own(folder: Path) -> tuple[Question, ...]:
    """The small set of our own, its database made in a folder."""
    path = database(folder)
    return tuple(
        Question(id=f"own-{number}", database=path, text=text, gold=gold)
        for number, (text, gold) in enumerate(QUESTIONS, start=1)
    )


def bird(folder: Path) -> tuple[Question, ...]:
    """BIRD's own layout: `dev.json` (or another JSON file of questions), `dev_databases/NAME/NAME.sqlite`.

    Raises ConfigError that says what is missing.
    """
    lists = sorted(file for file in folder.glob("*.json") if not file.name.endswith("_tables.json"))
    if not lists:
        raise ConfigError(f"{folder} holds no dev.json: name the folder of BIRD's questions and databases")
    try:
        rows: list[JsonObject] = json.loads(lists[0].read_text(encoding="utf-8"))
        found = tuple(_bird(folder, number, row) for number, row in enumerate(rows))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise DataError(f"{lists[0]} is no list of BIRD's questions: {one_line(exc)}") from exc
    if not found:
        raise DataError(f"{lists[0]} has no question")
    return found


def _bird(folder: Path, number: int, row: JsonObject) -> Question:
    name = str(row["db_id"])
    found = sorted(folder.glob(f"*databases/{name}/{name}.sqlite"))
    if not re.fullmatch(r"\w[\w.-]*", name) or not found:
        raise ConfigError(f"{folder} has no *_databases/{name}/{name}.sqlite, which question {number} is about")
    return Question(
        id=str(row.get("question_id", number)),
        database=found[0],
        text=str(row["question"]),
        gold=str(row["SQL"]),
        evidence=str(row.get("evidence") or ""),
        difficulty=str(row.get("difficulty") or ""),
    )


def question(one: Question) -> str:
    evidence = f"\n(Known: {one.evidence.strip()})\n" if one.evidence.strip() else "\n"
    return _ASKED.format(schema=_schema(one.database), question=one.text.strip(), evidence=evidence)


@cache
def _schema(path: Path) -> str:
    """How the tables were made."""
    try:
        with closing(_opened(path)) as database:
            rows = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'view')")
            return "\n".join(f"{sql};" for (sql,) in rows)
    except sqlite3.Error as exc:
        raise DataError(f"{path} can't be read: {one_line(exc)}") from exc


def query_in(answer: str) -> str:
    """The last block of an answer, or all of it where it has none.

    >>> query_in("Here:\\n```sql\\nSELECT 1\\n```")
    'SELECT 1'
    """
    blocks = _BLOCK.findall(answer)
    return str(blocks[-1] if blocks else answer).strip()


def judged(one: Question, answer: str) -> Item:
    """Raises DataError when the gold query itself fails: then nothing can be said."""
    try:
        wanted = rows_of(one.database, one.gold)
    except sqlite3.Error as exc:
        raise DataError(f"the gold query of question {one.id} fails on {one.database.name}: {one_line(exc)}") from exc
    try:
        found = rows_of(one.database, query_in(answer))
    except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as exc:
        return Item(id=one.id, passed=False, detail=one_line(exc))
    return Item(id=one.id, passed=found == wanted, detail="" if found == wanted else "other rows")


def rows_of(path: Path, query: str) -> set[tuple[object, ...]]:
    """What one query gives, as a set of rows. It can only read, from this database alone. Raises sqlite3.Error."""
    ends = time.monotonic() + SECONDS
    with closing(_opened(path)) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, BYTES)
        database.set_authorizer(_allowed)
        database.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
        cursor = database.execute(query)
        found: set[tuple[object, ...]] = set()
        left = BYTES
        for row in cursor:
            if row in found:
                continue
            found.add(row)
            left -= sum(len(item) for item in row if isinstance(item, str | bytes))
            if len(found) > ROWS or left < 0:
                raise sqlite3.OperationalError(f"more than {ROWS} rows or {BYTES} bytes")
        return found


def _allowed(action: int, one: str | None, two: str | None, name: str | None, inner: str | None) -> int:
    """Reading alone: no other database, no setting, no extension."""
    reads = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
    if action in reads or (action == sqlite3.SQLITE_FUNCTION and two != "load_extension"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = _text
    return database


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
