"""Parameters that take a query in SQL, and queries whose effect does not depend on a table's columns."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tdscaling.types import JsonObject
from tdscaling.values.generate import words

_SQL = re.compile(r"\bSQL\b|\bSELECT\b")
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|write)\b", re.IGNORECASE)


class QueryForm(NamedTuple):
    """A query with a place for the table's name, and what a person would ask for."""

    query: str
    request: str


READING = (
    QueryForm("SELECT COUNT(*) AS total FROM {}", "count the rows of the table {}"),
    QueryForm("SELECT * FROM {} LIMIT 3", "show the first three rows of the table {}"),
    QueryForm("SELECT * FROM {} LIMIT 1", "show one example row of the table {}"),
    QueryForm("SELECT COUNT(*) AS columns FROM pragma_table_info('{}')", "tell how many columns the table {} has"),
)
"""Forms in the SQL that SQLite speaks; the first two are common to all dialects."""


def is_sql(name: str, schema: JsonObject) -> bool:
    """Whether a parameter takes SQL, by its name and description.

    >>> is_sql("query", {"description": "SELECT SQL query to execute"}), is_sql("query", {"description": "words"})
    (True, False)
    """
    said = set(words(name))
    return "sql" in said or bool(said & {"query", "statement"} and _SQL.search(str(schema.get("description", ""))))


def queries(name: str, schema: JsonObject, tables: Sequence[str]) -> list[str]:
    """Queries to try; none for a parameter that writes, since a statement that writes is the task's own matter."""
    if _WRITES.search(str(schema.get("description", ""))) or _WRITES.search(name):
        return []
    return [form.query.replace("{}", table) for table in tables[:3] for form in READING[:2]]
