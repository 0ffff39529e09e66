"""Generated databases: themes of three or four tables whose names and rows are drawn by seed."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tdscaling.scratch import scratch

_PLACES = "Avila Bergen Chester Dresden Evora Faro Ghent Halle Izmir Jena Kiel Lund".split()
_FIRST = "Ada Bruno Clara Dario Elif Felix Greta Hugo Ines Jonas Katja Luis Mara Nils Olga Pavel Rosa Timo".split()
_LAST = "Abel Becker Conti Duarte Eriksen Fischer Garcia Holm Ivanova Jansen Keller Lopes Moreau Novak".split()


@dataclass(frozen=True, slots=True)
class Theme:
    """What the tables of a business are called. `who` acts, `what` is acted on, `event` joins them.

    `amount`: column and range of the event's number; `worth`: that of `what`.
    """

    file: str
    who: tuple[str, ...]
    what: tuple[str, ...]
    event: tuple[str, ...]
    things: tuple[str, ...]
    groups: tuple[str, ...]
    group: str
    status: tuple[str, ...]
    amount: tuple[str, int, int]
    worth: tuple[str, int, int]
    day: str


THEMES: tuple[Theme, ...] = (
    Theme("library", ("readers", "members"), ("books", "titles"), ("loans", "lendings"),
          ("The Salt Road", "Winter Maps", "Quiet Engines", "A Field of Glass", "Northbound", "The Ninth Door",
           "Paper Harbour", "Under Copper Skies", "Small Rivers", "The Clockmaker", "Lanterns", "Seven Bridges"),
          ("novel", "history", "science", "travel"), "genre", ("returned", "open", "overdue"),
          ("days", 1, 60), ("pages", 90, 700), "lent_on"),
    Theme("clinic", ("patients",), ("doctors", "physicians"), ("visits", "appointments"),
          ("Dr. Aalto", "Dr. Brandt", "Dr. Chiesa", "Dr. Demir", "Dr. Engel", "Dr. Faber", "Dr. Gruber", "Dr. Haas"),
          ("cardiology", "dermatology", "paediatrics", "orthopaedics"), "department", ("done", "missed", "planned"),
          ("minutes", 10, 90), ("fee", 40, 220), "visited_on"),
    Theme("shop", ("customers", "clients"), ("products", "articles"), ("orders_placed", "purchases", "sales"),
          ("Desk Lamp", "Oak Shelf", "Tea Pot", "Wool Rug", "Wall Clock", "Garden Chair", "Bread Box", "Floor Mat",
           "Coat Rack", "Side Table", "Picture Frame", "Candle Set"),
          ("home", "kitchen", "garden", "office"), "category", ("paid", "open", "refunded"),
          ("quantity", 1, 20), ("price", 5, 400), "ordered_on"),
    Theme("school", ("students", "pupils"), ("courses", "classes"), ("enrolments", "registrations"),
          ("Algebra", "World History", "Biology", "Spanish", "Drawing", "Physics", "Choir", "Chemistry", "Geography"),
          ("science", "arts", "languages", "society"), "faculty", ("passed", "dropped", "running"),
          ("score", 20, 100), ("credits", 2, 12), "enrolled_on"),
    Theme("fleet", ("drivers",), ("vehicles", "vans"), ("trips", "tours"),
          ("Van 11", "Van 12", "Truck 3", "Truck 4", "Bus 21", "Bus 22", "Car 7", "Car 8", "Van 15", "Truck 9"),
          ("van", "truck", "bus", "car"), "body", ("finished", "cancelled", "running"),
          ("kilometres", 5, 640), ("mileage", 9000, 220000), "started_on"),
    Theme("hotel", ("guests", "visitors"), ("rooms", "suites"), ("stays", "bookings"),
          ("Room 101", "Room 102", "Room 103", "Room 204", "Room 205", "Room 306", "Room 307", "Room 408", "Loft"),
          ("single", "double", "family", "suite"), "size_class", ("checked out", "cancelled", "booked"),
          ("nights", 1, 14), ("rate", 60, 380), "arrived_on"),
    Theme("gym", ("athletes", "members"), ("trainings", "workouts"), ("sessions", "check_ins"),
          ("Spin 45", "Power Yoga", "Rowing", "Boxing Basics", "Pilates", "Climbing", "Core 30", "Aqua Fit"),
          ("endurance", "strength", "mobility"), "focus", ("attended", "skipped"),
          ("calories", 80, 900), ("capacity", 6, 40), "held_on"),
    Theme("museum", ("donors", "patrons"), ("exhibits", "works"), ("donations", "gifts"),
          ("Blue Vase", "Iron Mask", "River Scene", "Stone Lion", "Old Globe", "Silk Fan", "Amber Box", "Bronze Horse"),
          ("painting", "sculpture", "craft"), "kind", ("received", "pledged"),
          ("euros", 20, 5000), ("insured_for", 900, 90000), "given_on"),
)  # fmt: skip


def build(seed: int) -> tuple[str, bytes]:
    """A file name and the bytes of a seeded SQLite database with three tables, or four."""
    rng = Random(f"database {seed}")
    theme = rng.choice(THEMES)
    script, rows = _tables(theme, rng)
    return f"{theme.file}.db", _bytes(script, rows)


def _tables(theme: Theme, rng: Random) -> tuple[str, list[tuple[str, list[tuple[object, ...]]]]]:
    who, what, event = rng.choice(theme.who), rng.choice(theme.what), rng.choice(theme.event)
    town, day = rng.choice(("city", "town", "home_town")), theme.day
    who_id, what_id = f"{who.rstrip('s')}_id", f"{what.rstrip('s')}_id"
    amount, worth = theme.amount, theme.worth
    name = "title" if theme.file in ("library", "school") else "name"
    script = (
        f"CREATE TABLE {who} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, {town} TEXT, joined TEXT);\n"
        f"CREATE TABLE {what} (id INTEGER PRIMARY KEY, {name} TEXT NOT NULL, {theme.group} TEXT, {worth[0]} INTEGER);\n"
        f"CREATE TABLE {event} (id INTEGER PRIMARY KEY, {who_id} INTEGER REFERENCES {who}(id),"
        f" {what_id} INTEGER REFERENCES {what}(id), {day} TEXT, {amount[0]} INTEGER, status TEXT);\n"
    )
    people = rng.sample([f"{first} {last}" for first in _FIRST for last in _LAST], rng.randint(14, 26))
    places = rng.sample(_PLACES, rng.randint(4, 6))
    start = date(2025, 1, 1)
    persons = [
        (number, person, rng.choice(places), (start - timedelta(days=rng.randint(1, 900))).isoformat())
        for number, person in enumerate(people, start=1)
    ]
    things = rng.sample(theme.things, rng.randint(6, len(theme.things)))
    objects = [
        (number, thing, rng.choice(theme.groups), rng.randint(worth[1], worth[2]))
        for number, thing in enumerate(things, start=1)
    ]
    active = [row[0] for row in persons if rng.random() < 0.85]
    used = [row[0] for row in objects if rng.random() < 0.85] or [1]
    events = [
        (number, rng.choice(active or [1]), rng.choice(used),
         (start + timedelta(days=rng.randint(0, 420))).isoformat(),
         rng.randint(amount[1], amount[2]), rng.choice((*theme.status, theme.status[0])))
        for number in range(1, rng.randint(60, 140))
    ]  # fmt: skip
    rows: list[tuple[str, list[tuple[object, ...]]]] = [(who, [*persons]), (what, [*objects]), (event, [*events])]
    if rng.random() < 0.5:
        script += f"CREATE TABLE notes (id INTEGER PRIMARY KEY, {who_id} INTEGER REFERENCES {who}(id), body TEXT);\n"
        rows.append(("notes", [(n, rng.choice(active or [1]), f"note {n}") for n in range(1, 12)]))
    return script, rows


def _bytes(script: str, rows: Sequence[tuple[str, Sequence[tuple[object, ...]]]]) -> bytes:
    with scratch() as folder:
        path = folder / "made.db"
        db = sqlite3.connect(path)
        try:
            db.executescript(script)
            for table, content in rows:
                places = ", ".join("?" * len(content[0]))
                db.executemany(f"INSERT INTO {table} VALUES ({places})", content)
            db.commit()
            db.execute("VACUUM")
        finally:
            db.close()
        return path.read_bytes()
