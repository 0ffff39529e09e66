"""The company's database, in one of four shapes."""

import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from worlds.company import CITIES, Company

Row = Sequence[object]

TABLES = {
    "retail": ("customers", "products", "orders", "suppliers"),
    "service": ("clients", "services", "jobs", "contractors"),
    "school": ("students", "courses", "enrolments", "teachers"),
    "rental": ("members", "assets", "rentals", "workshops"),
}
"""By shape: the tables of people, of things, of what happened, and of partners."""


def make_database(company: Company, file: Path, seed: int) -> None:
    rng = random.Random(f"database {seed}")
    people, things, events, partners = TABLES[company.theme.shape]
    person, thing = people.rstrip("s"), things.rstrip("s")
    zones = dict(CITIES)
    with closing(sqlite3.connect(file)) as db, db:
        _table(
            db,
            people,
            f"{person}_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, city TEXT, timezone TEXT",
            [
                (index + 1, one.name, one.email, one.city, zones[one.city])
                for index, one in enumerate(company.customers)
            ],
        )
        _table(
            db,
            partners,
            "id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, city TEXT, rating REAL",
            [
                (index + 1, one.name, one.email, one.city, round(rng.uniform(2.5, 5.0), 1))
                for index, one in enumerate(company.suppliers)
            ],
        )
        _table(
            db,
            things,
            f"code TEXT PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL, stock INTEGER, "
            f"{partners.rstrip('s')}_id INTEGER REFERENCES {partners}(id)",
            [
                (item.code, item.name, item.price, item.stock, rng.randint(1, len(company.suppliers)))
                for item in company.items
            ],
        )
        _table(
            db,
            events,
            f"number TEXT PRIMARY KEY, {person}_id INTEGER REFERENCES {people}({person}_id), "
            f"{thing}_code TEXT REFERENCES {things}(code), quantity INTEGER, day TEXT, status TEXT",
            [
                (
                    one.number,
                    one.customer + 1,
                    company.items[one.item].code,
                    one.quantity,
                    one.day.isoformat(),
                    one.status,
                )
                for one in company.orders
            ],
        )
        _extra(db, company, rng)


def _extra(db: sqlite3.Connection, company: Company, rng: random.Random) -> None:
    """One or two tables more, which differ between worlds."""
    finished = [one for one in company.orders if one.status != "open"]
    if company.theme.shape in ("retail", "service"):
        _table(
            db, "invoices", "invoice TEXT PRIMARY KEY, number TEXT, amount REAL, due TEXT, paid INTEGER",
            [
                (f"INV-{2600 + index}", one.number, round(one.quantity * company.items[one.item].price, 2),
                 one.day.replace(day=28).isoformat(), int(rng.random() < 0.6))
                for index, one in enumerate(finished[:20])
            ],
        )  # fmt: skip
    if company.theme.shape in ("school", "rental") or rng.random() < 0.5:
        _table(
            db, "staff", "email TEXT PRIMARY KEY, name TEXT, role TEXT, hourly_rate REAL, started TEXT",
            [
                (one.email, one.name, rng.choice(["manager", "assistant", "specialist", "trainee"]),
                 rng.randint(14, 38) + 0.5, f"20{rng.randint(18, 25)}-0{rng.randint(1, 9)}-01")
                for one in company.staff
            ],
        )  # fmt: skip


def _table(db: sqlite3.Connection, name: str, columns: str, rows: Iterable[Row]) -> None:
    held = list(rows)
    db.execute(f"CREATE TABLE {name} ({columns})")
    db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(held[0]))})", held)
