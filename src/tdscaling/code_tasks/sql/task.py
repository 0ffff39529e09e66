"""A text-to-SQL task: look at the database, try the query, answer with it in a fenced block."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.sql.questions import Question, questions
from tdscaling.code_tasks.sql.schema import Table, quoted, read_schema
from tdscaling.code_tasks.sql.themes import build
from tdscaling.code_tasks.task import PYTHON, Act, CodeTask, TaskRejectedError, steps
from tdscaling.code_tasks.words import pick
from tdscaling.types import CodeWork, HiddenTests, Request, TaskFile, Turn

MAX_BYTES = 8 << 20
"""A larger database is no task's."""
MAX_ROWS = 40
_CLAUSE = re.compile(r"(?:FROM|JOIN|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT)\b")
_TESTS = '''
import sqlite3

def rows(salt, query):
    """What a query gives on the database as it is (salt 0), or with three rows in ten gone."""
    source = sqlite3.connect("file:/workspace/" + {path!r} + "?mode=ro&immutable=1", uri=True)
    db = sqlite3.connect(":memory:")
    source.backup(db)
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables if salt else ():
        name = '"' + table.replace('"', '""') + '"'
        try:
            db.execute("DELETE FROM " + name + " WHERE (rowid * 7919 + " + str(salt) + ") % 100 < 30")
        except sqlite3.OperationalError:
            pass
    db.commit()
    db.execute("PRAGMA query_only = 1")
    found = [tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in db.execute(query)]
    return found if {ordered!r} else sorted(found, key=repr)

with open("/workspace/answer.sql", encoding="utf-8") as file:
    answer = file.read()
for salt in (0, 13, 57):
    assert rows(salt, answer) == rows(salt, {query!r}), "other rows than the right query gives"
'''


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A question with the rows that answer it, and the tables that it is about."""

    question: Question
    rows: tuple[tuple[object, ...], ...]
    tables: tuple[Table, ...]
    path: str


def text_to_sql(seed: int, database: tuple[str, bytes] | None = None) -> CodeTask:
    """A seeded task over a generated database, or over the given one (name and bytes). Raises TaskRejectedError."""
    rng = Random(f"sql {seed} {database[0] if database else ''}")
    path, data = database or build(rng.getrandbits(32))
    if len(data) > MAX_BYTES:
        raise TaskRejectedError("database_too_large", path)
    db = sqlite3.connect(":memory:")
    try:
        db.deserialize(data)
        chosen = _choose(db, path, rng)
    except sqlite3.Error as exc:
        raise TaskRejectedError("database_unreadable", f"{path}: {exc}") from None
    finally:
        db.close()
    question = chosen.question
    tests = _TESTS.format(path=path, ordered=question.ordered, query=question.query)
    turn = Turn(
        kind="opening",
        requests=(_request(chosen, rng),),
        steps=steps(_acts(chosen, rng)),
        report=_report(chosen, rng),
    )
    return CodeTask(
        work=CodeWork(
            kind="sql", seed=seed, tests=HiddenTests(source=tests), files=(TaskFile.of(path, data),), block="sql"
        ),
        mode="computational",
        turns=(turn,),
        wrong=(TaskFile(path="answer.sql", content=question.wrong),),
        context=(f"The working folder holds {path}, a SQLite database.",),
        origin="given database" if database else "generated database",
    )


def _choose(db: sqlite3.Connection, path: str, rng: Random) -> _Chosen:
    """The first question with few rows as its answer, and others for its near miss."""
    tables = read_schema(db)
    for question in questions(tables, rng):
        rows = db.execute(question.query).fetchmany(MAX_ROWS + 1)
        if 0 < len(rows) <= MAX_ROWS and rows != db.execute(question.wrong).fetchmany(MAX_ROWS + 1):
            used = tuple(table for table in tables if quoted(table.name) in question.query.split())
            return _Chosen(question, tuple(rows), used, path)
    raise TaskRejectedError("no_question", path)


def _request(chosen: _Chosen, rng: Random) -> Request:
    asked, path = chosen.question.asked, chosen.path
    if asked.startswith("how many"):
        action = pick(rng, f"find out {asked}", f"write a SQL query that tells {asked}", f"count for me {asked}")
    else:
        action = pick(
            rng,
            f"write a SQL query that lists {asked}",
            f"get {asked}",
            f"work out {asked}",
            f"give me the SQL for this: {asked}",
        )
    more = pick(
        rng,
        f" The database is {path}. I want the query itself, as SQL.",
        f" The data is in {path}; answer with one SQL query that SQLite understands.",
        f" It is all in {path}. Please send me the SQL query.",
        f" Use {path} and show me the final SQL statement.",
    )
    return Request(action=action, more=more)


def _acts(chosen: _Chosen, rng: Random) -> list[Act]:
    connect = f'import sqlite3\n\ndb = sqlite3.connect("{chosen.path}")\n'
    listing = rng.choice(
        (
            "for (sql,) in db.execute(\"SELECT sql FROM sqlite_master WHERE type = 'table'\"):\n    print(sql)",
            "for name, sql in db.execute(\"SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name\"):\n"
            '    print(f"-- {name}")\n    print(sql)',
        )
    )
    looking = (
        "I'll look at the tables first.",
        "Let me see the schema.",
        "First the schema.",
        "What tables are there?",
    )
    acts = [Act(PYTHON, connect + listing, pick(rng, *looking))]
    names = [table.name for table in chosen.tables]
    if rng.random() < 0.7:
        acts.append(Act(PYTHON, _sample(names, rng), pick(rng, "A few rows, to see the values.", "Now some rows.", "")))
    if rng.random() < 0.25:
        slip = _slip(chosen, rng)
        acts += [Act(PYTHON, _run(slip), pick(rng, "Trying a query.", "A first try."), fails=True)] if slip else []
    says = pick(rng, "Now the query.", "Let me try the query.", "That should be it; running it.", "Running the query.")
    return [*acts, Act(PYTHON, _run(chosen.question.query), says)]


def _sample(names: Sequence[str], rng: Random) -> str:
    limit = rng.choice((2, 3, 5))
    return (
        f"for table in {list(names)!r}:\n    print(table)\n"
        f"    for row in db.execute(f'SELECT * FROM \"{{table}}\" LIMIT {limit}'):\n        print(row)"
    )


def _run(query: str) -> str:
    return f'query = """{laid_out(query)}"""\nfor row in db.execute(query):\n    print(*row, sep=" | ")'


def _slip(chosen: _Chosen, rng: Random) -> str:
    """The query with a name as one might remember it wrongly; "" where none is."""
    names = [column.name for table in chosen.tables for column in table.columns if column.kind != "key"]
    used = [name for name in dict.fromkeys(names) if f"{name}" in chosen.question.query.replace(".", " ").split()]
    if not used:
        return ""
    name = rng.choice(used)
    short = name.rpartition("_")[0] or (name[:-1] if name.endswith("s") else f"{name}s")
    return re.sub(rf"\b{re.escape(name)}\b", short, chosen.question.query)


def laid_out(query: str) -> str:
    """A query with its clauses on lines of their own.

    >>> print(laid_out("SELECT a FROM b WHERE c = 1 ORDER BY a"))
    SELECT a
    FROM b
    WHERE c = 1
    ORDER BY a
    """
    depth, text = 0, ""
    for place, sign in enumerate(query):
        depth += (sign == "(") - (sign == ")")
        clause = sign == " " and not depth and _CLAUSE.match(query, place + 1)
        text += "\n" if clause else sign
    return text


def _report(chosen: _Chosen, rng: Random) -> str:
    block = f"```sql\n{laid_out(chosen.question.query)}\n```"
    first = " | ".join(map(str, chosen.rows[0]))
    if len(chosen.rows) == 1:
        result = pick(rng, f"The answer is {first}.", f"On the data as it is, it gives {first}.", f"Result: {first}.")
    else:
        count = len(chosen.rows)
        result = pick(
            rng,
            f"It returns {count} rows; the first is {first}.",
            f"There are {count} rows, beginning with {first}.",
            f"That gives {count} rows (first: {first}).",
        )
    lead = pick(rng, "This query does it:", "Here is the query:", "The SQL:", "This is what you need:")
    return f"{lead}\n\n{block}\n\n{result}" if rng.random() < 0.7 else f"{result}\n\n{block}"
