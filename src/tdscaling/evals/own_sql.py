"""A small set of questions of our own on a made-up lending library: what `sql` asks where no other set is named."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

NAME = "tdscaling-sql"
_TABLES = """
CREATE TABLE branch (id INTEGER PRIMARY KEY, town TEXT NOT NULL, opened INTEGER NOT NULL);
CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT NOT NULL, branch_id INTEGER NOT NULL REFERENCES branch(id),
  joined TEXT NOT NULL, level TEXT NOT NULL CHECK (level IN ('basic', 'plus')));
CREATE TABLE device (id INTEGER PRIMARY KEY, label TEXT NOT NULL, kind TEXT NOT NULL, daily_fee REAL NOT NULL,
  branch_id INTEGER NOT NULL REFERENCES branch(id));
CREATE TABLE loan (id INTEGER PRIMARY KEY, device_id INTEGER NOT NULL REFERENCES device(id),
  member_id INTEGER NOT NULL REFERENCES member(id), taken TEXT NOT NULL, returned TEXT, days INTEGER NOT NULL);
"""
QUESTIONS: tuple[tuple[str, str], ...] = (
    ("How many members are there?", "SELECT count(*) FROM member"),
    ("Which towns have a branch that opened before 2005?", "SELECT town FROM branch WHERE opened < 2005"),
    ("What kinds of devices are lent out?", "SELECT DISTINCT kind FROM device"),
    ("How many loans have not been returned?", "SELECT count(*) FROM loan WHERE returned IS NULL"),
    (
        "For each level, how many members are there? Give the level and the number.",
        "SELECT level, count(*) FROM member GROUP BY level",
    ),
    ("What is the highest daily fee of a device?", "SELECT max(daily_fee) FROM device"),
    (
        "Which devices (labels) belong to the branch in Arvika?",
        "SELECT label FROM device JOIN branch ON branch.id = branch_id WHERE town = 'Arvika'",
    ),
    (
        "Give the names of members who joined in 2022.",
        "SELECT name FROM member WHERE joined >= '2022-01-01' AND joined < '2023-01-01'",
    ),
    (
        "How many loans did each branch's members take? Give the town and the number, towns without any left out.",
        "SELECT town, count(*) FROM loan JOIN member ON member.id = member_id JOIN branch ON branch.id = "
        "member.branch_id GROUP BY branch.id",
    ),
    (
        "Which devices were never lent? Give their labels.",
        "SELECT label FROM device WHERE id NOT IN (SELECT device_id FROM loan)",
    ),
    (
        "Which member took the most loans? Give the name; if several did, all of them.",
        "SELECT name FROM member JOIN loan ON member.id = member_id GROUP BY member.id HAVING count(*) = (SELECT "
        "count(*) FROM loan GROUP BY member_id ORDER BY 1 DESC LIMIT 1)",
    ),
    (
        "What did all returned loans bring in (days times the daily fee), in sum?",
        "SELECT sum(days * daily_fee) FROM loan JOIN device ON device.id = device_id WHERE returned IS NOT NULL",
    ),
    (
        "Give the labels of the drones whose daily fee is above the average of all drones.",
        "SELECT label FROM device WHERE kind = 'drone' AND daily_fee > (SELECT avg(daily_fee) FROM device WHERE "
        "kind = 'drone')",
    ),
    (
        "Which members took a device of a branch that is not their own? Give their names, each once.",
        "SELECT DISTINCT name FROM loan JOIN member ON member.id = member_id JOIN device ON device.id = device_id "
        "WHERE member.branch_id <> device.branch_id",
    ),
    (
        "For each kind of device, what is its average daily fee? Give the kind and the average.",
        "SELECT kind, avg(daily_fee) FROM device GROUP BY kind",
    ),
    (
        "Give the names of plus members of the branch in Boden who have taken at least two loans.",
        "SELECT name FROM member JOIN branch ON branch.id = branch_id JOIN loan ON member_id = member.id WHERE "
        "town = 'Boden' AND level = 'plus' GROUP BY member.id HAVING count(*) >= 2",
    ),
    (
        "In which month (as YYYY-MM) were most loans taken? Give the month; if several, all.",
        "SELECT substr(taken, 1, 7) FROM loan GROUP BY 1 HAVING count(*) = (SELECT count(*) FROM loan GROUP BY "
        "substr(taken, 1, 7) ORDER BY 1 DESC LIMIT 1)",
    ),
    (
        "What share of all loans is of more than 7 days? Give a number between 0 and 1.",
        "SELECT avg(days > 7) FROM loan",
    ),
    (
        "Give each town with the number of its devices, towns without devices too.",
        "SELECT town, count(device.id) FROM branch LEFT JOIN device ON branch.id = branch_id GROUP BY branch.id",
    ),
    (
        "Which members have joined before their branch's first loan of a projector was taken? Give their names.",
        "SELECT name FROM member WHERE joined < (SELECT min(taken) FROM loan JOIN device ON device.id = device_id "
        "WHERE kind = 'projector' AND device.branch_id = member.branch_id)",
    ),
)
"""Each with the query whose rows answer it."""


def database(folder: Path) -> Path:
    """The library's database, always the same."""
    path = folder / "library.sqlite"
    rng = Random("lending library")
    with closing(sqlite3.connect(path)) as made:
        made.executescript(_TABLES)
        made.executemany("INSERT INTO branch VALUES (?, ?, ?)", list(_branches()))
        made.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?)", [_member(rng, number) for number in range(1, 41)])
        made.executemany("INSERT INTO device VALUES (?, ?, ?, ?, ?)", [_device(rng, number) for number in range(1, 31)])
        made.executemany("INSERT INTO loan VALUES (?, ?, ?, ?, ?, ?)", [_loan(rng, number) for number in range(1, 81)])
        made.commit()
    return path


def _branches() -> list[tuple[int, str, int]]:
    towns = ("Arvika", "Boden", "Kalix", "Sala", "Umbukta")
    return [(number, town, 1996 + 4 * number) for number, town in enumerate(towns, start=1)]


def _day(rng: Random, first: int, last: int) -> str:
    return f"{rng.randint(first, last)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _member(rng: Random, number: int) -> tuple[int, str, int, str, str]:
    first = rng.choice(("Alma", "Birk", "Cleo", "Dag", "Ebba", "Folke", "Greta", "Hugo"))
    name = f"{first} {rng.choice(('Ek', 'Lind', 'Berg', 'Falk', 'Holm'))} {number}"
    return number, name, rng.randint(1, 5), _day(rng, 2019, 2024), rng.choice(("basic", "basic", "plus"))


def _device(rng: Random, number: int) -> tuple[int, str, str, float, int]:
    kind = rng.choice(("camera", "drone", "projector", "telescope"))
    return number, f"{kind.upper()[:3]}-{number:03}", kind, rng.randint(10, 90) / 2, rng.randint(1, 4)


def _loan(rng: Random, number: int) -> tuple[int, int, int, str, str | None, int]:
    taken = _day(rng, 2023, 2025)
    returned = None if rng.random() < 0.15 else f"{taken[:8]}{min(28, int(taken[8:]) + 3):02}"
    return number, rng.randint(1, 25), rng.randint(1, 40), taken, returned, rng.randint(1, 14)
