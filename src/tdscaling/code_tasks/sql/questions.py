"""Questions over any database: templates over its schema, each with the query that answers it and a wrong one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.code_tasks.sql.schema import Column, Table, quoted


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in words that follow "find"; the query; a near miss; and whether the order of rows matters."""

    asked: str
    query: str
    wrong: str
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A table `event` whose column `by` refers to column `key` of the table `owner`."""

    event: Table
    by: str
    owner: Table
    key: str

    @property
    def join(self) -> str:
        on = f"e.{quoted(self.by)} = o.{quoted(self.key)}"
        return f"FROM {quoted(self.event.name)} AS e JOIN {quoted(self.owner.name)} AS o ON {on}"


def questions(tables: Sequence[Table], rng: Random) -> list[Question]:
    """Every question that the schema allows, in seeded order; one for each template and table or link."""
    found: list[Question] = []
    for table in tables:
        for template in _OF_TABLE:
            found.extend(template(table, rng))
    for link in links(tables):
        for template in _OF_LINK:
            found.extend(template(link, rng))
    rng.shuffle(found)
    return found


def links(tables: Sequence[Table]) -> list[Link]:
    """Every foreign key between tables that have rows."""
    known = {table.name: table for table in tables}
    return [
        Link(table, by, known[owner], key)
        for table in tables
        for by, owner, key in table.refers
        if owner in known and owner != table.name
    ]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _one(columns: Sequence[Column], rng: Random) -> Column | None:
    return rng.choice(columns) if columns else None


def _count(table: Table, rng: Random) -> Iterator[Question]:
    column = _one(table.of("category"), rng)
    if column is None or len(column.values) < 2:
        return
    value = rng.choice(column.values)
    base = f"SELECT COUNT(*) FROM {quoted(table.name)}"
    asked = f"how many {table.said} have the {column.said} {value}"
    yield Question(asked, f"{base} WHERE {quoted(column.name)} = {_text(value)}", base)


def _per_group(table: Table, rng: Random) -> Iterator[Question]:
    column, number = _one(table.of("category"), rng), _one(table.of("number"), rng)
    if column is None or number is None:
        return
    name, function = rng.choice((("average", "AVG"), ("total", "SUM"), ("highest", "MAX"), ("lowest", "MIN")))
    group, source = quoted(column.name), quoted(table.name)
    query = f"SELECT {group}, {function}({quoted(number.name)}) FROM {source} GROUP BY {group}"
    other = query.replace(function, "MIN" if function == "MAX" else "MAX", 1)
    yield Question(f"the {name} {number.said} of the {table.said} for each {column.said}", query, other)


def _above_average(table: Table, rng: Random) -> Iterator[Question]:
    name, number = _one(table.of("name"), rng), _one(table.of("number"), rng)
    if name is None or number is None:
        return
    shown, value, source = quoted(name.name), quoted(number.name), quoted(table.name)
    query = f"SELECT {shown} FROM {source} WHERE {value} > (SELECT AVG({value}) FROM {source})"
    asked = f"the {name.said} of all {table.said} whose {number.said} is above the average of all {table.said}"
    yield Question(asked, query, query.replace(" > ", " < ", 1))


def _by_month(table: Table, rng: Random) -> Iterator[Question]:
    day = _one(table.of("date"), rng)
    if day is None:
        return
    month = f"substr({quoted(day.name)}, 1, 7)"
    query = f"SELECT {month} AS month, COUNT(*) FROM {quoted(table.name)} GROUP BY month ORDER BY month"
    asked = f"the number of {table.said} for each month of {day.said} (as YYYY-MM), in the order of time"
    yield Question(asked, query, query + " DESC", ordered=True)


def _top_rows(table: Table, rng: Random) -> Iterator[Question]:
    name, number = _one(table.of("name"), rng), _one(table.of("number"), rng)
    if name is None or number is None or table.rows < 5:
        return
    count = rng.randint(2, 4)
    shown, value = quoted(name.name), quoted(number.name)
    query = f"SELECT {shown}, {value} FROM {quoted(table.name)} ORDER BY {value} DESC, {shown} LIMIT {count}"
    asked = (
        f"the {count} {table.said} with the highest {number.said}: {name.said} and {number.said}, highest first, "
        f"equal ones by {name.said}"
    )
    yield Question(asked, query, query.replace(" DESC", ""), ordered=True)


def _joined_filter(link: Link, rng: Random) -> Iterator[Question]:
    name, state = _one(link.owner.of("name"), rng), _one(link.event.of("category"), rng)
    if name is None or state is None or len(state.values) < 2:
        return
    value = rng.choice(state.values)
    query = f"SELECT DISTINCT o.{quoted(name.name)} {link.join} WHERE e.{quoted(state.name)} = {_text(value)}"
    asked = (
        f"the {name.said} of all {link.owner.said} that have at least one entry in {link.event.said} with the "
        f"{state.said} {value}, each once"
    )
    yield Question(asked, query, query.replace(" = '", " <> '"))


def _never(link: Link, rng: Random) -> Iterator[Question]:
    name = _one(link.owner.of("name"), rng)
    if name is None:
        return
    inner = f"SELECT {quoted(link.by)} FROM {quoted(link.event.name)} WHERE {quoted(link.by)} IS NOT NULL"
    query = f"SELECT {quoted(name.name)} FROM {quoted(link.owner.name)} WHERE {quoted(link.key)} NOT IN ({inner})"
    asked = f"the {name.said} of all {link.owner.said} that do not occur in {link.event.said} at all"
    yield Question(asked, query, query.replace("NOT IN", "IN"))


def _best_owner(link: Link, rng: Random) -> Iterator[Question]:
    name, number = _one(link.owner.of("name"), rng), _one(link.event.of("number"), rng)
    if name is None or number is None:
        return
    shown, value, count = f"o.{quoted(name.name)}", f"SUM(e.{quoted(number.name)})", rng.randint(2, 5)
    query = f"SELECT {shown}, {value} AS total {link.join} GROUP BY o.{quoted(link.key)} ORDER BY total DESC, {shown}"
    asked = (
        f"the {count} {link.owner.said} with the greatest total {number.said} in {link.event.said}: "
        f"{name.said} and total, greatest first, equal ones by {name.said}"
    )
    wrong = query.replace("SUM(", "MAX(")
    yield Question(asked, f"{query} LIMIT {count}", f"{wrong} LIMIT {count}", ordered=True)


def _busy_owner(link: Link, rng: Random) -> Iterator[Question]:
    name = _one(link.owner.of("name"), rng)
    if name is None or link.event.rows < 2 * link.owner.rows:
        return
    least = max(2, link.event.rows // link.owner.rows)
    query = (
        f"SELECT o.{quoted(name.name)}, COUNT(*) {link.join} GROUP BY o.{quoted(link.key)} HAVING COUNT(*) >= {least}"
    )
    asked = (
        f"{name.said} and number of {link.event.said} of the {link.owner.said} with at least {least} {link.event.said}"
    )
    yield Question(asked, query, query.replace(">=", "<"))


def _share(link: Link, rng: Random) -> Iterator[Question]:
    group, state = _one(link.owner.of("category"), rng), _one(link.event.of("category"), rng)
    if group is None or state is None or len(state.values) < 2:
        return
    value = rng.choice(state.values)
    kind = f"o.{quoted(group.name)}"
    query = (
        f"SELECT {kind}, ROUND(100.0 * SUM(e.{quoted(state.name)} = {_text(value)}) / COUNT(*), 1) "
        f"{link.join} GROUP BY {kind}"
    )
    asked = (
        f"for each {group.said} of the {link.owner.said}, the percentage of their {link.event.said} with the "
        f"{state.said} {value}, rounded to one decimal"
    )
    yield Question(asked, query, query.replace("100.0 * ", "1.0 * "))


def _latest(link: Link, rng: Random) -> Iterator[Question]:
    name, day = _one(link.owner.of("name"), rng), _one(link.event.of("date"), rng)
    if name is None or day is None:
        return
    query = f"SELECT o.{quoted(name.name)}, MAX(e.{quoted(day.name)}) {link.join} GROUP BY o.{quoted(link.key)}"
    asked = f"{name.said} and latest {day.said} of all {link.owner.said} that occur in {link.event.said}"
    yield Question(asked, query, query.replace("MAX(", "MIN("))


Template = Callable[[Table, Random], Iterator[Question]]
_OF_TABLE: tuple[Template, ...] = (_count, _per_group, _above_average, _by_month, _top_rows)
_OF_LINK: tuple[Callable[[Link, Random], Iterator[Question]], ...] = (
    _joined_filter,
    _never,
    _best_owner,
    _busy_owner,
    _share,
    _latest,
)
